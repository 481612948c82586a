// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The program that runs KUnit suites; see <kunit/test.h>.
 *
 *	program [-l] [-o] [-w warning] [-t seconds] [-j processes]
 *		[-p number] [pattern]
 *
 * Runs the cases whose "suite.case" or whose name matches the shell pattern. It
 * prints TAP, with one line for each case, or for each parameter of a case. -l
 * only lists the cases. -o releases the resources of a case in the kernel's order,
 * with its memory among them. -w names a known warning, by a shell pattern of its
 * message, with which a case does not fail. -t sets the time limit of a case. -j runs so many
 * parameters of a case at the same time, each in a process of its own, which
 * this program starts with -p: that runs the parameter of this number only, of
 * each case that has parameters.
 */

#include <fnmatch.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/kthread.h>

#include "tap.h"

/*
 * The time limit of a case, times 3 if it is marked as slow, and times 12 if it
 * is marked as very slow. A case that exceeds it fails and is asked to stop. If
 * it has not ended after the same time again, SIGALRM ends the program.
 */
static unsigned int time_limit_s = 300;
/* How many parameters run at the same time, and the only one that runs, or 0. */
static int nr_processes = 1, only_param;
/* Memory is released among the other resources, as in the kernel. */
static bool memory_among_actions;
/* The known warning, or NULL. */
static const char *known_warning;
/*
 * The names of cases that race with their own jobs, or NULL. If the process of a
 * parameter of such a case dies without a result, it is run again. A case that fails has
 * a result.
 */
static const char *racing_cases;
#define RACING_RUNS	3

#define KUNIT_MAX_SUITES	64

static struct kunit_suite *suites[KUNIT_MAX_SUITES];
/* The source files of the suites. */
static const char *suite_files[KUNIT_MAX_SUITES];
static int nr_suites;
static int nr_results, nr_failures;
/* NULL between cases. */
static struct kunit *running;

