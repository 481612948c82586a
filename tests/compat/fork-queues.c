// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * fork() beside work queues: which items, runs, threads and waits the child has.
 * Beside irq_work: no lock is left.
 * In the child nobody waits, and no item runs, except in the thread that forked.
 */

#include "threads.h"
#include "workqueue.h"
#include <sys/prctl.h>
#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/timer.h>

#if THREADS_ARE_OURS
#define NR_WAITERS	3

/*
 * An item that runs until it may go. It polls, because the child uses the stacks
 * of lost threads again: a list of those that sleep would be garbage.
 */
struct poller {
	struct work_struct work;
	atomic_t nr_runs;
	bool may_go;
};

static void poller_fn(struct work_struct *work)
{
	struct poller *p = container_of(work, struct poller, work);

	atomic_inc_return(&p->nr_runs);
	while (!READ_ONCE(p->may_go))
		usleep_range(500, 600);
}

static void poller_init(struct poller *p)
{
	*p = (struct poller){ .may_go = false };
	INIT_WORK(&p->work, poller_fn);
}

static void let_go(struct poller *p)
{
	WRITE_ONCE(p->may_go, true);
}

static bool has_run(struct poller *p, int nr)
{
	return eventually(atomic_read(&p->nr_runs) >= nr);
}

static void poller_start(struct poller *p, struct workqueue_struct *wq)
{
	poller_init(p);
	queue_work(wq, &p->work);
	if (!has_run(p, 1))
		_exit(97);
}

static struct workqueue_struct *wq;
static struct poller first, second;

/*
 * Other threads of the parent, which wait for one item, for a second one, and
 * for their queue. In the child, nobody touches them.
 */
static struct task_struct *waiters[NR_WAITERS];
static struct work_struct *awaited[2];
static struct workqueue_struct *awaited_wq;
static struct completion may_wait;
static int nr_waiting;

static int wait_for_something(void *data)
{
	long nr = (long)data;

	wait_for_completion(&may_wait);
	__atomic_fetch_add(&nr_waiting, 1, __ATOMIC_SEQ_CST);
	if (nr < ARRAY_SIZE(awaited))
		flush_work(awaited[nr]);
	else
		__flush_workqueue(awaited_wq);
	return 0;
}

static void create_waiters(struct work_struct *one, struct work_struct *two,
			   struct workqueue_struct *queue)
{
	long i;

	awaited[0] = one;
	awaited[1] = two;
	awaited_wq = queue;
	nr_waiting = 0;
	init_completion(&may_wait);
	for (i = 0; i < NR_WAITERS; i++)
		waiters[i] = start(wait_for_something, (void *)i);
}

static void let_them_wait(void)
{
	int i;

	complete_all(&may_wait);
	assert_true(eventually(READ_ONCE(nr_waiting) == NR_WAITERS));
	for (i = 0; i < NR_WAITERS; i++)
		assert_true(eventually(sleeps_in(waiters[i],
						 TASK_UNINTERRUPTIBLE)));
}

static void finish_waiters(void)
{
	int i;

	for (i = 0; i < NR_WAITERS; i++)
		finish(waiters[i]);
}

/* A wake-up would have changed the state. */
static bool waiters_still_sleep(void)
{
	int i;

	for (i = 0; i < NR_WAITERS; i++)
		if (!sleeps_in(waiters[i], TASK_UNINTERRUPTIBLE))
			return false;
	return true;
}

/* All of them run beside each other. */
static bool pollers_run_at_once(void)
{
	static struct poller p[6];
	bool ok = true;
	int i;

	for (i = 0; i < ARRAY_SIZE(p); i++) {
		poller_init(&p[i]);
		queue_work(system_dfl_wq, &p[i].work);
	}
	for (i = 0; i < ARRAY_SIZE(p); i++)
		ok &= has_run(&p[i], 1);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		let_go(&p[i]);
	__flush_workqueue(system_dfl_wq);
	return ok;
}

