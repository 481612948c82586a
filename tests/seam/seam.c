// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The core, the plain face and the shim on a replacement of the host. Most tests
 * run a scenario with every choice of switches at its first switch points.
 */
#include "support.h"

#include <string.h>
#include <time.h>

#include <libfence/dma-fence.h>
#include <libfence/fence.h>
#include <libfence/timeline.h>
#include <linux/dma-fence.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "replacement.h"

#define CHOICES		1024

static const char *fence_name(struct dma_fence *fence)
{
	return "seam";
}

static const struct dma_fence_ops fence_ops = {
	.get_driver_name = fence_name,
	.get_timeline_name = fence_name,
};

static struct dma_fence *fence_new(void)
{
	struct dma_fence *fence = kzalloc_obj(*fence);

	assert_non_null(fence);
	dma_fence_init(fence, &fence_ops, NULL, dma_fence_context_alloc(1), 1);
	return fence;
}

/* A thread that does not run until wake_up_process(). */
static struct task_struct *thread_new(int (*fn)(void *), void *arg)
{
	struct task_struct *task = kthread_create(fn, arg, "scenario");

	assert_false(IS_ERR(task));
	return get_task_struct(task);
}

static int thread_result(struct task_struct *task)
{
	int result = lfshim_kthread_join(task);

	put_task_struct(task);
	return result;
}

static unsigned long hash(const char *s)
{
	unsigned long h = 5381;

	while (*s)
		h = h * 33 + *s++;
	return h;
}

/*
 * Run a scenario with each choice. It has to free everything that it allocates,
 * and its traces have to differ.
 */
static void run_choices(void (*scenario)(u64 choice))
{
	static unsigned long seen[CHOICES];
	unsigned int choice, live, i, nr_seen = 0;
	unsigned long h;

	for (choice = 0; choice < CHOICES; choice++) {
		live = seam_live(SEAM_KERNEL);
		scenario(choice);
		h = hash(seam_trace());
		rcu_barrier();
		assert_int_equal(seam_live(SEAM_KERNEL), live);
		for (i = 0; i < nr_seen && seen[i] != h; i++)
			;
		if (i == nr_seen)
			seen[nr_seen++] = h;
	}
	print_message("# %u choices, %u different traces\n", CHOICES, nr_seen);
	assert_true(nr_seen > 5);
}

/* A waiter and a signaller */

static int wait_thread(void *fence)
{
	return dma_fence_wait(fence, false);
}

static void signal_and_wait(u64 choice)
{
	struct dma_fence *fence = fence_new();
	struct task_struct *waiter = thread_new(wait_thread, fence);

	seam_choose(choice);
	wake_up_process(waiter);
	dma_fence_signal(fence);
	assert_int_equal(thread_result(waiter), 0);
	dma_fence_put(fence);
}

static void waiter_is_woken(void **state)
{
	run_choices(signal_and_wait);
}

static void trace_depends_on_the_choice(void **state)
{
	char once[4096], other[4096];

	/* The RCU thread comes up now. */
	signal_and_wait(0);
	rcu_barrier();

	signal_and_wait(0x15);
	snprintf(once, sizeof(once), "%s", seam_trace());
	rcu_barrier();
	signal_and_wait(0x2);
	snprintf(other, sizeof(other), "%s", seam_trace());
	rcu_barrier();
	signal_and_wait(0x15);
	assert_string_equal(seam_trace(), once);
	assert_string_not_equal(other, once);
	rcu_barrier();
	assert_true(strlen(once) > 20);
}

/* A callback */

struct callback {
	struct dma_fence_cb cb;
	struct dma_fence *fence;
	unsigned int nr_runs;
};

static void callback_fn(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	container_of(cb, struct callback, cb)->nr_runs++;
}

static int callback_thread(void *arg)
{
	struct callback *c = arg;

	return dma_fence_add_callback(c->fence, &c->cb, callback_fn);
}

static void signal_and_add_callback(u64 choice)
{
	struct callback c = { .fence = fence_new() };
	struct task_struct *adder = thread_new(callback_thread, &c);
	int result;

	seam_choose(choice);
	wake_up_process(adder);
	dma_fence_signal(c.fence);
	result = thread_result(adder);
	if (result)
		assert_int_equal(result, -ENOENT);
	assert_int_equal(c.nr_runs, !result);
	dma_fence_put(c.fence);
}

