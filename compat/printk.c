// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The log; see <linux/printk.h>. */

#include <stdarg.h>
#include <stdio.h>
#include <linux/printk.h>
#include <linux/sprintf.h>
#include <lfshim/hooks.h>

#include "host/sys.h"

static lfshim_log_fn log_hook;
static void *log_hook_data;

void lfshim_set_log_hook(lfshim_log_fn fn, void *data)
{
	log_hook = fn;
	log_hook_data = data;
}

int _printk(const char *fmt, ...)
{
	char message[1024];
	int level = 4, len, old;
	va_list args;

	if (fmt[0] == KERN_SOH[0] && fmt[1]) {
		if (fmt[1] >= '0' && fmt[1] <= '7')
			level = fmt[1] - '0';
		fmt += 2;
	}
	va_start(args, fmt);
	len = vscnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (log_hook) {
		log_hook(level, message, log_hook_data);
		return len;
	}
	/* The caller may hold locks. */
	old = lfhost_cancel_off();
	fputs(message, stderr);
	lfhost_cancel_restore(old);
	return len;
}

void dump_stack(void)
{
	if (log_hook)
		return;
	lfhost_print_backtrace(1);
	/* The call is no jump: the frame that is skipped is this function's. */
	barrier();
}
