// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Replaces a tree's selftest.c: only the parts that the runner uses. */

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

static int passes(void)
{
	return 0;
}

static int fails(void)
{
	return -EINVAL;
}

static int warns(void)
{
	WARN(1, "a warning of the test");
	return 0;
}

static struct selftest {
	bool enabled;
	const char *name;
	int (*func)(void);
} selftests[] = {
	{ .name = "passes", .func = passes },
	{ .name = "fails", .func = fails },
	{ .name = "warns", .func = warns },
};

/* Selects subtests; each test here has one, "part". */
static char *__st_filter;

static int __init st_init(void)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(selftests) && !err; i++) {
		if (!selftests[i].enabled)
			continue;
		pr_info("dma-buf: Running %s\n", selftests[i].name);
		if (__st_filter && !strstr(__st_filter, "/part"))
			continue;
		pr_info("dma-buf: Running %s/part\n", selftests[i].name);
		err = selftests[i].func();
	}
	return err;
}

module_init(st_init);
