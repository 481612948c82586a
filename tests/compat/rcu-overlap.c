// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * RCU: readers, callbacks and deferred frees that begin while a grace period, a
 * take-over of the deferred frees, or an rcu_barrier() is in progress.
 */

#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "kernel/internal.h"

/* A reader that stays in its read-side section until reader_end(). */
struct reader {
	struct task_struct *task;
	bool irqs_off, inside, leave_now;
};

static int read_until_told(void *data)
{
	struct reader *r = data;

	if (r->irqs_off)
		local_irq_disable();
	else
		rcu_read_lock();
	WRITE_ONCE(r->inside, true);
	while (!READ_ONCE(r->leave_now))
		cpu_relax();
	if (r->irqs_off)
		local_irq_enable();
	else
		rcu_read_unlock();
	return 0;
}

static void reader_begin(struct reader *r, bool irqs_off)
{
	*r = (struct reader){ .irqs_off = irqs_off };
	r->task = start(read_until_told, r);
	assert_true(eventually(READ_ONCE(r->inside)));
}

static void reader_leave(struct reader *r)
{
	WRITE_ONCE(r->leave_now, true);
}

static void reader_end(struct reader *r)
{
	reader_leave(r);
	finish(r->task);
}

/*
 * Start a reader, and a grace period that waits for it. Returns the cookie of
 * that grace period.
 */
static unsigned long grace_period_begin(struct reader *r)
{
	unsigned long cookie;

	/* No grace period is in progress or will be without a request. */
	rcu_barrier();
	cookie = start_poll_synchronize_rcu();
	assert_true(eventually(poll_state_synchronize_rcu(cookie)));
	cookie = get_state_synchronize_rcu();
	reader_begin(r, false);
	start_poll_synchronize_rcu();
	/* A new cookie does not count the grace period in progress. */
	assert_true(eventually(get_state_synchronize_rcu() != cookie));
	return cookie;
}

struct object {
	unsigned long head[4];
	struct rcu_head rcu;
	unsigned long tail[6];
};

static struct object *object_make(unsigned long value)
{
	struct object *o = kmalloc_obj(*o, GFP_ATOMIC);
	int i;

	for (i = 0; i < 4; i++)
		o->head[i] = value;
	for (i = 0; i < 6; i++)
		o->tail[i] = value;
	return o;
}

/* An object that was freed has other contents, or AddressSanitizer reports. */
static bool object_is_intact(struct object *o, unsigned long value)
{
	bool intact = true;
	int i;

	for (i = 0; i < 4; i++)
		intact &= READ_ONCE(o->head[i]) == value;
	for (i = 0; i < 6; i++)
		intact &= READ_ONCE(o->tail[i]) == value;
	return intact;
}

/* More than a batch of deferred frees, again and again. */
#define NR_OBJECTS	12000

static void kfree_rcu_waits_for_every_kind_of_reader(void **state)
{
	int irqs_off, i;

	for (irqs_off = 0; irqs_off < 2; irqs_off++) {
		struct object *o = object_make(7), *other;
		struct reader r;

		reader_begin(&r, irqs_off);
		kfree_rcu(o, rcu);
		for (i = 0; i < NR_OBJECTS; i++) {
			other = object_make(i + 100);
			kfree_rcu(other, rcu);
		}
		assert_true(object_is_intact(o, 7));
		reader_end(&r);
		rcu_barrier();
	}
}

static void object_stays_in_a_section_that_begins_as_another_kind(void **state)
{
	int irqs_off, i;

	/* The inner section ends. The outer one, of the other kind, does not. */
	for (irqs_off = 0; irqs_off < 2; irqs_off++) {
		struct object *o = object_make(7), *other;
		unsigned long flags;

		if (irqs_off)
			local_irq_disable();
		else
			rcu_read_lock();
		kfree_rcu(o, rcu);
		for (i = 0; i < NR_OBJECTS; i++) {
			other = object_make(i + 100);
			kfree_rcu(other, rcu);
			if (irqs_off) {
				rcu_read_lock();
				rcu_read_unlock();
			} else {
				local_irq_save(flags);
				local_irq_restore(flags);
			}
		}
		assert_true(object_is_intact(o, 7));
		if (irqs_off)
			local_irq_enable();
		else
			rcu_read_unlock();
		rcu_barrier();
	}
}

