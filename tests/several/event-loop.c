// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Eventfds that fences add to, and work for an executor. */

#include "several.h"
#include <unistd.h>
#include <sys/eventfd.h>

static u64 counter(int fd)
{
	u64 n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

/* Eventfds */

static void fences_add_to_an_eventfd(void **state)
{
	const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct libfence_eventfd *efd;
	struct libfence_callback cbs[3];
	struct job_fence *owners[3];
	struct libfence *fences[3];
	int i;

	make_jobs(owners, fences, 3);
	efd = libfence_eventfd_create(fd, NULL);
	assert_non_null(efd);
	/* The first one is signalled already. */
	job_fence_signal(&owners[0], -EIO);
	for (i = 0; i < 3; i++)
		assert_int_equal(libfence_eventfd_register(fences[i], &cbs[i],
							   efd), 0);
	assert_int_equal(counter(fd), 1);
	assert_int_equal(counter(fd), 0);
	assert_int_equal(references(fences[1]), 3);
	job_fence_signal(&owners[1], 0);
	job_fence_signal(&owners[2], -EIO);
	assert_int_equal(counter(fd), 2);
	for (i = 0; i < 3; i++)
		assert_int_equal(libfence_callback_unregister(&cbs[i]), i > 0);
	libfence_eventfd_destroy(&efd);
	assert_null(efd);
	libfence_eventfd_destroy(&efd);
	close(fd);
	end_jobs(owners, fences, 3);
}

static void an_unregistered_fence_adds_nothing(void **state)
{
	const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct libfence_eventfd *efd = libfence_eventfd_create(fd, NULL);
	struct job_fence *owner = make_job(ctx, 1);
	struct libfence *fence = job_fence_get(owner);
	struct libfence_callback cb;

	assert_int_equal(libfence_eventfd_register(fence, &cb, efd), 0);
	assert_false(libfence_callback_unregister(&cb));
	assert_int_equal(references(fence), 2);
	job_fence_signal(&owner, 0);
	assert_int_equal(counter(fd), 0);
	libfence_eventfd_destroy(&efd);
	close(fd);
	libfence_put(&fence);
}

/* The library's copy keeps the eventfd, and no other descriptor. */
static void the_program_may_close_its_descriptor(void **state)
{
	const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), copy = dup(fd);
	struct libfence_eventfd *efd = libfence_eventfd_create(fd, NULL);
	struct libfence *fence = libfence_create_signaled(0);
	struct libfence_callback cb;
	int other;

	close(fd);
	other = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_int_equal(other, fd);
	assert_int_equal(libfence_eventfd_register(fence, &cb, efd), 0);
	assert_int_equal(counter(copy), 1);
	assert_int_equal(counter(other), 0);
	libfence_callback_unregister(&cb);
	libfence_eventfd_destroy(&efd);
	libfence_put(&fence);
	close(other);
	close(copy);
}

static void what_is_no_eventfd_is_refused(void **state)
{
	const int fd = eventfd(0, EFD_CLOEXEC);
	int fds[2], err = 0;

	assert_int_equal(pipe(fds), 0);
	assert_null(libfence_eventfd_create(fds[1], &err));
	assert_int_equal(err, -EINVAL);
	assert_null(libfence_eventfd_create(-1, &err));
	assert_int_equal(err, -EBADF);
	assert_null(libfence_eventfd_create(-1, NULL));
	libfence_fail_nth(1);
	assert_null(libfence_eventfd_create(fd, &err));
	assert_int_equal(err, -ENOMEM);
	close(fd);
	close(fds[0]);
	close(fds[1]);
}

/* Work */

/* An executor: a queue, which the test runs itself, on the same thread. */
struct queue {
	struct libfence_work *first;
	unsigned int posted, ran;
	int status;
};

static void queue_init(struct queue *queue)
{
	memset(queue, 0, sizeof(*queue));
}

static void queue_post(struct libfence_work *work, void *executor)
{
	struct queue *queue = executor;

	work->next = queue->first;
	queue->first = work;
	queue->posted++;
}

static unsigned int queue_run(struct queue *queue)
{
	struct libfence_work *work;
	unsigned int n = 0;

	while ((work = queue->first)) {
		queue->first = work->next;
		libfence_work_run(work);
		n++;
	}
	return n;
}

static void work_done(const struct libfence *fence, void *data)
{
	struct queue *queue = data;

	queue->ran++;
	queue->status = libfence_status(fence);
	/* It may sleep. */
	might_sleep();
}

static void work_runs_when_the_executor_runs_it(void **state)
{
	struct job_fence *owner = make_job(ctx, 1);
	struct libfence *fence = job_fence_get(owner);
	struct libfence_work work;
	struct queue queue;

	queue_init(&queue);
	libfence_work_init(&work, work_done, &queue, queue_post, &queue);
	assert_int_equal(libfence_work_register(fence, &work), 0);
	assert_int_equal(queue.posted, 0);
	job_fence_signal(&owner, -EIO);
	assert_int_equal(queue.posted, 1);
	assert_int_equal(queue.ran, 0);
	assert_int_equal(queue_run(&queue), 1);
	assert_int_equal(queue.ran, 1);
	assert_int_equal(queue.status, -EIO);
	assert_int_equal(references(fence), 1);
	/* It is over. */
	libfence_work_run(&work);
	assert_int_equal(queue.ran, 1);
	assert_false(libfence_work_unregister(&work));
	libfence_put(&fence);
}

