// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The program that runs the fence tests of kernel trees (6.x) in which these
 * tests do not use KUnit yet.
 *
 *	program test[/subtest]
 *
 * The tree's selftest.c is a module that runs the tests when it is loaded. Its
 * parameters select the tests. This file includes it, so that main() can set
 * the parameters and load it. The program prints TAP, with one result.
 */

#include <linux/module.h>
#include <linux/rcupdate.h>

/* main() loads the module; otherwise a constructor would. */
#undef module_init
#define module_init(fn)		static const initcall_t load = fn
#include <selftest.c>

#include "tap.h"

/* The message that selftest.c prints when it starts the selected test. */
static char start_line[256];
static bool started, warned;

static void selftest_log_hook(int level, const char *message, void *data)
{
	/* Any thread of a test may call this. */
	if (!strcmp(message, start_line))
		WRITE_ONCE(started, true);
	tap_log(level, message, data);
}

static void selftest_warn_hook(const struct libfence_warning *w, void *data)
{
	tap_warning(w);
	WRITE_ONCE(warned, true);
}

int main(int argc, char **argv)
{
	char *name = argv[1];
	size_t len;
	bool ok;
	int i, err;

	if (argc != 2) {
		fprintf(stderr, "usage: %s test[/subtest]\n", argv[0]);
		return 2;
	}
	snprintf(start_line, sizeof(start_line), "dma-buf: Running %s\n", name);
	libfence_set_log_hook(selftest_log_hook, NULL);
	libfence_set_warn_hook(selftest_warn_hook, NULL);

	len = strcspn(name, "/");
	for (i = 0; i < ARRAY_SIZE(selftests); i++)
		selftests[i].enabled = strlen(selftests[i].name) == len &&
				       !strncmp(selftests[i].name, name, len);
	__st_filter = name[len] ? name : NULL;
	err = load();
	rcu_barrier();

	if (!started)
		printf("# there is no such test\n");
	if (err)
		printf("# it returned %d\n", err);
	ok = !err && started && !READ_ONCE(warned);
	printf("%sok 1 - %s\n1..1\n", ok ? "" : "not ", name);
	return !ok;
}
