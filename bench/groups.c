// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The groups: which lanes are measured, and which are compared. */

#include "engine/base.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "engine/sizes.h"
#include "fence/lanes.h"
#include "groups.h"
#include "limits/limits.h"

#define FENCE(label, ...)	{ .name = label, .kind = LANE_FENCE, __VA_ARGS__ }
#define LIMIT(label, ...)	{ .name = label, .kind = LANE_LIMIT, __VA_ARGS__ }
#define PEER(label, ...)	{ .name = label, .kind = LANE_PEER, __VA_ARGS__ }
#define OPS_OF(fn)		.rate = fn, .chunk = OPS_PER_TURN
#define EACH_OF(fn)		.rate = fn, .chunk = 1

#define LOCK_LANE	LIMIT("lock + unlock, inline three-state futex mutex", \
			      OPS_OF(raw_futex_mutex))
#define CLOCK_LANE	LIMIT("clock_gettime(CLOCK_MONOTONIC)", OPS_OF(raw_clock))
#define REFS_LANE	LIMIT("atomic increment + decrement-and-test", \
			      OPS_OF(raw_inc_dec))
#define RMW_LANE	LIMIT("four atomic read-modify-writes", \
			      OPS_OF(raw_four_rmw))
#define MALLOC_LANE(size)						\
	LIMIT("malloc + free of " #size, OPS_OF(raw_malloc_free), .arg = size)
#define WALK_LANE(nodes)						\
	LIMIT("list walk, indirect call each, nodes: " #nodes,		\
	      .rate = raw_walk, .setup = raw_walk_setup,		\
	      .teardown = raw_walk_teardown, .arg = nodes,		\
	      .chunk = LISTS_OF(nodes))
#define EVENTFD		.setup = peer_eventfd_setup, .teardown = peer_eventfd_teardown

#define GROUP(id, label, share)						\
	static struct group group_##id = {				\
		.name = label, .weight = share,				\
		.lanes = id##_lanes, .nr_lanes = ARRAY_LEN(id##_lanes),	\
		.rows = id##_rows, .nr_rows = ARRAY_LEN(id##_rows),	\
	}

/* Create, signal and put a fence. */

enum { CR_FENCE, CR_MALLOC, CR_CLOCK, CR_RMW };
static struct lane create_lanes[] = {
	FENCE("create + signal + put", OPS_OF(fence_create_signal_put),
	      .setup = fence_create_setup, .before = fence_create_before,
	      .after = fence_create_after, .teardown = fence_create_teardown,
	      .steady = true),
	LIMIT("malloc + free of the same size", OPS_OF(raw_malloc_free)),
	CLOCK_LANE,
	RMW_LANE,
	PEER("mutex + condition: malloc, init, set, destroy, free",
	     OPS_OF(peer_cond_create)),
	PEER("eventfd: create, write, close", OPS_OF(peer_eventfd_create)),
};
static struct row create_rows[] = {
	{ "create-signal-put",
	  "kmalloc, init, signal, put; freed after a grace period, at the rate of creation",
	  { { &create_lanes[CR_FENCE], 1 } },
	  "malloc + free, clock read, 4 atomics",
	  { { &create_lanes[CR_MALLOC], 1 }, { &create_lanes[CR_CLOCK], 1 },
	    { &create_lanes[CR_RMW], 1 } }, 1.6 },
};
GROUP(create, "create, signal, put", 2);

#ifndef BENCH_NO_OWN_LOCKS

/* The cost of a driver fence, compared with that of a bare fence. */

enum { DF_DRIVER, DF_BARE };
static struct lane driver_lanes[] = {
	FENCE("driver fence: prepare + commit + signal",
	      OPS_OF(fence_driver_create_signal),
	      .setup = fence_driver_setup, .before = fence_create_before,
	      .after = fence_create_after, .teardown = fence_driver_teardown,
	      .steady = true),
	LIMIT("dma_fence: create + signal + put", OPS_OF(fence_create_signal_put),
	      .setup = fence_create_setup, .before = fence_create_before,
	      .after = fence_create_after, .teardown = fence_create_teardown,
	      .steady = true),
};
static struct row driver_rows[] = {
	{ "driver-fence", "prepare, commit, signal; freed after a grace period",
	  { { &driver_lanes[DF_DRIVER], 1 } },
	  "kmalloc, init, signal, put of a bare dma_fence",
	  { { &driver_lanes[DF_BARE], 1 } }, 1.2 },
};
GROUP(driver, "driver fence", 2);

