// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Several threads create, signal and put fences for some time: does the cost of
 * a fence, or the memory, grow? One line for each number of threads and second,
 * which gnuplot can read.
 */

#include <sys/wait.h>
#include <linux/dma-fence.h>
#include <linux/slab.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS	64

static const char *name(struct dma_fence *fence)
{
	return "threads";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = name,
	.get_timeline_name = name,
};

/* Each counter has a cache line of its own. */
static struct {
	unsigned long fences;
	char pad[120];
} counts[MAX_THREADS];
static bool is_over;

static void *create_signal_put(void *arg)
{
	unsigned long *fences = arg;
	struct dma_fence *f;
	int i;

	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
		for (i = 0; i < 100; i++) {
			f = kmalloc_obj(*f);
			if (!f)
				abort();
			dma_fence_init(f, &ops, NULL, 1, 1);
			dma_fence_signal(f);
			dma_fence_put(f);
		}
		__atomic_store_n(fences, *fences + 100, __ATOMIC_RELAXED);
	}
	return NULL;
}

static unsigned long nr_fences(int threads)
{
	unsigned long n = 0;

	while (threads--)
		n += __atomic_load_n(&counts[threads].fences, __ATOMIC_RELAXED);
	return n;
}

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static double memory_mib(void)
{
	long unused, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%ld %ld", &unused, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* In a process of its own, whose memory is that of these threads. */
static int run(int threads, int seconds)
{
	struct timespec second = { .tv_sec = 1 };
	pthread_t t[MAX_THREADS];
	unsigned long before = 0, now;
	double cpu, last = 0;
	int i, s;

	for (i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, create_signal_put,
				   &counts[i].fences))
			return 1;
	for (s = 1; s <= seconds; s++) {
		nanosleep(&second, NULL);
		now = nr_fences(threads);
		cpu = cpu_seconds();
		printf("%7d %6d %11.1f %9.1f %8.1f\n", threads, s,
		       (cpu - last) * 1e9 / (now - before),
		       (now - before) * 1e-6, memory_mib());
		fflush(stdout);
		before = now;
		last = cpu;
	}
	is_over = true;
	for (i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	return 0;
}

static int run_in_child(int threads, int seconds)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(run(threads, seconds));
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

int main(int argc, char **argv)
{
	static const int usual[] = { 1, 2, 4, 16 };
	int seconds = argc > 1 ? atoi(argv[1]) : 5, i, n, failed = 0;

	if (seconds < 1) {
		fprintf(stderr, "usage: fence-threads [SECONDS [THREADS...]]\n");
		return 2;
	}
	printf("# CPU time for a fence, by all threads of the process; fences in a second;\n"
	       "# memory of the process\n");
	printf("#threads second  ns a fence  millions      MiB\n");
	fflush(stdout);
	if (argc <= 2)
		for (i = 0; i < 4; i++)
			failed |= run_in_child(usual[i], seconds);
	for (i = 2; i < argc; i++) {
		n = atoi(argv[i]);
		if (n < 1 || n > MAX_THREADS) {
			fprintf(stderr, "fence-threads: 1 to %d threads\n",
				MAX_THREADS);
			return 2;
		}
		failed |= run_in_child(n, seconds);
	}
	return failed;
}
