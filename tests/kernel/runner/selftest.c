// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The runner of the fence tests of kernel trees that do not have them in KUnit
 * yet (6.x).
 *
 *	program test[/subtest]
 *
 * The tree's selftest.c is a module which runs them when it is loaded, and has
 * parameters that say which. It is compiled here, as a part of this file, so
 * that main() can set those and load it. Prints TAP, with one result.
 */

#include <linux/module.h>
#include <linux/rcupdate.h>

/* Loaded by main(), and not before that. */
#undef module_init
#define module_init(fn)		static const initcall_t load = fn
#include <selftest.c>

#include "tap.h"

/* What it says when it starts the test that is asked for. */
static char starts[256];
static bool started, warned;

static void look_for_start(int level, const char *message, void *data)
{
	/* Threads of a test may say something too. */
	if (!strcmp(message, starts))
		WRITE_ONCE(started, true);
	tap_log(level, message, data);
}

static void warning_fails(const struct libfence_warning *w, void *data)
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
	snprintf(starts, sizeof(starts), "dma-buf: Running %s\n", name);
	libfence_set_log_hook(look_for_start, NULL);
	libfence_set_warn_hook(warning_fails, NULL);

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
