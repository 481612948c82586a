// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Runs the explorer (tests/explore), which counts its executions and its CPU time. A
 * sample is one process with several searches of a scenario; a repeat is a sample of
 * each row. The time between the searches does not count.
 */

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "explorer/explorer.h"

/* Its share of the time, beside that of all groups. */
#define SHARE			0.15
#define MIN_REPEATS		3
#define MAX_SEARCHES		10000

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED	1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED	0
#endif

#define ROW(kind, what, at_least)					\
	{ .name = "explorer/" kind "/" what, .threads = kind,		\
	  .scenario = what, .target = at_least }

struct explorer_row explorer_rows[] = {
	ROW("fibers", "signal-add-remove", 80000),
	ROW("fibers", "signal-wait", 70000),
	ROW("fibers", "array-wait", 35000),
	ROW("threads", "signal-add-remove", 5000),
	ROW("threads", "signal-wait", 5000),
	ROW("threads", "array-wait", 5000),
};
const size_t nr_explorer_rows = ARRAY_LEN(explorer_rows);

extern char **environ;

/* The program, which is in the same build directory; to be freed. */
static char *program_of(const struct explorer_row *r)
{
	char self[4096], *slash, *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int i;

	if (n < 0)
		die("/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	/* Without the name, and without "bench". */
	for (i = 0; i < 2; i++) {
		slash = strrchr(self, '/');
		if (slash)
			*slash = '\0';
	}
	if (asprintf(&path, "%s/tests/explore/explore-%s", self, r->threads) < 0)
		die("out of memory");
	return path;
}

static const char *why_not(const struct explorer_row *r, const char *program)
{
	if (sizeof(void *) != 8)
		return "it needs 64-bit addresses";
	if (SANITIZED)
		return "it cannot be built with a sanitizer";
#ifndef __x86_64__
	if (!strcmp(r->threads, "fibers"))
		return "fibers are for x86-64";
#endif
	return access(program, X_OK) ? "it is not built" : NULL;
}

/* The number behind a key in a line of JSON; 0 without the key. */
static double number_of(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? strtod(at + strlen(key), NULL) : 0;
}

/* Starts the program. Returns its output. */
static FILE *start(const struct explorer_row *r, char *program, pid_t *pid)
{
	char searches[24];
	char *const argv[] = { program, "--json", "--quiet", "--strategy", "dpor",
			       "--times", searches, (char *)r->scenario, NULL };
	posix_spawn_file_actions_t actions;
	int fds[2], err;
	FILE *f;

	snprintf(searches, sizeof(searches), "%lu", r->searches);
	if (pipe(fds))
		die("pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, fds[0]);
	posix_spawn_file_actions_addclose(&actions, fds[1]);
	err = posix_spawn(pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		die("%s: %s", program, strerror(err));
	close(fds[1]);
	f = fdopen(fds[0], "r");
	if (!f)
		die("fdopen: %s", strerror(errno));
	return f;
}

/* Executions a CPU second. @cpu_seconds: how many there were. */
static double sample(const struct explorer_row *r, double *cpu_seconds)
{
	char *program = program_of(r), *line = NULL;
	double runs = 0;
	size_t size = 0;
	int status = -1;
	pid_t pid;
	FILE *f = start(r, program, &pid);

	*cpu_seconds = 0;
	while (getline(&line, &size, f) > 0) {
		runs += number_of(line, "\"executions\":");
		*cpu_seconds += number_of(line, "\"cpu_seconds\":");
	}
	fclose(f);
	free(line);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) || !runs)
		wrong("%s %s: status %d, %.0f executions", program, r->scenario,
		      status, runs);
	free(program);
	return runs / (*cpu_seconds + 1e-9);
}

/* @seconds: the CPU time of a sample; it has one search at least. */
static void calibrate(struct explorer_row *r, double seconds)
{
	double cpu;

	r->searches = 1;
	sample(r, &cpu);
	r->searches += seconds / (cpu + 1e-5);
	if (r->searches > MAX_SEARCHES)
		r->searches = MAX_SEARCHES;
}

void run_explorer(void)
{
	double seconds = SHARE * bench.opt.seconds, start = wall_seconds(), cpu;
	unsigned int repeat;
	size_t i;

	for (i = 0; i < nr_explorer_rows; i++) {
		struct explorer_row *r = &explorer_rows[i];
		char *program = program_of(r);

		r->not_run = why_not(r, program);
		free(program);
		if (r->selected && !r->not_run)
			calibrate(r, seconds / (nr_explorer_rows *
						(bench.repeats + 1)));
	}
	for (repeat = 0; repeat < bench.repeats; repeat++) {
		if (repeat >= MIN_REPEATS && wall_seconds() - start > 1.3 * seconds)
			break;
		for (i = 0; i < nr_explorer_rows; i++) {
			struct explorer_row *r = &explorer_rows[i];

			if (r->selected && !r->not_run)
				series_add(&r->values, sample(r, &cpu));
		}
	}
}
