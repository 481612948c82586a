// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The program that runs KUnit suites; see <kunit/test.h>.
 *
 *	program [-l] [pattern]
 *
 * Runs the cases whose "suite.case" or whose name matches the shell pattern. It
 * prints TAP, with one line for each case, or for each parameter of a case. -l
 * only lists the cases.
 */

#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include <kunit/test.h>
#include <linux/kthread.h>

#include "tap.h"

/* After this time SIGALRM ends the program, so a case that hangs fails. */
#define KUNIT_CASE_TIMEOUT_S	120

#define KUNIT_MAX_SUITES	64

static struct kunit_suite *suites[KUNIT_MAX_SUITES];
static int nr_suites;
static int nr_results, nr_failures;
/* NULL between cases. */
static struct kunit *running;

void lfshim_kunit_register(struct kunit_suite *const *list, int nr)
{
	while (nr--) {
		if (nr_suites == KUNIT_MAX_SUITES) {
			fprintf(stderr, "kunit: more than %d suites\n",
				KUNIT_MAX_SUITES);
			abort();
		}
		suites[nr_suites++] = *list++;
	}
}

void lfshim_kunit_log(struct kunit *test, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	tap_comment(text);
}

static void kunit_set_status(struct kunit *test, enum kunit_status status)
{
	if (status == KUNIT_FAILURE)
		WRITE_ONCE(test->status, KUNIT_FAILURE);
	else
		/* No partner: a failure must not be replaced. */
		cmpxchg(&test->status, KUNIT_SUCCESS, status);
}

void lfshim_kunit_mark_skipped(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(test->status_comment, sizeof(test->status_comment), fmt,
		  args);
	va_end(args);
	kunit_set_status(test, KUNIT_SKIPPED);
}

void lfshim_kunit_fail(struct kunit *test, bool fatal, const char *file,
		       int line, const char *what, const char *fmt, ...)
{
	char text[512] = "";
	va_list args;

	if (fmt) {
		va_start(args, fmt);
		vsnprintf(text, sizeof(text), fmt, args);
		va_end(args);
	}
	kunit_set_status(test, KUNIT_FAILURE);
	lfshim_kunit_log(test, "%s at %s:%d: %s%s%s",
			 fatal ? "ASSERTION FAILED" : "EXPECTATION FAILED",
			 file, line, what, *what && *text ? ": " : "", text);
}

void lfshim_kunit_abort(struct kunit *test)
{
	/* Ends the calling thread only, which may be a helper of the case. */
	kthread_exit(0);
}

/* Resources */

struct kunit_res {
	struct list_head node;
	void (*action)(void *);
	void *ctx;
};

int kunit_add_action(struct kunit *test, void (*action)(void *), void *ctx)
{
	struct kunit_res *res = kzalloc_obj(*res);
	unsigned long flags;

	if (!res)
		return -ENOMEM;
	res->action = action;
	res->ctx = ctx;
	spin_lock_irqsave(&test->lock, flags);
	list_add(&res->node, &test->resources);
	spin_unlock_irqrestore(&test->lock, flags);
	return 0;
}

int kunit_add_action_or_reset(struct kunit *test, void (*action)(void *),
			      void *ctx)
{
	int err = kunit_add_action(test, action, ctx);

	if (err)
		action(ctx);
	return err;
}

static void kunit_free_memory(void *p)
{
	kfree(p);
}

void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp)
{
	void *p = kmalloc_array(n, size, gfp);

	if (p && kunit_add_action_or_reset(test, kunit_free_memory, p))
		return NULL;
	return p;
}

static void kunit_release_resources(struct kunit *test)
{
	struct kunit_res *res;

	/* RCU callbacks of the case may still use the resources. */
	rcu_barrier();
	while (!list_empty(&test->resources)) {
		res = list_first_entry(&test->resources, struct kunit_res,
				       node);
		list_del(&res->node);
		res->action(res->ctx);
		kfree(res);
	}
}

/* Running */

struct kunit_case_run {
	struct kunit *test;
	void (*fn)(struct kunit *test);
};

static int kunit_case_thread(void *arg)
{
	struct kunit_case_run *run = arg;

	run->fn(run->test);
	return 0;
}

/* Call @fn on a new thread. Return when it returns, or fails fatally. */
static void kunit_run_on_thread(struct kunit *test, void (*fn)(struct kunit *))
{
	struct kunit_case_run run = { test, fn };
	struct task_struct *task;

	task = kthread_create(kunit_case_thread, &run, "kunit");
	if (IS_ERR(task)) {
		lfshim_kunit_fail(test, true, __FILE__, __LINE__,
				  "no thread for the case", NULL);
		return;
	}
	get_task_struct(task);
	wake_up_process(task);
	/* Not kthread_stop(): the case is not asked to stop. */
	lfshim_kthread_join(task);
	put_task_struct(task);
}