static struct object __rcu *shared;
static bool walk_on;

/*
 * One section, whose kind changes again and again: a thread that looks at both
 * kinds one after the other may find none.
 */
static int walk_hand_over_hand(void *unused)
{
	unsigned long value;
	struct object *o;
	int i, bad = 0;

	while (READ_ONCE(walk_on)) {
		rcu_read_lock();
		o = rcu_dereference(shared);
		value = o->head[0];
		for (i = 0; i < 3000; i++) {
			local_irq_disable();
			rcu_read_unlock();
			bad += !object_is_intact(o, value);
			rcu_read_lock();
			local_irq_enable();
			bad += !object_is_intact(o, value);
		}
		rcu_read_unlock();
	}
	return bad;
}

static void object_stays_while_a_section_changes_its_kind(void **state)
{
	struct task_struct *task;
	struct object *old;
	int i;

	rcu_assign_pointer(shared, object_make(0));
	walk_on = true;
	task = start(walk_hand_over_hand, NULL);
	for (i = 1; i < 300000 / (int)test_slowness(); i++) {
		old = rcu_dereference_protected(shared, true);
		rcu_assign_pointer(shared, object_make(i));
		kfree_rcu(old, rcu);
	}
	WRITE_ONCE(walk_on, false);
	assert_int_equal(finish(task), 0);
	kfree_rcu(rcu_dereference_protected(shared, true), rcu);
	rcu_barrier();
}

/* Grace periods that a thread finds by looking at the others */

static void a_found_grace_period_is_after_its_cookie(void **state)
{
	unsigned long cookie;
	struct reader reader;
	int i;

	rcu_barrier();
	for (i = 0; i < 3; i++) {
		cookie = lfpriv_rcu_fast_cookie();
		assert_true(eventually(lfpriv_rcu_try_grace_period()));
		assert_true(lfpriv_rcu_fast_ended() > cookie);
		/* It is not after a cookie that was taken afterwards. */
		assert_int_equal(lfpriv_rcu_fast_ended(),
				 lfpriv_rcu_fast_cookie());
	}
	cookie = lfpriv_rcu_fast_ended();
	reader_begin(&reader, false);
	assert_false(lfpriv_rcu_try_grace_period());
	assert_int_equal(lfpriv_rcu_fast_ended(), cookie);
	reader_end(&reader);
	assert_true(eventually(lfpriv_rcu_try_grace_period()));
}

static bool look_on;

/*
 * Sections that follow each other closely: a thread that looks for readers finds
 * none, and the next section begins at once.
 */
static int sections_without_a_grace_period(void *unused)
{
	unsigned long begun, ended;
	int i, bad = 0, nr = 0;

	while (READ_ONCE(look_on)) {
		rcu_read_lock();
		begun = lfpriv_rcu_fast_cookie();
		for (i = 0; i < 100; i++)
			cpu_relax();
		/* It began in this section, so it cannot have ended. */
		bad += (long)(lfpriv_rcu_fast_ended() - begun) > 0;
		rcu_read_unlock();
		/* Now and then a grace period ends. */
		ended = lfpriv_rcu_fast_ended();
		if (++nr % 64 == 0)
			while (READ_ONCE(look_on) &&
			       lfpriv_rcu_fast_ended() == ended)
				cpu_relax();
		else if (nr % 2)
			cpu_relax();
	}
	return bad;
}

static void a_section_that_begins_while_another_thread_looks_is_seen(void **state)
{
	unsigned long end = jiffies + PATIENCE_S * HZ;
	int i, found = 0, looks = 200000 / test_slowness();
	struct task_struct *task;

	rcu_barrier();
	look_on = true;
	task = start(sections_without_a_grace_period, NULL);
	/* On a busy machine, the thread may be off the CPU in one section. */
	for (i = 0; i < looks || (!found && time_before(jiffies, end)); i++)
		found += lfpriv_rcu_try_grace_period();
	WRITE_ONCE(look_on, false);
	printf("# %d grace periods were found\n", found);
	assert_int_equal(finish(task), 0);
	assert_true(found > 0);
}

