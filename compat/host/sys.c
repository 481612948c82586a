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

int64_t lfhost_clock_boot(void)
{
	return sys_clock_ns(CLOCK_BOOTTIME);
}

int64_t lfhost_clock_tai(void)
{
	return sys_clock_ns(CLOCK_TAI);
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

void lfhost_futex_requeue(uint32_t *word, uint32_t *to)
{
	int saved = errno;

	/* Wake none, move one. */
	if (syscall(FUTEX_CALL, word, FUTEX_REQUEUE | FUTEX_PRIVATE_FLAG, 0, 1l,
		    to, 0) < 0)
		lfhost_futex_wake(word, 1);
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

/*
 * The CPUs on which threads of the process are known to run, a bit for each.
 * Bits are only set. The caller of lfhost_cpus_learn() serialises that.
 */
#define CPU_WORD_BITS	64

static uint64_t known_cpus[CPU_SETSIZE / CPU_WORD_BITS];
/* Those before the last lfhost_cpus_learn(). */
static cpu_set_t previous_cpus;
static unsigned int nr_known_cpus, cpu_ids = 1;

static bool cpu_is_known(unsigned int cpu)
{
	uint64_t *word = &known_cpus[cpu / CPU_WORD_BITS];

	return __atomic_load_n(word, __ATOMIC_RELAXED) >>
		       cpu % CPU_WORD_BITS & 1;
}

static void get_known_cpus(cpu_set_t *set)
{
	unsigned int cpu;

	CPU_ZERO(set);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (cpu_is_known(cpu))
			CPU_SET(cpu, set);
}

unsigned int lfhost_cpus(void)
{
	return __atomic_load_n(&nr_known_cpus, __ATOMIC_RELAXED);
}

unsigned int lfhost_cpu_ids(void)
{
	return cpu_ids;
}

unsigned int lfhost_this_cpu(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? 0 : cpu;
}

bool lfhost_this_cpu_is_known(void)
{
	unsigned int cpu = lfhost_this_cpu();

	return cpu >= CPU_SETSIZE || cpu_is_known(cpu);
}

bool lfhost_cpus_are_known(void)
{
	cpu_set_t mine, known;

	if (sched_getaffinity(0, sizeof(mine), &mine))
		return true;
	get_known_cpus(&known);
	CPU_AND(&known, &known, &mine);
	return CPU_EQUAL(&known, &mine);
}

void lfhost_cpus_learn(void)
{
	unsigned int cpu, nr = 0;
	cpu_set_t mine;

	get_known_cpus(&previous_cpus);
	if (sched_getaffinity(0, sizeof(mine), &mine))
		return;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &mine))
			__atomic_fetch_or(&known_cpus[cpu / CPU_WORD_BITS],
					  1ull << cpu % CPU_WORD_BITS,
					  __ATOMIC_RELAXED);
		nr += cpu_is_known(cpu);
	}
	__atomic_store_n(&nr_known_cpus, nr, __ATOMIC_RELAXED);
}

void lfhost_thread_add_cpus(unsigned int tid)
{
	int saved = errno;
	cpu_set_t now, known;

	if (!sched_getaffinity(tid, sizeof(now), &now) &&
	    CPU_EQUAL(&now, &previous_cpus)) {
		get_known_cpus(&known);
		sched_setaffinity(tid, sizeof(known), &known);
	}
	errno = saved;
}

__attribute__((__constructor__(101))) static void sys_init(void)
{
	long configured = sysconf(_SC_NPROCESSORS_CONF);
	unsigned int cpu;

	lfhost_cpus_learn();
	/* If that failed. */
	if (!nr_known_cpus)
		nr_known_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	/* All CPUs of the machine: a thread may move to any of them later. */
	if (configured > 0)
		cpu_ids = configured;
	for (cpu = cpu_ids; cpu < CPU_SETSIZE; cpu++)
		if (cpu_is_known(cpu))
			cpu_ids = cpu + 1;
	has_membarrier = syscall(SYS_membarrier,
				 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
				 0, 0) == 0;
}

int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg)
{
	sigset_t all, old;
	pthread_attr_t attr;
	cpu_set_t cpus;
	pthread_t id;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	get_known_cpus(&cpus);
#ifdef __GLIBC__
	if (CPU_COUNT(&cpus))
		pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
#endif
	/* The program's signal handlers must not run on the shim's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&id, &attr, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
#ifndef __GLIBC__
	/* musl has no such attribute, so the thread moves after its start. */
	if (!err && CPU_COUNT(&cpus))
		pthread_setaffinity_np(id, sizeof(cpus), &cpus);
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