static void kunit_warn_hook(const struct libfence_warning *w, void *data)
{
	struct kunit *test = READ_ONCE(running);

	tap_warning(w);
	if (test)
		kunit_set_status(test, KUNIT_FAILURE);
	else
		nr_failures++;
}

static void kunit_print_result(const char *suite, const char *name,
			       const char *desc, const struct kunit *test)
{
	bool failed = test->status == KUNIT_FAILURE;

	nr_failures += failed;
	printf("%sok %d - %s.%s%s%s%s%s%s\n", failed ? "not " : "",
	       ++nr_results, suite, name, *desc ? "[" : "", desc,
	       *desc ? "]" : "",
	       test->status == KUNIT_SKIPPED ? " # SKIP " : "",
	       test->status == KUNIT_SKIPPED ? test->status_comment : "");
	fflush(stdout);
}

static struct kunit_suite *current_suite;
static struct kunit_case *current_case;

static void kunit_run_body(struct kunit *test)
{
	if (current_suite->init && current_suite->init(test)) {
		lfshim_kunit_fail(test, true, __FILE__, __LINE__,
				  "the suite's init failed", NULL);
		return;
	}
	current_case->run_case(test);
}

static void kunit_run_cleanup(struct kunit *test)
{
	if (current_suite->exit)
		current_suite->exit(test);
	kunit_release_resources(test);
}

static void kunit_run_case(struct kunit_suite *suite, struct kunit_case *kcase,
			   const void *param, const char *desc)
{
	struct kunit test = {
		.name = kcase->name,
		.param_value = param,
		.resources = LIST_HEAD_INIT(test.resources),
	};

	spin_lock_init(&test.lock);
	current_suite = suite;
	current_case = kcase;
	WRITE_ONCE(running, &test);
	alarm(KUNIT_CASE_TIMEOUT_S);
	kunit_run_on_thread(&test, kunit_run_body);
	/* On another thread, so that it runs after a fatal failure, too. */
	kunit_run_on_thread(&test, kunit_run_cleanup);
	alarm(0);
	WRITE_ONCE(running, NULL);
	kunit_print_result(suite->name, kcase->name, desc, &test);
}

static bool kunit_selected(struct kunit_suite *suite, struct kunit_case *kcase,
			   const char *pattern)
{
	char name[512];

	snprintf(name, sizeof(name), "%s.%s", suite->name, kcase->name);
	return !pattern || !fnmatch(pattern, name, 0) ||
	       !strcmp(pattern, kcase->name);
}

static void kunit_run_selected(struct kunit_suite *suite, const char *pattern)
{
	struct kunit_case *kcase;
	bool started = false;

	for (kcase = suite->test_cases; kcase->run_case; kcase++) {
		const void *param = NULL;

		if (!kunit_selected(suite, kcase, pattern))
			continue;
		if (!started && suite->suite_init && suite->suite_init(suite)) {
			struct kunit test = { .status = KUNIT_FAILURE };

			kunit_print_result(suite->name, "suite_init", "",
					   &test);
			return;
		}
		started = true;
		if (!kcase->generate_params) {
			kunit_run_case(suite, kcase, NULL, "");
			continue;
		}
		for (;;) {
			char desc[KUNIT_PARAM_DESC_SIZE] = "";

			param = kcase->generate_params(NULL, param, desc);
			if (!param)
				break;
			kunit_run_case(suite, kcase, param, desc);
		}
	}
	if (started && suite->suite_exit)
		suite->suite_exit(suite);
}

int main(int argc, char **argv)
{
	bool list = argc > 1 && !strcmp(argv[1], "-l");
	const char *pattern = argv[argc > 1 ? 1 + list : 1];
	struct kunit_case *kcase;
	int i;

	if (list) {
		for (i = 0; i < nr_suites; i++)
			for (kcase = suites[i]->test_cases; kcase->run_case;
			     kcase++)
				if (kunit_selected(suites[i], kcase, pattern))
					printf("%s.%s\n", suites[i]->name,
					       kcase->name);
		return 0;
	}
	libfence_set_warn_hook(kunit_warn_hook, NULL);
	libfence_set_log_hook(tap_log, NULL);
	for (i = 0; i < nr_suites; i++)
		kunit_run_selected(suites[i], pattern);
	rcu_barrier();
	printf("1..%d\n", nr_results);
	if (!nr_results) {
		fprintf(stderr, "kunit: no case matches\n");
		return 1;
	}
	return nr_failures != 0;
}