/* A batch, and a little more, so that it is handed over. */
#define NR_HANDED_OVER	1100
#define NR_ROUNDS	40

static void retire_a_batch(void)
{
	int i;

	for (i = 0; i < NR_HANDED_OVER; i++)
		kfree_rcu(object_make(i), rcu);
}

static struct completion turn_of_other, turn_of_main;

static int retire_in_turns(void *unused)
{
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		wait_for_completion(&turn_of_other);
		retire_a_batch();
		complete(&turn_of_main);
	}
	return 0;
}

/* Otherwise each thread interrupts all others for each of its batches. */
static void a_thread_uses_the_grace_periods_of_another(void **state)
{
	struct task_struct *other;
	unsigned long before, nr;
	int i;

	init_completion(&turn_of_other);
	init_completion(&turn_of_main);
	other = start(retire_in_turns, NULL);
	rcu_barrier();
	before = lfpriv_rcu_fast_cookie();
	for (i = 0; i < NR_ROUNDS; i++) {
		retire_a_batch();
		complete(&turn_of_other);
		wait_for_completion(&turn_of_main);
	}
	nr = lfpriv_rcu_fast_cookie() - before;
	finish(other);
	printf("# %lu grace periods for %d batches\n", nr, 2 * NR_ROUNDS);
	assert_true(nr > 0);
	assert_true(nr < NR_ROUNDS + NR_ROUNDS / 4);
	rcu_barrier();
}

static void cookie_of_a_grace_period_in_progress_needs_the_next_one(void **state)
{
	unsigned long in_progress, cookie;
	struct reader first, second;

	in_progress = grace_period_begin(&first);
	reader_begin(&second, false);
	cookie = start_poll_synchronize_rcu();
	reader_end(&first);
	assert_true(eventually(poll_state_synchronize_rcu(in_progress)));
	msleep(20);
	assert_false(poll_state_synchronize_rcu(cookie));
	reader_end(&second);
	assert_true(eventually(poll_state_synchronize_rcu(cookie)));
}

struct call {
	struct rcu_head rcu;
	bool called;
	/* It stays in the callback until @go_on, if @park. */
	bool park, go_on;
};

static void note_call(struct rcu_head *head)
{
	struct call *c = container_of(head, struct call, rcu);

	WRITE_ONCE(c->called, true);
	while (READ_ONCE(c->park) && !READ_ONCE(c->go_on))
		cpu_relax();
}

static void callback_queued_in_a_grace_period_waits_for_the_next(void **state)
{
	struct call late = { .park = false };
	struct reader first, second;
	unsigned long in_progress;

	in_progress = grace_period_begin(&first);
	reader_begin(&second, false);
	call_rcu(&late.rcu, note_call);
	reader_end(&first);
	assert_true(eventually(poll_state_synchronize_rcu(in_progress)));
	msleep(20);
	assert_false(READ_ONCE(late.called));
	reader_end(&second);
	rcu_barrier();
	assert_true(late.called);
}

static int call_barrier(void *done)
{
	rcu_barrier();
	WRITE_ONCE(*(bool *)done, true);
	return 0;
}

static struct task_struct *start_barrier(bool *done)
{
	struct task_struct *task = start(call_barrier, done);

	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	return task;
}

static void barrier_does_not_end_with_the_round_before_it(void **state)
{
	struct call parked = { .park = true }, late = { .park = false };
	bool first_done = false, second_done = false;
	struct task_struct *first, *second;
	struct reader r;

	/* The first barrier and its callback are for the same round. */
	grace_period_begin(&r);
	call_rcu(&parked.rcu, note_call);
	first = start_barrier(&first_done);
	reader_end(&r);
	assert_true(eventually(READ_ONCE(parked.called)));
	/* That round is at its callbacks. The second barrier is for the next. */
	reader_begin(&r, false);
	call_rcu(&late.rcu, note_call);
	second = start_barrier(&second_done);
	WRITE_ONCE(parked.go_on, true);
	finish(first);
	msleep(20);
	assert_false(READ_ONCE(second_done));
	assert_false(READ_ONCE(late.called));
	reader_end(&r);
	finish(second);
	assert_true(late.called);
}

