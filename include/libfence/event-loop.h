/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Fences and event loops. A fence can add to an eventfd that the program polls,
 * or have a function called on a thread of the program's choice.
 *
 *	struct libfence_eventfd *eventfd = libfence_eventfd_create(fd, NULL);
 *	struct libfence_callback cb;
 *
 *	err = libfence_eventfd_register(fence, &cb, eventfd);
 *	... (the loop reads 1 from fd when the fence is signalled)
 *	libfence_callback_unregister(&cb);
 *
 *	struct libfence_work work;
 *
 *	libfence_work_init(&work, done, data, post_to_my_loop, loop);
 *	err = libfence_work_register(fence, &work);
 *	... (my loop calls libfence_work_run(&work), which calls done())
 *
 * Neither allocates memory for a fence. A descriptor for each fence, which can
 * also be sent to another process, is in <libfence/sync.h>.
 */
#ifndef LIBFENCE_EVENT_LOOP_H
#define LIBFENCE_EVENT_LOOP_H

#include <libfence/attributes.h>
#include <libfence/fence.h>

LIBFENCE_BEGIN_DECLS

/* An eventfd of the program, to which any number of fences add. */
struct libfence_eventfd;

/**
 * libfence_eventfd_destroy_raw - libfence_eventfd_destroy() for bindings
 * @eventfd: consumed; NULL does nothing. The caller's variable is not cleared.
 *
 * Context: as for libfence_eventfd_destroy().
 */
void libfence_eventfd_destroy_raw(struct libfence_eventfd *eventfd);

/**
 * libfence_eventfd_create - make an eventfd usable by fences
 * @fd: an eventfd. The caller keeps the descriptor, and may close it afterwards.
 * @err: where to store a negative errno on failure; or NULL
 *
 * The library uses one descriptor of its own for it, and needs /proc.
 * Context: may sleep.
 * Return: an object that the caller owns and ends with
 * libfence_eventfd_destroy(). On failure NULL, with one of these errors: -EBADF
 * if @fd is not open; -EINVAL if it is not an eventfd; -EMFILE; -ENFILE;
 * -ENOMEM.
 */
struct libfence_eventfd *libfence_eventfd_create(int fd, int *err)
	LIBFENCE_MUST_CHECK LIBFENCE_ENDED_BY(libfence_eventfd_destroy_raw, 1);

/**
 * libfence_eventfd_destroy - end the use of an eventfd
 * @eventfd: address of the object, which is consumed and set to NULL. If the
 *	variable is NULL, nothing happens. No callback may be registered with it.
 *
 * Context: may sleep.
 */
LIBFENCE_INLINE_ LIBFENCE_NONNULL void
libfence_eventfd_destroy(struct libfence_eventfd **eventfd)
{
	struct libfence_eventfd *gone = *eventfd;

	*eventfd = NULL;
	libfence_eventfd_destroy_raw(gone);
}

/**
 * libfence_eventfd_register - add 1 to an eventfd when a fence is signalled
 * @fence: borrowed; the registration takes its own reference
 * @cb: memory of the caller's, not registered; need not be initialised. It
 *	belongs to the registration, as for libfence_callback_register().
 * @eventfd: borrowed until @cb is unregistered
 *
 * If the fence is signalled already, this function adds 1 itself. An eventfd
 * that has its largest value keeps it. Callbacks that were registered later may
 * still have to run when the eventfd is readable; libfence_wait() waits for them.
 * Context: any, except a callback or an op of this fence.
 * Return: 0. The caller must later call libfence_callback_unregister().
 */
int libfence_eventfd_register(const struct libfence *fence,
			      struct libfence_callback *cb,
			      struct libfence_eventfd *eventfd)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

struct libfence_work;

/**
 * typedef libfence_post_fn - an executor: hand work to a thread
 * @work: the work, which that thread has to pass to libfence_work_run(). It
 *	stays at its address until then. The executor may use its member next,
 *	for a queue.
 * @executor: the pointer that was given to libfence_work_init()
 *
 * Called when the fence is signalled, as a libfence_callback_fn and with the
 * same restrictions. It must not run the work itself. It typically takes a mutex
 * that is held for the queue only, puts the work into the queue, and writes to an
 * eventfd.
 */
typedef void (*libfence_post_fn)(struct libfence_work *work, void *executor);

/**
 * struct libfence_work - a function to be called on a thread of the program
 * @fn: the function
 * @data: the pointer that @fn is called with
 * @post: the executor
 * @executor: the pointer that @post is called with
 * @next: for the executor, from the call of @post until libfence_work_run()
 * @fence: a reference to the fence while the work is registered, else NULL
 * @cb_: for the library only
 * @posted_: for the library only
 *
 * In memory that the caller owns, and neither moves nor frees while the work is
 * registered: from libfence_work_register() until @fn is called, or until
 * libfence_work_unregister() has returned.
 */
struct libfence_work {
	libfence_callback_fn fn;
	void *data;
	libfence_post_fn post;
	void *executor;
	struct libfence_work *next;
	struct libfence *fence;
	struct libfence_callback cb_;
	bool posted_;
};

/**
 * libfence_work_init - initialise work
 * @work: memory that the caller owns, not registered
 * @fn: the function to call. There it may sleep, wait, and free or register
 *	@work again.
 * @data: passed to @fn. The caller keeps the object that it points to.
 * @post: the executor; see libfence_post_fn
 * @executor: passed to @post. The caller keeps the object that it points to.
 *
 * Context: any.
 */
void libfence_work_init(struct libfence_work *work, libfence_callback_fn fn,
			void *data, libfence_post_fn post, void *executor)
	__attribute__((__nonnull__(1, 2, 4)));

/**
 * libfence_work_register - post work when a fence is signalled
 * @fence: borrowed; the registration takes its own reference
 * @work: initialised and not registered. The caller keeps the memory.
 *
 * If the fence is signalled already, this function posts the work itself, so
 * that @fn is called on the executor's thread in each case. This function does
 * not access @work once it can be posted.
 * Context: any, except a callback or an op of this fence.
 * Return: 0; -EBUSY, with a warning, if @work is registered already.
 */
int libfence_work_register(const struct libfence *fence,
			   struct libfence_work *work)
	LIBFENCE_MUST_CHECK LIBFENCE_NONNULL;

/**
 * libfence_work_run - call the function of work that was posted
 * @work: from the executor. If it was unregistered meanwhile, nothing happens.
 *
 * Ends the registration, and then calls the function. Does not access @work
 * after that.
 * Context: a thread of the executor, not inside a callback.
 */
void libfence_work_run(struct libfence_work *work) LIBFENCE_NONNULL;

/**
 * libfence_work_unregister - end the registration of work
 * @work: initialised, registered or not
 *
 * When this function returns, the function is not called any more.
 * Context: the thread that runs the work, or any other while that cannot run it;
 * not inside a callback or an op of any fence.
 * Return: true if the work was posted and has not run: the executor still has
 * it, and @work has to stay valid until it is out of its queue. Otherwise false:
 * the caller may reuse or free @work.
 */
bool libfence_work_unregister(struct libfence_work *work) LIBFENCE_NONNULL;

LIBFENCE_END_DECLS

#endif
