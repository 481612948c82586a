// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Consumers of driver fences: callbacks, references and stored pointers. */
#include "driver.h"

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

static struct libfence_context *ctx;
static struct round {
	struct job_fence *owner;
	struct libfence *f;
	struct libfence_callback cb, cbs[2][4];
	int kind, result, statuses[4], had_run;
	/* A plain write in the callback. */
	bool ran;
	int runs[2][4];
	/* Flags: how far each member has come. */
	bool running, stalled, answered, ended;
	atomic_t released;
} s;

static void new_round(int result)
{
	struct job_prep *prep = job_prepare(&(struct job){ .id = 7 });

	assert_non_null(prep);
	memset(&s, 0, sizeof(s));
	s.result = result;
	s.owner = job_commit(ctx, &prep);
	s.f = job_fence_get(s.owner);
}

static int status(void)
{
	return s.result ?: 1;
}

static void signal_it(void)
{
	job_fence_signal(&s.owner, s.result);
	raise_flag(s.ended);
}

static void no_delay(enum stress_where where, const volatile void *what,
		     long nr)
{
}

/* D4: "signalled" means that the callbacks have finished. */

static void slow_callback(const struct libfence *f, void *data)
{
	raise_flag(s.running);
	stress_check(!stress_until(READ_ONCE(s.answered), 3 * STRESS_WINDOW_MS));
	s.ran = true;
}

static void d04_ask(void)
{
	await_flag(s.running);
	stress_check(libfence_is_signaled_racy(s.f));
	stress_check(libfence_status_racy(s.f) == status());
	switch (s.kind) {
	case 0:
		stress_check(libfence_is_signaled(s.f));
		break;
	case 1:
		stress_check(libfence_status(s.f) == status());
		break;
	default:
		stress_check(!libfence_wait(s.f, s.kind == 2 ? 0 :
						 LIBFENCE_FOREVER));
	}
	raise_flag(s.answered);
	stress_check(s.ran);
}

static void d04_signalled_says_that_callbacks_are_done(void **state)
{
	int i;

	ctx = new_context();
	stress_team(signal_it, d04_ask);
	stress_set_hook(no_delay);
	for (i = 0; i < stress_rounds(40); i++) {
		new_round(i & 4 ? -EIO : 0);
		s.kind = i & 3;
		libfence_callback_init(&s.cb, slow_callback, NULL);
		assert_int_equal(libfence_callback_register(s.f, &s.cb), 0);
		stress_team_round();
		assert_true(libfence_callback_unregister(&s.cb));
		libfence_put(&s.f);
	}
	stress_team_stop();
	libfence_context_destroy(&ctx);
}

static void quick_callback(const struct libfence *f, void *data)
{
	s.ran = true;
}

static void wait_for_it(void)
{
	stress_check(!libfence_wait(s.f, LIBFENCE_FOREVER));
	stress_check(s.ran);
	s.statuses[0] = libfence_status_racy(s.f);
}

static void ask_for_it(void)
{
	struct libfence *f = NULL;

	do {
		libfence_put(&f);
		f = libfence_get(s.f);
	} while (!libfence_is_signaled(f));
	stress_check(s.ran);
	s.statuses[1] = libfence_status(f);
	libfence_put(&f);
}

static void note_status(const struct libfence *f, void *data)
{
	*(int *)data = libfence_status_racy(f);
}

static void register_for_it(void)
{
	struct libfence_callback *cb = &s.cbs[0][0];
	bool had_run = false;

	libfence_callback_init(cb, note_status, &s.statuses[2]);
	while (!had_run && !libfence_callback_register(s.f, cb))
		had_run = libfence_callback_unregister(cb);
	/* The fence is signalled in both cases. */
	stress_check(libfence_status(s.f) == status());
	stress_check(s.ran);
	if (!had_run)
		s.statuses[2] = status();
}

static void d04_consumers_see_the_same(void **state)
{
	int i, j;

	ctx = new_context();
	stress_team(wait_for_it, ask_for_it, register_for_it, signal_it);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_round(i & 1 ? -EIO : 0);
		libfence_callback_init(&s.cb, quick_callback, NULL);
		assert_int_equal(libfence_callback_register(s.f, &s.cb), 0);
		stress_team_round();
		for (j = 0; j < 3; j++)
			assert_int_equal(s.statuses[j], status());
		assert_true(libfence_callback_unregister(&s.cb));
		assert_int_equal(references(s.f), 1);
		libfence_put(&s.f);
	}
	stress_team_stop();
	libfence_context_destroy(&ctx);
}

/* D5: a callback is unregistered before it runs, or while it runs. */

