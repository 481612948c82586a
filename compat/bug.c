// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The reports of WARN() and BUG(); see <linux/bug.h>. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bug.h>
#include <lfshim/hooks.h>

#include "host/sys.h"
#include "kernel/init-order.h"
#include "kernel/internal.h"

/* lockdep has long messages. */
#define BUG_MESSAGE_LEN	(LFSHIM_CHECKS ? 4096 : 512)

/*
 * The number of frames of this file at the top of a backtrace, which are not
 * printed: bug_print() and bug_report(). Neither is inlined.
 */
#define BUG_OWN_FRAMES	2

static lfshim_warn_fn warn_hook;
static void *warn_hook_data;
static unsigned long nr_warnings;
static bool panic_on_warn;

__attribute__((__constructor__(LFPRIV_INIT_BUG)))
static void bug_init(void)
{
	const char *env = lfhost_getenv("LIBFENCE_PANIC_ON_WARN");

	if (env && *env && strcmp(env, "0"))
		panic_on_warn = true;
}

void lfshim_set_warn_hook(lfshim_warn_fn fn, void *data)
{
	warn_hook = fn;
	warn_hook_data = data;
}

unsigned long lfshim_warn_count(void)
{
	return __atomic_load_n(&nr_warnings, __ATOMIC_RELAXED);
}

void lfshim_set_panic_on_warn(bool on)
{
	panic_on_warn = on;
}

static noinline void bug_print(const struct lfshim_warning *w)
{
	/* The caller may hold locks. */
	int old = lfhost_cancel_off();

	fprintf(stderr, "libfence: %s at %s:%d %s(): %s\n",
		w->bug ? "BUG" : "WARNING", w->file, w->line,
		w->function, w->message);
	fflush(stderr);
	lfhost_print_backtrace(BUG_OWN_FRAMES);
	lfhost_cancel_restore(old);
}

static noinline void bug_report(bool bug, const char *file, int line,
				const char *func, const char *message)
{
	struct lfshim_warning w = {
		.bug = bug, .file = file, .line = line,
		.function = func, .message = message,
	};

	__atomic_fetch_add(&nr_warnings, 1, __ATOMIC_RELAXED);
	if (warn_hook)
		warn_hook(&w, warn_hook_data);
	else
		bug_print(&w);
	if (bug || panic_on_warn)
		abort();
}

static void bug_vwarn(const char *file, int line, const char *func,
		      const char *fmt, va_list args)
{
	char message[BUG_MESSAGE_LEN];
	size_t len;

	vsnprintf(message, sizeof(message), fmt, args);
	len = strlen(message);
	if (len && message[len - 1] == '\n')
		message[len - 1] = '\0';
	bug_report(false, file, line, func, message);
}

void lfshim_warn(const char *file, int line, const char *func,
		 const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	bug_vwarn(file, line, func, fmt, args);
	va_end(args);
}

void lfshim_warn_fmt(const char *file, int line, const char *func,
		     const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	bug_vwarn(file, line, func, fmt, args);
	va_end(args);
}

void lfshim_bug(const char *file, int line, const char *func, const char *why)
{
	bug_report(true, file, line, func, why);
	abort();
}

#if !LFSHIM_CHECKS
__cold void lfpriv_bug_recursion(const char *what, const void *lock,
				 unsigned long ip)
{
	char why[64];

	snprintf(why, sizeof(why),
		 "%s recursion: this thread holds the lock already", what);
	lfshim_bug(__FILE__, __LINE__, __func__, why);
}
#endif
