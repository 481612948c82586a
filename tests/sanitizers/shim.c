// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Programs that use the kernel-named API: the shim's primitives. */
#include "user.h"
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>
#include <linux/ww_mutex.h>
#include <linux/xarray.h>

#define ROUNDS	100

static struct data data;

/* Locks */

static DEFINE_SPINLOCK(spin);
static DEFINE_MUTEX(mutex);
static DEFINE_WD_CLASS(ww_class);
static struct ww_mutex ww;

static void *under_spinlock(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		spin_lock(&spin);
		data_write(&data, i);
		spin_unlock(&spin);
	}
	return NULL;
}

/* Held long enough to be contended: a contended lock calls the library. */
static void *under_spinlock_long(void *arg)
{
	int i;

	for (i = 0; i < 5; i++) {
		spin_lock(&spin);
		pause_ms(1);
		data_write(&data, i);
		spin_unlock(&spin);
	}
	return NULL;
}

static void *under_mutex(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		mutex_lock(&mutex);
		data_write(&data, i);
		if (i % 32 == 0)
			pause_ms(1);
		mutex_unlock(&mutex);
	}
	return NULL;
}

static void *under_ww_mutex(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct ww_acquire_ctx ctx;

		ww_acquire_init(&ctx, &ww_class);
		MUST(!ww_mutex_lock(&ww, &ctx));
		data_write(&data, i);
		ww_mutex_unlock(&ww);
		ww_acquire_fini(&ctx);
	}
	return NULL;
}

static void *under_nothing(void *arg)
{
	data_write(&data, 1);
	return NULL;
}

static void run_spinlock(void) { both(under_spinlock, under_spinlock, NULL); }
static void run_spinlock_long(void)
{
	both(under_spinlock_long, under_spinlock_long, NULL);
}
static void run_mutex(void) { both(under_mutex, under_mutex, NULL); }
static void run_ww_mutex(void)
{
	ww_mutex_init(&ww, &ww_class);
	both(under_ww_mutex, under_ww_mutex, NULL);
}
static void run_race_spinlock(void) { both(under_spinlock, under_nothing, NULL); }
static void run_race_mutex(void) { both(under_mutex, under_nothing, NULL); }
static void run_race_locks(void) { both(under_mutex, under_spinlock_long, NULL); }

/* Waiting */

static DECLARE_COMPLETION(done);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static bool ready;
static struct task_struct *sleeper;

static void *write_and_complete(void *arg)
{
	data_write(&data, 1);
	complete(&done);
	return NULL;
}

static void *complete_and_write(void *arg)
{
	await_other();
	complete(&done);
	data_write(&data, 1);
	return NULL;
}

static void *wait_completed(void *arg)
{
	wait_for_completion(&done);
	data_check(&data, 1);
	return NULL;
}

static void *wait_completed_and_look(void *arg)
{
	MUST(!try_wait_for_completion(&done));
	arrive();
	wait_for_completion(&done);
	data_sum(&data);
	return NULL;
}

static void *write_and_wake(void *arg)
{
	data_write(&data, 1);
	smp_store_release(&ready, true);
	wake_up(&queue);
	wake_up_var(&ready);
	return NULL;
}

static void *wait_event_and_read(void *arg)
{
	wait_event(queue, smp_load_acquire(&ready));
	data_check(&data, 1);
	return NULL;
}

static void *wait_var_and_read(void *arg)
{
	wait_var_event(&ready, smp_load_acquire(&ready));
	data_check(&data, 1);
	return NULL;
}

/* Only the task's state orders the two threads. */
static void *sleep_and_read(void *arg)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	smp_store_release(&sleeper, current);
	schedule();
	data_check(&data, 1);
	return NULL;
}

static void *write_and_wake_task(void *arg)
{
	struct task_struct *task;

	while (!(task = smp_load_acquire(&sleeper)))
		sched_yield();
	pause_ms(2);
	data_write(&data, 1);
	MUST(wake_up_process(task));
	return NULL;
}