static void d05_unregister(void)
{
	await_flag(s.running);
	s.had_run = libfence_callback_unregister(&s.cb);
	raise_flag(s.answered);
	stress_check(s.had_run);
	stress_check(s.ran);
	/*
	 * An initialised callback can be registered again at once, whether or
	 * not that succeeds.
	 */
	s.ran = false;
	stress_check(libfence_callback_register(s.f, &s.cb) == -ENOENT);
	stress_check(!libfence_callback_unregister(&s.cb));
	stress_check(!s.ran);
}

static void d05_unregister_waits_for_the_callback(void **state)
{
	struct job_fence *next;
	struct job_prep *prep;
	int i;

	ctx = new_context();
	stress_team(signal_it, d05_unregister);
	stress_set_hook(no_delay);
	for (i = 0; i < stress_rounds(40); i++) {
		new_round(0);
		libfence_callback_init(&s.cb, slow_callback, NULL);
		assert_int_equal(libfence_callback_register(s.f, &s.cb), 0);
		stress_team_round();
		prep = job_prepare(NULL);
		next = job_commit(ctx, &prep);
		assert_int_equal(libfence_callback_register(
					 job_fence_consumer(next), &s.cb), 0);
		assert_false(libfence_callback_unregister(&s.cb));
		job_fence_signal(&next, 0);
		assert_false(s.ran);
		libfence_put(&s.f);
	}
	stress_team_stop();
	libfence_context_destroy(&ctx);
}

/* The signaller takes the lock when the callback is registered. */
static void d05_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_LOCK && what == lock_of(s.f) &&
	    stress_role() == 0 && !s.stalled) {
		raise_flag(s.stalled);
		await_flag(s.answered);
	}
}

static void d05_unregister_before(void)
{
	await_flag(s.stalled);
	stress_check(!libfence_callback_unregister(&s.cb));
	raise_flag(s.answered);
}

static void d05_unregistered_callback_does_not_run(void **state)
{
	int i;

	ctx = new_context();
	stress_team(signal_it, d05_unregister_before);
	for (i = 0; i < stress_rounds(200); i++) {
		stress_set_hook(NULL);
		new_round(0);
		libfence_callback_init(&s.cb, quick_callback, NULL);
		assert_int_equal(libfence_callback_register(s.f, &s.cb), 0);
		stress_set_hook(d05_hook);
		stress_team_round();
		assert_false(s.ran);
		assert_int_equal(references(s.f), 1);
		libfence_put(&s.f);
	}
	stress_team_stop();
	libfence_context_destroy(&ctx);
}

static void count_run(const struct libfence *f, void *data)
{
	++*(int *)data;
}

/* Each member unregisters its own registrations, now or later. */
static void register_and_unregister(void)
{
	struct libfence_callback *cbs = s.cbs[stress_role()];
	int *runs = s.runs[stress_role()];
	bool registered[4] = {};
	int i, seen[4] = {};
	bool had_run;

	for (i = 0; i < 4; i++)
		libfence_callback_init(&cbs[i], count_run, &runs[i]);
	for (i = 0; i < 60; i++) {
		int n = i < 56 ? get_random_u32_below(4) : i % 4;

		if (registered[n] || i >= 56) {
			had_run = libfence_callback_unregister(&cbs[n]);
			stress_check(runs[n] - seen[n] == had_run);
			stress_check(registered[n] || !had_run);
			seen[n] = runs[n];
			registered[n] = false;
		} else {
			registered[n] = !libfence_callback_register(s.f,
								    &cbs[n]);
		}
		stress_check(!cbs[n].fence == !registered[n]);
	}
}

static void d05_callbacks_run_or_are_unregistered_once(void **state)
{
	int i, j, ran;

	ctx = new_context();
	stress_team(register_and_unregister, register_and_unregister,
		    signal_it);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_round(0);
		stress_team_round();
		for (j = ran = 0; j < 8; j++)
			ran += s.runs[j / 4][j % 4];
		/*
		 * Each callback was registered at most once when the fence was
		 * signalled.
		 */
		assert_true(ran <= 8);
		assert_int_equal(references(s.f), 1);
		libfence_put(&s.f);
	}
	stress_team_stop();
	libfence_context_destroy(&ctx);
}

/*
 * D6: the callback notifies a thread, which unregisters it before registering
 * returns.
 */

static void d06_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_UNLOCKED && what == lock_of(s.f) &&
	    stress_role() == 0 && !s.stalled) {
		raise_flag(s.stalled);
		await_flag(s.answered);
	}
}

static void d06_register(void)
{
	stress_check(!libfence_callback_register(s.f, &s.cb));
}

static void d06_unregister(void)
{
	await_flag(s.stalled);
	signal_it();
	stress_check(s.ran);
	s.had_run = libfence_callback_unregister(&s.cb);
	/*
	 * The callback's memory belongs to this thread now, and may be
	 * overwritten.
	 */
	memset(&s.cb, 0x5a, sizeof(s.cb));
	raise_flag(s.answered);
}