void lfshim_kunit_register(struct kunit_suite *const *list, int nr,
			   const char *file)
{
	while (nr--) {
		if (nr_suites == KUNIT_MAX_SUITES) {
			fprintf(stderr, "kunit: more than %d suites\n",
				KUNIT_MAX_SUITES);
			abort();
		}
		suite_files[nr_suites] = file;
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

void lfshim_kunit_mark_skipped(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(test->status_comment, sizeof(test->status_comment), fmt,
		  args);
	va_end(args);
	WRITE_ONCE(test->status, KUNIT_SKIPPED);
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
	WRITE_ONCE(test->status, KUNIT_FAILURE);
	lfshim_kunit_log(test, "%s at %s:%d: %s%s%s",
			 fatal ? "ASSERTION FAILED" : "EXPECTATION FAILED",
			 file, line, what, *what && *text ? ": " : "", text);
}

/* The thread of the case, and whether it has ended. */
static struct task_struct *case_task;
static DECLARE_COMPLETION(case_ended);

struct kunit *lfshim_kunit_current(void)
{
	return current == READ_ONCE(case_task) ? running : NULL;
}

void lfshim_kunit_abort(struct kunit *test)
{
	/* Ends the calling thread only, which may be a helper of the case. */
	if (current == READ_ONCE(case_task))
		complete(&case_ended);
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

/* Take the newest such action off the list. Returns true if there was one. */
static bool kunit_take_action(struct kunit *test, void (*action)(void *),
			      void *ctx)
{
	struct kunit_res *res;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&test->lock, flags);
	list_for_each_entry(res, &test->resources, node) {
		found = res->action == action && res->ctx == ctx;
		if (found) {
			list_del(&res->node);
			break;
		}
	}
	spin_unlock_irqrestore(&test->lock, flags);
	if (found)
		kfree(res);
	return found;
}

void kunit_remove_action(struct kunit *test, void (*action)(void *), void *ctx)
{
	kunit_take_action(test, action, ctx);
}

void kunit_release_action(struct kunit *test, void (*action)(void *), void *ctx)
{
	if (kunit_take_action(test, action, ctx))
		action(ctx);
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

/* Take the newest resource off the list; of those without memory if !@memory. */
static struct kunit_res *kunit_take_newest(struct kunit *test, bool memory)
{
	struct kunit_res *res;

	list_for_each_entry(res, &test->resources, node) {
		if (memory || res->action != kunit_free_memory) {
			list_del(&res->node);
			return res;
		}
	}
	return NULL;
}

/*
 * The newest is released first. Memory comes last: a case may end while a work item
 * still uses memory of the case, and the action that stops the work may be older
 * than the memory. The kernel releases the memory first then, which is a use after
 * free. The tree's tests of the GPU scheduler do this.
 */
static void kunit_release_resources(struct kunit *test)
{
	struct kunit_res *res;

	/* RCU callbacks of the case may still use the resources. */
	rcu_barrier();
	while ((res = kunit_take_newest(test, memory_among_actions)) ||
	       (res = kunit_take_newest(test, true))) {
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
	complete(&case_ended);
	return 0;
}

static void kunit_hangs(int signal)
{
	static const char text[] = "Bail out! The case does not end.\n";

	_exit(write(STDOUT_FILENO, text, sizeof(text) - 1) < 0 ? 2 : 1);
}

/*
 * Call @fn on a new thread. Return when it returns, or fails fatally. It fails
 * if that takes longer than @limit_s seconds.
 */
static void kunit_run_on_thread(struct kunit *test, void (*fn)(struct kunit *),
				unsigned int limit_s)
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
	reinit_completion(&case_ended);
	WRITE_ONCE(case_task, task);
	wake_up_process(task);
	if (wait_for_completion_timeout(&case_ended, limit_s * HZ)) {
		lfshim_kthread_join(task);
	} else {
		lfshim_kunit_fail(test, true, __FILE__, __LINE__,
				  "the case takes too long", NULL);
		alarm(limit_s);
		kthread_stop(task);
		alarm(0);
		/* The result after its time was up does not count. */
		WRITE_ONCE(test->status, KUNIT_FAILURE);
	}
	WRITE_ONCE(case_task, NULL);
	put_task_struct(task);
}

static struct kunit_suite *current_suite;
static struct kunit_case *current_case;
static const char *current_file;

/* The block of kunit_warning_suppress() that is executed. Its task is NULL between. */
static struct kunit_suppressed_warning suppressed;

struct kunit_suppressed_warning *kunit_start_suppress_warning(struct kunit *test)
{
	if (READ_ONCE(suppressed.task)) {
		KUNIT_FAIL(test, "warnings are suppressed already");
		return NULL;
	}
	suppressed.count = 0;
	WRITE_ONCE(suppressed.task, current);
	return &suppressed;
}

void kunit_end_suppress_warning(struct kunit *test,
				struct kunit_suppressed_warning *w)
{
	WRITE_ONCE(w->task, NULL);
}

static void kunit_warn_hook(const struct libfence_warning *w, void *data)
{
	struct kunit *test = READ_ONCE(running);

	/* Only the task itself writes ->count. */
	if (READ_ONCE(suppressed.task) == current) {
		suppressed.count++;
		return;
	}
	tap_warning(w);
	/* As in the kernel. A warning of the code under test is a failure. */
	if (test && (!strcmp(w->file, current_file) ||
		     (known_warning && !fnmatch(known_warning, w->message, 0))))
		return;
	if (test)
		WRITE_ONCE(test->status, KUNIT_FAILURE);
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

static unsigned int kunit_time_limit(const struct kunit_suite *suite,
				     const struct kunit_case *kcase)
{
	enum kunit_speed speed = kcase->attr.speed ?: suite->attr.speed;

	return time_limit_s * (speed == KUNIT_SPEED_VERY_SLOW ? 12 :
			       speed == KUNIT_SPEED_SLOW ? 3 : 1);
}

static void kunit_init_test(struct kunit *test, const struct kunit_case *kcase)
{
	test->name = kcase->name;
	INIT_LIST_HEAD(&test->resources);
	spin_lock_init(&test->lock);
}

/* @parent and @param are NULL and @desc is empty if it has no parameters. */
static void kunit_run_case(struct kunit_suite *suite, struct kunit_case *kcase,
			   struct kunit *parent, const void *param,
			   const char *desc)
{
	unsigned int limit_s = kunit_time_limit(suite, kcase);
	struct kunit test = { .parent = parent, .param_value = param };

	kunit_init_test(&test, kcase);
	current_suite = suite;
	current_case = kcase;
	WRITE_ONCE(running, &test);
	kunit_run_on_thread(&test, kunit_run_body, limit_s);
	/* An assertion that fails does not leave the block. */
	WRITE_ONCE(suppressed.task, NULL);
	/* On another thread, so that it runs after a fatal failure, too. */
	kunit_run_on_thread(&test, kunit_run_cleanup, limit_s);
	WRITE_ONCE(running, NULL);
	kunit_print_result(suite->name, kcase->name, desc, &test);
}

/* A parameter of a case that runs in a process of its own. */
struct kunit_process {
	pid_t pid;
	/* Its output; NULL if the host makes no process. */
	FILE *output;
	const void *param;
	char desc[KUNIT_PARAM_DESC_SIZE];
};

/* If that fails, kunit_collect() runs the parameter itself. */
static void kunit_start(struct kunit_process *p, struct kunit_suite *suite,
			struct kunit_case *kcase, int number)
{
	char pattern[512], limit[16], nr[16], self[4096];
	char *argv[10] = { "kunit", "-t", limit, "-p", nr };
	int argc = 5;
	posix_spawn_file_actions_t actions;
	/* Not the link itself, which under Valgrind would run Valgrind. */
	long len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	p->output = NULL;
	if (len <= 0)
		return;
	self[len] = '\0';
	snprintf(pattern, sizeof(pattern), "%s.%s", suite->name, kcase->name);
	snprintf(limit, sizeof(limit), "%u", time_limit_s);
	snprintf(nr, sizeof(nr), "%d", number);
	if (memory_among_actions)
		argv[argc++] = "-o";
	if (known_warning) {
		argv[argc++] = "-w";
		argv[argc++] = (char *)known_warning;
	}
	argv[argc] = pattern;
	p->output = tmpfile();
	if (!p->output)
		return;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(p->output),
					 STDOUT_FILENO);
	if (posix_spawn(&p->pid, self, &actions, NULL, argv, environ)) {
		fclose(p->output);
		p->output = NULL;
	}
	posix_spawn_file_actions_destroy(&actions);
}

static bool kunit_has_result(FILE *output)
{
	char line[4096];

	rewind(output);
	while (fgets(line, sizeof(line), output))
		if (!strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7))
			return true;
	return false;
}

/* As comments. */
static void kunit_print_dead_run(FILE *output, const char *name, int status)
{
	char line[4096];

	rewind(output);
	while (fgets(line, sizeof(line), output))
		printf("# %s", line);
	printf("# %s races with its jobs. It has died with status 0x%x, and runs again.\n",
	       name, status);
}

static void kunit_wait(struct kunit_process *p, struct kunit_suite *suite,
		       struct kunit_case *kcase, int number, int *status)
{
	int runs = 1;

	if (racing_cases && !fnmatch(racing_cases, kcase->name, 0))
		runs = RACING_RUNS;
	while (p->output) {
		waitpid(p->pid, status, 0);
		if (!*status || !--runs || kunit_has_result(p->output))
			return;
		kunit_print_dead_run(p->output, kcase->name, *status);
		fclose(p->output);
		kunit_start(p, suite, kcase, number);
	}
}

/* Wait for the end of a process. Print its output, with our numbers. */
static void kunit_collect(struct kunit_process *p, struct kunit_suite *suite,
			  struct kunit_case *kcase, struct kunit *parent,
			  int number)
{
	struct kunit lost = { .status = KUNIT_FAILURE };
	int status = -1, results = 0;
	char line[4096], *name;

	kunit_wait(p, suite, kcase, number, &status);
	/* So posix_spawn() says that it could not execute the program. */
	if (p->output && WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		fclose(p->output);
		p->output = NULL;
	}
	if (!p->output) {
		kunit_run_case(suite, kcase, parent, p->param, p->desc);
		return;
	}
	rewind(p->output);
	while (fgets(line, sizeof(line), p->output)) {
		name = strstr(line, " - ");
		if (!strncmp(line, "1..", 3))
			continue;
		if (!name || (strncmp(line, "ok ", 3) &&
			      strncmp(line, "not ok ", 7))) {
			fputs(line, stdout);
			continue;
		}
		printf("%sok %d%s", *line == 'n' ? "not " : "", ++nr_results,
		       name);
		nr_failures += *line == 'n';
		results++;
	}
	fclose(p->output);
	/* A warning or a leak after the case is no result, but a failure. */
	nr_failures += status != 0;
	if (!results) {
		printf("# no result; the status is 0x%x\n", status);
		kunit_print_result(suite->name, kcase->name, p->desc, &lost);
	}
}

static void kunit_run_processes(struct kunit_suite *suite,
				struct kunit_case *kcase, struct kunit *parent,
				struct kunit_process *processes, int nr)
{
	int started = 0, i;

	for (i = 0; i < nr; i++) {
		for (; started < nr && started < i + nr_processes; started++)
			kunit_start(&processes[started], suite, kcase,
				    started + 1);
		kunit_collect(&processes[i], suite, kcase, parent, i + 1);
		fflush(stdout);
	}
}

#define KUNIT_MAX_PROCESSES	1024

static void kunit_run_params(struct kunit_suite *suite,
			     struct kunit_case *kcase)
{
	bool in_processes = nr_processes > 1 && !only_param;
	struct kunit parent = { .status = KUNIT_SKIPPED };
	static struct kunit_process processes[KUNIT_MAX_PROCESSES];
	const void *param = NULL;
	int nr;

	kunit_init_test(&parent, kcase);
	for (nr = 0; ; nr++) {
		char desc[KUNIT_PARAM_DESC_SIZE] = "";

		param = kcase->generate_params(&parent, param, desc);
		if (!param)
			break;
		if (!*desc)
			snprintf(desc, sizeof(desc), "param-%d", nr + 1);
		if (in_processes && nr < KUNIT_MAX_PROCESSES) {
			processes[nr].param = param;
			strscpy(processes[nr].desc, desc);
		} else if (!only_param || only_param == nr + 1) {
			kunit_run_case(suite, kcase, &parent, param, desc);
		}
	}
	if (in_processes)
		kunit_run_processes(suite, kcase, &parent, processes,
				    min(nr, KUNIT_MAX_PROCESSES));
	kunit_release_resources(&parent);
	if (!nr) {
		strscpy(parent.status_comment, "it has no parameters");
		kunit_print_result(suite->name, kcase->name, "", &parent);
	}
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
		if (!kunit_selected(suite, kcase, pattern))
			continue;
		if (!started && suite->suite_init && suite->suite_init(suite)) {
			struct kunit test = { .status = KUNIT_FAILURE };

			kunit_print_result(suite->name, "suite_init", "",
					   &test);
			return;
		}
		started = true;
		if (kcase->generate_params)
			kunit_run_params(suite, kcase);
		else
			kunit_run_case(suite, kcase, NULL, NULL, "");
	}
	if (started && suite->suite_exit)
		suite->suite_exit(suite);
}

static int kunit_list(const char *pattern)
{
	struct kunit_case *kcase;
	int i;

	for (i = 0; i < nr_suites; i++)
		for (kcase = suites[i]->test_cases; kcase->run_case; kcase++)
			if (kunit_selected(suites[i], kcase, pattern))
				printf("%s.%s\n", suites[i]->name,
				       kcase->name);
	return 0;
}

#if LFSHIM_TSAN
void __sanitizer_symbolize_pc(void *pc, const char *fmt, char *out, size_t size);

/*
 * A report of ThreadSanitizer, also one that is suppressed, needs the names of
 * functions. Reading them takes long the first time, on the thread whose access
 * it is and before the access. That must not be in a case with a time limit.
 */
static void read_names(void)
{
	char text[256];

	__sanitizer_symbolize_pc((void *)kunit_list, "%f", text, sizeof(text));
	__sanitizer_symbolize_pc((void *)rcu_barrier, "%f", text, sizeof(text));
}
#else
static void read_names(void)
{
}
#endif

int main(int argc, char **argv)
{
	bool list = false;
	int i, option;

	while ((option = getopt(argc, argv, "low:r:t:j:p:")) != -1) {
		if (option == 'l')
			list = true;
		else if (option == 'o')
			memory_among_actions = true;
		else if (option == 'w')
			known_warning = optarg;
		else if (option == 'r')
			racing_cases = optarg;
		else if (option == 't')
			time_limit_s = max(atoi(optarg), 1);
		else if (option == 'j')
			nr_processes = max(atoi(optarg), 1);
		else if (option == 'p')
			only_param = max(atoi(optarg), 1);
		else
			return 2;
	}
	if (list)
		return kunit_list(argv[optind]);
	read_names();
	signal(SIGALRM, kunit_hangs);
	libfence_set_warn_hook(kunit_warn_hook, NULL);
	libfence_set_log_hook(tap_log, NULL);
	for (i = 0; i < nr_suites; i++) {
		current_file = suite_files[i];
		kunit_run_selected(suites[i], argv[optind]);
	}
	rcu_barrier();
	printf("1..%d\n", nr_results);
	if (!nr_results) {
		fprintf(stderr, "kunit: no case matches\n");
		return 1;
	}
	return nr_failures != 0;
}
