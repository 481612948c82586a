/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The CPUs that the threads run on. */
#ifndef FENCE_BENCH_CPUS_H
#define FENCE_BENCH_CPUS_H

/* Sets bench.cpu; @list is the argument of --cpu, or NULL. */
void choose_cpus(const char *list);
/* Pins the calling thread. */
void pin_thread(int cpu);
/* Pins all other threads, which are the library's. */
void pin_other_threads(int cpu);
/* How often the calling thread was switched out while it could run. */
unsigned long involuntary_switches(void);

#endif
