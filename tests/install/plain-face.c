/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Expands everything that the macros of the plain face define, in C and in C++;
 * with -DUSED, uses all of it. headers.sh compiles this, and does not run it.
 */
#include <libfence/context.h>
#include <libfence/driver-fence.h>
#include <libfence/libfence.h>
#include <libfence/rcu-box.h>

struct job {
	int id;
};

static LIBFENCE_UNUSED bool start_job(struct job *job)
{
	return job->id != 0;
}

static LIBFENCE_UNUSED bool job_done(struct job *job)
{
	return job->id == 0;
}

static LIBFENCE_UNUSED void hurry_job(struct job *job, int64_t deadline)
{
	job->id = (int)deadline;
}

static LIBFENCE_UNUSED void end_job(struct job *job)
{
	job->id = 0;
}

static LIBFENCE_UNUSED int make_job(struct job *job, void *arg)
{
	job->id = *(const int *)arg;
	return 0;
}

/* C++ has designated initializers only since C++20. */
#ifdef __cplusplus
static const LIBFENCE_CONTEXT_OPS(struct job) data_ops = { make_job, end_job };
static const LIBFENCE_CONTEXT_OPS(struct job) no_data_ops = { NULL, NULL };
static const LIBFENCE_OPS(struct job) all_ops = {
	start_job, job_done, hurry_job, end_job
};
static const LIBFENCE_OPS(struct job) some_ops = {
	NULL, job_done, NULL, NULL
};
static const LIBFENCE_OPS(struct job) no_ops = { NULL, NULL, NULL, NULL };
#else
static const LIBFENCE_OPS(struct job) all_ops = {
	.enable_signaling = start_job,
	.signaled = job_done,
	.set_deadline = hurry_job,
	.destroy = end_job,
};
static const LIBFENCE_OPS(struct job) some_ops = {
	.signaled = job_done,
};
static const LIBFENCE_OPS(struct job) no_ops = { 0 };
static const LIBFENCE_CONTEXT_OPS(struct job) data_ops = {
	.init = make_job,
	.destroy = end_job,
};
static const LIBFENCE_CONTEXT_OPS(struct job) no_data_ops = { 0 };
#endif

LIBFENCE_PAYLOAD(plain, struct job);
LIBFENCE_PAYLOAD(number, int);
LIBFENCE_PAYLOAD_OPS(all, struct job, all_ops);
LIBFENCE_PAYLOAD_OPS(some, struct job, some_ops);
LIBFENCE_PAYLOAD_OPS(none, struct job, no_ops);
/* A payload, a context and a box may have the same name. */
LIBFENCE_RCU_BOX(plain, struct job);
LIBFENCE_CONTEXT(plain, struct job, data_ops);
LIBFENCE_CONTEXT(none_data, struct job, no_data_ops);
LIBFENCE_RCU_BOX(number_box, int);
LIBFENCE_RCU_BOX_DESTROY(ended, struct job, end_job);

#ifdef USED
#define USE_PAYLOAD(name, type)						\
	int use_##name##_fence(struct libfence_context *ctx, type *initial); \
	int use_##name##_fence(struct libfence_context *ctx, type *initial) \
	{								\
		struct name##_prep *prep = name##_prepare(initial);	\
		struct name##_fence *fence, *moved;			\
		const struct name##_fence *borrow;			\
		struct libfence *consumer;				\
		void *stored;						\
		int status;						\
									\
		LIBFENCE_SIGNALLING_GUARD();				\
		if (!prep)						\
			return -1;					\
		*name##_prep_payload(prep) = *initial;			\
		name##_prep_free(&prep);				\
		prep = name##_prepare(NULL);				\
		fence = name##_commit(ctx, &prep);			\
		name##_fence_drop(&fence);				\
		prep = name##_prepare_bound(ctx, initial);		\
		if (!prep)						\
			return -1;					\
		if (name##_prep_context(prep) != ctx)			\
			return -1;					\
		fence = name##_commit_bound(&prep);			\
		if (name##_fence_context(fence) !=			\
		    libfence_payload_context(name##_fence_payload(fence))) \
			return -1;					\
		*name##_fence_payload(fence) = *initial;		\
		consumer = name##_fence_get(fence);			\
		moved = name##_fence_take(&fence);			\
		stored = name##_fence_into_foreign(&moved);		\
		borrow = name##_fence_borrow(stored);			\
		status = libfence_status(name##_fence_consumer(borrow)); \
		fence = name##_fence_from_foreign(stored);		\
		if (status)						\
			name##_fence_drop(&fence);			\
		else							\
			name##_fence_signal(&fence, 0);			\
		libfence_put(&consumer);				\
		return status;						\
	}
#define USE_CONTEXT(name)						\
	int use_##name##_context(int arg);				\
	int use_##name##_context(int arg)				\
	{								\
		int err;						\
		struct libfence_context *ctx =				\
			name##_context_create("d", "t", 1, &arg, &err);	\
									\
		if (!ctx)						\
			return err;					\
		arg = name##_context_data(ctx)->id;			\
		libfence_context_destroy(&ctx);				\
		return arg;						\
	}
USE_CONTEXT(plain)
USE_CONTEXT(none_data)
USE_PAYLOAD(plain, struct job)
USE_PAYLOAD(number, int)
USE_PAYLOAD(all, struct job)
USE_PAYLOAD(some, struct job)
USE_PAYLOAD(none, struct job)

#define USE_BOX(name, type)						\
	bool use_##name##_box(struct name##_box **slot, const type *initial); \
	bool use_##name##_box(struct name##_box **slot, const type *initial) \
	{								\
		struct name##_box *box = name##_box_create(initial), *old; \
		const type *content;					\
		void *stored;						\
		bool same;						\
									\
		if (!box)						\
			return false;					\
		stored = name##_box_into_foreign(&box);			\
		libfence_rcu_read_lock();				\
		content = name##_box_read_rcu(slot);			\
		same = name##_box_borrow(stored) == content;		\
		libfence_rcu_read_unlock();				\
		box = name##_box_from_foreign(stored);			\
		same |= name##_box_read(box) == initial;		\
		old = name##_box_publish(slot, &box);			\
		name##_box_drop(&old);					\
		return same;						\
	}
USE_BOX(plain, struct job)
USE_BOX(number_box, int)
USE_BOX(ended, struct job)
#endif
