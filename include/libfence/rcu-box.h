/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * rcu_box: a constant in a box, which readers may go on using for as long as
 * their RCU read-side section lasts, whoever drops the box meanwhile.
 *
 *	struct config { int limit; };
 *	LIBFENCE_RCU_BOX(config, struct config);
 *
 *	static struct config_box *current_config;
 *
 *	libfence_rcu_read_lock();
 *	const struct config *config = config_box_read_rcu(&current_config);
 *	...
 *	libfence_rcu_read_unlock();
 *
 *	struct config_box *old = config_box_publish(&current_config, &box);
 *	config_box_drop(&old);
 */
#ifndef LIBFENCE_RCU_BOX_H
#define LIBFENCE_RCU_BOX_H

#include <libfence/attributes.h>

LIBFENCE_BEGIN_DECLS

/**
 * libfence_rcu_read_lock - begin an RCU read-side section
 *
 * What is found in it and is freed by RCU stays until its end. Sections nest.
 * No sleeping inside.
 * Context: any.
 */
void libfence_rcu_read_lock(void);

/**
 * libfence_rcu_read_unlock - end the section
 */
void libfence_rcu_read_unlock(void);

struct libfence_rcu_box;

/**
 * struct libfence_rcu_box_type - a type of box, without its C type
 * @size: bytes of the content
 * @destroy: ends what the content refers to, not its own memory; or NULL. An
 *	RCU callback, so it must not sleep, wait for a fence, or take a lock.
 *
 * What LIBFENCE_RCU_BOX() makes. For language bindings.
 */
struct libfence_rcu_box_type {
	size_t size;
	void (*destroy)(void *content);
};

/**
 * libfence_rcu_box_drop_raw - give up a box
 * @box: consumed; NULL does nothing
 *
 * The content is destroyed and the box freed one grace period later. See
 * libfence_barrier().
 * Context: any.
 */
void libfence_rcu_box_drop_raw(struct libfence_rcu_box *box);

/**
 * libfence_rcu_box_create - make a box
 * @type: constant, valid for as long as there is a box of it
 * @initial: what the content is a copy of
 *
 * Context: may sleep.
 * Return: the box, or NULL when there was no memory.
 */
struct libfence_rcu_box *
libfence_rcu_box_create(const struct libfence_rcu_box_type *type,
			const void *initial)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL
	LIBFENCE_ENDED_BY(libfence_rcu_box_drop_raw, 1);

/**
 * libfence_rcu_box_read - the content, for who has the box
 * @box: borrowed
 *
 * Return: the content, for as long as the box is there.
 */
const void *libfence_rcu_box_read(const struct libfence_rcu_box *box)
	LIBFENCE_NONNULL;

/**
 * libfence_rcu_box_read_rcu - the content of the box in a shared variable
 * @slot: address of a box, or of NULL, that others replace
 *
 * Context: inside of libfence_rcu_read_lock().
 * Return: the content, until the end of the section; NULL for no box.
 */
const void *
libfence_rcu_box_read_rcu(struct libfence_rcu_box *const *slot)
	LIBFENCE_NONNULL;

/**
 * libfence_rcu_box_borrow - the content of a box that is stored elsewhere
 * @ptr: from NAME_box_into_foreign(), found inside of the section; or NULL
 *
 * Context: inside of libfence_rcu_read_lock().
 * Return: the content, until the end of the section; NULL for NULL.
 */
const void *libfence_rcu_box_borrow(const void *ptr);

/**
 * libfence_rcu_box_publish_raw - put a box into a shared variable
 * @slot: the variable
 * @box: consumed; or NULL
 *
 * Context: any.
 * Return: what was there, for the caller to drop; or NULL.
 */
struct libfence_rcu_box *
libfence_rcu_box_publish_raw(struct libfence_rcu_box **slot,
			     struct libfence_rcu_box *box)
	LIBFENCE_MUST_CHECK __attribute__((__nonnull__(1)))
	LIBFENCE_ENDED_BY(libfence_rcu_box_drop_raw, 1);

LIBFENCE_END_DECLS

