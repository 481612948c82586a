// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The functions of the host seam, each by itself; see compat/host/sys.h. */

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "helpers.h"

#include <dlfcn.h>
#include <errno.h>
#ifdef LFSHIM_BACKTRACE
#include <execinfo.h>
#endif
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/printk.h>

#include "host/sys.h"

#define MARK	77

static const char *program;

/* Clocks */

static int64_t clock_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void clocks_are_those_of_the_host(void **state)
{
	int64_t before = clock_of(CLOCK_MONOTONIC), now = lfhost_clock();

	assert_between(now, before, clock_of(CLOCK_MONOTONIC));
	before = clock_of(CLOCK_REALTIME);
	now = lfhost_clock_real();
	assert_between(now, before, clock_of(CLOCK_REALTIME));
}

/* Futexes */

static uint32_t word;

static void a_wait_ends_for_each_reason(void **state)
{
	int64_t begin = lfhost_clock();

	word = 1;
	errno = MARK;
	assert_int_equal(lfhost_futex_wait(&word, 2, LFHOST_FOREVER), -EAGAIN);
	assert_int_equal(lfhost_futex_wait(&word, 1, begin), -ETIMEDOUT);
	assert_int_equal(lfhost_futex_wait(&word, 1, begin + 20000000),
			 -ETIMEDOUT);
	assert_between(lfhost_clock() - begin, 20000000,
		       PATIENCE_S * 1000000000ll);
	/* An address that no futex may have. */
	lfhost_futex_wake((uint32_t *)((char *)&word + 1), 1);
	assert_int_equal(errno, MARK);
}

struct futex_sleeper {
	/* Each thread sleeps on its own word. */
	uint32_t word;
	unsigned int tid;
	int result;
};

static void *sleep_on_word(void *arg)
{
	struct futex_sleeper *s = arg;

	__atomic_store_n(&s->tid, lfhost_tid(), __ATOMIC_SEQ_CST);
	errno = MARK;
	s->result = lfhost_futex_wait(&s->word, 1, LFHOST_FOREVER);
	return NULL;
}

/* True if the thread was found asleep. */
static bool wait_until_in_futex(struct futex_sleeper *s)
{
	char path[64], line[64];
	bool in_futex = false;
	FILE *f;
	int i;

	for (i = 0; i < PATIENCE_S * 1000 && !in_futex; i++) {
		usleep(1000);
		snprintf(path, sizeof(path), "/proc/self/task/%u/syscall",
			 __atomic_load_n(&s->tid, __ATOMIC_SEQ_CST));
		f = fopen(path, "r");
		if (!f)
			continue;
		/* "running", or the number of the system call. */
		in_futex = fgets(line, sizeof(line), f) && line[0] != 'r';
		fclose(f);
	}
	return in_futex;
}

static void a_waiter_that_is_woken_gets_zero(void **state)
{
	struct futex_sleeper s = { 1, 0, -1 };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, sleep_on_word, &s), 0);
	assert_true(wait_until_in_futex(&s));
	lfhost_futex_wake(&s.word, 1);
	assert_true(eventually(!pthread_tryjoin_np(thread, NULL)));
	assert_int_equal(s.result, 0);
}

static void moved_waiters_are_woken_together(void **state)
{
	struct futex_sleeper s[2] = { { 1, 0, -1 }, { 1, 0, -1 } };
	pthread_t threads[2];
	uint32_t to = 0;
	int i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL,
						sleep_on_word, &s[i]), 0);
		assert_true(wait_until_in_futex(&s[i]));
	}
	errno = MARK;
	for (i = 0; i < 2; i++)
		lfhost_futex_requeue(&s[i].word, &to);
	assert_int_equal(errno, MARK);
	/* Nobody sleeps here any more. */
	for (i = 0; i < 2; i++)
		lfhost_futex_wake(&s[i].word, 1);
	usleep(20000);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_tryjoin_np(threads[i], NULL), EBUSY);
	lfhost_futex_wake(&to, INT_MAX);
	for (i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(s[i].result, 0);
	}
}

static void a_waiter_that_cannot_be_moved_is_woken(void **state)
{
	struct futex_sleeper s = { 1, 0, -1 };
	pthread_t thread;
	uint32_t to[2] = { 0 };

	assert_int_equal(pthread_create(&thread, NULL, sleep_on_word, &s), 0);
	assert_true(wait_until_in_futex(&s));
	errno = MARK;
	/* An address that no futex may have. */
	lfhost_futex_requeue(&s.word, (uint32_t *)((char *)to + 1));
	assert_int_equal(errno, MARK);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(s.result, 0);
}

/* Threads and CPUs */