static void callback_runs_once(void **state)
{
	run_choices(signal_and_add_callback);
}

/* The plain face */

static int plain_wait_thread(void *fence)
{
	return libfence_wait(fence, LIBFENCE_FOREVER);
}

static void advance_timeline(u64 choice)
{
	struct libfence_timeline *timeline = libfence_timeline_create("seam");
	struct libfence *fence = libfence_timeline_fence(timeline, 2);
	struct task_struct *waiter = thread_new(plain_wait_thread, fence);

	seam_choose(choice);
	wake_up_process(waiter);
	libfence_timeline_inc(timeline, 1);
	libfence_timeline_inc(timeline, 1);
	assert_int_equal(thread_result(waiter), 0);
	libfence_put(&fence);
	libfence_timeline_destroy(&timeline);
}

static void timeline_wakes_the_waiter(void **state)
{
	run_choices(advance_timeline);
}

/* A spinlock */

struct counter {
	spinlock_t lock;
	unsigned int value;
	unsigned int nr_failed;
};

static int count_thread(void *arg)
{
	struct counter *c = arg;
	unsigned int value;

	if (!spin_trylock(&c->lock)) {
		c->nr_failed++;
		spin_lock(&c->lock);
	}
	value = c->value;
	cpu_relax();
	c->value = value + 1;
	spin_unlock(&c->lock);
	return 0;
}

static void count_in_two_threads(u64 choice)
{
	struct counter c = { .lock = __SPIN_LOCK_UNLOCKED(c.lock) };
	struct task_struct *other = thread_new(count_thread, &c);

	seam_choose(choice);
	wake_up_process(other);
	count_thread(&c);
	assert_int_equal(thread_result(other), 0);
	assert_int_equal(c.value, 2);
	assert_true(c.nr_failed <= 1);
	assert_false(spin_is_locked(&c.lock));
}

static void lock_excludes(void **state)
{
	run_choices(count_in_two_threads);
}

/* Time */

static void time_is_virtual(void **state)
{
	struct dma_fence *fence = fence_new();
	ktime_t start = ktime_get();
	time_t host_start = time(NULL);

	seam_choose(0);
	assert_int_equal(dma_fence_wait_timeout(fence, false, 3600 * HZ), 0);
	assert_true(ktime_get() - start >= 3600 * NSEC_PER_SEC);
	assert_true(ktime_get() - start < 3610 * NSEC_PER_SEC);
	assert_true(time(NULL) - host_start < 600);
	dma_fence_signal(fence);
	dma_fence_put(fence);
	rcu_barrier();
}

static unsigned int nr_services;

static void timer_fn(struct timer_list *timer)
{
	nr_services++;
}

static void irq_work_fn(struct irq_work *work)
{
	nr_services++;
}

static void work_fn(struct work_struct *work)
{
	nr_services++;
}

static DEFINE_TIMER(timer, timer_fn);
static DEFINE_IRQ_WORK(irq_work, irq_work_fn);
static DECLARE_WORK(work, work_fn);

static void service_threads_run(void **state)
{
	s64 start = ktime_get();

	seam_choose(0);
	nr_services = 0;
	mod_timer(&timer, jiffies + 60 * HZ);
	irq_work_queue(&irq_work);
	irq_work_sync(&irq_work);
	schedule_work(&work);
	flush_work(&work);
	assert_int_equal(nr_services, 2);
	while (timer_pending(&timer))
		schedule_timeout_uninterruptible(HZ);
	timer_delete_sync(&timer);
	assert_int_equal(nr_services, 3);
	assert_between((ktime_get() - start) / NSEC_PER_SEC, 59, 63);
}

/* RCU */

struct box {
	int value;
	struct rcu_head rcu;
};

static struct box *published;
/* Readers that were inside when the box was given to kfree_rcu(). */
static unsigned int nr_overlaps;

static struct box *box_new(void)
{
	struct box *box = kmalloc_obj(*box);

	assert_non_null(box);
	box->value = 1;
	return box;
}

static int read_thread(void *unused)
{
	struct box *box;
	int bad = 0;

	rcu_read_lock();
	box = rcu_dereference(published);
	if (box) {
		cpu_relax();
		bad = seam_owner(box) != SEAM_KERNEL || box->value != 1;
		nr_overlaps += !READ_ONCE(published);
	}
	rcu_read_unlock();
	return bad;
}