static void run_completion(void) { both(write_and_complete, wait_completed, NULL); }
static void run_wait_event(void) { both(write_and_wake, wait_event_and_read, NULL); }
static void run_wait_var(void) { both(write_and_wake, wait_var_and_read, NULL); }
static void run_wake_task(void) { both(write_and_wake_task, sleep_and_read, NULL); }
static void run_race_completion(void)
{
	both(complete_and_write, wait_completed_and_look, NULL);
}

/* Work that another thread runs */

static struct workqueue_struct *wq;
static struct work_struct work;
static struct delayed_work dwork;
static struct timer_list timer;
static struct irq_work irq_work;
static struct data result;

static void do_work(struct work_struct *w)
{
	data_check(&data, 1);
	data_write(&result, 2);
}

static void look_at_work(struct work_struct *w)
{
	data_sum(&data);
	arrive();
}

static void run_work(void)
{
	int i;

	wq = alloc_workqueue("user", WQ_UNBOUND, 0);
	MUST(wq);
	INIT_WORK(&work, do_work);
	for (i = 0; i < ROUNDS; i++) {
		data_write(&data, 1);
		MUST(queue_work(wq, &work));
		flush_work(&work);
		data_check(&result, 2);
		data_write(&result, 0);
	}
	INIT_DELAYED_WORK(&dwork, do_work);
	data_write(&data, 1);
	MUST(queue_delayed_work(wq, &dwork, 1));
	flush_delayed_work(&dwork);
	data_check(&result, 2);
	destroy_workqueue(wq);
	data_write(&result, 0);
}

static void run_race_work(void)
{
	wq = alloc_workqueue("user", WQ_UNBOUND, 0);
	MUST(wq);
	INIT_WORK(&work, look_at_work);
	MUST(queue_work(wq, &work));
	/*
	 * The worker takes a lock when it runs, which would order an earlier
	 * write.
	 */
	await_other();
	data_write(&data, 1);
	destroy_workqueue(wq);
}

static void do_timer(struct timer_list *t)
{
	data_check(&data, 1);
	data_write(&result, 2);
	complete(&done);
}

static void run_timer(void)
{
	timer_setup(&timer, do_timer, 0);
	data_write(&data, 1);
	mod_timer(&timer, jiffies + 2);
	wait_for_completion(&done);
	data_check(&result, 2);
	data_write(&data, 1);
	mod_timer(&timer, jiffies + 1);
	pause_ms(2);
	/* Afterwards the timer either has finished or will not run. */
	timer_delete_sync(&timer);
	data_write(&data, 0);
	data_write(&result, 0);
}

static void look_at_timer(struct timer_list *t)
{
	data_sum(&data);
	arrive();
}

static void run_race_timer(void)
{
	timer_setup(&timer, look_at_timer, 0);
	/*
	 * Write only after mod_timer(): it may start and wake the timer thread.
	 */
	mod_timer(&timer, jiffies + HZ / 4);
	await_other();
	data_write(&data, 1);
	timer_delete_sync(&timer);
}

static void do_irq_work(struct irq_work *w)
{
	data_check(&data, 1);
	data_write(&result, 2);
}

static void run_irq_work(void)
{
	int i;

	init_irq_work(&irq_work, do_irq_work);
	for (i = 0; i < ROUNDS; i++) {
		data_write(&data, 1);
		MUST(irq_work_queue(&irq_work));
		irq_work_sync(&irq_work);
		data_check(&result, 2);
		data_write(&result, 0);
	}
}

static int do_thread(void *arg)
{
	data_check(&data, 1);
	arrive();
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	data_write(&result, 2);
	return 5;
}

static void run_kthread(void)
{
	struct task_struct *k = kthread_create(do_thread, NULL, "user");

	MUST(!IS_ERR(k));
	data_write(&data, 1);
	wake_up_process(k);
	/* A thread that is stopped before it has begun would return nothing. */
	await_other();
	MUST(kthread_stop(k) == 5);
	data_check(&result, 2);
}

