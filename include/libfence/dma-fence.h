/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * From the plain face to the kernel-named one and back, for programs that use
 * both. The two are views of one object: nothing is done at run time.
 */
#ifndef LIBFENCE_DMA_FENCE_H
#define LIBFENCE_DMA_FENCE_H

#include <linux/cleanup.h>
#include <linux/dma-fence.h>
#include <libfence/driver-fence.h>
#include <libfence/timeline.h>

LIBFENCE_BEGIN_DECLS

/**
 * libfence_to_dma_fence - a fence by its kernel name
 * @fence: borrowed, or NULL
 *
 * Return: the same fence, borrowed as long as @fence is.
 */
static inline struct dma_fence *
libfence_to_dma_fence(const struct libfence *fence)
{
	return (struct dma_fence *)fence;
}

/**
 * libfence_into_dma_fence - hand a reference over to the kernel-named face
 * @fence: address of a reference, which is consumed and cleared
 *
 * Return: the reference, for dma_fence_put().
 */
static inline LIBFENCE_MUST_CHECK LIBFENCE_NONNULL struct dma_fence *
libfence_into_dma_fence(struct libfence **fence)
{
	struct libfence *moved = *fence;

	*fence = NULL;
	return (struct dma_fence *)moved;
}

/**
 * libfence_from_dma_fence - take a reference over from the kernel-named face
 * @fence: any fence at all; consumes the reference; or NULL
 *
 * Return: the reference, for libfence_put().
 */
static inline LIBFENCE_MUST_CHECK struct libfence *
libfence_from_dma_fence(struct dma_fence *fence)
{
	return (struct libfence *)fence;
}

/**
 * libfence_borrow_dma_fence - look at a kernel-named fence as a consumer
 * @fence: any fence at all, borrowed; or NULL
 *
 * Return: the same fence, borrowed as long as @fence is.
 */
static inline const struct libfence *
libfence_borrow_dma_fence(struct dma_fence *fence)
{
	return (const struct libfence *)fence;
}

/* struct libfence *fence __free(libfence) = ...; */
DEFINE_FREE(libfence, struct libfence *, libfence_put_raw(_T))
DEFINE_FREE(libfence_context, struct libfence_context *,
	    libfence_context_destroy_raw(_T))
DEFINE_FREE(libfence_timeline, struct libfence_timeline *,
	    libfence_timeline_destroy_raw(_T))

/**
 * LIBFENCE_DEFINE_FREE - __free() for the types of a payload
 * @name: as given to LIBFENCE_PAYLOAD()
 *
 *	struct job_fence *fence __free(job_fence) = job_commit(ctx, &prep);
 */
#define LIBFENCE_DEFINE_FREE(name)					\
	DEFINE_FREE(name##_prep, struct name##_prep *,			\
		    name##_prep_free(&_T))				\
	DEFINE_FREE(name##_fence, struct name##_fence *,		\
		    name##_fence_drop(&_T))

LIBFENCE_END_DECLS

#endif
