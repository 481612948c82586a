// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The library as a whole, <libfence/libfence.h>: its version, the hooks for
 * warnings and messages, and fault injection.
 */

#include <lfshim/hooks.h>
#include <libfence/libfence.h>

static libfence_warn_fn warn_hook;

static void call_warn_hook(const struct lfshim_warning *w, void *data)
{
	struct libfence_warning warning = {
		.kind = w->bug ? LIBFENCE_BUG : LIBFENCE_WARN,
		.file = w->file, .line = w->line,
		.function = w->function, .message = w->message,
	};

	warn_hook(&warning, data);
}

void libfence_set_warn_hook(libfence_warn_fn fn, void *data)
{
	if (fn)
		warn_hook = fn;
	lfshim_set_warn_hook(fn ? call_warn_hook : NULL, data);
}

unsigned long libfence_warn_count(void)
{
	return lfshim_warn_count();
}

void libfence_set_panic_on_warn(bool on)
{
	lfshim_set_panic_on_warn(on);
}

void libfence_set_log_hook(libfence_log_fn fn, void *data)
{
	lfshim_set_log_hook(fn, data);
}

void libfence_fail_nth(unsigned int n)
{
	lfshim_fail_nth(n);
}

unsigned int libfence_fail_nth_left(void)
{
	return lfshim_fail_nth_left();
}

const char *libfence_version(void)
{
	return LIBFENCE_VERSION;
}

bool libfence_has_checks(void)
{
	return LFSHIM_CHECKS;
}