#endif

/* Take and drop a reference. */

static struct lane refs_lanes[] = {
	FENCE("get + put", OPS_OF(fence_get_put), .setup = fence_one_setup,
	      .teardown = fence_one_teardown),
	REFS_LANE,
};
static struct row refs_rows[] = {
	{ "get-put", "dma_fence_get and dma_fence_put, not the last",
	  { { &refs_lanes[0], 1 } }, "increment, decrement-and-test",
	  { { &refs_lanes[1], 1 } }, 1.3 },
};
GROUP(refs, "references", 0.5);

/* Ask whether a fence is signalled. */

enum { IS_SET, IS_SET_OP, IS_UNSET, IS_UNSET_OP, IS_LOAD };
#define IS_LANE(label, flavour)						\
	FENCE(label, OPS_OF(fence_is_signaled), .arg = flavour,		\
	      .setup = fence_one_setup, .teardown = fence_one_teardown)
static struct lane is_lanes[] = {
	IS_LANE("is_signaled, signalled", FENCE_SIGNALLED),
	IS_LANE("is_signaled, signalled, with a signaled op",
		FENCE_SIGNALLED | FENCE_HAS_OP),
	IS_LANE("is_signaled, not signalled", FENCE_UNSIGNALLED),
	IS_LANE("is_signaled, not signalled, with a signaled op",
		FENCE_UNSIGNALLED | FENCE_HAS_OP),
	LIMIT("acquire load + test", OPS_OF(raw_load_test)),
	PEER("mutex, read a flag", OPS_OF(peer_cond_poll)),
	PEER("eventfd: poll()", OPS_OF(peer_eventfd_poll), EVENTFD),
};
#define LOAD_LIMIT	"acquire load + test", { { &is_lanes[IS_LOAD], 1 } }
static struct row is_rows[] = {
	{ "is-signaled/set", "dma_fence_is_signaled on a signalled fence",
	  { { &is_lanes[IS_SET], 1 } }, LOAD_LIMIT, 3 },
	{ "is-signaled/set-op", "the same, with a signaled op",
	  { { &is_lanes[IS_SET_OP], 1 } }, LOAD_LIMIT },
	{ "is-signaled/unset", "on an unsignalled fence without a signaled op",
	  { { &is_lanes[IS_UNSET], 1 } }, LOAD_LIMIT },
	{ "is-signaled/unset-op", "on an unsignalled fence whose op says no",
	  { { &is_lanes[IS_UNSET_OP], 1 } }, LOAD_LIMIT },
};
GROUP(is, "is it signalled?", 1);

/* Signal a fence, without and with callbacks. */

#define SIGNAL_LANE(label, callbacks)					\
	FENCE(label, .rate = fence_signal, .arg = callbacks,		\
	      .setup = fence_callbacks_setup,				\
	      .teardown = fence_callbacks_teardown,			\
	      .chunk = LISTS_OF(callbacks))

static struct lane signal_lanes[] = {
	SIGNAL_LANE("signal, nobody waits", 0),
	LOCK_LANE,
	CLOCK_LANE,
	LIMIT("lock + unlock, pthread_mutex", OPS_OF(peer_mutex)),
	LIMIT("lock + unlock, pthread_spin", OPS_OF(peer_spin)),
	PEER("mutex + condition: set", OPS_OF(peer_cond_signal)),
	PEER("eventfd: write", OPS_OF(peer_eventfd_signal), EVENTFD),
};
static struct row signal_rows[] = {
	{ "signal/no-waiter", "dma_fence_signal, no callbacks",
	  { { &signal_lanes[0], 1 } }, "lock + unlock, clock read",
	  { { &signal_lanes[1], 1 }, { &signal_lanes[2], 1 } }, 1.3 },
};
GROUP(signal, "signal", 1);

enum { CB_ADD, CB_1, CB_10, CB_100, CB_1000, CB_LOCK, CB_CLOCK,
       CB_WALK_1, CB_WALK_10, CB_WALK_100, CB_WALK_1000 };