static void d06_unregistered_before_register_returns(void **state)
{
	struct libfence_callback free_cb;
	int i;

	memset(&free_cb, 0x5a, sizeof(free_cb));
	ctx = new_context();
	stress_team(d06_register, d06_unregister);
	for (i = 0; i < stress_rounds(300); i++) {
		stress_set_hook(NULL);
		new_round(0);
		libfence_callback_init(&s.cb, quick_callback, NULL);
		stress_set_hook(d06_hook);
		stress_team_round();
		assert_true(s.had_run);
		assert_memory_equal(&s.cb, &free_cb, sizeof(free_cb));
		assert_int_equal(references(s.f), 1);
		libfence_put(&s.f);
	}
	stress_team_stop();
	libfence_context_destroy(&ctx);
}

/* As in a scheduler: the callback queues work that frees it. */
struct queued_cb {
	struct libfence_callback cb;
	struct queued_cb *next;
};

static struct queued_cb *queued;
static atomic_t freed;

static void queue_for_free(const struct libfence *f, void *data)
{
	struct queued_cb *t = data;

	/* Full barrier: pairs with the xchg() in d06_free_what_ran(). */
	do {
		t->next = READ_ONCE(queued);
	} while (cmpxchg(&queued, t->next, t) != t->next);
}

static void d06_register_many(void)
{
	struct queued_cb *t;
	int i;

	for (i = 0; i < 8; i++) {
		t = kmalloc_obj(*t);
		libfence_callback_init(&t->cb, queue_for_free, t);
		if (!libfence_callback_register(s.f, &t->cb))
			continue;
		stress_check(!t->cb.fence);
		kfree(t);
		atomic_inc(&freed);
	}
}

static void d06_free_what_ran(void)
{
	struct queued_cb *t, *next;

	/* Every registered callback runs, so eight are freed in the end. */
	while (atomic_read(&freed) < 8) {
		for (t = xchg(&queued, NULL); t; t = next) {
			next = t->next;
			stress_check(libfence_callback_unregister(&t->cb));
			memset(t, 0x5a, sizeof(*t));
			kfree(t);
			atomic_inc(&freed);
		}
		cpu_relax();
	}
}

static void d06_thread_that_the_callback_wakes_may_free_it(void **state)
{
	int i;

	ctx = new_context();
	stress_team(d06_register_many, signal_it, d06_free_what_ran);
	for (i = 0; i < stress_rounds(4000); i++) {
		new_round(0);
		atomic_set(&freed, 0);
		stress_team_round();
		assert_int_equal(references(s.f), 1);
		libfence_put(&s.f);
	}
	stress_team_stop();
	libfence_context_destroy(&ctx);
}

/* The registration has the last reference. */
static void d06_release_hook(enum stress_where where,
			     const volatile void *what, long nr)
{
	if (where == STRESS_DESTROY && what == s.f)
		atomic_inc(&s.released);
}

static void register_and_put(void)
{
	struct libfence *f = s.f;

	s.answered = !libfence_callback_register(f, &s.cb);
	libfence_put(&f);
}

static void d06_registration_has_a_reference(void **state)
{
	int i;

	ctx = new_context();
	stress_team(register_and_put, signal_it);
	stress_set_hook(d06_release_hook);
	for (i = 0; i < stress_rounds(4000); i++) {
		new_round(0);
		libfence_callback_init(&s.cb, quick_callback, NULL);
		stress_team_round();
		assert_int_equal(s.ran, s.answered);
		assert_int_equal(atomic_read(&s.released), !s.answered);
		assert_true(libfence_callback_unregister(&s.cb) == s.answered);
		assert_null(s.cb.fence);
		assert_int_equal(atomic_read(&s.released), 1);
	}
	stress_team_stop();
	/* With the hook, at least one round has this order. */
	stress_set_hook(d06_release_hook);
	new_round(0);
	libfence_callback_init(&s.cb, quick_callback, NULL);
	register_and_put();
	signal_it();
	assert_int_equal(atomic_read(&s.released), 0);
	assert_true(libfence_callback_unregister(&s.cb));
	assert_int_equal(atomic_read(&s.released), 1);
	stress_set_hook(NULL);
	libfence_context_destroy(&ctx);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(d04_signalled_says_that_callbacks_are_done),
		TEST(d04_consumers_see_the_same),
		TEST(d05_unregister_waits_for_the_callback),
		TEST(d05_unregistered_callback_does_not_run),
		TEST(d05_callbacks_run_or_are_unregistered_once),
		TEST(d06_unregistered_before_register_returns),
		TEST(d06_thread_that_the_callback_wakes_may_free_it),
		TEST(d06_registration_has_a_reference),
	};
	return STRESS_MAIN("stress-consumer", tests);
}
