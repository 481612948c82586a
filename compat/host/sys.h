/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The host seam: the only functions of the library that call the threads,
 * futexes, clocks and memory of libc or the host kernel. A deterministic
 * scheduler or a fault injector replaces these functions.
 */
#ifndef LFHOST_SYS_H
#define LFHOST_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No deadline. */
#define LFHOST_FOREVER	INT64_MAX
/* A deadline that is never reached. */
#define LFHOST_FAR_FUTURE	(INT64_MAX - 1)

/* CLOCK_MONOTONIC, _REALTIME, _BOOTTIME and _TAI in nanoseconds. */
int64_t lfhost_clock(void);
int64_t lfhost_clock_real(void);
int64_t lfhost_clock_boot(void);
int64_t lfhost_clock_tai(void);

/**
 * lfhost_futex_wait - sleep while a word has a value
 * @word: the word
 * @value: the value
 * @deadline: CLOCK_MONOTONIC, or LFHOST_FOREVER
 *
 * Without a deadline the host needs no timer, and a signal handler that was
 * installed with SA_RESTART does not end the sleep. With LFHOST_FAR_FUTURE
 * every handler ends it.
 * Return: 0 when woken; -EAGAIN if the word had another value; -ETIMEDOUT;
 * -EINTR after a POSIX signal handler has run.
 */
int lfhost_futex_wait(uint32_t *word, uint32_t value, int64_t deadline);
/*
 * Wake @nr threads that sleep on @word. Only the address is used: the memory
 * may have been freed.
 */
void lfhost_futex_wake(uint32_t *word, int nr);
/*
 * Let a thread that sleeps on @word sleep on @to from now on, as if it had called
 * lfhost_futex_wait() with that. Only the addresses are used. If the host cannot
 * do this, the thread is woken.
 */
void lfhost_futex_requeue(uint32_t *word, uint32_t *to);

/*
 * Make every running thread of the process execute a full barrier. Returns
 * false if the kernel cannot do that.
 */
bool lfhost_membarrier(void);

/* Let another thread run. */
void lfhost_yield(void);
/* The host's number of the calling thread. */
unsigned int lfhost_tid(void);
/* True if the process has the thread of this number. */
bool lfhost_thread_exists(unsigned int tid);
/*
 * On how many CPUs threads of the process are known to run: those of the thread
 * that loaded the library, and those that were learned since.
 */
unsigned int lfhost_cpus(void);
/* The largest number of a CPU of the machine, plus 1. Constant. */
unsigned int lfhost_cpu_ids(void);
/* True if the CPU of the caller, or if all CPUs that it may use, are known. */
bool lfhost_this_cpu_is_known(void);
bool lfhost_cpus_are_known(void);
/*
 * Learn the CPUs that the caller may use. Then let thread @tid use them, if it
 * was allowed exactly those that were known before. The caller serialises the
 * two calls.
 */
void lfhost_cpus_learn(void);
void lfhost_thread_add_cpus(unsigned int tid);
/* The number of the CPU on which the caller runs. It may already be stale. */
unsigned int lfhost_this_cpu(void);

/**
 * lfhost_thread_start - start a thread
 * @thread: receives its handle, to be joined or detached
 * @fn: its function
 * @arg: the argument of @fn
 *
 * The thread may run on every CPU that is known, even if the caller is pinned to
 * some of them. It blocks all POSIX signals.
 * Return: 0 or a negative errno.
 */
int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg);
void lfhost_thread_join(unsigned long thread);
void lfhost_thread_detach(unsigned long thread);
/* End the calling thread. */
void lfhost_thread_exit(void) __attribute__((__noreturn__));
/* Set or get the name of the calling thread. */
void lfhost_thread_name(const char *name);
void lfhost_thread_get_name(char *buf, size_t size);

/*
 * Sleeps of the calling thread end as exactly as the host can, instead of some
 * 50 us late, together with the sleeps of other threads.
 */
void lfhost_thread_wake_exactly(void);

/* Set the function that runs when a thread exits. Called once. */
void lfhost_at_thread_exit(void (*fn)(void *));
/* Run it with @arg when the calling thread exits. */
void lfhost_arm_thread_exit(void *arg);

/*
 * Set the functions that run around fork(): before it, after it in the parent,
 * and after it in the child.
 */
void lfhost_at_fork(void (*prepare)(void), void (*parent)(void),
		    void (*child)(void));

/*
 * Between these two, the calling thread is not cancelled. The first returns
 * the argument of the second.
 */
int lfhost_cancel_off(void);
void lfhost_cancel_restore(int old);

/* A number that nobody can guess, whatever LIBFENCE_SEED is. */
uint64_t lfhost_random(void);

/* A loaded object: the program or a library. */
struct lfhost_object {
	char path[256];
	/* The difference between its addresses in memory and in the file. */
	unsigned long base;
};

/* Find the object that contains the address. Takes the loader's lock. */
bool lfhost_find_object(unsigned long addr, struct lfhost_object *object);
/*
 * Is the address in static memory of a loaded object? Does not take the loader's
 * lock, unless libc knows no other way.
 */
bool lfhost_is_static(const void *p);
/* Map the contents of a file, read-only. NULL if that fails. */
void *lfhost_map_file(const char *path, size_t *size);
void lfhost_unmap_file(void *p, size_t size);

/**
 * lfhost_alloc - allocate memory for the shim itself
 * @size: the number of bytes
 * @align: the alignment, a power of two
 * @zero: clear the memory
 *
 * The shim keeps such an object as long as it likes: it is no leak.
 * Return: memory for lfhost_free(); NULL.
 */
void *lfhost_alloc(size_t size, size_t align, bool zero);
/* The same for kernel code, which has to free it: kmalloc(), slab objects. */
void *lfhost_alloc_kernel(size_t size, size_t align, bool zero);
void lfhost_free(void *p);
/* How many bytes of an allocation can be used. */
size_t lfhost_alloc_size(const void *p);

/* The value of a variable of the environment, or NULL. */
const char *lfhost_getenv(const char *name);
/*
 * Print the caller's stack to stderr, without the first @skip frames. Allocates
 * nothing. Prints nothing if libc has no backtrace().
 */
void lfhost_print_backtrace(int skip);

#endif
