// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Small functions of the kernel's lib/: strings, sorting, random numbers, time. */

#include <stdlib.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/sort.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "host/sys.h"

ktime_t ktime_get(void)
{
	return lfshim_sys_clock();
}

ktime_t ktime_get_real(void)
{
	return lfshim_sys_clock_real();
}

unsigned int num_online_cpus(void)
{
	return lfshim_sys_cpus();
}

unsigned int lfshim_nr_cpu_ids(void)
{
	return min_t(unsigned int, lfshim_sys_cpu_ids(), NR_CPUS);
}

unsigned int raw_smp_processor_id(void)
{
	unsigned int cpu = lfshim_sys_this_cpu(), ids = lfshim_nr_cpu_ids();

	/* A CPU that the process was not allowed to use at first. */
	return cpu < ids ? cpu : cpu % ids;
}

ssize_t sized_strscpy(char *dst, const char *src, size_t count)
{
	size_t len;

	if (!count)
		return -E2BIG;
	len = strnlen(src, count);
	if (len == count) {
		memcpy(dst, src, count - 1);
		dst[count - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return len;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len < (ssize_t)size ? len : size ? (int)size - 1 : 0;
}

static void swap_bytes(void *a, void *b, int size)
{
	unsigned char *x = a, *y = b, tmp;

	while (size--) {
		tmp = *x;
		*x++ = *y;
		*y++ = tmp;
	}
}

/* Let the element at @i sink to where the heap of @num elements is one again. */
static void sift_down(char *base, size_t i, size_t num, size_t size,
		      cmp_func_t cmp, swap_func_t swap_func)
{
	size_t child;

	for (; (child = 2 * i + 1) < num; i = child) {
		if (child + 1 < num &&
		    cmp(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + i * size, base + child * size) >= 0)
			break;
		swap_func(base + i * size, base + child * size, size);
	}
}

void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap_func)
{
	size_t i;

	if (!swap_func)
		swap_func = swap_bytes;
	for (i = num / 2; i-- > 0;)
		sift_down(base, i, num, size, cmp, swap_func);
	for (i = num; i-- > 1;) {
		swap_func(base, (char *)base + i * size, size);
		sift_down(base, 0, i, size, cmp, swap_func);
	}
}

/* splitmix64, one sequence for each thread. */
static __thread u64 random_state;

static u64 seed(void)
{
	static u64 nr_threads;
	const char *env = getenv("LIBFENCE_SEED");
	u64 base = env ? strtoull(env, NULL, 0) : (u64)lfshim_sys_clock();

	return base + 0x9e3779b97f4a7c15ull *
	       (1 + __atomic_fetch_add(&nr_threads, 1, __ATOMIC_RELAXED));
}

u32 get_random_u32(void)
{
	u64 z;

	if (!random_state)
		random_state = seed();
	z = random_state += 0x9e3779b97f4a7c15ull;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (z ^ (z >> 31)) >> 32;
}

u32 get_random_u32_below(u32 ceil)
{
	return (u64)get_random_u32() * ceil >> 32;
}
