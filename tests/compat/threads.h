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
/* If this is not 0, each pthread_join() writes a byte to this descriptor. */
static int join_pipe;

typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		      void *);
typedef int join_fn(pthread_t, void **);

/* The library calls these. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		   void *(*fn)(void *), void *arg)
{
	create_fn *create = (create_fn *)dlsym(RTLD_NEXT, "pthread_create");

	if (__atomic_sub_fetch(&creations_left, 1, __ATOMIC_SEQ_CST) < 0) {
		__atomic_fetch_add(&creations_left, 1, __ATOMIC_SEQ_CST);
		return EAGAIN;
	}
	return create(thread, attr, fn, arg);
}

int pthread_join(pthread_t thread, void **result)
{
	join_fn *join = (join_fn *)dlsym(RTLD_NEXT, "pthread_join");

	if (join_pipe && write(join_pipe, "", 1) != 1)
		abort();
	return join(thread, result);
}

static inline void allow_creations(int nr)
{
	WRITE_ONCE(creations_left, nr);
}

/* The exit status of a child that runs @fn, or 99 if it hangs or dies. */
static inline int status_of_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		/* CMocka would go on with the next test. */
		signal(SIGSEGV, SIG_DFL);
		alarm(2 * PATIENCE_S);
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 98;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
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