static int look_in_thread(void *arg)
{
	data_sum(&data);
	arrive();
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void run_race_kthread(void)
{
	struct task_struct *k = kthread_run(look_in_thread, NULL, "user");

	MUST(!IS_ERR(k));
	await_other();
	data_write(&data, 1);
	kthread_stop(k);
}

/* Counting */

struct object {
	struct kref ref;
	struct data data;
	struct rcu_head rcu;
};

static struct object *object;

static void object_release(struct kref *ref)
{
	struct object *o = container_of(ref, struct object, ref);

	data_write(&o->data, -1);
	kfree(o);
}

static void *use_and_put(void *arg)
{
	data_sum(&object->data);
	kref_put(&object->ref, object_release);
	return NULL;
}

static void *put_and_use(void *arg)
{
	struct object *o = object;

	kref_put(&o->ref, object_release);
	data_sum(&o->data);
	arrive();
	return NULL;
}

static void *put_late(void *arg)
{
	struct object *o = object;

	await_other();
	kref_put(&o->ref, object_release);
	return NULL;
}

static struct object *new_object(int value)
{
	struct object *o = kmalloc(sizeof(*o), GFP_KERNEL);

	MUST(o);
	kref_init(&o->ref);
	data_write(&o->data, value);
	return o;
}

static void with_object(void *(*a)(void *), void *(*b)(void *))
{
	object = new_object(1);
	kref_get(&object->ref);
	both(a, b, NULL);
}

static void run_kref(void)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		with_object(use_and_put, use_and_put);
}

static void run_race_kref(void) { with_object(put_and_use, put_late); }

/* RCU */

static struct object __rcu *published;
enum reclaim { SYNC, CALL, KFREE };

static void free_object(struct rcu_head *head)
{
	struct object *o = container_of(head, struct object, rcu);

	data_write(&o->data, -1);
	kfree(o);
}

static void reclaim(struct object *o, enum reclaim how)
{
	if (!o)
		return;
	if (how == CALL) {
		call_rcu(&o->rcu, free_object);
	} else if (how == KFREE) {
		kfree_rcu(o, rcu);
	} else {
		synchronize_rcu();
		free_object(&o->rcu);
	}
}

static void *update_many(void *arg)
{
	enum reclaim how = (enum reclaim)(unsigned long)arg;
	int i, rounds = how == SYNC ? 50 : 1000;

	for (i = 0; i < rounds; i++)
		reclaim(rcu_replace_pointer(published, new_object(i), true),
			how);
	user_flag_set();
	return NULL;
}

static void *read_many(void *arg)
{
	while (!user_flag_read()) {
		struct object *o;

		rcu_read_lock();
		o = rcu_dereference(published);
		if (o)
			data_check(&o->data, o->data.words[0]);
		rcu_read_unlock();
	}
	return NULL;
}

static void with_rcu(enum reclaim how)
{
	both(update_many, read_many, (void *)(unsigned long)how);
	reclaim(rcu_replace_pointer(published, NULL, true), how);
	rcu_barrier();
}

static void run_rcu_sync(void) { with_rcu(SYNC); }
static void run_rcu_call(void) { with_rcu(CALL); }
static void run_rcu_kfree(void) { with_rcu(KFREE); }

static void *publish_and_write(void *arg)
{
	struct object *o = new_object(1);

	await_other();
	rcu_assign_pointer(published, o);
	data_write(&o->data, 2);
	return NULL;
}

static void *read_once(void *arg)
{
	struct object *o;

	do {
		rcu_read_lock();
		arrive();
		o = rcu_dereference(published);
		if (o)
			data_sum(&o->data);
		rcu_read_unlock();
	} while (!o);
	return NULL;
}

static void run_race_publish(void)
{
	both(publish_and_write, read_once, NULL);
	kfree(published);
}

static void *publish_without_order(void *arg)
{
	struct object *o = new_object(1);

	await_other();
	data_write(&o->data, 2);
	/* rcu_assign_pointer() would be right. */
	RCU_INIT_POINTER(published, o);
	return NULL;
}

static void run_race_init_pointer(void)
{
	both(publish_without_order, read_once, NULL);
	kfree(published);
}

