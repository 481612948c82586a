// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Initcalls; see <linux/init.h>. */

#include <linux/bug.h>
#include <linux/init.h>

void lfshim_initcall(initcall_t fn, const char *name)
{
	int err = fn();

	WARN(err, "initcall %s returned %d", name, err);
}
