/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The threads of the shim itself. */
#ifndef LFPRIV_SERVICE_H
#define LFPRIV_SERVICE_H

#include <linux/types.h>

struct task_struct;

/*
 * A thread of the shim, started when it is first needed and stopped when the
 * library is unloaded.
 */
struct lfpriv_service {
	const char *name;
	int (*fn)(void *);
	/* NULL, or the running thread; written once under ->starting. */
	struct task_struct *task;
	/* A thread is starting it. */
	bool starting;
	/* The library is being unloaded: start no thread any more. */
	bool stopped;
};

/*
 * Start it if it does not run. False if it cannot be started now.
 * Context: any. Unlike kthread_create() it does not wait for the thread.
 */
bool lfpriv_service_start(struct lfpriv_service *s);
void lfpriv_service_wake(struct lfpriv_service *s);
/* Stop it. Gives up after a second if the thread hangs. */
void lfpriv_service_stop(struct lfpriv_service *s);
/* In the child of fork(): the thread is not in this process. */
void lfpriv_service_fork_child(struct lfpriv_service *s);

/*
 * A kthread of the shim, named by the string that follows @data.
 * Context: as lfpriv_service_start().
 */
struct task_struct *lfpriv_create_service(int (*fn)(void *), void *data, ...);

#endif
