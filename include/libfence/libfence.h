/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * libfence: the Linux kernel's dma_fence in userspace.
 *
 * This header belongs to the plain face of the library, which is for C and C++
 * and has no kernel names. The other face is the kernel-named headers:
 * <linux/dma-fence.h> and the headers that it needs. Programs find them with
 * pkg-config libfence-kernel.
 *
 * No function of the library is a cancellation point of pthread_cancel(), except
 * those whose comment says so. A callback, an op or a hook must not be one
 * either: the library may hold locks while it runs.
 */
#ifndef LIBFENCE_LIBFENCE_H
#define LIBFENCE_LIBFENCE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#endif
#include <libfence/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * libfence_version - the version of the library at run time
 *
 * LIBFENCE_VERSION is the version of the headers at compile time.
 * Context: any.
 * Return: a string like "0.1.0". The library owns it; it is valid forever.
 */
const char *libfence_version(void);

/**
 * enum libfence_warning_kind - severity of a warning
 * @LIBFENCE_WARN: the caller has made a mistake; the library continues
 * @LIBFENCE_BUG: the library cannot continue; the program is aborted
 */
enum libfence_warning_kind {
	LIBFENCE_WARN,
	LIBFENCE_BUG,
};

/**
 * struct libfence_warning - a warning, as a hook receives it
 * @kind: LIBFENCE_WARN or LIBFENCE_BUG
 * @file: source file of the check
 * @line: line of the check in @file
 * @function: function that contains the check
 * @message: describes the fault, without a newline at the end
 *
 * The library owns the struct and its strings. They are valid only during the
 * call of the hook.
 */
struct libfence_warning {
	enum libfence_warning_kind kind;
	const char *file;
	int line;
	const char *function;
	const char *message;
};

/**
 * typedef libfence_warn_fn - a warning hook
 * @warning: the warning, borrowed for the call
 * @data: the pointer that was given to libfence_set_warn_hook()
 *
 * Called on the thread that made the mistake. That thread may hold locks of the
 * library, so the hook must not sleep and must not call fence functions.
 */
typedef void (*libfence_warn_fn)(const struct libfence_warning *warning,
				 void *data);

/**
 * libfence_set_warn_hook - set the function that receives warnings
 * @fn: called instead of printing to standard error; NULL restores printing
 * @data: passed to @fn. The caller keeps the object that it points to, which
 *	must live as long as the hook is set.
 *
 * When @fn returns from a LIBFENCE_BUG, the program is aborted. After
 * libfence_set_panic_on_warn(true) that is also the case for a LIBFENCE_WARN.
 * Context: any, while no other thread can cause a warning.
 */
void libfence_set_warn_hook(libfence_warn_fn fn, void *data);

/**
 * libfence_warn_count - the number of warnings
 *
 * Context: any.
 * Return: the number of warnings since the start of the program.
 */
unsigned long libfence_warn_count(void);

/**
 * libfence_set_panic_on_warn - make every warning fatal
 * @on: true: the program is aborted after the next warning
 *
 * If the environment variable LIBFENCE_PANIC_ON_WARN has a value other than "0"
 * or "" when the library is loaded, this is turned on at the start.
 * Context: any, while no other thread can cause a warning.
 */
void libfence_set_panic_on_warn(bool on);

/**
 * typedef libfence_log_fn - a log hook
 * @level: severity as in syslog, from 0 (emergency) to 7 (debug)
 * @message: the formatted text, at most 1023 bytes, usually with a newline at
 *	the end; borrowed for the call
 * @data: the pointer that was given to libfence_set_log_hook()
 *
 * Called on the thread that calls printk(), in the context of that call.
 */
typedef void (*libfence_log_fn)(int level, const char *message, void *data);

/**
 * libfence_set_log_hook - set the function that receives printk() messages
 * @fn: called instead of writing to standard error; NULL restores writing
 * @data: passed to @fn. The caller keeps the object that it points to, which
 *	must live as long as the hook is set.
 *
 * The library itself does not log anything unless something goes wrong. Drivers
 * and tests that use the kernel-named headers may.
 * Context: any, while no other thread calls printk().
 */
void libfence_set_log_hook(libfence_log_fn fn, void *data);

/**
 * libfence_has_checks - was the library built with -Dchecks=true?
 *
 * Such a library reports code that sleeps in atomic context, code that does not
 * hold a lock which it needs, RCU pointers that are dereferenced outside a
 * read-side section, memory that is freed while it contains a held lock, and
 * slab objects that are used after they were freed.
 * Context: any.
 * Return: true if it was.
 */
bool libfence_has_checks(void);

/**
 * libfence_fail_nth - make an allocation of the calling thread fail
 * @n: number of the allocation that fails, counted from this call: 1 is the
 *	next. 0 cancels an earlier request.
 *
 * One allocation fails; those before and after it succeed. A test can visit
 * every allocation of an operation: it runs the operation with @n = 1, 2, ...
 * until libfence_fail_nth_left() is not 0 afterwards.
 * Context: any. Other threads are not affected.
 */
void libfence_fail_nth(unsigned int n);

/**
 * libfence_fail_nth_left - number of allocations until the one that fails
 *
 * Context: any.
 * Return: 1 if the next allocation of the calling thread fails, 2 if the one
 * after it fails, and so on. 0 if the requested allocation has failed, or if
 * none was requested.
 */
unsigned int libfence_fail_nth_left(void);

#ifdef __cplusplus
}
#endif

#endif
