// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The host seam; see sys.h. */

#include <errno.h>
#ifdef LFSHIM_BACKTRACE
#include <execinfo.h>
#endif
#include <fcntl.h>
#include <link.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sys.h"

#define NS_PER_S	INT64_C(1000000000)
/* The length of a backtrace. */
#define MAX_FRAMES	32

/* The timespec of the futex call. Its size does not depend on libc. */
struct futex_time {
	int64_t sec, nsec;
};

#if __SIZEOF_LONG__ == 4 && defined(SYS_futex_time64)
/* Since Linux 5.1. The older call has 32 bits for the seconds. */
#define FUTEX_CALL	SYS_futex_time64
#elif __SIZEOF_LONG__ == 4 && !defined(__x86_64__)
#error "libfence needs the kernel headers of Linux 5.1 or later on 32-bit systems"
#else
#define FUTEX_CALL	SYS_futex
#endif

static int64_t sys_clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t lfhost_clock(void)
{
	return sys_clock_ns(CLOCK_MONOTONIC);
}

int64_t lfhost_clock_real(void)
{
	return sys_clock_ns(CLOCK_REALTIME);
}

int lfhost_futex_wait(uint32_t *word, uint32_t value, int64_t deadline)
{
	struct futex_time ts = {
		.sec = deadline / NS_PER_S,
		.nsec = deadline % NS_PER_S,
	};
	int saved = errno, ret = 0;

	if (syscall(FUTEX_CALL, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG,
		    value, deadline == LFHOST_FOREVER ? NULL : &ts, NULL,
		    FUTEX_BITSET_MATCH_ANY) < 0)
		ret = -errno;
	errno = saved;
	return ret;
}

void lfhost_futex_wake(uint32_t *word, int nr)
{
	int saved = errno;

	syscall(FUTEX_CALL, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, nr);
	errno = saved;
}

static bool has_membarrier;

bool lfhost_membarrier(void)
{
	return has_membarrier &&
	       syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

void lfhost_yield(void)
{
	sched_yield();
}

unsigned int lfhost_tid(void)
{
	return syscall(SYS_gettid);
}

bool lfhost_thread_exists(unsigned int tid)
{
	int saved = errno;
	bool exists = !syscall(SYS_tgkill, getpid(), tid, 0) || errno != ESRCH;

	errno = saved;
	return exists;
}

/* The CPUs at the start of the process. Written by the constructor. */
static cpu_set_t start_cpus;
static unsigned int nr_start_cpus = 1, start_cpu_ids = 1;

unsigned int lfhost_cpus(void)
{
	return nr_start_cpus;
}

unsigned int lfhost_cpu_ids(void)
{
	return start_cpu_ids;
}

unsigned int lfhost_this_cpu(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? 0 : cpu;
}

static unsigned int sys_highest_cpu(void)
{
	unsigned int cpu = CPU_SETSIZE - 1;

	while (cpu && !CPU_ISSET(cpu, &start_cpus))
		cpu--;
	return cpu;
}

__attribute__((__constructor__(101))) static void sys_init(void)
{
	if (sched_getaffinity(0, sizeof(start_cpus), &start_cpus) == 0)
		nr_start_cpus = CPU_COUNT(&start_cpus);
	else
		nr_start_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	start_cpu_ids = sys_highest_cpu() + 1;
	/* If the mask could not be read. */
	if (start_cpu_ids < nr_start_cpus)
		start_cpu_ids = nr_start_cpus;
	has_membarrier = syscall(SYS_membarrier,
				 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
				 0, 0) == 0;
}

int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg)
{
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t id;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
#ifdef __GLIBC__
	if (CPU_COUNT(&start_cpus))
		pthread_attr_setaffinity_np(&attr, sizeof(start_cpus),
					    &start_cpus);
#endif
	/* The program's signal handlers must not run on the shim's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&id, &attr, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
#ifndef __GLIBC__
	/* musl has no such attribute, so the thread moves after its start. */
	if (!err && CPU_COUNT(&start_cpus))
		pthread_setaffinity_np(id, sizeof(start_cpus), &start_cpus);
#endif
	if (!err)
		*thread = (unsigned long)id;
	return -err;
}

int lfhost_cancel_off(void)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	return old;
}

void lfhost_cancel_restore(int old)
{
	pthread_setcancelstate(old, NULL);
}

