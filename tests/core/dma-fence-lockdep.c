// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The annotations of the signalling section. Instead of lockdep, a recorder
 * shows which calls the core makes. Compiled together with the core; see
 * meson.build and lockdep-recorder.h. The reports of the real lockdep are
 * tested in signalling.c.
 */
#include "mock.h"

#include <linux/preempt.h>

/*
 * The recorded calls as a string: R acquired for reading, r released,
 * W acquired for writing, w released, A reclaim acquired, a reclaim released.
 */
static char done[64];
static unsigned int nr_done;
/* The only lockdep map, and how it is held now, as R and W. */
static struct lockdep_map *the_map;
static char held[8];
static unsigned int nr_held;
static int last_trylock, last_check;
static unsigned long last_ip;
static bool misused;
/* The record of initcalls before main(). */
static char at_start[64];

static void note(char what)
{
	if (nr_done < sizeof(done) - 1)
		done[nr_done++] = what;
	done[nr_done] = '\0';
}

int lock_is_held_type(const struct lockdep_map *map, int read)
{
	return strchr(held, read ? 'R' : 'W') != NULL;
}

void lock_acquire(struct lockdep_map *map, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest,
		  unsigned long ip)
{
	char what = read == 1 ? 'R' : read == 0 ? 'W' : '?';

	/* There is only one map, and it has a name. */
	if ((the_map && map != the_map) || !map->name || nr_held >= 7 ||
	    subclass || nest || !ip) {
		misused = true;
		return;
	}
	the_map = map;
	held[nr_held++] = what;
	note(what);
	last_trylock = trylock;
	last_check = check;
	last_ip = ip;
}

/* This test does not look at the classes of spinlocks. */
void lfshim_spin_set_class(void *lock, const char *name,
			   struct lock_class_key *key, int subclass)
{
}

void lock_release(struct lockdep_map *map, unsigned long ip)
{
	if (map != the_map || !nr_held || !ip) {
		misused = true;
		return;
	}
	note(held[--nr_held] | 0x20);
	held[nr_held] = '\0';
}

void fs_reclaim_acquire(gfp_t gfp)
{
	note('A');
	if (!gfpflags_allow_blocking(gfp))
		misused = true;
}

void fs_reclaim_release(gfp_t gfp)
{
	note('a');
}

static int lockdep_setup(void **state)
{
	nr_done = 0;
	done[0] = '\0';
	misused = false;
	return mock_setup(state);
}

static int lockdep_teardown(void **state)
{
	if (misused || nr_held) {
		print_error("misused %d, held: %s\n", misused, held);
		mock_teardown(state);
		return -1;
	}
	return mock_teardown(state);
}

#define LOCKDEP_TEST(f) \
	cmocka_unit_test_setup_teardown(f, lockdep_setup, lockdep_teardown)

static void begin_acquires_and_end_releases(void **state)
{
	bool cookie = dma_fence_begin_signalling();

	assert_false(cookie);
	assert_string_equal(done, "R");
	/* A trylock: beginning a section adds no dependency. */
	assert_int_equal(last_trylock, 1);
	assert_int_equal(last_check, 1);
	dma_fence_end_signalling(cookie);
	assert_string_equal(done, "Rr");
}

static void inner_section_does_nothing(void **state)
{
	bool outer = dma_fence_begin_signalling();
	bool inner = dma_fence_begin_signalling();

	assert_true(inner);
	dma_fence_end_signalling(inner);
	assert_string_equal(done, "R");
	dma_fence_end_signalling(outer);
	assert_string_equal(done, "Rr");
}

static void section_in_atomic_context_does_nothing(void **state)
{
	unsigned long flags;
	bool cookie;

	local_irq_save(flags);
	cookie = dma_fence_begin_signalling();
	assert_true(cookie);
	dma_fence_end_signalling(cookie);
	local_irq_restore(flags);

	preempt_disable();
	cookie = dma_fence_begin_signalling();
	assert_true(cookie);
	dma_fence_end_signalling(cookie);
	preempt_enable();
	assert_string_equal(done, "");
}

/* The cookie decides, not the context in which the section ends. */
static void section_may_end_in_another_context(void **state)
{
	bool cookie = dma_fence_begin_signalling();
	unsigned long flags;

	local_irq_save(flags);
	dma_fence_end_signalling(cookie);
	local_irq_restore(flags);
	assert_string_equal(done, "Rr");
}

static void might_wait_takes_the_lock_for_writing(void **state)
{
	__dma_fence_might_wait();
	assert_string_equal(done, "Ww");
}

