// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The costs of the flavours of liburcu: the numbers behind the choice in
 * docs/rcu.md.
 *
 *	ninja bench/rcu-flavours && bench/rcu-flavours
 *
 * Prints the median of several repeats, in nanoseconds, on one thread. In each
 * repeat, all flavours take their turn.
 */
#define _LGPL_SOURCE
#define URCU_API_MAP
#include <urcu/urcu-memb.h>
#include <urcu/map/clear.h>
#undef URCU_API_MAP
#define URCU_API_MAP
#include <urcu/urcu-mb.h>
#include <urcu/map/clear.h>
#undef URCU_API_MAP
#define URCU_API_MAP
#include <urcu/urcu-qsbr.h>
#include <urcu/map/clear.h>
#undef URCU_API_MAP
#define URCU_API_MAP
#include <urcu/urcu-bp.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define REPEATS	11

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v)
{
	qsort(v, REPEATS, sizeof(*v), by_value);
	return v[REPEATS / 2];
}

#define READ_LOOPS	2000000
#define SYNC_LOOPS	200

/* The three measurements of a flavour. Each function does one repeat. */
#define FLAVOUR(name)							\
static double name##_read(void)						\
{									\
	double begin = now();						\
									\
	for (int i = 0; i < READ_LOOPS; i++) {				\
		urcu_##name##_read_lock();				\
		__asm__ __volatile__("" : : : "memory");		\
		urcu_##name##_read_unlock();				\
	}								\
	return (now() - begin) / READ_LOOPS;				\
}									\
static double name##_sync(void)						\
{									\
	double begin = now();						\
									\
	for (int i = 0; i < SYNC_LOOPS; i++)				\
		urcu_##name##_synchronize_rcu();			\
	return (now() - begin) / SYNC_LOOPS;				\
}									\
static void *name##_register(void *cost)				\
{									\
	double begin = now();						\
									\
	urcu_##name##_register_thread();				\
	*(double *)cost = now() - begin;				\
	urcu_##name##_unregister_thread();				\
	return NULL;							\
}

FLAVOUR(bp)
FLAVOUR(memb)
FLAVOUR(mb)
FLAVOUR(qsbr)

struct flavour {
	const char *name;
	double (*read)(void), (*sync)(void);
	void *(*reg)(void *);
	double reads[REPEATS], syncs[REPEATS], regs[REPEATS];
};

int main(void)
{
	static struct flavour flavours[] = {
		{ "bp", bp_read, bp_sync, bp_register },
		{ "memb", memb_read, memb_sync, memb_register },
		{ "mb", mb_read, mb_sync, mb_register },
		{ "qsbr", qsbr_read, qsbr_sync, qsbr_register },
	};
	const unsigned int nr = sizeof(flavours) / sizeof(flavours[0]);
	unsigned int i;
	pthread_t t;
	int r;

	urcu_bp_register_thread();
	urcu_memb_register_thread();
	urcu_mb_register_thread();
	urcu_qsbr_register_thread();
	for (r = 0; r < REPEATS; r++) {
		for (i = 0; i < nr; i++) {
			struct flavour *f = &flavours[i];

			f->reads[r] = f->read();
			f->syncs[r] = f->sync();
			if (pthread_create(&t, NULL, f->reg, &f->regs[r])) {
				perror("pthread_create");
				return 1;
			}
			pthread_join(t, NULL);
		}
	}
	printf("%-8s %16s %20s %18s\n", "flavour", "lock+unlock", "synchronize_rcu",
	       "registration");
	for (i = 0; i < nr; i++)
		printf("%-8s %13.2f ns %17.0f ns %15.0f ns\n", flavours[i].name,
		       median(flavours[i].reads), median(flavours[i].syncs),
		       median(flavours[i].regs));
	return 0;
}
