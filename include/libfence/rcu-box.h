/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * rcu_box: a constant object that is freed by RCU. A reader inside an RCU
 * read-side section may use the object until the end of the section, even if
 * the owner drops the box meanwhile.
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
 *
 * A box has one owner. As in <libfence/fence.h>, a pointer to const is
 * borrowed, and a function that consumes a box takes the owner's variable by
 * address and sets it to NULL.
 */
#ifndef LIBFENCE_RCU_BOX_H
#define LIBFENCE_RCU_BOX_H

#include <libfence/attributes.h>

LIBFENCE_BEGIN_DECLS

/**
 * libfence_rcu_read_lock - begin an RCU read-side section
 *
 * An object that is freed by RCU, and that this thread finds inside the
 * section, stays valid until the end of the section. Code inside must not
 * sleep.
 * Context: any. Sections nest.
 */
void libfence_rcu_read_lock(void);

/**
 * libfence_rcu_read_unlock - end an RCU read-side section
 *
 * Context: any, inside a section of this thread.
 */
void libfence_rcu_read_unlock(void);

struct libfence_rcu_box;

/**
 * struct libfence_rcu_box_type - describes a type of box without its C type
 * @size: size of the content in bytes
 * @destroy: the destructor, or NULL. It frees the objects that the content
 *	refers to, but not the content itself. It is an RCU callback: it runs on
 *	another thread, and must not sleep, wait for a fence, or take a lock.
 *
 * LIBFENCE_RCU_BOX() defines one; language bindings fill in their own. It is
 * constant, and must stay valid until the last box of this type is freed.
 */
struct libfence_rcu_box_type {
	size_t size;
	void (*destroy)(void *content);
};

/**
 * libfence_rcu_box_drop_raw - drop a box
 * @box: consumed; NULL does nothing. No new reader can find it any more. The
 *	caller's variable is not cleared.
 *
 * One grace period later the destructor runs and the box is freed.
 * libfence_barrier() waits for the destructor.
 * Context: any.
 */
void libfence_rcu_box_drop_raw(struct libfence_rcu_box *box);

/**
 * libfence_rcu_box_create - create a box
 * @type: the type, borrowed; must stay valid until the box is freed
 * @initial: the content becomes a copy of it. On success the copy owns the
 *	objects that @initial refers to.
 *
 * Context: may sleep.
 * Return: the box, which the caller owns. NULL if there is no memory: the
 * caller keeps the objects that @initial refers to.
 */
struct libfence_rcu_box *
libfence_rcu_box_create(const struct libfence_rcu_box_type *type,
			const void *initial)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL
	LIBFENCE_ENDED_BY(libfence_rcu_box_drop_raw, 1);

/**
 * libfence_rcu_box_read - the content of a box, for its owner
 * @box: borrowed
 *
 * Context: any.
 * Return: the content, borrowed until the box is consumed.
 */
const void *libfence_rcu_box_read(const struct libfence_rcu_box *box)
	LIBFENCE_NONNULL;

/**
 * libfence_rcu_box_read_rcu - the content of the box in a shared variable
 * @slot: address of a variable that holds a box or NULL, and that other threads
 *	change with libfence_rcu_box_publish_raw()
 *
 * Context: inside libfence_rcu_read_lock().
 * Return: the content, borrowed until the end of the section; NULL if the
 * variable is NULL.
 */
const void *
libfence_rcu_box_read_rcu(struct libfence_rcu_box *const *slot)
	LIBFENCE_NONNULL;

/**
 * libfence_rcu_box_borrow - the content of a box whose pointer is stored
 * @ptr: from NAME_box_into_foreign(), loaded from a container inside the same
 *	read-side section; or NULL
 *
 * Context: inside libfence_rcu_read_lock().
 * Return: the content, borrowed until the end of the section; NULL if @ptr is
 * NULL.
 */
const void *libfence_rcu_box_borrow(const void *ptr);

/**
 * libfence_rcu_box_publish_raw - replace the box in a shared variable
 * @slot: address of the variable
 * @box: consumed: the variable owns it. NULL leaves the variable empty. The
 *	caller's own variable is not cleared.
 *
 * Atomic, with a full memory barrier: a reader that finds @box sees its
 * content.
 * Context: any.
 * Return: the box that was in the variable, or NULL. The caller owns it and has
 * to drop it.
 */
struct libfence_rcu_box *
libfence_rcu_box_publish_raw(struct libfence_rcu_box **slot,
			     struct libfence_rcu_box *box)
	LIBFENCE_MUST_CHECK __attribute__((__nonnull__(1)))
	LIBFENCE_ENDED_BY(libfence_rcu_box_drop_raw, 1);

LIBFENCE_END_DECLS

/**
 * LIBFENCE_RCU_BOX - declare boxes of a type
 * @name: prefix of the names below, where it is written as NAME
 * @type: the type of the content, below TYPE. It has no destructor; see
 *	LIBFENCE_RCU_BOX_DESTROY().
 *
 * Defines a type and its functions. A parameter @box that is a pointer to a
 * pointer is the address of the caller's variable, which is consumed and set to
 * NULL.
 *
 *	struct NAME_box
 *
 *	struct NAME_box *NAME_box_create(const TYPE *initial)
 *		libfence_rcu_box_create()
 *	const TYPE *NAME_box_read(const struct NAME_box *box)
 *		libfence_rcu_box_read()
 *	void NAME_box_drop(struct NAME_box **box)
 *		libfence_rcu_box_drop_raw()
 *
 *	const TYPE *NAME_box_read_rcu(struct NAME_box *const *slot)
 *		libfence_rcu_box_read_rcu()
 *	struct NAME_box *NAME_box_publish(struct NAME_box **slot,
 *					  struct NAME_box **box)
 *		libfence_rcu_box_publish_raw()
 *
 *	void *NAME_box_into_foreign(struct NAME_box **box)
 *		The box as a pointer that a container can store. The pointer
 *		owns the box.
 *	struct NAME_box *NAME_box_from_foreign(void *ptr)
 *		The box that such a pointer owned, once it is not stored.
 *	const TYPE *NAME_box_borrow(const void *ptr)
 *		libfence_rcu_box_borrow()
 *
 * The functions without a name beside them can be called in any context.
 * <libfence/payload.h> says how to read the expansion of such a macro.
 */
#define LIBFENCE_RCU_BOX(name, type)					\
	static const struct libfence_rcu_box_type name##_box_type_ =	\
		{ sizeof(type), NULL };					\
	LIBFENCE_RCU_BOX_FUNCTIONS_(name, type)

/**
 * LIBFENCE_RCU_BOX_DESTROY - declare boxes whose content has a destructor
 * @name: prefix of the names
 * @type: the type of the content
 * @fn: the destructor, void fn(@type *content); see
 *	&struct libfence_rcu_box_type.destroy
 *
 * Defines the same type and functions as LIBFENCE_RCU_BOX().
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
