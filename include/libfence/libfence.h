/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * libfence: the Linux kernel's dma_fence in userspace.
 *
 * This is the plain face of the library, for C and C++. It has no kernel name
 * in it. The kernel-named headers (<linux/dma-fence.h> and what they need) are
 * the other face: pkg-config libfence-kernel.
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
 * libfence_version - the version of the library that runs
 *
 * LIBFENCE_VERSION is the version of the header that was compiled against.
 * Context: any.
 * Return: a string like "0.1.0", valid for ever.
 */
const char *libfence_version(void);

/**
 * enum libfence_warning_kind - how bad it is
 * @LIBFENCE_WARN: a mistake of the caller's; the library goes on
 * @LIBFENCE_BUG: nothing sensible can follow; the program is aborted
 */
enum libfence_warning_kind {
	LIBFENCE_WARN,
	LIBFENCE_BUG,
};

/**
 * struct libfence_warning - what is being reported
 * @kind: WARN or BUG
 * @file: source file of the check
 * @line: line in it
 * @function: function it stands in
 * @message: what is wrong, without a newline
 *
 * The pointers are valid during the call of the hook only.
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
 * @warning: what is wrong
 * @data: as given to libfence_set_warn_hook()
 *
 * Called on the thread that made the mistake, possibly with locks of the
 * library held: it must not call the library's fence functions.
 */
typedef void (*libfence_warn_fn)(const struct libfence_warning *warning,
				 void *data);

/**
 * libfence_set_warn_hook - have warnings delivered to a function
 * @fn: called instead of printing to standard error; NULL prints again
 * @data: handed to @fn; has to live as long as the hook is set
 *
 * After @fn returned from a BUG the program is aborted all the same, and so it
 * is from a WARN when libfence_set_panic_on_warn() is on.
 * Context: any. Not to be changed while other threads may warn.
 */
void libfence_set_warn_hook(libfence_warn_fn fn, void *data);

/**
 * libfence_warn_count - how many warnings there were
 *
 * Context: any.
 * Return: the number since the program began.
 */
unsigned long libfence_warn_count(void);

/**
 * libfence_set_panic_on_warn - make every warning fatal
 * @on: true aborts the program after the first warning
 *
 * LIBFENCE_PANIC_ON_WARN=1 in the environment turns it on from the start.
 */
void libfence_set_panic_on_warn(bool on);

/**
 * typedef libfence_log_fn - a log hook
 * @level: 0 (emergency) ... 7 (debug), as in syslog
 * @message: the text as it was given, usually with a newline
 * @data: as given to libfence_set_log_hook()
 */
typedef void (*libfence_log_fn)(int level, const char *message, void *data);

/**
 * libfence_set_log_hook - have the messages of printk() delivered to a function
 * @fn: called instead of writing to standard error; NULL writes again
 * @data: handed to @fn; has to live as long as the hook is set
 *
 * The library itself logs nothing while all is well; drivers and tests that
 * are built on the kernel-named headers may.
 */
void libfence_set_log_hook(libfence_log_fn fn, void *data);

/**
 * libfence_has_checks - was the library built with -Dchecks=true?
 *
 * Such a build finds sleeping in atomic context, locks that are not held,
 * RCU pointers followed outside of a read-side section, memory freed with a
 * held lock in it, and slab objects used after they were freed.
 */
bool libfence_has_checks(void);

/**
 * libfence_fail_nth - make an allocation of the calling thread fail
 * @n: the @n-th from now, 1 being the next; 0 takes the request back
 *
 * One allocation fails; those before and after it succeed. For tests that walk
 * through every allocation of an operation: raise @n until
 * libfence_fail_nth_left() says that the operation made fewer than @n.
 */
void libfence_fail_nth(unsigned int n);

/**
 * libfence_fail_nth_left - how many allocations until the one that fails
 *
 * Return: 0 when it has failed, or none was asked for.
 */
unsigned int libfence_fail_nth_left(void);

#ifdef __cplusplus
}
#endif

#endif
