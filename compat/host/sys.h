/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The seam to the host: the only functions of the shim that call libc's or the
 * host kernel's threads, sleeping, clocks and memory. Whoever wants to take
 * these over (a deterministic scheduler, fault injection) does it here.
 */
#ifndef LFSHIM_SYS_H
#define LFSHIM_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No deadline; and one that is never reached. */
#define LFSHIM_FOREVER	INT64_MAX
#define LFSHIM_LATE	(INT64_MAX - 1)

/* CLOCK_MONOTONIC and CLOCK_REALTIME in nanoseconds. */
int64_t lfshim_sys_clock(void);
int64_t lfshim_sys_clock_real(void);

/**
 * lfshim_sys_futex_wait - sleep while a word has a value
 * @deadline: CLOCK_MONOTONIC, or LFSHIM_FOREVER
 *
 * Without a deadline the host needs no timer, and a handler that was installed
 * with SA_RESTART does not end the sleep. Who wants that gives a late one.
 * Return: 0 when woken, -EAGAIN where the value was another, -ETIMEDOUT,
 * -EINTR after a POSIX signal handler ran.
 */
int lfshim_sys_futex_wait(uint32_t *word, uint32_t value, int64_t deadline);
/* Only the address matters: the memory may be gone by now. */
void lfshim_sys_futex_wake(uint32_t *word, int nr);

/*
 * Every running thread of the process executes a full barrier. False where the
 * kernel cannot do that.
 */
bool lfshim_sys_membarrier(void);

void lfshim_sys_yield(void);
unsigned int lfshim_sys_tid(void);
/* How many CPUs the process could use when it started. */
unsigned int lfshim_sys_cpus(void);
/* One more than the largest of their numbers. */
unsigned int lfshim_sys_cpu_ids(void);
/* The number of the CPU that the caller runs on, or ran on just now. */
unsigned int lfshim_sys_this_cpu(void);

/**
 * lfshim_sys_thread_start - start a thread
 * @thread: its handle, to be joined or detached
 *
 * It may run on every CPU that the process could use when it started, whatever
 * the caller is pinned to, with all POSIX signals blocked.
 * Return: 0 or a negative errno.
 */
int lfshim_sys_thread_start(unsigned long *thread, void *(*fn)(void *),
			    void *arg);
void lfshim_sys_thread_join(unsigned long thread);
void lfshim_sys_thread_detach(unsigned long thread);
/* Leave the calling thread. */
void lfshim_sys_thread_exit(void) __attribute__((__noreturn__));
void lfshim_sys_thread_name(const char *name);
void lfshim_sys_thread_get_name(char *buf, size_t size);

/* The function to run when a thread that called arm exits. */
void lfshim_sys_at_thread_exit(void (*fn)(void *));
void lfshim_sys_arm_thread_exit(void *arg);

/* Around fork(): before it, after it in the parent, and in the child. */
void lfshim_sys_at_fork(void (*prepare)(void), void (*parent)(void),
			void (*child)(void));

/* What the process has loaded: the program, a library. */
struct lfshim_object {
	char path[256];
	/* Its addresses less those in the file. */
	unsigned long base;
};

/* The object with this address in it; takes the loader's lock. */
bool lfshim_sys_find_object(unsigned long addr, struct lfshim_object *object);
/* A file's contents, read-only; NULL where that fails. */
void *lfshim_sys_map_file(const char *path, size_t *size);
void lfshim_sys_unmap_file(void *p, size_t size);

void *lfshim_sys_alloc(size_t size, size_t align, bool zero);
void lfshim_sys_free(void *p);

#endif
