// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The module libfence: the fences, and fault injection for their tests. */

#include <libfence/libfence.h>
#include <libfence/rcu-box.h>
#include <linux/delay.h>
#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

/*
 * The task whose allocation fails, and the number of the allocation, counted
 * from the next. Only that task changes the number while it is not 0.
 */
static struct task_struct *failing_task;
static unsigned int failing_left;

bool libfence_allocation_fails(void)
{
	if (!READ_ONCE(failing_left) || READ_ONCE(failing_task) != current ||
	    !in_task())
		return false;
	WRITE_ONCE(failing_left, failing_left - 1);
	return !failing_left;
}
EXPORT_SYMBOL(libfence_allocation_fails);

void libfence_fail_nth(unsigned int n)
{
	WRITE_ONCE(failing_task, current);
	WRITE_ONCE(failing_left, n);
}
EXPORT_SYMBOL(libfence_fail_nth);

unsigned int libfence_fail_nth_left(void)
{
	return failing_left;
}
EXPORT_SYMBOL(libfence_fail_nth_left);

/*
 * For unload.c: a destructor that is in this module. It is slow, so that some have
 * not run when the module is unloaded.
 */
static void unload_box_destroy(void *content)
{
	udelay(100);
}

extern const struct libfence_rcu_box_type libfence_unload_box_type;
const struct libfence_rcu_box_type libfence_unload_box_type = {
	.size = sizeof(int),
	.destroy = unload_box_destroy,
};
EXPORT_SYMBOL(libfence_unload_box_type);

/* Of the shim's checks. */
bool libfence_has_checks(void)
{
	return false;
}
EXPORT_SYMBOL(libfence_has_checks);

/* Without lockdep, the core does not have all of these. */
#define INIT(fn)							\
	int __init libfence_init_##fn(void);				\
	int __init __weak libfence_init_##fn(void)			\
	{								\
		return 0;						\
	}
#include "inits.h"
#undef INIT

static int __init libfence_init(void)
{
	int ret = 0;

#define INIT(fn)	ret = ret ?: libfence_init_##fn();
#include "inits.h"
#undef INIT
	return ret;
}

/*
 * No module that uses this one is loaded any more, so no fence is signalled any
 * more. But the last ones may still be on their way through the module's code:
 */
static void __exit libfence_exit(void)
{
	/*
	 * irq_work of arrays and chains, which runs with interrupts disabled.
	 * A CPU with queued irq_work has an interrupt pending, and takes it
	 * before its next quiescent state.
	 */
	synchronize_rcu();
	/* Callbacks that call_rcu() has queued, also from that irq_work. */
	rcu_barrier();
}

module_init(libfence_init);
module_exit(libfence_exit);
MODULE_DESCRIPTION("libfence: the fence core");
MODULE_LICENSE("Dual MIT/GPL");