/* The section keeps the map meanwhile: waiting at all is the mistake. */
static void might_wait_in_a_section_takes_it_on_top(void **state)
{
	bool cookie = dma_fence_begin_signalling();

	__dma_fence_might_wait();
	assert_string_equal(done, "RWw");
	assert_int_equal(last_trylock, 0);
	assert_int_equal(last_check, 1);
	dma_fence_end_signalling(cookie);
	assert_string_equal(done, "RWwr");
}

static void reclaim_waits_for_fences_from_the_start(void **state)
{
	/* Reclaim for GFP_KERNEL and GFP_NOIO; the stub is signalled too. */
	assert_non_null(strstr(at_start, "AAWwaa"));
}

static noinline void section_here(unsigned long *ip)
{
	bool cookie = dma_fence_begin_signalling();

	*ip = last_ip;
	dma_fence_end_signalling(cookie);
}

static bool within(unsigned long ip, void *function)
{
	return ip > (unsigned long)function &&
	       ip < (unsigned long)function + 256;
}

/* The reported call site is where the section began or the wait was made. */
static void call_sites_are_those_of_the_callers(void **state)
{
	struct dma_fence *f = mock_fence();
	unsigned long ip, here;
	bool cookie;

	section_here(&ip);
	assert_true(within(ip, section_here));
	here = _THIS_IP_;
	dma_fence_signal(f);
	assert_between(last_ip, here, here + 256);
	here = _THIS_IP_;
	dma_fence_wait(f, false);
	assert_between(last_ip, here, here + 256);
	cookie = __dma_fence_begin_signalling(1234);
	assert_int_equal(last_ip, 1234);
	dma_fence_end_signalling(cookie);
	dma_fence_put(f);
}

static void signalling_is_a_section(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_signal(f);
	assert_string_equal(done, "Rr");
	/* A second call is annotated too, although it does nothing. */
	dma_fence_signal(f);
	assert_string_equal(done, "RrRr");
	assert_warns(1, dma_fence_signal(NULL));
	assert_string_equal(done, "RrRr");
	dma_fence_put(f);
}

static void other_ways_of_signalling_begin_no_section(void **state)
{
	struct dma_fence *a = mock_fence(), *b = mock_fence();
	unsigned long flags;

	dma_fence_signal_timestamp(a, 1);
	assert_true(dma_fence_check_and_signal(a));
	dma_fence_lock_irqsave(b, flags);
	dma_fence_signal_locked(b);
	dma_fence_unlock_irqrestore(b, flags);
	assert_string_equal(done, "");
	dma_fence_put(a);
	dma_fence_put(b);
}

static void polling_signals_in_a_section(void **state)
{
	struct dma_fence *f = mock_fence();

	mock_done_at(f, 1);
	assert_true(dma_fence_is_signaled(f));
	assert_string_equal(done, "Rr");
	dma_fence_put(f);
}

static void every_wait_is_annotated(void **state)
{
	struct dma_fence *f = mock_fence();

	assert_int_equal(dma_fence_wait_timeout(f, false, 0), 0);
	assert_string_equal(done, "Ww");
	dma_fence_signal_timestamp(f, 1);
	assert_int_equal(dma_fence_wait(f, true), 0);
	assert_string_equal(done, "WwWw");
	/* A refused wait and these functions are not annotated. */
	assert_warns(1, dma_fence_wait_timeout(f, false, -1));
	assert_int_equal(dma_fence_default_wait(f, false, 0), 1);
	assert_int_equal(dma_fence_wait_any_timeout(&f, 1, false, 1, NULL), 1);
	assert_string_equal(done, "WwWw");
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		LOCKDEP_TEST(begin_acquires_and_end_releases),
		LOCKDEP_TEST(inner_section_does_nothing),
		LOCKDEP_TEST(section_in_atomic_context_does_nothing),
		LOCKDEP_TEST(section_may_end_in_another_context),
		LOCKDEP_TEST(might_wait_takes_the_lock_for_writing),
		LOCKDEP_TEST(might_wait_in_a_section_takes_it_on_top),
		LOCKDEP_TEST(reclaim_waits_for_fences_from_the_start),
		LOCKDEP_TEST(call_sites_are_those_of_the_callers),
		LOCKDEP_TEST(signalling_is_a_section),
		LOCKDEP_TEST(other_ways_of_signalling_begin_no_section),
		LOCKDEP_TEST(polling_signals_in_a_section),
		LOCKDEP_TEST(every_wait_is_annotated),
	};

	strcpy(at_start, done);
	return TEST_MAIN("dma-fence-lockdep", tests);
}
