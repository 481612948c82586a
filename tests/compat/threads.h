/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Control over the threads of a program and of the library: creation that fails,
 * joins that are counted, threads by name, and child processes.
 */
#ifndef TESTS_COMPAT_THREADS_H
#define TESTS_COMPAT_THREADS_H

#include "helpers.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The sanitizers have a pthread_create() of their own. */
#define THREADS_ARE_OURS	(!LFSHIM_ASAN && !LFSHIM_TSAN)

#if THREADS_ARE_OURS
/* How many threads can be created from now on. */
static int creations_left = INT_MAX;
/* How many were joined, and how many detached. */
static int nr_joins, nr_detaches;
/* If this is not 0, each pthread_join() writes a byte to this descriptor. */
static int join_pipe;

typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		      void *);
typedef int join_fn(pthread_t, void **);
typedef int detach_fn(pthread_t);

/* A new thread sleeps for a while, before it runs any code of the library. */
static bool threads_begin_late;

struct late_thread {
	void *(*fn)(void *);
	void *arg;
};

static inline void *begin_late(void *data)
{
	struct late_thread late = *(struct late_thread *)data;

	free(data);
	usleep(50000);
	return late.fn(late.arg);
}

/* The library calls these. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		   void *(*fn)(void *), void *arg)
{
	create_fn *create = (create_fn *)dlsym(RTLD_NEXT, "pthread_create");

	if (__atomic_sub_fetch(&creations_left, 1, __ATOMIC_SEQ_CST) < 0) {
		__atomic_fetch_add(&creations_left, 1, __ATOMIC_SEQ_CST);
		return EAGAIN;
	}
	if (READ_ONCE(threads_begin_late)) {
		struct late_thread *late = malloc(sizeof(*late));

		*late = (struct late_thread){ fn, arg };
		fn = begin_late;
		arg = late;
	}
	return create(thread, attr, fn, arg);
}

int pthread_join(pthread_t thread, void **result)
{
	join_fn *join = (join_fn *)dlsym(RTLD_NEXT, "pthread_join");

	__atomic_fetch_add(&nr_joins, 1, __ATOMIC_SEQ_CST);
	if (join_pipe && write(join_pipe, "", 1) != 1)
		abort();
	return join(thread, result);
}

int pthread_detach(pthread_t thread)
{
	detach_fn *detach = (detach_fn *)dlsym(RTLD_NEXT, "pthread_detach");

	__atomic_fetch_add(&nr_detaches, 1, __ATOMIC_SEQ_CST);
	return detach(thread);
}

static inline void allow_creations(int nr)
{
	WRITE_ONCE(creations_left, nr);
}

/* The exit status of a child that runs @fn, or 99 if it hangs or dies. */
static inline int status_of_child(int (*fn)(void))
{
	/* CMocka would go on with the next test, in the child. */
	void (*handler)(int) = signal(SIGSEGV, SIG_DFL);
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(10 + PATIENCE_S);
		_exit(fn());
	}
	signal(SIGSEGV, handler);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 98;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static inline int overwrite_stack(void *nr_left)
{
	volatile char garbage[40000];

	memset((char *)garbage, 0x55, sizeof(garbage));
	__atomic_fetch_sub((int *)nr_left, 1, __ATOMIC_SEQ_CST);
	/* Each has a stack of its own. */
	while (__atomic_load_n((int *)nr_left, __ATOMIC_SEQ_CST))
		usleep_range(100, 200);
	return garbage[1];
}

/* Twenty threads at once. In the child of fork(), they use the stacks of lost threads. */
static inline void overwrite_stacks(void)
{
	struct task_struct *tasks[20];
	int i, nr_left = ARRAY_SIZE(tasks);

	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		tasks[i] = start(overwrite_stack, &nr_left);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		finish(tasks[i]);
}

/* The number of threads of the process that have this name and have not ended. */
static inline int nr_threads_named(const char *name)
{
	DIR *dir = opendir("/proc/self/task");
	char path[300], line[300], wanted[40], *state;
	struct dirent *entry;
	int nr = 0;
	FILE *f;

	snprintf(wanted, sizeof(wanted), "(%s) ", name);
	while (dir && (entry = readdir(dir))) {
		/* ".." would be the process. */
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat",
			 entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(line, sizeof(line), f)) {
			state = strstr(line, wanted);
			/* The first thread of a process stays as a zombie. */
			nr += state && state[strlen(wanted)] != 'Z';
		}
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return nr;
}
#endif

#endif