static struct lane callback_lanes[] = {
	FENCE("add_callback", .rate = fence_add_callbacks, .arg = 128,
	      .chunk = 1024, .setup = fence_callbacks_setup,
	      .teardown = fence_callbacks_teardown),
	SIGNAL_LANE("signal, 1 callback", 1),
	SIGNAL_LANE("signal, 10 callbacks", 10),
	SIGNAL_LANE("signal, 100 callbacks", 100),
	SIGNAL_LANE("signal, 1000 callbacks", 1000),
	LOCK_LANE, CLOCK_LANE,
	WALK_LANE(1), WALK_LANE(10), WALK_LANE(100), WALK_LANE(1000),
	LIMIT("the same, from a shared library, nodes: 1000",
	      .rate = raw_far_walk, .setup = raw_walk_setup,
	      .teardown = raw_walk_teardown, .arg = 1000, .chunk = 1),
};
#define CB_ROW(n)							\
	{ "callbacks/run-" #n,						\
	  "signal, number of callbacks " #n ", for each of them",		\
	  { { &callback_lanes[CB_##n], 1.0 / n } },			\
	  "(lock + unlock, clock read, list walk) / " #n,		\
	  { { &callback_lanes[CB_LOCK], 1.0 / n },			\
	    { &callback_lanes[CB_CLOCK], 1.0 / n },			\
	    { &callback_lanes[CB_WALK_##n], 1.0 / n } } }
static struct row callback_rows[] = {
	{ "callbacks/add", "dma_fence_add_callback",
	  { { &callback_lanes[CB_ADD], 1 } }, "lock + unlock",
	  { { &callback_lanes[CB_LOCK], 1 } } },
	CB_ROW(1), CB_ROW(10), CB_ROW(100), CB_ROW(1000),
	{ "callbacks/beyond-10", "each callback beyond the tenth, up to 1000",
	  { { &callback_lanes[CB_1000], 1.0 / 990 },
	    { &callback_lanes[CB_10], -1.0 / 990 } },
	  "list walk, the same nodes",
	  { { &callback_lanes[CB_WALK_1000], 1.0 / 990 },
	    { &callback_lanes[CB_WALK_10], -1.0 / 990 } }, 1.5 },
};
GROUP(callback, "callbacks", 2);

/* Wake a waiter. */

#define FENCE_WAKE	.setup = fence_wake_setup, .teardown = fence_wake_teardown
#define RAW_WAKE	.setup = raw_wake_setup, .teardown = raw_wake_teardown
#define ASLEEP_50US	.where = TWO_CPUS, .asleep_ns = 50000
#define ASLEEP_2MS	.where = TWO_CPUS, .asleep_ns = 2000000
#define ASLEEP_HERE	.where = ONE_CPU, .asleep_ns = 50000
/* The waiter waits by then, and dma_fence_wait() still spins. */
#define HOT		.where = TWO_CPUS, .lead_ns = 1500

#define WAKE_LANES(how)							\
	FENCE("dma_fence_wait", .wake = &fence_wait_wake, FENCE_WAKE, how), \
	LIMIT("raw futex", .wake = &raw_futex_wake, RAW_WAKE, how),	\
	PEER("mutex + condition", .wake = &peer_cond_wake, RAW_WAKE, how), \
	PEER("eventfd: read()", .wake = &peer_eventfd_wake, RAW_WAKE, how)
#define WAKE_ROW(label, text, lanes)					\
	{ label, text, { { &lanes[0], 1 } }, "raw futex, asleep as long", \
	  { { &lanes[1], 1 } }, 1.15 }

static struct lane asleep_lanes[] = { WAKE_LANES(ASLEEP_50US) };
static struct row asleep_rows[] = {
	WAKE_ROW("wake/asleep", "signal to waiter running, asleep for 50 us, two CPUs",
		 asleep_lanes),
};
GROUP(asleep, "wake, 50 us asleep", 3);

static struct lane idle_lanes[] = { WAKE_LANES(ASLEEP_2MS) };
static struct row idle_rows[] = {
	WAKE_ROW("wake/asleep-2ms", "the same, asleep for 2 ms", idle_lanes),
};
GROUP(idle, "wake, 2 ms asleep", 3);

static struct lane here_lanes[] = { WAKE_LANES(ASLEEP_HERE) };
static struct row here_rows[] = {
	WAKE_ROW("wake/asleep-one-cpu", "the same, asleep for 50 us, both on one CPU",
		 here_lanes),
};
GROUP(here, "wake on one CPU", 2);

enum { HOT_WAIT, HOT_POLL, HOT_TRIP, HOT_FLAG };
static struct lane hot_lanes[] = {
	FENCE("dma_fence_wait, in its spin", .wake = &fence_wait_wake,
	      FENCE_WAKE, HOT),
	FENCE("polling dma_fence_is_signaled", .wake = &fence_poll_wake,
	      FENCE_WAKE, HOT),
	LIMIT("cache line there and back", .where = TWO_CPUS, .pingpong = true),
	LIMIT("cache line one way, polling a flag", .wake = &raw_flag_wake,
	      RAW_WAKE, HOT),
	PEER("raw futex", .wake = &raw_futex_wake, RAW_WAKE, HOT),
	PEER("mutex + condition", .wake = &peer_cond_wake, RAW_WAKE, HOT),
	PEER("eventfd: read()", .wake = &peer_eventfd_wake, RAW_WAKE, HOT),
};
#define TRIP_LIMIT	"cache line there and back", { { &hot_lanes[HOT_TRIP], 1 } }, 3
static struct row hot_rows[] = {
	{ "wake/spin-wait", "signal to waiter running, spinning in dma_fence_wait",
	  { { &hot_lanes[HOT_WAIT], 1 } }, TRIP_LIMIT },
	{ "wake/spin-poll", "the same, polling dma_fence_is_signaled",
	  { { &hot_lanes[HOT_POLL], 1 } }, TRIP_LIMIT },
};
GROUP(hot, "wake a spinner", 3);

/* Wait for any of 64 fences. */

enum { ANY_DONE, ANY_ASLEEP, ANY_HOT, ANY_SCAN, ANY_FUTEX, ANY_TRIP };
#define WAITV		.setup = raw_waitv_setup, .teardown = raw_wake_teardown
static struct lane any_lanes[] = {
	FENCE("wait_any, the last is signalled", EACH_OF(fence_any_done),
	      FENCE_WAKE),
	FENCE("wait_any, asleep", .wake = &fence_any_wake, FENCE_WAKE,
	      ASLEEP_50US),
	FENCE("wait_any, in its spin", .wake = &fence_any_wake, FENCE_WAKE,
	      .where = TWO_CPUS, .lead_ns = 3000),
	LIMIT("64 acquire loads + tests", EACH_OF(raw_scan), .arg = NR_ANY),
	LIMIT("raw futex, one, asleep", .wake = &raw_futex_wake, RAW_WAKE,
	      ASLEEP_50US),
	LIMIT("cache line there and back", .where = TWO_CPUS, .pingpong = true),
	PEER("FUTEX_WAITV of 64, the last is there", EACH_OF(peer_waitv_done),
	     WAITV),
	PEER("poll() of 64 eventfds, the last is there",
	     EACH_OF(peer_poll_done), RAW_WAKE),
	PEER("FUTEX_WAITV of 64, asleep", .wake = &peer_waitv_wake, WAITV,
	     ASLEEP_50US),
	PEER("poll() of 64 eventfds, asleep", .wake = &peer_poll_wake, RAW_WAKE,
	     ASLEEP_50US),
};
static struct row any_rows[] = {
	{ "wait-any/signalled", "any of 64, the last one is signalled already",
	  { { &any_lanes[ANY_DONE], 1 } }, "64 acquire loads + tests",
	  { { &any_lanes[ANY_SCAN], 1 } } },
	{ "wait-any/asleep", "signal of the last of 64 to waiter running, asleep for 50 us",
	  { { &any_lanes[ANY_ASLEEP], 1 } }, "raw futex, one, asleep as long",
	  { { &any_lanes[ANY_FUTEX], 1 } } },
	{ "wait-any/spin", "the same, spinning in the wait",
	  { { &any_lanes[ANY_HOT], 1 } }, "cache line there and back",
	  { { &any_lanes[ANY_TRIP], 1 } } },
};
GROUP(any, "any of 64", 3);

/* The plain face: wait for any of 64, merge 1000, wait until a deadline. */

#define SEVERAL		.setup = fence_several_setup,			\
			.teardown = fence_several_teardown
enum { SE_MANY, SE_MERGE, SE_DEADLINE, SE_SCAN, SE_KERNEL, SE_FUTEX, SE_LOCK,
       SE_ANY };
static struct lane several_lanes[] = {
	FENCE("wait_many, the last of 64 is signalled", EACH_OF(fence_many_done),
	      SEVERAL),
	FENCE("libfence_merge of 1000", EACH_OF(fence_merge), SEVERAL,
	      .arg = MERGE_PLAIN),
	FENCE("wait_until, 100 us", EACH_OF(fence_deadline), SEVERAL),
	LIMIT("64 acquire loads of words in as many objects",
	      EACH_OF(raw_scan_objects), .arg = NR_ANY),
	LIMIT("dma_fence_unwrap_merge of 1000", EACH_OF(fence_merge), SEVERAL,
	      .arg = MERGE_KERNEL),
	LIMIT("raw futex with a deadline, 100 us", EACH_OF(raw_deadline)),
	LOCK_LANE,
	PEER("dma_fence_wait_any_timeout, the last of 64",
	     EACH_OF(fence_any_done), FENCE_WAKE),
};
static struct row several_rows[] = {
	{ "wait-many/signalled",
	  "libfence_wait_many, any of 64, the last one is signalled already",
	  { { &several_lanes[SE_MANY], 1 } },
	  "64 acquire loads in as many objects, lock + unlock",
	  { { &several_lanes[SE_SCAN], 1 }, { &several_lanes[SE_LOCK], 1 } } },
	{ "merge/plain", "libfence_merge of 1000 fences, of contexts in no order",
	  { { &several_lanes[SE_MERGE], 1 } }, "dma_fence_unwrap_merge of them",
	  { { &several_lanes[SE_KERNEL], 1 } } },
	{ "wait-until/late", "libfence_wait_until of a deadline in 100 us, until it returns",
	  { { &several_lanes[SE_DEADLINE], 1 } }, "raw futex with that deadline",
	  { { &several_lanes[SE_FUTEX], 1 } } },
};
GROUP(several, "several fences", 2);

#ifdef BENCH_CPP

/* The plain face in C++, compared with that in C. */

#define PLAIN		.setup = fence_plain_setup,			\
			.teardown = fence_plain_teardown
#define BOTH(op, label)							\
	FENCE(label ", C++", OPS_OF(fence_plain_cpp), PLAIN, .arg = op), \
	LIMIT(label ", C", OPS_OF(fence_plain_c), PLAIN, .arg = op)
static struct lane cpp_lanes[] = {
	/* In the order of enum plain_op, each twice. */
	BOTH(PLAIN_CREATE, "prepare + commit + signal"),
	BOTH(PLAIN_SHARE, "get + put"),
	BOTH(PLAIN_WAIT, "wait for a signalled fence"),
	BOTH(PLAIN_ATTACH, "register + unregister a callback"),
	BOTH(PLAIN_ANY, "wait for any of 64, the last is signalled"),
};
#define CPP_ROW(op, id, text)						\
	{ id, text ", in C++", { { &cpp_lanes[2 * op], 1 } },		\
	  "the same in C", { { &cpp_lanes[2 * op + 1], 1 } }, 1.03 }
static struct row cpp_rows[] = {
	CPP_ROW(PLAIN_CREATE, "cpp/create", "prepare, commit and signal a driver fence"),
	CPP_ROW(PLAIN_SHARE, "cpp/share", "take a reference and drop it"),
	CPP_ROW(PLAIN_WAIT, "cpp/wait", "wait for a signalled fence"),
	CPP_ROW(PLAIN_ATTACH, "cpp/callback", "register and unregister a callback"),
	CPP_ROW(PLAIN_ANY, "cpp/wait-any", "wait for any of 64 fences, the last one is signalled"),
};
GROUP(cpp, "the plain face in C++", 2);
#endif

/* Arrays and chains of 1000 fences. Each result is for one of the fences. */

#define CONTAINED	.chunk = 1, .setup = fence_contained_setup,	\
			.teardown = fence_contained_teardown
#define PER		(1.0 / NR_CONTAINED)

enum { AR_CREATE, AR_ENABLE, AR_SIGNAL, AR_RELEASE, AR_RMW, AR_LOCK, AR_CLOCK };
static struct lane array_lanes[] = {
	FENCE("array: create", .rate = fence_array, .arg = ARRAY_CREATE, CONTAINED),
	FENCE("array: enable", .rate = fence_array, .arg = ARRAY_ENABLE, CONTAINED),
	FENCE("array: signal all", .rate = fence_array, .arg = ARRAY_SIGNAL, CONTAINED),
	FENCE("array: release", .rate = fence_array, .arg = ARRAY_RELEASE, CONTAINED),
	RMW_LANE, LOCK_LANE, CLOCK_LANE,
};
static struct row array_rows[] = {
	{ "array/create", "take references to 1000 fences and make an array, for each",
	  { { &array_lanes[AR_CREATE], PER } }, "1 atomic",
	  { { &array_lanes[AR_RMW], 0.25 } } },
	{ "array/enable", "enable signalling on it, for each",
	  { { &array_lanes[AR_ENABLE], PER } }, "lock + unlock, 1 atomic",
	  { { &array_lanes[AR_LOCK], 1 }, { &array_lanes[AR_RMW], 0.25 } } },
	{ "array/signal", "signal all 1000, and with the last the array, for each",
	  { { &array_lanes[AR_SIGNAL], PER } }, "lock + unlock, clock read, 2 atomics",
	  { { &array_lanes[AR_LOCK], 1 }, { &array_lanes[AR_CLOCK], 1 },
	    { &array_lanes[AR_RMW], 0.5 } } },
	{ "array/release", "drop the array, and its reference to each, for each",
	  { { &array_lanes[AR_RELEASE], PER } }, "1 atomic",
	  { { &array_lanes[AR_RMW], 0.25 } } },
};
GROUP(array, "array of 1000", 2);

enum { CH_WALK, CH_SIGNAL, CH_EACH, CH_RELEASE, CH_NODES, CH_REFS, CH_LOCK,
       CH_CLOCK, CH_RMW, CH_MALLOC };
static struct lane chain_lanes[] = {
	FENCE("chain: walk", .rate = fence_chain, .arg = CHAIN_WALK, CONTAINED),
	FENCE("chain: signal in order", .rate = fence_chain, .arg = CHAIN_SIGNAL,
	      CONTAINED),
	FENCE("chain: signal in order, all enabled", .rate = fence_chain,
	      .arg = CHAIN_SIGNAL_EACH, CONTAINED),
	FENCE("chain: release", .rate = fence_chain, .arg = CHAIN_RELEASE, CONTAINED),
	WALK_LANE(1000), REFS_LANE, LOCK_LANE, CLOCK_LANE, RMW_LANE,
	MALLOC_LANE(128),
};
static struct row chain_rows[] = {
	{ "chain/walk", "walk over 1000 links, none signalled, for each",
	  { { &chain_lanes[CH_WALK], PER } },
	  "list walk, increment, decrement-and-test",
	  { { &chain_lanes[CH_NODES], PER }, { &chain_lanes[CH_REFS], 1 } } },
	{ "chain/signal", "signal in order, somebody waits for the last; then all links go; for each",
	  { { &chain_lanes[CH_SIGNAL], PER } }, "lock + unlock, clock read",
	  { { &chain_lanes[CH_LOCK], 1 }, { &chain_lanes[CH_CLOCK], 1 } } },
	{ "chain/signal-each", "the same, somebody waits for every link",
	  { { &chain_lanes[CH_EACH], PER } }, "2 x (lock + unlock, clock read)",
	  { { &chain_lanes[CH_LOCK], 2 }, { &chain_lanes[CH_CLOCK], 2 } } },
	{ "chain/release", "drop the last of 1000 links, and with it all, for each",
	  { { &chain_lanes[CH_RELEASE], PER } }, "2 atomics, malloc + free",
	  { { &chain_lanes[CH_RMW], 0.5 }, { &chain_lanes[CH_MALLOC], 1 } } },
};
GROUP(chain, "chain of 1000", 2);

/* Read a reservation object with 4 fences while a thread changes it. */

enum { RS_TEST, RS_TEST_2, RS_ITER, RS_ITER_2, RS_LOAD, RS_REFS };
#define RESV_LANE(label, readers)					\
	FENCE(label, OPS_OF(fence_resv_read), .arg = readers,		\
	      .setup = fence_resv_setup, .before = fence_resv_before,	\
	      .after = fence_resv_after, .teardown = fence_resv_teardown, \
	      .where = TWO_CPUS)
static struct lane resv_lanes[] = {
	RESV_LANE("resv: test_signaled, one reader", 0),
	RESV_LANE("resv: test_signaled, two readers", RESV_TWO_READERS),
	RESV_LANE("resv: iteration, one reader", RESV_ITERATES),
	RESV_LANE("resv: iteration, two readers",
		  RESV_ITERATES | RESV_TWO_READERS),
	LIMIT("acquire load + test", OPS_OF(raw_load_test)),
	REFS_LANE,
};
static struct row resv_rows[] = {
	{ "resv/test-signaled", "dma_resv_test_signaled, the last of 4 fences counts, one writer",
	  { { &resv_lanes[RS_TEST], 1 } }, "5 x (acquire load + test)",
	  { { &resv_lanes[RS_LOAD], 5 } } },
	{ "resv/test-signaled-2", "the same by two readers, for each call of theirs",
	  { { &resv_lanes[RS_TEST_2], 1 } }, "one reader; half of it is all that can be had",
	  { { &resv_lanes[RS_TEST], 1 } }, 1 / 1.8 },
	{ "resv/iterate", "unlocked iteration over 4 fences, one writer",
	  { { &resv_lanes[RS_ITER], 1 } }, "4 x (increment, decrement-and-test)",
	  { { &resv_lanes[RS_REFS], 4 } } },
	{ "resv/iterate-2", "the same by two readers, for each iteration of theirs",
	  { { &resv_lanes[RS_ITER_2], 1 } }, "one reader; half of it is all that can be had",
	  { { &resv_lanes[RS_ITER], 1 } }, 1 / 1.8 },
};
GROUP(resv, "reservation object", 2);

/* Export a fence; signal an exported fence. */

enum { SY_EXPORTED, SY_BARE, SY_EXPORT, SY_WRITE, SY_EVENTFD, SY_PIPE };
static struct lane sync_lanes[] = {
	FENCE("signal, exported", .rate = fence_signal_exported,
	      .chunk = NR_EXPORTED),
	SIGNAL_LANE("signal, not exported", 0),
	FENCE("export", .rate = fence_export, .chunk = NR_EXPORTED),
	LIMIT("write to a pipe, each of its own", .rate = raw_pipe_write,
	      .chunk = NR_EXPORTED),
	LIMIT("write to an eventfd, each of its own", .rate = raw_eventfd_write,
	      .chunk = NR_EXPORTED),
	LIMIT("make a pipe with a label", .rate = raw_make_pipe,
	      .chunk = NR_EXPORTED),
};
#define SYNC_EXTRA	{ { &sync_lanes[SY_EXPORTED], 1 },		\
			  { &sync_lanes[SY_BARE], -1 } }
static struct row sync_rows[] = {
	{ "sync-file/signal", "the extra cost of signalling if the fence is exported",
	  SYNC_EXTRA, "write to a pipe", { { &sync_lanes[SY_WRITE], 1 } }, 1.3 },
	{ "sync-file/eventfd", "the same", SYNC_EXTRA,
	  "write to an eventfd", { { &sync_lanes[SY_EVENTFD], 1 } }, 2 },
	{ "sync-file/whole", "signal an exported fence",
	  { { &sync_lanes[SY_EXPORTED], 1 } },
	  "write to an eventfd", { { &sync_lanes[SY_EVENTFD], 1 } } },
	{ "sync-file/export", "export a fence",
	  { { &sync_lanes[SY_EXPORT], 1 } },
	  "make a pipe with a label", { { &sync_lanes[SY_PIPE], 1 } } },
};
GROUP(sync, "export a fence, and signal it", 1);

struct group *const groups[] = {
	&group_create,
#ifndef BENCH_NO_OWN_LOCKS
	&group_driver,
#endif
	&group_refs, &group_is, &group_signal, &group_callback,
	&group_asleep, &group_idle, &group_here, &group_hot, &group_any,
	&group_several,
#ifdef BENCH_CPP
	&group_cpp,
#endif
	&group_array, &group_chain, &group_resv, &group_sync,
};
const size_t nr_groups = ARRAY_LEN(groups);
