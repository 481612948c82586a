// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Fences in XArrays, indexed by the number of their job. One array holds the
 * driver fences. The other holds references for consumers that look up a fence
 * by number, as with a syncobj.
 *
 * An array stores pointers. A stored pointer owns its fence. Code that finds
 * the pointer in the array borrows the fence.
 */
#include <assert.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <libfence/dma-fence.h>

struct job {
	unsigned int id;
};
LIBFENCE_PAYLOAD(job, struct job);

/* Driver fences of the jobs that are not finished. Accessed under its lock. */
static DEFINE_XARRAY_ALLOC1(running);
/* References for consumers, who look them up under RCU. */
static DEFINE_XARRAY(published);

static unsigned int submit(struct libfence_context *ctx)
{
	struct job_prep *prep = job_prepare(NULL);
	struct libfence *shared;
	struct job_fence *fence;
	void *stored;
	u32 id;
	int err;

	assert(prep);
	/* Steps that may fail come first: reserve an entry in each array. */
	err = xa_alloc(&running, &id, NULL, xa_limit_32b, GFP_KERNEL);
	assert(!err);
	err = xa_reserve(&published, id, GFP_KERNEL);
	assert(!err);
	job_prep_payload(prep)->id = id;

	fence = job_commit(ctx, &prep);
	shared = job_fence_get(fence);
	stored = xa_store(&published, id, libfence_into_foreign(&shared),
			  GFP_ATOMIC);
	assert(!stored);
	stored = xa_store(&running, id, job_fence_into_foreign(&fence),
			  GFP_ATOMIC);
	assert(!stored);
	return id;
}

/* A consumer. Returns a reference to the fence of job @id, or NULL. */
static struct libfence *look_up(unsigned int id)
{
	const struct libfence *found;
	struct dma_fence *fence = NULL;

	rcu_read_lock();
	found = libfence_borrow(xa_load(&published, id));
	/* Another thread may be dropping the array's reference. */
	if (found)
		fence = dma_fence_get_rcu(libfence_to_dma_fence(found));
	rcu_read_unlock();
	return libfence_from_dma_fence(fence);
}

/* The driver: job @id is finished. */
static void complete_job(unsigned int id, int result)
{
	struct job_fence *fence =
		job_fence_from_foreign(xa_erase(&running, id));

	assert(fence && job_fence_payload(fence)->id == id);
	job_fence_signal(&fence, result);
}

static void forget(unsigned int id)
{
	struct libfence *fence =
		libfence_from_foreign(xa_erase(&published, id));

	libfence_put(&fence);
}

int main(void)
{
	struct libfence_context *ctx;
	unsigned int ids[5], i;
	struct libfence *fence;
	unsigned long index;
	void *entry;

	ctx = libfence_context_create("xarray-driver", "jobs", 1, NULL);
	assert(ctx);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		ids[i] = submit(ctx);

	fence = look_up(ids[2]);
	assert(fence && !libfence_is_signaled(fence));
	complete_job(ids[2], -EIO);
	assert(libfence_status(fence) == -EIO);
	libfence_put(&fence);
	forget(ids[2]);
	assert(!look_up(ids[2]));

	/* Borrowed fences can be read, but not signalled or dropped. */
	xa_for_each(&running, index, entry) {
		const struct job_fence *borrow = job_fence_borrow(entry);

		assert(job_fence_payload(borrow)->id == index);
		assert(!libfence_is_signaled(job_fence_consumer(borrow)));
	}

	/* Finish all jobs, then drop all references. */
	xa_for_each(&running, index, entry)
		complete_job(index, 0);
	xa_for_each(&published, index, entry) {
		assert(libfence_status(libfence_borrow(entry)) == 1);
		forget(index);
	}
	assert(xa_empty(&running) && xa_empty(&published));
	xa_destroy(&running);
	xa_destroy(&published);
	libfence_context_destroy(&ctx);
	return 0;
}
