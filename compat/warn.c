// SPDX-License-Identifier: GPL-2.0 OR MIT
/* WARN, BUG, printk, and the hooks behind them. */

#ifdef LFSHIM_BACKTRACE
#include <execinfo.h>
#endif
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bug.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/refcount.h>
#include <libfence/libfence.h>

#define MAX_FRAMES	32
/* lockdep has more to say. */
#define MESSAGE_LEN	(LFSHIM_CHECKS ? 4096 : 512)
/* The shim's own frames on top of the backtrace. */
#define OWN_FRAMES	2

static libfence_warn_fn warn_hook;
static void *warn_hook_data;
static libfence_log_fn log_hook;
static void *log_hook_data;
static unsigned long nr_warnings;
static bool panic_on_warn;

__attribute__((__constructor__(101))) static void warn_init(void)
{
	const char *env = getenv("LIBFENCE_PANIC_ON_WARN");

	if (env && *env && strcmp(env, "0"))
		panic_on_warn = true;
}

void libfence_set_warn_hook(libfence_warn_fn fn, void *data)
{
	warn_hook = fn;
	warn_hook_data = data;
}

unsigned long libfence_warn_count(void)
{
	return __atomic_load_n(&nr_warnings, __ATOMIC_RELAXED);
}

void libfence_set_panic_on_warn(bool on)
{
	panic_on_warn = on;
}

void libfence_set_log_hook(libfence_log_fn fn, void *data)
{
	log_hook = fn;
	log_hook_data = data;
}

const char *libfence_version(void)
{
	return LIBFENCE_VERSION;
}

bool libfence_has_checks(void)
{
	return LFSHIM_CHECKS;
}

/* Always inline: the frames to leave out are counted. */
static __always_inline void print_backtrace(void)
{
#ifdef LFSHIM_BACKTRACE
	void *frames[MAX_FRAMES];
	int nr = backtrace(frames, MAX_FRAMES);

	/* No allocation: whoever warns may be out of memory. */
	if (nr > OWN_FRAMES)
		backtrace_symbols_fd(frames + OWN_FRAMES, nr - OWN_FRAMES,
				     STDERR_FILENO);
#endif
}

static noinline void print_warning(const struct libfence_warning *w)
{
	fprintf(stderr, "libfence: %s at %s:%d %s(): %s\n",
		w->kind == LIBFENCE_BUG ? "BUG" : "WARNING", w->file, w->line,
		w->function, w->message);
	fflush(stderr);
	print_backtrace();
}

static noinline void report(enum libfence_warning_kind kind, const char *file,
			    int line, const char *func, const char *message)
{
	struct libfence_warning w = {
		.kind = kind, .file = file, .line = line,
		.function = func, .message = message,
	};

	__atomic_fetch_add(&nr_warnings, 1, __ATOMIC_RELAXED);
	if (warn_hook)
		warn_hook(&w, warn_hook_data);
	else
		print_warning(&w);
	if (kind == LIBFENCE_BUG || panic_on_warn)
		abort();
}

static void warn_args(const char *file, int line, const char *func,
		      const char *fmt, va_list args)
{
	char message[MESSAGE_LEN];
	size_t len;

	vsnprintf(message, sizeof(message), fmt, args);
	len = strlen(message);
	if (len && message[len - 1] == '\n')
		message[len - 1] = '\0';
	report(LIBFENCE_WARN, file, line, func, message);
}

void lfshim_warn(const char *file, int line, const char *func,
		 const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	warn_args(file, line, func, fmt, args);
	va_end(args);
}

void lfshim_warn_fmt(const char *file, int line, const char *func,
		     const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	warn_args(file, line, func, fmt, args);
	va_end(args);
}

void lfshim_bug(const char *file, int line, const char *func, const char *why)
{
	report(LIBFENCE_BUG, file, line, func, why);
	abort();
}

void refcount_warn_saturate(refcount_t *r, enum refcount_saturation_type t)
{
	static const char *const what[] = {
		[REFCOUNT_ADD_NOT_ZERO_OVF] = "saturated; leaking memory",
		[REFCOUNT_ADD_OVF] = "saturated; leaking memory",
		[REFCOUNT_ADD_UAF] = "addition on 0; use-after-free",
		[REFCOUNT_SUB_UAF] = "underflow; use-after-free",
		[REFCOUNT_DEC_LEAK] = "decrement hit 0; leaking memory",
	};

	refcount_set(r, REFCOUNT_SATURATED);
	WARN(1, "refcount_t: %s", what[t]);
}

void lfshim_initcall(initcall_t fn, const char *name)
{
	int err = fn();

	WARN(err, "initcall %s returned %d", name, err);
}

int _printk(const char *fmt, ...)
{
	char message[1024];
	va_list args;
	int level = 4, len;

	if (fmt[0] == KERN_SOH[0] && fmt[1]) {
		if (fmt[1] >= '0' && fmt[1] <= '7')
			level = fmt[1] - '0';
		fmt += 2;
	}
	va_start(args, fmt);
	len = vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (log_hook)
		log_hook(level, message, log_hook_data);
	else
		fputs(message, stderr);
	return len;
}
