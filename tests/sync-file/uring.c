// SPDX-License-Identifier: GPL-2.0 OR MIT
/* io_uring sees a descriptor as poll() does. */

/* LIBFENCE_HOST_UAPI: the host's <linux/io_uring.h>. */
#define LIBFENCE_HOST_UAPI
#include "helpers.h"

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

struct ring {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
};

static void *map(struct ring *r, size_t size, off_t what)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, r->fd, what);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static bool make_ring(struct ring *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, 4, &r->p);
	if (r->fd < 0)
		return false;
	r->sq = map(r, r->p.sq_off.array + r->p.sq_entries * sizeof(u32),
		    IORING_OFF_SQ_RING);
	r->cq = map(r, r->p.cq_off.cqes +
		    r->p.cq_entries * sizeof(struct io_uring_cqe),
		    IORING_OFF_CQ_RING);
	r->sqes = map(r, r->p.sq_entries * sizeof(*r->sqes), IORING_OFF_SQES);
	return true;
}

static void submit_poll(struct ring *r, int fd)
{
	u32 *tail = (u32 *)(r->sq + r->p.sq_off.tail);
	u32 *array = (u32 *)(r->sq + r->p.sq_off.array);

	r->sqes[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_POLL_ADD, .fd = fd,
		.poll32_events = POLLIN, .user_data = 42,
	};
	array[*tail & (r->p.sq_entries - 1)] = 0;
	/* Release: pairs with the host's acquire. */
	smp_store_release(tail, *tail + 1);
	assert_int_equal(syscall(SYS_io_uring_enter, r->fd, 1, 0, 0, NULL, 0),
			 1);
}

static bool is_complete(struct ring *r)
{
	u32 *head = (u32 *)(r->cq + r->p.cq_off.head);
	u32 *tail = (u32 *)(r->cq + r->p.cq_off.tail);

	syscall(SYS_io_uring_enter, r->fd, 0, 0, IORING_ENTER_GETEVENTS, NULL,
		0);
	/* Acquire: pairs with the host's release. */
	return smp_load_acquire(tail) != *head;
}

static void completes_when_signalled(void **state)
{
	struct dma_fence *fence = mock_fence();
	int fd = libfence_export(plain(fence), NULL);
	struct io_uring_cqe *cqe;
	struct ring r;

	assert_true(make_ring(&r));
	submit_poll(&r, fd);
	msleep(5);
	assert_false(is_complete(&r));
	dma_fence_signal(fence);
	assert_true(eventually(is_complete(&r)));
	cqe = (struct io_uring_cqe *)(r.cq + r.p.cq_off.cqes);
	assert_int_equal(cqe->user_data, 42);
	assert_true(cqe->res & POLLIN);
	close(r.fd);
	close(fd);
	settle();
	dma_fence_put(fence);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(completes_when_signalled),
	};
	struct io_uring_params params = { 0 };
	int fd = syscall(SYS_io_uring_setup, 4, &params);

	if (fd < 0) {
		printf("1..0 # SKIP the host has no io_uring: %s\n",
		       strerror(errno));
		return 0;
	}
	close(fd);
	return TEST_MAIN("sync-file-uring", tests);
}
