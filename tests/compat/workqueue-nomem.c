// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Work queues when no thread can be created. The program limits its address
 * space, so that there is no room for a stack. It is a program of its own,
 * because libc keeps the stacks of threads that have ended.
 */

#include "helpers.h"
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#define NR	6

struct waiting {
	struct work_struct work;
	struct completion running, go;
	pid_t thread;
};

static void waiting_fn(struct work_struct *work)
{
	struct waiting *w = container_of(work, struct waiting, work);

	w->thread = task_pid_nr(current);
	complete(&w->running);
	wait_for_completion(&w->go);
}

static void waiting_init(struct waiting *w)
{
	INIT_WORK(&w->work, waiting_fn);
	init_completion(&w->running);
	init_completion(&w->go);
}

static bool runs(struct waiting *w, unsigned int ms)
{
	return wait_for_completion_timeout(&w->running, msecs_to_jiffies(ms));
}

/*
 * How many of the items run: as many as there are workers, except the manager. A worker
 * of a busy machine may begin late.
 */
static int count_running(struct waiting *w, int max)
{
	int nr = 0;

	while (nr < max && runs(&w[nr], 600))
		nr++;
	return nr;
}

static rlim_t address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu", &pages), 1);
	fclose(f);
	return pages * 4096;
}

static struct rlimit unlimited;

static void no_more_threads(void)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_AS, &unlimited), 0);
	limit = unlimited;
	limit.rlim_cur = address_space() + 65536;
	assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
}

static void threads_again(void)
{
	assert_int_equal(setrlimit(RLIMIT_AS, &unlimited), 0);
}

/* qemu-user does not keep the limit. */
static bool limit_is_kept(void)
{
	void *p;

	no_more_threads();
	p = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	threads_again();
	if (p != MAP_FAILED)
		munmap(p, 1 << 20);
	return p == MAP_FAILED;
}

/*
 * Two workers exist from the start. Without memory, one runs an item, and the
 * other is the manager.
 */
static void growing_is_tried_again(void **state)
{
	struct workqueue_struct *wq = alloc_workqueue("plain", WQ_UNBOUND, 0);
	struct waiting a, b;

	assert_non_null(wq);
	waiting_init(&a);
	waiting_init(&b);
	no_more_threads();
	queue_work(wq, &a.work);
	assert_true(runs(&a, PATIENCE_S * 1000));
	queue_work(wq, &b.work);
	assert_false(runs(&b, 50));
	threads_again();
	assert_true(runs(&b, PATIENCE_S * 1000));
	complete(&a.go);
	complete(&b.go);
	destroy_workqueue(wq);
}

/*
 * The workers are busy. The rescuer runs one item of its queue after the other,
 * although an item of another queue is before them.
 */
static void rescuer_runs_items_without_memory(void **state)
{
	struct workqueue_struct *wq = alloc_workqueue("plain", WQ_UNBOUND, 0);
	struct workqueue_struct *reclaim =
		alloc_workqueue("reclaim", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	struct waiting busy[NR], rescued[2];
	int i, nr;

	assert_non_null(wq);
	assert_non_null(reclaim);
	no_more_threads();
	for (i = 0; i < NR; i++) {
		waiting_init(&busy[i]);
		queue_work(wq, &busy[i].work);
	}
	nr = count_running(busy, NR);
	/* Otherwise libc had a stack for each: the test shows nothing. */
	assert_true(nr < NR);
	for (i = 0; i < 2; i++) {
		waiting_init(&rescued[i]);
		complete(&rescued[i].go);
		queue_work(reclaim, &rescued[i].work);
	}
	for (i = 0; i < 2; i++)
		assert_true(runs(&rescued[i], PATIENCE_S * 1000));
	assert_int_equal(rescued[0].thread, rescued[1].thread);
	assert_int_equal(work_busy(&busy[nr].work), WORK_BUSY_PENDING);
	for (i = 0; i < NR; i++)
		complete(&busy[i].go);
	destroy_workqueue(wq);
	destroy_workqueue(reclaim);
	/* Not before: each item might get a thread, which the next test would have. */
	threads_again();
}

static int order[NR], nr_ordered;

struct numbered {
	struct work_struct work;
	int nr;
};

static void numbered_fn(struct work_struct *work)
{
	order[nr_ordered++] = container_of(work, struct numbered, work)->nr;
}

/* The only worker that runs items takes them from the list in order. */
static void items_are_taken_in_the_order_of_queueing(void **state)
{
	struct workqueue_struct *wq = alloc_workqueue("plain", WQ_UNBOUND, 0);
	struct waiting busy[NR];
	struct numbered n[NR];
	int i, nr;

	assert_non_null(wq);
	no_more_threads();
	for (i = 0; i < NR; i++) {
		waiting_init(&busy[i]);
		queue_work(wq, &busy[i].work);
	}
	nr = count_running(busy, NR);
	assert_true(nr < NR);
	for (i = 0; i < NR; i++) {
		INIT_WORK(&n[i].work, numbered_fn);
		n[i].nr = i;
		queue_work(wq, &n[i].work);
	}
	/* One worker goes on: the others are busy, or the manager. */
	complete(&busy[0].go);
	for (i = nr; i < NR; i++)
		complete(&busy[i].go);
	for (i = 0; i < NR; i++)
		flush_work(&n[i].work);
	for (i = 0; i < NR; i++)
		assert_int_equal(order[i], i);
	threads_again();
	for (i = 1; i < nr; i++)
		complete(&busy[i].go);
	destroy_workqueue(wq);
}

/*
 * The manager tries every 10 milliseconds. Later, idle threads exit, except two:
 * a thread that could not be created is not one of those.
 */
static void failed_threads_are_not_counted_and_do_not_leak(void **state)
{
	struct workqueue_struct *wq = alloc_workqueue("plain", WQ_UNBOUND, 0);
	struct waiting busy[NR], later;
	bool leaks;
	struct memory before;
	int i, nr;

	assert_non_null(wq);
	no_more_threads();
	for (i = 0; i < NR; i++) {
		waiting_init(&busy[i]);
		queue_work(wq, &busy[i].work);
	}
	nr = count_running(busy, NR);
	assert_true(nr < NR);
	rcu_barrier();
	before = memory_now();
	assert_false(runs(&busy[nr], 500));
	/* Some tasks may not be freed yet, but in the end not one for each try. */
	leaks = !memory_came_back(&before, 12000);
	threads_again();
	for (i = 0; i < NR; i++)
		complete(&busy[i].go);
	destroy_workqueue(wq);
	assert_false(leaks);

	waiting_init(&later);
	msleep(2500);
	queue_work(system_dfl_wq, &later.work);
	assert_true(runs(&later, PATIENCE_S * 1000));
	complete(&later.go);
	flush_work(&later.work);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(growing_is_tried_again),
		TEST(items_are_taken_in_the_order_of_queueing),
		TEST(rescuer_runs_items_without_memory),
		TEST(failed_threads_are_not_counted_and_do_not_leak),
	};
	/* Sanitizers and Valgrind need address space themselves. */
	bool limits = !LFSHIM_ASAN && !LFSHIM_TSAN && !test_on_valgrind() &&
		      limit_is_kept();

	TEST_NEEDS(limits, "address space to limit", growing_is_tried_again);
	TEST_NEEDS(limits, "address space to limit",
		   items_are_taken_in_the_order_of_queueing);
	TEST_NEEDS(limits, "address space to limit",
		   rescuer_runs_items_without_memory);
	TEST_NEEDS(limits, "address space to limit",
		   failed_threads_are_not_counted_and_do_not_leak);
	return TEST_MAIN("workqueue-nomem", tests);
}
