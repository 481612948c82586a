/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Runtime power management, as in a kernel without CONFIG_PM: a device is
 * always on, and nothing is counted. The values that the functions return are
 * those of such a kernel.
 */
#ifndef _LINUX_PM_RUNTIME_H
#define _LINUX_PM_RUNTIME_H

#include <lfshim/kernel-code.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/pm.h>

/* On already. */
static inline int pm_runtime_get(struct device *dev)
{
	(void)dev;
	return 1;
}
#define pm_runtime_get_sync(dev)	pm_runtime_get(dev)
#define pm_runtime_resume(dev)		pm_runtime_get(dev)
#define pm_request_resume(dev)		pm_runtime_get(dev)

/* Not an error for callers, which look for negative numbers. */
static inline int pm_runtime_resume_and_get(struct device *dev)
{
	(void)dev;
	return 0;
}

/* There is no count to ask for. */
static inline int pm_runtime_get_if_active(struct device *dev)
{
	(void)dev;
	return -EINVAL;
}
#define pm_runtime_get_if_in_use(dev)	pm_runtime_get_if_active(dev)

/* It stays on. */
static inline int pm_runtime_put(struct device *dev)
{
	(void)dev;
	return -ENOSYS;
}
#define pm_runtime_put_sync(dev)		pm_runtime_put(dev)
#define pm_runtime_put_sync_suspend(dev)	pm_runtime_put(dev)
#define pm_runtime_put_autosuspend(dev)		pm_runtime_put(dev)
#define pm_runtime_put_sync_autosuspend(dev)	pm_runtime_put(dev)
#define pm_runtime_suspend(dev)			pm_runtime_put(dev)
#define pm_runtime_autosuspend(dev)		pm_runtime_put(dev)
#define pm_runtime_idle(dev)			pm_runtime_put(dev)
#define pm_runtime_force_suspend(dev)		pm_runtime_resume_and_get(dev)
#define pm_runtime_force_resume(dev)		pm_runtime_resume_and_get(dev)
#define pm_runtime_set_active(dev)		pm_runtime_resume_and_get(dev)
#define pm_runtime_set_suspended(dev)		pm_runtime_resume_and_get(dev)
#define devm_pm_runtime_enable(dev)		pm_runtime_resume_and_get(dev)

static inline bool pm_runtime_active(struct device *dev)
{
	(void)dev;
	return true;
}

static inline bool pm_runtime_suspended(struct device *dev)
{
	(void)dev;
	return false;
}
#define pm_runtime_status_suspended(dev)	pm_runtime_suspended(dev)
#define pm_runtime_enabled(dev)			pm_runtime_suspended(dev)

/* These settings have no effect. */
static inline void pm_runtime_enable(struct device *dev)
{
	(void)dev;
}
#define pm_runtime_disable(dev)			pm_runtime_enable(dev)
#define pm_runtime_allow(dev)			pm_runtime_enable(dev)
#define pm_runtime_forbid(dev)			pm_runtime_enable(dev)
#define pm_runtime_get_noresume(dev)		pm_runtime_enable(dev)
#define pm_runtime_put_noidle(dev)		pm_runtime_enable(dev)
#define pm_runtime_mark_last_busy(dev)		pm_runtime_enable(dev)
#define pm_runtime_use_autosuspend(dev)		pm_runtime_enable(dev)
#define pm_runtime_dont_use_autosuspend(dev)	pm_runtime_enable(dev)
#define pm_runtime_irq_safe(dev)		pm_runtime_enable(dev)
#define pm_runtime_set_autosuspend_delay(dev, delay) \
	((void)(delay), pm_runtime_enable(dev))

#endif