uint64_t lfhost_random(void)
{
	/* The host's numbers are late at boot, and missing in old kernels. */
	static uint64_t nr;
	uint64_t number = 0;
	int saved = errno;

	if (syscall(SYS_getrandom, &number, sizeof(number), GRND_NONBLOCK) !=
	    sizeof(number))
		number = (lfhost_clock() ^ (uint64_t)getpid() << 40) *
				 0x9e3779b97f4a7c15ull +
			 __atomic_add_fetch(&nr, 1, __ATOMIC_RELAXED);
	errno = saved;
	return number;
}

void lfhost_thread_join(unsigned long thread)
{
	int old = lfhost_cancel_off();

	pthread_join((pthread_t)thread, NULL);
	lfhost_cancel_restore(old);
}

void lfhost_thread_detach(unsigned long thread)
{
	pthread_detach((pthread_t)thread);
}

void lfhost_thread_exit(void)
{
	pthread_exit(NULL);
}

void lfhost_thread_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

void lfhost_thread_get_name(char *buf, size_t size)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	strncpy(buf, name, size - 1);
	buf[size - 1] = '\0';
}

void lfhost_thread_wake_exactly(void)
{
	/* In nanoseconds; 0 would mean the default. */
	prctl(PR_SET_TIMERSLACK, 1ul);
}

static pthread_key_t exit_key;

void lfhost_at_thread_exit(void (*fn)(void *))
{
	if (pthread_key_create(&exit_key, fn))
		abort();
}

void lfhost_arm_thread_exit(void *arg)
{
	pthread_setspecific(exit_key, arg);
}

void lfhost_at_fork(void (*prepare)(void), void (*parent)(void),
		    void (*child)(void))
{
	if (pthread_atfork(prepare, parent, child))
		abort();
}

struct sys_find_object {
	unsigned long addr;
	struct lfhost_object *object;
};

static int sys_find_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct sys_find_object *find = arg;
	struct lfhost_object *object = find->object;
	ssize_t len;
	int i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD ||
		    find->addr - info->dlpi_addr - p->p_vaddr >= p->p_memsz)
			continue;
		object->base = info->dlpi_addr;
		strncpy(object->path, info->dlpi_name, sizeof(object->path) - 1);
		object->path[sizeof(object->path) - 1] = '\0';
		if (*object->path)
			return 1;
		/* An empty name stands for the program itself. */
		len = readlink("/proc/self/exe", object->path,
			       sizeof(object->path) - 1);
		object->path[len > 0 ? len : 0] = '\0';
		return 1;
	}
	return 0;
}

bool lfhost_find_object(unsigned long addr, struct lfhost_object *object)
{
	struct sys_find_object find = { addr, object };

	return dl_iterate_phdr(sys_find_object, &find);
}

bool lfhost_is_static(const void *p)
{
#ifdef DLFO_STRUCT_HAS_EH_DBASE
	struct dl_find_object found;

	return !_dl_find_object((void *)p, &found);
#else
	struct lfhost_object object;

	return lfhost_find_object((unsigned long)p, &object);
#endif
}

void *lfhost_map_file(const char *path, size_t *size)
{
	int saved = errno, old = lfhost_cancel_off();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size > 0) {
		*size = st.st_size;
		p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	lfhost_cancel_restore(old);
	errno = saved;
	return p == MAP_FAILED ? NULL : p;
}

void lfhost_unmap_file(void *p, size_t size)
{
	munmap(p, size);
}

/* The host keeps no account of owners: see the two declarations. */
void *lfhost_alloc_kernel(size_t size, size_t align, bool zero)
{
	void *p;

	/* Some allocators align a block that is smaller to its size only. */
	if (align <= _Alignof(max_align_t) && size >= align)
		return zero ? calloc(1, size) : malloc(size);
	if (posix_memalign(&p, align, size))
		return NULL;
	/* All of it, as calloc() does: krealloc() may copy the end, too. */
	return zero ? memset(p, 0, malloc_usable_size(p)) : p;
}

void *lfhost_alloc(size_t size, size_t align, bool zero)
{
	return lfhost_alloc_kernel(size, align, zero);
}

void lfhost_free(void *p)
{
	free(p);
}

size_t lfhost_alloc_size(const void *p)
{
	return malloc_usable_size((void *)p);
}

const char *lfhost_getenv(const char *name)
{
	return getenv(name);
}

void lfhost_print_backtrace(int skip)
{
#ifdef LFSHIM_BACKTRACE
	void *frames[MAX_FRAMES];
	int nr = backtrace(frames, MAX_FRAMES);

	/* Skip this function's own frame, too. */
	skip++;
	if (nr > skip)
		backtrace_symbols_fd(frames + skip, nr - skip, STDERR_FILENO);
#endif
}