static void barrier_waits_for_the_callback_that_is_running(void **state)
{
	struct call parked = { .park = true };
	struct task_struct *task;
	bool done = false;

	call_rcu(&parked.rcu, note_call);
	assert_true(eventually(READ_ONCE(parked.called)));
	task = start_barrier(&done);
	msleep(10);
	assert_false(READ_ONCE(done));
	WRITE_ONCE(parked.go_on, true);
	finish(task);
}

static void object_retired_during_a_take_over_waits_for_readers(void **state)
{
	struct lfshim_retire *mine = &current->retire;
	struct object *o = object_make(1);
	struct reader r, later;

	/* The lists of a thread that is idle are taken over. */
	rcu_barrier();
	reader_begin(&r, false);
	kfree_rcu(o, rcu);
	assert_true(eventually(READ_ONCE(mine->shared)));
	/* The RCU thread waits for the reader: it could be the list's owner. */
	msleep(10);
	assert_true(READ_ONCE(mine->shared));
	assert_non_null(READ_ONCE(mine->open));
	reader_begin(&later, false);
	o = object_make(7);
	kfree_rcu(o, rcu);
	reader_leave(&r);
	assert_true(eventually(!READ_ONCE(mine->shared)));
	assert_null(READ_ONCE(mine->open));
	msleep(20);
	assert_true(object_is_intact(o, 7));
	reader_end(&later);
	finish(r.task);
}

/* Hold the lock of a task's lists for some time. */
struct list_holder {
	struct lfshim_retire *lists;
	bool holds, held_long_enough;
};

static int hold_lists(void *data)
{
	struct list_holder *h = data;

	spin_lock(&h->lists->lock);
	WRITE_ONCE(h->holds, true);
	mdelay(20);
	WRITE_ONCE(h->held_long_enough, true);
	spin_unlock(&h->lists->lock);
	return 0;
}

static void owner_locks_its_lists_during_a_take_over(void **state)
{
	struct object *o = object_make(1);
	struct task_struct *task;
	struct list_holder h;
	int batch;

	for (batch = 0; batch < 2; batch++) {
		/* The lists are empty, so the RCU thread leaves them alone. */
		rcu_barrier();
		h = (struct list_holder){ .lists = &current->retire };
		task = start(hold_lists, &h);
		assert_true(eventually(READ_ONCE(h.holds)));
		WRITE_ONCE(h.lists->shared, true);
		if (batch) {
			/* A batch is due at the end of a section. */
			lfshim_tls.retire_due = true;
			rcu_read_lock();
			rcu_read_unlock();
		} else {
			kfree_rcu(o, rcu);
		}
		assert_true(READ_ONCE(h.held_long_enough));
		WRITE_ONCE(h.lists->shared, false);
		finish(task);
	}
}

/*
 * The RCU thread has begun, and sleeps until it is woken if it had no work for a
 * second.
 */
static void let_rcu_thread_sleep(void)
{
	struct object *o = object_make(1);

	kfree_rcu(o, rcu);
	rcu_barrier();
	msleep(1300);
}

static void idle_rcu_thread_is_woken_by_a_deferred_free(void **state)
{
	struct object *o = object_make(1);

	let_rcu_thread_sleep();
	kfree_rcu(o, rcu);
	assert_true(eventually(!READ_ONCE(current->retire.open)));
}

static void idle_rcu_thread_is_woken_by_a_request(void **state)
{
	unsigned long cookie;

	let_rcu_thread_sleep();
	cookie = start_poll_synchronize_rcu();
	assert_true(eventually(poll_state_synchronize_rcu(cookie)));
}

/* The sanitizers' allocators, unlike libc's, keep their locks over fork(). */
#if !LFSHIM_ASAN && !LFSHIM_TSAN
static int at_exit_pipe;