/* The child runs the item that was pending, and ends no wait of the parent. */
static int run_what_is_pending(void)
{
	let_go(&second);
	if (!has_run(&second, 1))
		return 1;
	__flush_workqueue(wq);
	if (work_busy(&first.work) || work_busy(&second.work))
		return 2;
	return waiters_still_sleep() ? 0 : 3;
}

static void child_ends_no_wait_of_the_parent(void **state)
{
	wq = make_ordered();
	poller_start(&first, wq);
	poller_init(&second);
	queue_work(wq, &second.work);
	create_waiters(&first.work, &second.work, wq);
	let_them_wait();
	assert_int_equal(status_of_child(run_what_is_pending), 0);
	let_go(&first);
	let_go(&second);
	finish_waiters();
	destroy_workqueue(wq);
}

/* An item that runs and is queued again, when the child begins. */
static int run_again(void)
{
	let_go(&first);
	flush_work(&first.work);
	/* The run of the parent, and that of the child. */
	return atomic_read(&first.nr_runs) == 2 ? 0 : 1;
}

static void child_runs_an_item_that_was_queued_again(void **state)
{
	wq = make(4);
	poller_start(&first, wq);
	queue_work(wq, &first.work);
	/* A worker hands it to the one that runs the item. */
	msleep(10);
	assert_int_equal(status_of_child(run_again), 0);
	let_go(&first);
	destroy_workqueue(wq);
}

static int drain_it(void *unused)
{
	drain_workqueue(wq);
	return 0;
}

/* A drain of the child begins and ends, whatever the parent does. */
static int queue_and_drain(void)
{
	struct task_struct *task;
	struct counted c;

	counted_init(&c, wq);
	queue_work(wq, &c.work);
	if (work_busy(&c.work) == 0 && !atomic_read(&c.nr_runs))
		return 1;
	flush_work(&c.work);
	poller_start(&second, wq);
	task = start(drain_it, NULL);
	if (!eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)))
		return 2;
	queue_work(wq, &c.work);
	if (work_pending(&c.work))
		return 3;
	let_go(&second);
	finish(task);
	queue_work(wq, &c.work);
	flush_work(&c.work);
	return atomic_read(&c.nr_runs) == 2 ? 0 : 4;
}

