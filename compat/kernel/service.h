/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The service threads of the shim. */
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
	/* NULL until the thread is created; written once, under ->starting. */
	struct task_struct *task;
	/* Some thread is creating the service thread. */
	bool starting;
	/* The library is being unloaded: create no thread. */
	bool stopped;
};

/*
 * Create the thread, if there is none. Returns true if there is one now; false
 * if there is no memory, if the library is being unloaded, or if another thread
 * is creating it at the moment. Does not wait for the new thread to run.
 * Context: any.
 */
bool lfpriv_service_start(struct lfpriv_service *s);
/* Wake the thread, if there is one. Context: any. */
void lfpriv_service_wake(struct lfpriv_service *s);
/*
 * Stop the thread and wait for it, for at most a second. No thread is created
 * afterwards. Context: a destructor of the library.
 */
void lfpriv_service_stop(struct lfpriv_service *s);
/* In the child of fork(): forget the thread, which only the parent has. */
void lfpriv_service_fork_child(struct lfpriv_service *s);

/*
 * Create a kthread whose name is the string that follows @data. It waits for
 * wake_up_process(). Returns the task, or an ERR_PTR(). Context: any.
 */
struct task_struct *lfpriv_create_service(int (*fn)(void *), void *data, ...);

#endif