static void work_for_a_signalled_fence_is_posted_at_once(void **state)
{
	struct libfence *fence = libfence_create_signaled(-EIO);
	struct libfence_work work;
	struct queue queue;

	queue_init(&queue);
	libfence_work_init(&work, work_done, &queue, queue_post, &queue);
	assert_int_equal(libfence_work_register(fence, &work), 0);
	assert_int_equal(queue.posted, 1);
	assert_int_equal(queue.ran, 0);
	assert_int_equal(references(fence), 2);
	assert_int_equal(queue_run(&queue), 1);
	assert_int_equal(queue.status, -EIO);
	assert_int_equal(references(fence), 1);
	/* Unregistered before it ran: the executor has it, and runs nothing. */
	assert_int_equal(libfence_work_register(fence, &work), 0);
	assert_true(libfence_work_unregister(&work));
	assert_int_equal(references(fence), 1);
	assert_int_equal(queue_run(&queue), 1);
	assert_int_equal(queue.ran, 1);
	libfence_put(&fence);
}

static void unregistered_work_does_not_run(void **state)
{
	struct job_fence *owners[2];
	struct libfence *fences[2];
	struct libfence_work work;
	struct queue queue;

	make_jobs(owners, fences, 2);
	queue_init(&queue);
	libfence_work_init(&work, work_done, &queue, queue_post, &queue);
	assert_false(libfence_work_unregister(&work));
	assert_int_equal(libfence_work_register(fences[0], &work), 0);
	assert_false(libfence_work_unregister(&work));
	job_fence_signal(&owners[0], 0);
	assert_int_equal(queue.posted, 0);
	assert_int_equal(libfence_work_register(fences[1], &work), 0);
	job_fence_signal(&owners[1], 0);
	assert_true(libfence_work_unregister(&work));
	assert_false(libfence_work_unregister(&work));
	assert_int_equal(queue_run(&queue), 1);
	assert_int_equal(queue.ran, 0);
	end_jobs(owners, fences, 2);
}

static void registered_work_is_refused(void **state)
{
	struct job_fence *owner = make_job(ctx, 1);
	struct libfence *fence = job_fence_get(owner);
	struct libfence_work work;
	struct queue queue;
	int err = 0;

	queue_init(&queue);
	libfence_work_init(&work, work_done, &queue, queue_post, &queue);
	assert_int_equal(libfence_work_register(fence, &work), 0);
	assert_warns(1, err = libfence_work_register(fence, &work););
	assert_int_equal(err, -EBUSY);
	assert_int_equal(references(fence), 4);
	libfence_work_unregister(&work);
	end_jobs(&owner, &fence, 1);
}

/* The function frees the work, or registers it again. */

struct own_work {
	struct libfence_work work;
	struct libfence *next;
	unsigned int *ran;
};

static void again_or_free(const struct libfence *fence, void *data)
{
	struct own_work *own = data;

	(*own->ran)++;
	if (!own->next) {
		kfree(own);
		return;
	}
	if (libfence_work_register(own->next, &own->work))
		*own->ran = 100;
	libfence_put(&own->next);
}

static void the_function_owns_the_work_again(void **state)
{
	struct libfence *fence = libfence_create_signaled(0);
	struct own_work *own = kzalloc_obj(*own);
	unsigned int ran = 0;
	struct queue queue;

	queue_init(&queue);
	own->next = libfence_get(fence);
	own->ran = &ran;
	libfence_work_init(&own->work, again_or_free, own, queue_post, &queue);
	assert_int_equal(libfence_work_register(fence, &own->work), 0);
	assert_int_equal(queue_run(&queue), 2);
	assert_int_equal(ran, 2);
	assert_int_equal(references(fence), 1);
	libfence_put(&fence);
}

/*
 * A thread runs the work as soon as it is posted, while the executor has not
 * returned. The function frees the work.
 */
static struct {
	struct completion posted;
	struct libfence_work *work;
	bool returned, seen_returned;
} eager;

static void eager_post(struct libfence_work *work, void *executor)
{
	eager.work = work;
	complete(&eager.posted);
	mdelay(3);
	WRITE_ONCE(eager.returned, true);
}

static void eager_done(const struct libfence *fence, void *data)
{
	eager.seen_returned = READ_ONCE(eager.returned);
	kfree(data);
}

static int eager_loop(void *unused)
{
	wait_for_completion(&eager.posted);
	libfence_work_run(eager.work);
	return 0;
}

static void work_runs_after_the_executor_has_returned(void **state)
{
	struct job_fence *owner = make_job(ctx, 1);
	struct libfence *fence = job_fence_get(owner);
	struct libfence_work *work = kmalloc_obj(*work);
	struct task_struct *task;

	init_completion(&eager.posted);
	eager.returned = eager.seen_returned = false;
	libfence_work_init(work, eager_done, work, eager_post, NULL);
	assert_int_equal(libfence_work_register(fence, work), 0);
	task = start(eager_loop, NULL);
	job_fence_signal(&owner, 0);
	finish(task);
	assert_true(eager.seen_returned);
	libfence_put(&fence);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(fences_add_to_an_eventfd),
		CASE(an_unregistered_fence_adds_nothing),
		CASE(the_program_may_close_its_descriptor),
		CASE(what_is_no_eventfd_is_refused),
		CASE(work_runs_when_the_executor_runs_it),
		CASE(work_for_a_signalled_fence_is_posted_at_once),
		CASE(unregistered_work_does_not_run),
		CASE(registered_work_is_refused),
		CASE(the_function_owns_the_work_again),
		CASE(work_runs_after_the_executor_has_returned),
	};

	return TEST_MAIN("several-event-loop", tests);
}
