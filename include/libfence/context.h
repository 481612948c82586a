/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Contexts that own typed data: LIBFENCE_CONTEXT().
 *
 *	struct ring { int irq; };
 *	static int ring_init(struct ring *ring, void *arg);
 *	static void ring_destroy(struct ring *ring);
 *	static const LIBFENCE_CONTEXT_OPS(struct ring) ring_ops = {
 *		.init = ring_init,
 *		.destroy = ring_destroy,
 *	};
 *	LIBFENCE_CONTEXT(ring, struct ring, ring_ops);
 *
 *	ctx = ring_context_create("driver", "ring 0", 1, &arg, &err);
 *
 * <libfence/payload.h> says how to read the expansion of such a macro.
 */
#ifndef LIBFENCE_CONTEXT_H
#define LIBFENCE_CONTEXT_H

#include <libfence/driver-fence.h>

/**
 * LIBFENCE_CONTEXT_OPS - the type of a table of functions for context data
 * @type: type of the data
 *
 * Both functions are optional. struct libfence_context_type documents them.
 *
 * init: makes the data, which is zeroed. Returns 0, or a negative errno, with
 *	which the creation fails.
 * destroy: the destructor. It ends the objects that the data refers to.
 */
#define LIBFENCE_CONTEXT_OPS(type)					\
	struct {							\
		int (*init)(type *data, void *arg) LIBFENCE_NO_OP_;	\
		void (*destroy)(type *data) LIBFENCE_NO_OP_;		\
	}

/**
 * LIBFENCE_CONTEXT - declare contexts that own data
 * @name: prefix of the names below, where it is written as NAME
 * @type: type of the data, below TYPE
 * @ops: a constant object of type LIBFENCE_CONTEXT_OPS(@type), with static
 *	storage
 *
 * The contexts are ordinary ones, for all functions of this library. Defines:
 *
 *	struct libfence_context *
 *	NAME_context_create(const char *driver, const char *timeline,
 *			    uint64_t first, void *arg, int *err)
 *		libfence_context_create_typed(). The caller owns the context.
 *	TYPE *NAME_context_data(const struct libfence_context *ctx)
 *		libfence_context_data() of a context that NAME_context_create()
 *		made: borrowed for as long as @ctx is. NULL if @ctx is NULL, so
 *		it takes the result of NAME_fence_context() and the like.
 *
 * Context and errors are documented with the functions that are named here.
 */
#define LIBFENCE_CONTEXT(name, type, ops)				\
	LIBFENCE_BYTES_(name##_context_data, type);			\
	static LIBFENCE_UNUSED int					\
	name##_context_init_(void *data, void *arg)			\
	{								\
		return (ops).init ? (ops).init((type *)data, arg) : 0;	\
	}								\
	static LIBFENCE_UNUSED void name##_context_destroy_(void *data)	\
	{								\
		if ((ops).destroy)					\
			(ops).destroy((type *)data);			\
	}								\
	static const struct libfence_context_type name##_context_type_ = { \
		sizeof(type), name##_context_init_,			\
		name##_context_destroy_					\
	};								\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct libfence_context *	\
	name##_context_create(const char *driver, const char *timeline,	\
			      uint64_t first, void *arg, int *err)	\
	{								\
		return libfence_context_create_typed(driver, timeline,	\
			first, &name##_context_type_, arg, err);	\
	}								\
	LIBFENCE_INLINE_ type *						\
	name##_context_data(const struct libfence_context *ctx)		\
	{								\
		return ctx ? (type *)libfence_context_data(ctx) : NULL;	\
	}								\
	struct libfence_context

#endif