static void *read_too_late(void *arg)
{
	struct object *o;

	rcu_read_lock();
	o = rcu_dereference(published);
	rcu_read_unlock();
	data_sum(&o->data);
	arrive();
	/*
	 * Neither a read-side section nor anything else orders this thread
	 * before the object is freed. On a busy machine that may take a while,
	 * and the end of this thread would be such an order.
	 */
	pause_ms(400);
	return NULL;
}

static void *retire_soon(void *arg)
{
	struct object *o = published;

	await_other();
	rcu_assign_pointer(published, NULL);
	reclaim(o, (enum reclaim)(unsigned long)arg);
	rcu_barrier();
	return NULL;
}

static void late(enum reclaim how)
{
	published = new_object(1);
	both(retire_soon, read_too_late, (void *)(unsigned long)how);
}

static void run_race_rcu_sync(void) { late(SYNC); }
static void run_race_rcu_call(void) { late(CALL); }
static void run_race_rcu_kfree(void) { late(KFREE); }

/* Not a race but a use after free. */
static void run_freed(void)
{
	struct object *o = new_object(1);

	kfree_rcu(o, rcu);
	rcu_barrier();
	data_sum(&o->data);
}

/* XArray */

static DEFINE_XARRAY(array);

static void *store(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct object *old = xa_store(&array, i % 7 * 100,
					      new_object(i), GFP_KERNEL);

		if (old)
			kfree_rcu(old, rcu);
	}
	user_flag_set();
	return NULL;
}

static void *load(void *arg)
{
	unsigned long index;
	struct object *o;

	while (!user_flag_read()) {
		rcu_read_lock();
		xa_for_each(&array, index, o)
			data_check(&o->data, o->data.words[0]);
		rcu_read_unlock();
	}
	return NULL;
}

static void run_xarray(void)
{
	unsigned long index;
	struct object *o;

	both(store, load, NULL);
	xa_for_each(&array, index, o)
		kfree(xa_erase(&array, index));
	xa_destroy(&array);
	rcu_barrier();
}

static void *store_and_write(void *arg)
{
	struct object *o = new_object(1);

	await_other();
	xa_store(&array, 3, o, GFP_KERNEL);
	data_write(&o->data, 2);
	return NULL;
}

static void *load_once(void *arg)
{
	struct object *o;

	while (!(o = xa_load(&array, 3)))
		arrive();
	data_sum(&o->data);
	return NULL;
}

static void run_race_xarray(void)
{
	both(store_and_write, load_once, NULL);
	kfree(xa_erase(&array, 3));
}

static const struct user_case cases[] = {
	{ "spinlock", run_spinlock },
	{ "spinlock-long", run_spinlock_long },
	{ "mutex", run_mutex },
	{ "ww-mutex", run_ww_mutex },
	{ "completion", run_completion },
	{ "wait-event", run_wait_event },
	{ "wait-var", run_wait_var },
	{ "wake-task", run_wake_task },
	{ "work", run_work },
	{ "timer", run_timer },
	{ "irq-work", run_irq_work },
	{ "kthread", run_kthread },
	{ "kref", run_kref },
	{ "rcu-sync", run_rcu_sync },
	{ "rcu-call", run_rcu_call },
	{ "rcu-kfree", run_rcu_kfree },
	{ "xarray", run_xarray },
	{ "race-spinlock", run_race_spinlock },
	{ "race-mutex", run_race_mutex },
	{ "race-two-locks", run_race_locks },
	{ "race-completion", run_race_completion },
	{ "race-work", run_race_work },
	{ "race-timer", run_race_timer },
	{ "race-kthread", run_race_kthread },
	{ "race-kref", run_race_kref },
	{ "race-publish", run_race_publish },
	{ "race-init-pointer", run_race_init_pointer },
	{ "race-rcu-sync", run_race_rcu_sync },
	{ "race-rcu-call", run_race_rcu_call },
	{ "race-rcu-kfree", run_race_rcu_kfree },
	{ "race-xarray", run_race_xarray },
	{ "freed-object", run_freed },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return user_main(argc, argv, cases);
}
