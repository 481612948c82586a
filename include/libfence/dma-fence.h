/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Conversion between the plain face and the kernel-named face, for programs
 * that use both. struct libfence and struct dma_fence are two views of one
 * object, so these functions cost nothing at run time. All of them can be
 * called in any context.
 */
#ifndef LIBFENCE_DMA_FENCE_H
#define LIBFENCE_DMA_FENCE_H

#include <linux/cleanup.h>
#include <linux/dma-fence.h>
#include <libfence/driver-fence.h>
#include <libfence/timeline.h>

LIBFENCE_BEGIN_DECLS

/**
 * libfence_to_dma_fence - the kernel-named view of a fence
 * @fence: borrowed, or NULL
 *
 * Context: any.
 * Return: the same fence, borrowed for as long as @fence is; NULL if @fence is
 * NULL.
 */
static inline struct dma_fence *
libfence_to_dma_fence(const struct libfence *fence)
{
	return (struct dma_fence *)fence;
}

/**
 * libfence_into_dma_fence - move a reference to the kernel-named face
 * @fence: address of a reference, which is consumed and set to NULL
 *
 * Context: any.
 * Return: the reference, which the caller drops with dma_fence_put(); NULL
 * if the variable was NULL.
 */
static inline LIBFENCE_MUST_CHECK LIBFENCE_NONNULL struct dma_fence *
libfence_into_dma_fence(struct libfence **fence)
{
	struct libfence *moved = *fence;

	*fence = NULL;
	return (struct dma_fence *)moved;
}

/**
 * libfence_from_dma_fence - move a reference from the kernel-named face
 * @fence: a reference to any fence, which is consumed; or NULL. The caller's
 *	variable is not cleared.
 *
 * Context: any.
 * Return: the reference, which the caller drops with libfence_put(); NULL
 * if @fence is NULL.
 */
static inline LIBFENCE_MUST_CHECK struct libfence *
libfence_from_dma_fence(struct dma_fence *fence)
{
	return (struct libfence *)fence;
}

/**
 * libfence_borrow_dma_fence - the consumer's view of a kernel-named fence
 * @fence: any fence, borrowed; or NULL
 *
 * Context: any.
 * Return: the same fence, borrowed for as long as @fence is; NULL if @fence is
 * NULL.
 */
static inline const struct libfence *
libfence_borrow_dma_fence(struct dma_fence *fence)
{
	return (const struct libfence *)fence;
}

/* For __free(): struct libfence *fence __free(libfence) = ...; */
DEFINE_FREE(libfence, struct libfence *, libfence_put_raw(_T))
DEFINE_FREE(libfence_context, struct libfence_context *,
	    libfence_context_destroy_raw(_T))
DEFINE_FREE(libfence_timeline, struct libfence_timeline *,
	    libfence_timeline_destroy_raw(_T))

/**
 * LIBFENCE_DEFINE_FREE - make __free() work with the types of a payload
 * @name: the name that was given to LIBFENCE_PAYLOAD()
 *
 *	LIBFENCE_DEFINE_FREE(job)
 *	struct job_fence *fence __free(job_fence) = job_commit(ctx, &prep);
 *
 * At the end of its scope, __free(NAME_prep) calls NAME_prep_free() and
 * __free(NAME_fence) calls NAME_fence_drop().
 */
#define LIBFENCE_DEFINE_FREE(name)					\
	DEFINE_FREE(name##_prep, struct name##_prep *,			\
		    name##_prep_free(&_T))				\
	DEFINE_FREE(name##_fence, struct name##_fence *,		\
		    name##_fence_drop(&_T))

LIBFENCE_END_DECLS

#endif