/**
 * LIBFENCE_RCU_BOX - declare boxes of a type
 * @name: what the names below begin with
 * @type: the content, without anything that would have to be ended
 *
 * Gives a type, and the functions on it:
 *
 *	struct NAME_box
 *
 *	struct NAME_box *NAME_box_create(const TYPE *initial)
 *	const TYPE *NAME_box_read(const struct NAME_box *box)
 *	void NAME_box_drop(struct NAME_box **box)
 *
 *	const TYPE *NAME_box_read_rcu(struct NAME_box *const *slot)
 *	struct NAME_box *NAME_box_publish(struct NAME_box **slot,
 *					  struct NAME_box **box)
 *
 *	void *NAME_box_into_foreign(struct NAME_box **box)
 *	struct NAME_box *NAME_box_from_foreign(void *ptr)
 *	const TYPE *NAME_box_borrow(const void *ptr)
 */
#define LIBFENCE_RCU_BOX(name, type)					\
	static const struct libfence_rcu_box_type name##_box_type_ =	\
		{ sizeof(type), NULL };					\
	LIBFENCE_RCU_BOX_FUNCTIONS_(name, type)

/**
 * LIBFENCE_RCU_BOX_DESTROY - declare boxes whose content has a destructor
 * @name: what the names begin with
 * @type: the content
 * @fn: void fn(type *content): see &struct libfence_rcu_box_type.destroy
 */
#define LIBFENCE_RCU_BOX_DESTROY(name, type, fn)			\
	static void name##_box_destroy(void *content)			\
	{								\
		fn((type *)content);					\
	}								\
	static const struct libfence_rcu_box_type name##_box_type_ =	\
		{ sizeof(type), name##_box_destroy };			\
	LIBFENCE_RCU_BOX_FUNCTIONS_(name, type)

#define LIBFENCE_RCU_BOX_FUNCTIONS_(name, type)				\
	struct name##_box;						\
	LIBFENCE_BYTES_(name##_box, type);				\
									\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL		\
	struct name##_box *						\
	name##_box_create(const type *initial)				\
	{								\
		return (struct name##_box *)libfence_rcu_box_create(	\
			&name##_box_type_, initial);			\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL const type *			\
	name##_box_read(const struct name##_box *box)			\
	{								\
		LIBFENCE_USES_(box);					\
		return (const type *)libfence_rcu_box_read(		\
			(const struct libfence_rcu_box *)box);		\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL void				\
	name##_box_drop(struct name##_box **box)			\
	{								\
		struct name##_box *gone = *box;				\
									\
		if (gone)						\
			LIBFENCE_USES_(gone);				\
		*box = NULL;						\
		libfence_rcu_box_drop_raw(				\
			(struct libfence_rcu_box *)gone);		\
	}								\
									\
	LIBFENCE_INLINE_ LIBFENCE_NONNULL const type *			\
	name##_box_read_rcu(struct name##_box *const *slot)		\
	{								\
		return (const type *)libfence_rcu_box_read_rcu(		\
			(struct libfence_rcu_box *const *)slot);	\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL		\
	struct name##_box *						\
	name##_box_publish(struct name##_box **slot,			\
			   struct name##_box **box)			\
	{								\
		struct name##_box *moved = *box;			\
									\
		if (moved)						\
			LIBFENCE_USES_(moved);				\
		*box = NULL;						\
		return (struct name##_box *)libfence_rcu_box_publish_raw( \
			(struct libfence_rcu_box **)slot,		\
			(struct libfence_rcu_box *)moved);		\
	}								\
									\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK LIBFENCE_NONNULL void *	\
	name##_box_into_foreign(struct name##_box **box)		\
	{								\
		struct name##_box *moved = *box;			\
									\
		*box = NULL;						\
		return moved;						\
	}								\
	LIBFENCE_INLINE_ LIBFENCE_MUST_CHECK struct name##_box *	\
	name##_box_from_foreign(void *ptr)				\
	{								\
		return (struct name##_box *)ptr;			\
	}								\
	LIBFENCE_INLINE_ const type *					\
	name##_box_borrow(const void *ptr)				\
	{								\
		return (const type *)libfence_rcu_box_borrow(ptr);	\
	}								\
	struct name##_box

#endif
