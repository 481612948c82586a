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
#define LFHOST_FOREVER	INT64_MAX
#define LFHOST_FAR_FUTURE	(INT64_MAX - 1)

/* CLOCK_MONOTONIC and CLOCK_REALTIME in nanoseconds. */
int64_t lfhost_clock(void);
int64_t lfhost_clock_real(void);

/**
 * lfhost_futex_wait - sleep while a word has a value
 * @deadline: CLOCK_MONOTONIC, or LFHOST_FOREVER
 *
 * Without a deadline the host needs no timer, and a handler that was installed
 * with SA_RESTART does not end the sleep. Who wants that gives a late one.
 * Return: 0 when woken, -EAGAIN where the value was another, -ETIMEDOUT,
 * -EINTR after a POSIX signal handler ran.
 */
int lfhost_futex_wait(uint32_t *word, uint32_t value, int64_t deadline);
/* Only the address matters: the memory may be gone by now. */
void lfhost_futex_wake(uint32_t *word, int nr);

/*
 * Every running thread of the process executes a full barrier. False where the
 * kernel cannot do that.
 */
bool lfhost_membarrier(void);

void lfhost_yield(void);
unsigned int lfhost_tid(void);
/* How many CPUs the process could use when it started. */
unsigned int lfhost_cpus(void);
/* One more than the largest of their numbers. */
unsigned int lfhost_cpu_ids(void);
/* The number of the CPU that the caller runs on, or ran on just now. */
unsigned int lfhost_this_cpu(void);

/**
 * lfhost_thread_start - start a thread
 * @thread: its handle, to be joined or detached
 *
 * It may run on every CPU that the process could use when it started, whatever
 * the caller is pinned to, with all POSIX signals blocked.
 * Return: 0 or a negative errno.
 */
int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *),
			    void *arg);
void lfhost_thread_join(unsigned long thread);
void lfhost_thread_detach(unsigned long thread);
/* Leave the calling thread. */
void lfhost_thread_exit(void) __attribute__((__noreturn__));
void lfhost_thread_name(const char *name);
void lfhost_thread_get_name(char *buf, size_t size);

/* The function to run when a thread that called arm exits. */
void lfhost_at_thread_exit(void (*fn)(void *));
void lfhost_arm_thread_exit(void *arg);

/* Around fork(): before it, after it in the parent, and in the child. */
void lfhost_at_fork(void (*prepare)(void), void (*parent)(void),
			void (*child)(void));

/* What the process has loaded: the program, a library. */
struct lfhost_object {
	char path[256];
	/* Its addresses less those in the file. */
	unsigned long base;
};

/* The object with this address in it; takes the loader's lock. */
bool lfhost_find_object(unsigned long addr, struct lfhost_object *object);
/* A file's contents, read-only; NULL where that fails. */
void *lfhost_map_file(const char *path, size_t *size);
void lfhost_unmap_file(void *p, size_t size);

void *lfhost_alloc(size_t size, size_t align, bool zero);
void lfhost_free(void *p);
/* How many bytes of an allocation can be used. */
size_t lfhost_alloc_size(const void *p);

/* A variable of the environment, or NULL. */
const char *lfhost_getenv(const char *name);
/*
 * Print the caller's stack to stderr without the first @skip frames. Without an
 * allocation. Nothing where libc has no backtrace().
 */
void lfhost_print_backtrace(int skip);

#endif