static void child_does_not_drain_what_the_parent_drains(void **state)
{
	struct task_struct *task;

	wq = make(4);
	poller_start(&first, wq);
	task = start(drain_it, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	assert_int_equal(status_of_child(queue_and_drain), 0);
	let_go(&first);
	finish(task);
	destroy_workqueue(wq);
}

static int use_and_exit(void)
{
	if (!pollers_run_at_once())
		return 1;
	exit(0);
}

/* The child has none of the idle workers of the parent. */
static void child_has_no_idle_threads(void **state)
{
	ktime_t begin;
	int i;

	for (i = 0; i < 3; i++) {
		assert_true(pollers_run_at_once());
		begin = ktime_get();
		assert_int_equal(status_of_child(use_and_exit), 0);
		/* An idle worker that does not exist delays the exit. */
		if (ktime_get() - begin < 900 * NSEC_PER_MSEC)
			return;
	}
	fail_msg("the exit of the child waits");
}

static int be_the_manager(void)
{
	allow_creations(INT_MAX);
	return pollers_run_at_once() ? 0 : 1;
}

static bool timer_ran;

static void timer_fn(struct timer_list *t)
{
	WRITE_ONCE(timer_ran, true);
}

static void rcu_fn(struct rcu_head *head)
{
}

/* Start the services of the test before no thread can be created. */
static void start_services(void)
{
	static DEFINE_TIMER(timer, timer_fn);
	static struct rcu_head head;

	mod_timer(&timer, jiffies);
	assert_true(eventually(READ_ONCE(timer_ran)));
	call_rcu(&head, rcu_fn);
	rcu_barrier();
}

/* Every worker runs an item, except the one that cannot create another. */
static void child_has_no_manager(void **state)
{
	static struct poller p[12];
	int i, nr;

	wq = make(0);
	start_services();
	allow_creations(0);
	for (i = 0; i < ARRAY_SIZE(p); i++) {
		poller_init(&p[i]);
		queue_work(wq, &p[i].work);
	}
	msleep(50);
	for (i = nr = 0; i < ARRAY_SIZE(p); i++)
		nr += atomic_read(&p[i].nr_runs);
	assert_true(nr < ARRAY_SIZE(p));
	assert_int_equal(status_of_child(be_the_manager), 0);
	allow_creations(INT_MAX);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		let_go(&p[i]);
	destroy_workqueue(wq);
}

/* An item that forks, and returns in both processes. */

/* These occupy all workers, if there is a rescuer. */
static struct poller busy[12];

static struct workqueue_struct *own;
static struct work_struct forks, behind, ends;
static bool in_the_child;
static int forked_status, bad;

static void forking_fn(struct work_struct *work)
{
	int status, i;
	pid_t pid;

	atomic_inc_return(&first.nr_runs);
	while (!READ_ONCE(first.may_go))
		usleep_range(500, 600);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(2 * PATIENCE_S);
		in_the_child = true;
		allow_creations(INT_MAX);
		for (i = 0; i < ARRAY_SIZE(busy); i++)
			let_go(&busy[i]);
		/* The run goes on, and the queue is ordered. */
		bad = work_busy(&forks) != WORK_BUSY_RUNNING ||
		      current_work() != work || work_busy(&behind) !=
		      WORK_BUSY_PENDING;
		return;
	}
	if (waitpid(pid, &status, 0) != pid)
		forked_status = 98;
	else
		forked_status = WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* In the child, this comes after the run that forked, on the same thread. */
static void behind_fn(struct work_struct *work)
{
	if (!in_the_child)
		return;
	if (bad)
		_exit(1);
	if (work_busy(&forks) || !waiters_still_sleep())
		_exit(2);
	/* From here on another thread checks, so that this item can end. */
	queue_work(system_highpri_wq, &ends);
}

/* The thread that forked is one of those that stay, or is the rescuer. */
static void ends_fn(struct work_struct *work)
{
	flush_work(&behind);
	if (!pollers_run_at_once())
		_exit(3);
	destroy_workqueue(own);
	if (nr_threads_named("rescuer"))
		_exit(4);
	/* Those that are idle for two seconds exit, except two. */
	msleep(2500);
	_exit(eventually(nr_threads_named("lfshim-wq") == 2) ? 0 : 5);
}

static void prepare_forking_item(unsigned int flags)
{
	int i;

	own = alloc_ordered_workqueue("rescuer", flags);
	assert_non_null(own);
	for (i = 0; i < ARRAY_SIZE(busy); i++)
		poller_init(&busy[i]);
	INIT_WORK(&forks, forking_fn);
	INIT_WORK(&behind, behind_fn);
	INIT_WORK(&ends, ends_fn);
	poller_init(&first);
	in_the_child = false;
	forked_status = -1;
	create_waiters(&forks, &behind, own);
}

static void queue_forking_item(void)
{
	queue_work(own, &forks);
	queue_work(own, &behind);
	assert_true(has_run(&first, 1));
	let_them_wait();
	let_go(&first);
	finish_waiters();
}

static void worker_that_forks_goes_on_in_the_child(void **state)
{
	prepare_forking_item(0);
	queue_forking_item();
	assert_int_equal(forked_status, 0);
	destroy_workqueue(own);
}

static void rescuer_that_forks_goes_on_in_the_child(void **state)
{
	int i;

	prepare_forking_item(WQ_MEM_RECLAIM);
	wq = make(0);
	start_services();
	allow_creations(0);
	for (i = 0; i < ARRAY_SIZE(busy); i++)
		queue_work(wq, &busy[i].work);
	queue_forking_item();
	allow_creations(INT_MAX);
	for (i = 0; i < ARRAY_SIZE(busy); i++)
		let_go(&busy[i]);
	destroy_workqueue(wq);
	assert_int_equal(forked_status, 0);
	destroy_workqueue(own);
}

/* No lock of the queues is held in the child. */

static bool stop_noise;

static int make_noise(void *c)
{
	struct work_struct *work = &((struct counted *)c)->work;

	while (!READ_ONCE(stop_noise)) {
		queue_work(wq, work);
		cancel_work(work);
	}
	return 0;
}

static int use_queues(void)
{
	return pollers_run_at_once() ? 0 : 1;
}

static void fork_beside_queueing_leaves_no_lock_behind(void **state)
{
	/* The child uses the stacks of lost threads again, so not there. */
	static struct counted c[2];
	struct task_struct *tasks[ARRAY_SIZE(c)];
	int i, failed = 0;

	wq = make(1);
	stop_noise = false;
	for (i = 0; i < ARRAY_SIZE(tasks); i++) {
		counted_init(&c[i], wq);
		tasks[i] = start(make_noise, &c[i]);
	}
	for (i = 0; i < 20; i++)
		failed += status_of_child(use_queues);
	WRITE_ONCE(stop_noise, true);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		finish(tasks[i]);
	destroy_workqueue(wq);
	assert_int_equal(failed, 0);
}

static struct irq_work inherited[2][64];

static void irq_fn(struct irq_work *work)
{
	WRITE_ONCE(stop_noise, true);
}

static int use_irq_work(void)
{
	static struct irq_work work = IRQ_WORK_INIT(irq_fn);

	stop_noise = false;
	irq_work_queue(&work);
	return eventually(READ_ONCE(stop_noise)) ? 0 : 1;
}

static void do_nothing(struct irq_work *work)
{
}

static int queue_again_and_again(void *works)
{
	struct irq_work *work = works;
	int i;

	for (i = 0; !READ_ONCE(stop_noise); i++)
		irq_work_queue(&work[i % ARRAY_SIZE(inherited[0])]);
	return 0;
}

static void fork_beside_irq_work_leaves_no_lock_behind(void **state)
{
	struct task_struct *tasks[ARRAY_SIZE(inherited)];
	int i, j, failed = 0;

	stop_noise = false;
	for (i = 0; i < ARRAY_SIZE(tasks); i++) {
		for (j = 0; j < ARRAY_SIZE(inherited[0]); j++)
			init_irq_work(&inherited[i][j], do_nothing);
		tasks[i] = start(queue_again_and_again, inherited[i]);
	}
	for (i = 0; i < 100 && !failed; i++)
		failed = status_of_child(use_irq_work);
	WRITE_ONCE(stop_noise, true);
	for (i = 0; i < ARRAY_SIZE(tasks); i++) {
		finish(tasks[i]);
		for (j = 0; j < ARRAY_SIZE(inherited[0]); j++)
			irq_work_sync(&inherited[i][j]);
	}
	assert_int_equal(failed, 0);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#if THREADS_ARE_OURS
		TEST(child_ends_no_wait_of_the_parent),
		TEST(child_runs_an_item_that_was_queued_again),
		TEST(child_does_not_drain_what_the_parent_drains),
		TEST(child_has_no_idle_threads),
		TEST(child_has_no_manager),
		TEST(worker_that_forks_goes_on_in_the_child),
		TEST(rescuer_that_forks_goes_on_in_the_child),
		TEST(fork_beside_queueing_leaves_no_lock_behind),
		TEST(fork_beside_irq_work_leaves_no_lock_behind),
#endif
	};

#if THREADS_ARE_OURS
	/* Under qemu-user a thread that has ended keeps its name. */
	TEST_NEEDS(TEST_FORKED_THREAD_ENDS, "forked threads that end (musl)",
		   worker_that_forks_goes_on_in_the_child);
	TEST_NEEDS(TEST_FORKED_THREAD_ENDS, "forked threads that end (musl)",
		   rescuer_that_forks_goes_on_in_the_child);
	TEST_NEEDS(prctl(PR_GET_SECCOMP) >= 0, "threads that end (qemu-user)",
		   worker_that_forks_goes_on_in_the_child);
	TEST_NEEDS(prctl(PR_GET_SECCOMP) >= 0, "threads that end (qemu-user)",
		   rescuer_that_forks_goes_on_in_the_child);
#endif
	return TEST_MAIN("fork-queues", tests);
}