static void a_thread_exists_or_not(void **state)
{
	errno = MARK;
	assert_int_equal(lfhost_tid(), syscall(SYS_gettid));
	assert_true(lfhost_thread_exists(lfhost_tid()));
	/* A process, but none of its threads. */
	assert_false(lfhost_thread_exists(getppid()));
	assert_false(lfhost_thread_exists(0x3fffffff));
	assert_int_equal(errno, MARK);
	assert_int_equal(lfhost_membarrier(),
			 syscall(SYS_membarrier, 0, 0, 0) > 0);
}

static int nr_cpus_of(struct task_struct *task)
{
	cpu_set_t set;

	if (sched_getaffinity(task->pid, sizeof(set), &set))
		return -1;
	return CPU_COUNT(&set);
}

static int wait_for_stop(void *pin)
{
	cpu_set_t set;

	if (pin) {
		/* One CPU, that is not the first one. */
		CPU_ZERO(&set);
		CPU_SET(*(int *)pin, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			return 1;
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/*
 * In a program that begins on one CPU, as it does if it pins its only thread
 * and then loads the library. Returns 0 if it sees that, and sees that the
 * thread may use other CPUs later.
 */
static int look_at_cpus(const char *cpu)
{
	struct task_struct *follows, *pinned;
	int nr = atoi(cpu), other = !nr, err;

	if (lfhost_cpus() != 1 || lfhost_this_cpu() != nr ||
	    lfhost_cpu_ids() <= nr ||
	    lfhost_cpu_ids() < sysconf(_SC_NPROCESSORS_CONF))
		return 1;
	follows = start(wait_for_stop, NULL);
	if (nr_cpus_of(follows) != 1 || !lfhost_cpus_are_known())
		return 2;
	/* A thread is seen on another CPU before it sleeps there. */
	pinned = start(wait_for_stop, &other);
	if (!eventually(lfhost_cpus() == 2))
		return 3;
	if (!lfhost_this_cpu_is_known() || !lfhost_cpus_are_known())
		return 4;
	/* The one that was not pinned follows it. */
	if (!eventually(nr_cpus_of(follows) == 2) || nr_cpus_of(pinned) != 1)
		return 5;
	err = kthread_stop(follows) | kthread_stop(pinned);
	put_task_struct(follows);
	put_task_struct(pinned);
	return err;
}

static int begin_on_cpu(int cpu)
{
	char number[8];
	cpu_set_t set;

	alarm(PATIENCE_S);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return 1;
	snprintf(number, sizeof(number), "%d", cpu);
	/* Meson sets MESON_EXE_WRAPPER where a CPU is emulated. */
	execl("/bin/sh", "sh", "-c",
	      "exec $MESON_EXE_WRAPPER \"$0\" --cpus $1", program, number,
	      (char *)NULL);
	return 1;
}

static int status_of_program_on_cpu(int cpu)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(begin_on_cpu(cpu));
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void the_cpus_are_those_of_the_start(void **state)
{
	int cpu, nr = 0, last = 0;
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		nr++;
		last = cpu;
	}
	assert_int_equal(lfhost_cpus(), nr);
	assert_true(lfhost_cpu_ids() > last);
	assert_true(lfhost_this_cpu() <= last);
	if (!CPU_ISSET(0, &set) || !CPU_ISSET(1, &set)) {
		printf("# not run without CPUs 0 and 1: programs on one CPU\n");
		return;
	}
	assert_int_equal(status_of_program_on_cpu(0), 0);
	assert_int_equal(status_of_program_on_cpu(1), 0);
}

static bool ran, joined_while_cancelled;

static void *run(void *unused)
{
	usleep(1000);
	ran = true;
	return NULL;
}

static void *join_while_cancelled(void *unused)
{
	unsigned long thread;

	if (lfhost_thread_start(&thread, run, NULL))
		return NULL;
	pthread_cancel(pthread_self());
	lfhost_thread_join(thread);
	joined_while_cancelled = true;
	pthread_testcancel();
	return NULL;
}

static void joining_is_no_cancellation_point(void **state)
{
	pthread_t thread;
	void *result;

	assert_int_equal(pthread_create(&thread, NULL, join_while_cancelled,
					NULL), 0);
	pthread_join(thread, &result);
	assert_true(ran && joined_while_cancelled);
	assert_ptr_equal(result, PTHREAD_CANCELED);
}

static void *use_names(void *unused)
{
	char name[16], small[4] = { 'x', 'x', 'x', 'x' };

	lfhost_thread_name("a-name-of-the-test");
	lfhost_thread_get_name(name, sizeof(name));
	lfhost_thread_get_name(small, sizeof(small));
	lfhost_thread_wake_exactly();
	return (void *)(long)(!strcmp(name, "a-name-of-the-t") &&
			      !memcmp(small, "a-n", 4) &&
			      prctl(PR_GET_TIMERSLACK) == 1);
}

static void a_thread_has_a_name(void **state)
{
	pthread_t thread;
	void *result;

	assert_int_equal(pthread_create(&thread, NULL, use_names, NULL), 0);
	pthread_join(thread, &result);
	assert_ptr_equal(result, (void *)1);
}

/* Random numbers */

static int random_numbers_differ(void)
{
	uint64_t a, b;

	errno = MARK;
	a = lfhost_random();
	b = lfhost_random();
	return a == b || a >> 32 == b >> 32 || errno != MARK;
}

static int random_without_the_host(void)
{
	if (!test_refuse_call(SYS_getrandom, EAGAIN))
		return 2;
	return random_numbers_differ();
}

static void random_numbers_do_not_need_the_host(void **state)
{
	int status;
	pid_t pid;

	assert_int_equal(random_numbers_differ(), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		_exit(random_without_the_host());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Objects and files */

static int static_data;

static void an_address_belongs_to_an_object(void **state)
{
	struct lfhost_object object;
	void *heap = malloc(8);
	const char *name;
	Dl_info info;
	int local;

	memset(&object, 0xff, sizeof(object));
	assert_true(lfhost_find_object((unsigned long)&static_data, &object));
	name = strrchr(object.path, '/');
	assert_non_null(name);
	assert_string_equal(name, "/test-host-calls");
	/* Zero if the program is not position-independent. */
	assert_int_not_equal(dladdr(&static_data, &info), 0);
	assert_true(object.base == (unsigned long)info.dli_fbase ||
		    !object.base);
	memset(&object, 0xff, sizeof(object));
	assert_true(lfhost_find_object((unsigned long)&clock_gettime,
				       &object));
	assert_int_not_equal(dladdr(clock_gettime, &info), 0);
	assert_true(object.base == (unsigned long)info.dli_fbase);
	assert_string_equal(object.path, info.dli_fname);
	assert_false(lfhost_find_object((unsigned long)&local, &object));
	assert_false(lfhost_find_object(0, &object));

	assert_true(lfhost_is_static(&static_data));
	assert_true(lfhost_is_static(&word));
	assert_true(lfhost_is_static(an_address_belongs_to_an_object));
	assert_false(lfhost_is_static(&local));
	assert_false(lfhost_is_static(heap));
	free(heap);
}

static bool is_mapped(void *p)
{
	unsigned char vec;

	return !mincore(p, 1, &vec);
}

static void a_file_is_mapped_and_closed(void **state)
{
	char name[] = "/tmp/libfence-host-calls-XXXXXX";
	int fd = mkstemp(name), next, cancel;
	struct stat st;
	size_t size = 0;
	char exe[PATH_MAX], *p;
	ssize_t len;

	assert_true(fd >= 0);
	/* An empty file, and one that is not there. */
	errno = MARK;
	assert_null(lfhost_map_file(name, &size));
	assert_null(lfhost_map_file("/tmp/no/such/file", &size));
	assert_int_equal(errno, MARK);
	assert_int_equal(write(fd, "text", 4), 4);
	p = lfhost_map_file(name, &size);
	assert_non_null(p);
	assert_int_equal(size, 4);
	assert_memory_equal(p, "text", 4);
	lfhost_unmap_file(p, size);
	assert_false(is_mapped(p));
	unlink(name);
	/* The number of its descriptor is free again. */
	next = dup(fd);
	assert_int_equal(next, fd + 1);
	close(next);
	close(fd);
	/* Not the link itself: Valgrind shows its own program to stat(). */
	len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	assert_true(len > 0);
	exe[len] = '\0';
	assert_int_equal(stat(exe, &st), 0);
	p = lfhost_map_file(exe, &size);
	assert_int_equal(size, st.st_size);
	assert_memory_equal(p, "\177ELF", 4);
	lfhost_unmap_file(p, size);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel);
	assert_int_equal(cancel, PTHREAD_CANCEL_ENABLE);
}

static void a_file_may_be_descriptor_zero(void **state)
{
	size_t size = 0;
	int old = dup(0);
	char *p;

	close(0);
	p = lfhost_map_file("/proc/self/exe", &size);
	assert_non_null(p);
	assert_true(fcntl(0, F_GETFD) < 0);
	lfhost_unmap_file(p, size);
	if (old >= 0) {
		dup2(old, 0);
		close(old);
	}
}

/* Memory */

static void memory_is_aligned_and_cleared(void **state)
{
	static const size_t sizes[] = { 1, 7, 8, 24, 100, 1000, 5000, 70000 };
	size_t align, i, j;
	unsigned char *p;
	int round;

	for (align = 8; align <= 4096; align *= 2) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			/* Memory that was in use is not clear. */
			for (round = 0; round < 2; round++) {
				p = lfhost_alloc(sizes[i], align, round);
				assert_non_null(p);
				assert_true((uintptr_t)p % align == 0);
				assert_true(lfhost_alloc_size(p) >= sizes[i]);
				/* To its end, which krealloc() may copy. */
				for (j = 0; round && j < lfhost_alloc_size(p);
				     j++)
					assert_int_equal(p[j], 0);
				memset(p, 0xff, lfhost_alloc_size(p));
				lfhost_free(p);
				p = lfhost_alloc_kernel(sizes[i], align, round);
				assert_true((uintptr_t)p % align == 0);
				for (j = 0; round && j < sizes[i]; j++)
					assert_int_equal(p[j], 0);
				memset(p, 0xff, sizes[i]);
				lfhost_free(p);
			}
		}
	}
	setenv("LIBFENCE_TEST", "value", 1);
	assert_string_equal(lfhost_getenv("LIBFENCE_TEST"), "value");
	unsetenv("LIBFENCE_TEST");
	assert_null(lfhost_getenv("LIBFENCE_TEST"));
}

/* Backtraces */

#ifdef LFSHIM_BACKTRACE
/* Returns the number of frames, from its own on. @skip: -1 for dump_stack(). */
static noinline int backtrace_here(int skip)
{
	void *frames[100];

	if (skip < 0)
		dump_stack();
	else
		lfhost_print_backtrace(skip);
	return backtrace(frames, ARRAY_SIZE(frames));
}
#else
static int backtrace_here(int skip)
{
	return 0;
}
#endif

static int nr_frames;

/* The number of lines, and the first of them. */
static int count_backtrace(int skip, char *line, size_t size)
{
	int p[2], old = dup(STDERR_FILENO), nr = 0;
	FILE *in;
	char buf[1000];

	assert_int_equal(pipe(p), 0);
	fflush(stderr);
	dup2(p[1], STDERR_FILENO);
	close(p[1]);
	nr_frames = backtrace_here(skip);
	dup2(old, STDERR_FILENO);
	close(old);
	in = fdopen(p[0], "r");
	while (fgets(buf, sizeof(buf), in))
		if (!nr++)
			snprintf(line, size, "%s", buf);
	fclose(in);
	return nr;
}

static void a_backtrace_begins_at_the_caller(void **state)
{
	char line[1000];
	int nr = count_backtrace(0, line, sizeof(line));

	/* It ends where a library has no tables for it, as CMocka on armhf. */
	assert_true(nr > 1);
	assert_int_equal(nr, nr_frames);
	assert_non_null(strstr(line, "test-host-calls"));
	assert_int_equal(count_backtrace(1, line, sizeof(line)), nr - 1);
	assert_int_equal(count_backtrace(nr - 1, line, sizeof(line)), 1);
	assert_int_equal(count_backtrace(nr, line, sizeof(line)), 0);
	assert_int_equal(count_backtrace(nr + 5, line, sizeof(line)), 0);
	assert_int_equal(count_backtrace(-1, line, sizeof(line)), nr);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(clocks_are_those_of_the_host),
		TEST(a_wait_ends_for_each_reason),
		TEST(a_waiter_that_is_woken_gets_zero),
		TEST(moved_waiters_are_woken_together),
		TEST(a_waiter_that_cannot_be_moved_is_woken),
		TEST(a_thread_exists_or_not),
		TEST(joining_is_no_cancellation_point),
		TEST(a_thread_has_a_name),
		TEST(random_numbers_do_not_need_the_host),
		TEST(an_address_belongs_to_an_object),
		TEST(a_file_is_mapped_and_closed),
		TEST(a_file_may_be_descriptor_zero),
		TEST(memory_is_aligned_and_cleared),
		TEST(a_backtrace_begins_at_the_caller),
		/* Valgrind does not follow this into the new program. */
		TEST(the_cpus_are_those_of_the_start),
	};

	TEST_NEEDS(test_host_refuses_calls(), "seccomp",
		   random_numbers_do_not_need_the_host);
#ifndef LFSHIM_BACKTRACE
	TEST_NEEDS(false, "backtrace()", a_backtrace_begins_at_the_caller);
#endif
	/* A sanitizer's backtrace() has a frame of its own. */
	TEST_NEEDS(!LFSHIM_ASAN && !LFSHIM_TSAN, "backtrace() of libc",
		   a_backtrace_begins_at_the_caller);
	program = argv[0];
	if (argc > 2 && !strcmp(argv[1], "--cpus"))
		return look_at_cpus(argv[2]);
	return TEST_MAIN_BUT("host-calls", tests, 1);
}