static void tell_parent(struct rcu_head *head)
{
	if (write(at_exit_pipe, "", 1) != 1)
		abort();
}

/* The library stops the RCU thread during this callback. */
static void call_for_some_time(struct rcu_head *head)
{
	struct call *c = container_of(head, struct call, rcu);

	WRITE_ONCE(c->called, true);
	mdelay(50);
}

static void exit_with_a_callback_pending(void)
{
	static struct call first, last;

	call_rcu(&first.rcu, call_for_some_time);
	while (!READ_ONCE(first.called))
		cpu_relax();
	call_rcu(&last.rcu, tell_parent);
	exit(0);
}

static void callbacks_that_are_pending_at_exit_are_called(void **state)
{
	int fds[2], status;
	char byte;
	pid_t pid;

	fflush(NULL);
	assert_int_equal(pipe(fds), 0);
	at_exit_pipe = fds[1];
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(PATIENCE_S);
		exit_with_a_callback_pending();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
}
#endif

/*
 * The memory that is in use, as in rcu-free.c. The objects are more than two
 * batches, of which one waits for a grace period, while the next becomes full.
 */
#define NR_BIG	2500
#define SLACK	(160 * 1000)

struct big {
	struct rcu_head rcu;
	char payload[4000];
};

static bool came_back(size_t before)
{
	return memory_in_use() < before + SLACK;
}

static int retire_many(void *unused)
{
	int i;

	for (i = 0; i < NR_BIG; i++) {
		struct big *b = kmalloc_obj(*b, GFP_ATOMIC);

		memset(b, 1, sizeof(*b));
		kfree_rcu(b, rcu);
	}
	return 0;
}

static void objects_that_waited_for_a_reader_are_freed(void **state)
{
	size_t before;
	struct reader r;
	int more;

	rcu_barrier();
	before = memory_in_use();
	/* The RCU thread takes them over; or this thread frees them itself. */
	for (more = 0; more < 2; more++) {
		reader_begin(&r, false);
		retire_many(NULL);
		assert_false(came_back(before));
		reader_end(&r);
		if (more)
			retire_many(NULL);
		rcu_barrier();
		assert_true(came_back(before));
	}
}

static void objects_of_threads_that_exit_together_are_freed(void **state)
{
	size_t before;
	struct reader r;
	int i;

	rcu_barrier();
	before = memory_in_use();
	/* The RCU thread waits for the reader while all of them exit. */
	grace_period_begin(&r);
	for (i = 0; i < 3; i++)
		finish(start(retire_many, NULL));
	assert_false(came_back(before));
	reader_end(&r);
	assert_true(eventually(came_back(before)));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(kfree_rcu_waits_for_every_kind_of_reader),
		TEST(object_stays_in_a_section_that_begins_as_another_kind),
		TEST(object_stays_while_a_section_changes_its_kind),
		TEST(a_found_grace_period_is_after_its_cookie),
		TEST(a_section_that_begins_while_another_thread_looks_is_seen),
		TEST(a_thread_uses_the_grace_periods_of_another),
		TEST(cookie_of_a_grace_period_in_progress_needs_the_next_one),
		TEST(callback_queued_in_a_grace_period_waits_for_the_next),
		TEST(barrier_does_not_end_with_the_round_before_it),
		TEST(barrier_waits_for_the_callback_that_is_running),
		TEST(object_retired_during_a_take_over_waits_for_readers),
		TEST(owner_locks_its_lists_during_a_take_over),
		TEST(idle_rcu_thread_is_woken_by_a_deferred_free),
		TEST(idle_rcu_thread_is_woken_by_a_request),
#if !LFSHIM_ASAN && !LFSHIM_TSAN
		TEST(callbacks_that_are_pending_at_exit_are_called),
#endif
		/* These measure the memory that is in use. */
		TEST(objects_that_waited_for_a_reader_are_freed),
		TEST(objects_of_threads_that_exit_together_are_freed),
	};

	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   objects_that_waited_for_a_reader_are_freed);
	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   objects_of_threads_that_exit_together_are_freed);
	return TEST_MAIN_BUT("rcu-overlap", tests, 2);
}
