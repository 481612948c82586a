// SPDX-License-Identifier: GPL-2.0 OR MIT
/* LIBFENCE_HOST_UAPI: the host's <linux/filter.h> and <linux/seccomp.h>. */
#define LIBFENCE_HOST_UAPI
#include "support.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libfence/libfence.h>

#ifdef TEST_ON_TSAN
/* By default ThreadSanitizer ends a child of fork() that creates a thread. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}
#endif

#define MAX_EXPECTED	16

/* Warnings arrive on any thread: these are only touched atomically. */
static unsigned int unexpected;
static bool expecting;
static unsigned int nr_expected;
static char expected_text[MAX_EXPECTED][4096];

static void on_warning(const struct libfence_warning *w, void *data)
{
	char text[4096];
	unsigned int n;

	snprintf(text, sizeof(text), "%s at %s:%d %s(): %s",
		 w->kind == LIBFENCE_BUG ? "BUG" : "WARNING", w->file, w->line,
		 w->function, w->message);
	if (__atomic_load_n(&expecting, __ATOMIC_SEQ_CST)) {
		n = __atomic_fetch_add(&nr_expected, 1, __ATOMIC_SEQ_CST);
		if (n < MAX_EXPECTED)
			memcpy(expected_text[n], text, sizeof(text));
		return;
	}
	fprintf(stderr, "unexpected: %s\n", text);
	__atomic_fetch_add(&unexpected, 1, __ATOMIC_SEQ_CST);
}

void test_between(long long value, long long low, long long high,
		  const char *what, const char *file, int line)
{
	if (low <= value && value <= high)
		return;
	print_error("%s is %lld, expected %lld to %lld\n", what, value, low,
		    high);
	_fail(file, line);
}

void test_expect_warnings(void)
{
	__atomic_store_n(&nr_expected, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&expecting, true, __ATOMIC_SEQ_CST);
}

void test_expected_warnings(int nr, const char *text, const char *file,
			    int line)
{
	int i, got;

	__atomic_store_n(&expecting, false, __ATOMIC_SEQ_CST);
	got = __atomic_load_n(&nr_expected, __ATOMIC_SEQ_CST);
	if (got == nr && (!text || strstr(expected_text[0], text)))
		return;
	for (i = 0; i < got && i < MAX_EXPECTED; i++)
		print_error("warned: %s\n", expected_text[i]);
	print_error("expected %d warnings%s%s, got %d\n", nr,
		    text ? " saying " : "", text ? text : "", got);
	_fail(file, line);
}

static void on_hang(int sig)
{
	static const char text[] = "a test hangs\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) {
		/* Nothing can be done about it. */
	}
	abort();
}

/* A child has no alarm: if it hangs, it must not outlive its test. */
static void end_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, end_with_parent);
}

unsigned int test_patience_s(void)
{
	const char *seconds = getenv("TEST_PATIENCE_S");

	return seconds ? atoi(seconds) : 60;
}

int test_setup(void **state)
{
	__atomic_store_n(&unexpected, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&expecting, false, __ATOMIC_SEQ_CST);
	libfence_set_warn_hook(on_warning, NULL);
	alarm(3 * test_patience_s());
	return 0;
}

int test_teardown(void **state)
{
	unsigned int n = __atomic_load_n(&unexpected, __ATOMIC_SEQ_CST);

	alarm(0);
	libfence_set_warn_hook(NULL, NULL);
	libfence_fail_nth(0);
	if (!n)
		return 0;
	print_error("%u unexpected warnings\n", n);
	return -1;
}

bool test_death_begin(int *fd)
{
	int pipefd[2];
	pid_t pid;

	fflush(NULL);
	if (pipe(pipefd))
		fail_msg("pipe");
	pid = fork();
	if (pid < 0)
		fail_msg("fork");
	if (pid) {
		close(pipefd[1]);
		*fd = pipefd[0];
		return false;
	}
	dup2(pipefd[1], STDERR_FILENO);
	libfence_set_warn_hook(NULL, NULL);
	signal(SIGABRT, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	alarm(test_patience_s());
	return true;
}

void test_death_survived(void)
{
	_exit(0);
}

void test_death_end(int fd, const char *text, const char *file, int line)
{
	char buf[8192];
	size_t len = 0;
	ssize_t n;
	int status;

	while (len < sizeof(buf) - 1 &&
	       (n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	buf[len] = '\0';
	close(fd);
	if (wait(&status) < 0)
		fail_msg("wait");
	/* Sanitizers turn SIGABRT into an exit of their own. */
	if ((WIFSIGNALED(status) || WEXITSTATUS(status)) && strstr(buf, text))
		return;
	print_error("expected the program to die with '%s'; status %x, output '%s'\n",
		    text, status, buf);
	_fail(file, line);
}

int64_t test_cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

unsigned long test_seed(void)
{
	const char *env = getenv("LIBFENCE_SEED");
	static unsigned long seed;

	if (!seed) {
		seed = env ? strtoul(env, NULL, 0)
			   : (unsigned long)time(NULL) * 1000003 + getpid();
		fprintf(stderr, "LIBFENCE_SEED=%lu\n", seed);
	}
	return seed;
}

unsigned int test_slowness(void)
{
	const char *env = getenv("LIBFENCE_TEST_SLOWNESS");

	if (env)
		return atoi(env) > 0 ? atoi(env) : 1;
#ifdef TEST_ON_TSAN
	return 10;
#elif defined(TEST_ON_ASAN)
	return 3;
#else
	return 1;
#endif
}

bool test_on_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "/vgpreload_");
}

size_t test_leave_out(const struct CMUnitTest *tests, size_t nr, size_t out)
{
	size_t i;

	for (i = nr - out; i < nr; i++)
		printf("# not run under Valgrind: %s\n", tests[i].name);
	return out;
}

#define MAX_LEFT_OUT	16

static const char *left_out[MAX_LEFT_OUT];
static size_t nr_left_out;

void test_needs(bool there, const char *what, const char *name)
{
	if (there)
		return;
	if (nr_left_out == MAX_LEFT_OUT)
		abort();
	left_out[nr_left_out++] = name;
	printf("# not run without %s: %s\n", what, name);
}

static bool is_left_out(const char *name)
{
	size_t i;

	for (i = 0; i < nr_left_out; i++)
		if (!strcmp(left_out[i], name))
			return true;
	return false;
}

static bool filter_calls(struct sock_filter *code, size_t len)
{
	struct sock_fprog prog = { len, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

bool test_refuse_call(int nr, int err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return filter_calls(code, sizeof(code) / sizeof(code[0]));
}

bool test_allow_call(int nr)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};

	return filter_calls(code, sizeof(code) / sizeof(code[0]));
}

bool test_host_refuses_calls(void)
{
	return prctl(PR_GET_SECCOMP) >= 0;
}

bool test_host_checks_addresses(void)
{
	char from = 1, to = 0;
	struct iovec local = { &to, 1 }, remote = { &from, 1 };

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1;
}

int test_main(const char *group, const struct CMUnitTest *tests, size_t nr,
	      int argc, char **argv)
{
	struct CMUnitTest *left = calloc(nr, sizeof(*left));
	size_t i, nr_left = 0;
	int ret;

	if (!left)
		abort();
	for (i = 0; i < nr; i++)
		if (!is_left_out(tests[i].name))
			left[nr_left++] = tests[i];
	signal(SIGALRM, on_hang);
	test_fork_init();
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	ret = _cmocka_run_group_tests(group, left, nr_left, NULL, NULL);
	free(left);
	return ret;
}