static void read_and_free(u64 choice)
{
	struct task_struct *reader = thread_new(read_thread, NULL);
	struct box *box = box_new();

	rcu_assign_pointer(published, box);
	seam_choose(choice);
	wake_up_process(reader);
	cpu_relax();
	rcu_assign_pointer(published, NULL);
	kfree_rcu(box, rcu);
	assert_int_equal(thread_result(reader), 0);
	rcu_barrier();
	assert_int_equal(seam_owner(box), SEAM_NOTHING);
}

static void free_waits_for_the_reader(void **state)
{
	nr_overlaps = 0;
	run_choices(read_and_free);
	assert_true(nr_overlaps > 0);
}

struct reader {
	bool inside, leave;
};

static int stay_thread(void *arg)
{
	struct reader *r = arg;

	rcu_read_lock();
	WRITE_ONCE(r->inside, true);
	while (!READ_ONCE(r->leave))
		cpu_relax();
	rcu_read_unlock();
	return 0;
}

static struct task_struct *reader_start(struct reader *r)
{
	struct task_struct *task = thread_new(stay_thread, r);

	wake_up_process(task);
	while (!READ_ONCE(r->inside))
		cpu_relax();
	return task;
}

static void free_does_not_wait_for_later_readers(void **state)
{
	struct reader early = { 0 }, late = { 0 };
	struct task_struct *early_task, *late_task;
	struct box *box = box_new();
	unsigned int i;

	seam_choose(0);
	early_task = reader_start(&early);
	kfree_rcu(box, rcu);
	late_task = reader_start(&late);
	for (i = 0; i < 10; i++)
		cpu_relax();
	assert_int_equal(seam_owner(box), SEAM_KERNEL);

	WRITE_ONCE(early.leave, true);
	assert_int_equal(thread_result(early_task), 0);
	for (i = 0; i < 10; i++)
		cpu_relax();
	assert_int_equal(seam_owner(box), SEAM_NOTHING);

	WRITE_ONCE(late.leave, true);
	assert_int_equal(thread_result(late_task), 0);
}

/* Memory */

static void leak_is_found(void **state)
{
	unsigned int kernel = seam_live(SEAM_KERNEL);
	struct dma_fence *fence = fence_new();
	void *object = kmalloc(48, GFP_KERNEL);

	assert_int_equal(seam_live(SEAM_KERNEL), kernel + 2);
	assert_int_equal(seam_owner(object), SEAM_KERNEL);
	assert_int_equal(seam_owner(fence), SEAM_KERNEL);
	kfree(object);
	dma_fence_put(fence);
	rcu_barrier();
	assert_int_equal(seam_live(SEAM_KERNEL), kernel);
	assert_int_equal(seam_owner(object), SEAM_NOTHING);
}

static int nothing_thread(void *unused)
{
	return 0;
}

static void objects_of_the_shim_are_no_leaks(void **state)
{
	unsigned int shim = seam_live(SEAM_SHIM);
	struct task_struct *task = thread_new(nothing_thread, NULL);

	/* The worker of this queue is never freed. */
	schedule_work(&work);
	flush_work(&work);
	assert_true(seam_live(SEAM_SHIM) > shim);
	assert_int_equal(seam_owner(task), SEAM_SHIM);
	assert_int_equal(seam_owner(current), SEAM_SHIM);
	/* Since the start of the program, whichever tests ran. */
	assert_int_equal(seam_live(SEAM_KERNEL), 0);
	wake_up_process(task);
	assert_int_equal(thread_result(task), 0);
	rcu_barrier();
	assert_int_equal(seam_owner(task), SEAM_NOTHING);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(waiter_is_woken),
		TEST(trace_depends_on_the_choice),
		TEST(callback_runs_once),
		TEST(timeline_wakes_the_waiter),
		TEST(lock_excludes),
		TEST(time_is_virtual),
		TEST(service_threads_run),
		TEST(free_waits_for_the_reader),
		TEST(free_does_not_wait_for_later_readers),
		TEST(leak_is_found),
		TEST(objects_of_the_shim_are_no_leaks),
	};

	return TEST_MAIN("seam", tests);
}
