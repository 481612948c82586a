// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Runs in the guest, see boot.sh: loads the modules for each program in
 * /files/programs, unloads them again, and makes TAP of the output of runner.c
 * in the kernel's log.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A test that prints nothing for so long hangs. */
#define PATIENCE_MS	60000

static int failed, nr;

static void result(bool passed, const char *program, const char *name)
{
	failed += !passed;
	printf("%sok %d - %s: %s\n", passed ? "" : "not ", ++nr, program, name);
	fflush(stdout);
}

static void fatal(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void load(const char *path, const char *args)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, args, 0))
		fatal(path);
	close(fd);
}

static void unload(const char *name)
{
	if (syscall(SYS_delete_module, name, O_NONBLOCK))
		fatal(name);
}

static void run(const char *program)
{
	char args[300];
	cpu_set_t cpus;

	/* unload.c relies on it. */
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	snprintf(args, sizeof(args), "program=%s", program);
	load("/files/libfence.ko", "");
	load("/files/libfence-tests.ko", args);
	unload("libfence_tests");
	unload("libfence");
}

/* The messages of the log about the program that runs, counted. */
static struct {
	const char *name;
	/* The tests that it has announced, and the results. */
	int planned, results;
	/* Complaints of the kernel outside of the tests. */
	int complaints;
} now;

static void test_result(bool passed, const char *name)
{
	now.results++;
	result(passed, now.name, name);
}

static bool starts(const char *text, const char *with, const char **rest)
{
	if (strncmp(text, with, strlen(with)))
		return false;
	*rest = text + strlen(with);
	return true;
}

static void look_at_line(char *text)
{
	static const char * const complaints[] = {
		"WARNING: ", "BUG: ", "kernel BUG at ", "Oops: ", "=== BUG ",
	};
	const char *rest;
	size_t i;

	text[strcspn(text, "\n")] = '\0';
	if (starts(text, "libfence-tests: ", &rest)) {
		text = (char *)rest;
		if (starts(text, "plan ", &rest))
			now.planned = atoi(rest);
		else if (starts(text, "ok ", &rest))
			test_result(true, rest);
		else if (starts(text, "not ok ", &rest))
			test_result(false, rest);
		else
			printf("%s%s\n", *text == '#' ? "" : "# ", text);
		return;
	}
	/* Between the plan and the last result, the tests look themselves. */
	if (now.results < now.planned)
		return;
	for (i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
		if (strstr(text, complaints[i])) {
			now.complaints++;
			printf("# %s\n", text);
		}
	}
}

/* Read the new lines of the log. Returns false if none came within @ms. */
static bool read_log(int kmsg, int ms)
{
	struct pollfd p = { .fd = kmsg, .events = POLLIN };
	char record[8192], *text;
	ssize_t len;

	if (poll(&p, 1, ms) != 1)
		return false;
	while ((len = read(kmsg, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		text = strchr(record, ';');
		if (text)
			look_at_line(text + 1);
	}
	/* -EPIPE: records were overwritten. */
	if (len < 0 && errno == EPIPE)
		fatal("/dev/kmsg");
	return true;
}

static void run_and_watch(const char *program, int kmsg)
{
	int status, silent_ms = 0;
	pid_t pid;

	memset(&now, 0, sizeof(now));
	now.name = program;
	pid = fork();
	if (!pid) {
		run(program);
		fflush(stdout);
		_exit(0);
	}
	while (!waitpid(pid, &status, WNOHANG)) {
		if (read_log(kmsg, 10))
			silent_ms = 0;
		else if ((silent_ms += 10) > PATIENCE_MS) {
			printf("Bail out! %s hangs\n", program);
			exit(1);
		}
	}
	while (read_log(kmsg, 100))
		;
	result(!status && now.results == now.planned && !now.complaints,
	       program, "the modules are loaded and unloaded");
}

int main(void)
{
	FILE *programs = fopen("/files/programs", "r");
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char line[200];

	if (!programs || kmsg < 0)
		fatal("/files/programs or /dev/kmsg");
	lseek(kmsg, 0, SEEK_END);
	while (fgets(line, sizeof(line), programs)) {
		line[strcspn(line, "\n")] = '\0';
		if (strspn(line, "abcdefghijklmnopqrstuvwxyz/-") == strlen(line))
			run_and_watch(line, kmsg);
	}
	printf("1..%d\n", nr);
	return !!failed;
}
