// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Ten thousand descriptors at a time, and a hundred thousand. */

#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define NR	10000
#define NR_MOST	100000

struct many {
	int nr;
	struct dma_fence *fences[NR_MOST];
	int fds[NR_MOST];
	int order[NR_MOST];
	unsigned char seen[NR_MOST];
};
static struct many m;

/*
 * How many of @most fences fit; each needs @each descriptors of this process.
 */
static int room_for(int each, int most)
{
	struct rlimit limit;
	int nr;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = max((rlim_t)(2 * most + 1000), limit.rlim_cur);
	if (limit.rlim_max < limit.rlim_cur) {
		struct rlimit more = { limit.rlim_cur, limit.rlim_cur };

		/* Root may raise the hard limit. */
		if (setrlimit(RLIMIT_NOFILE, &more))
			limit.rlim_cur = limit.rlim_max;
	}
	setrlimit(RLIMIT_NOFILE, &limit);
	getrlimit(RLIMIT_NOFILE, &limit);
	nr = ((long)limit.rlim_cur - count_fds() - 50) / each;
	nr = min(nr, most);
	/* The limit is lower, and we are not root: use fewer. */
	printf("# %d fences\n", nr);
	fflush(stdout);
	return nr;
}

static void shuffle(void)
{
	int i, k, tmp;

	srandom(test_seed());
	for (i = 0; i < m.nr; i++)
		m.order[i] = i;
	for (i = m.nr - 1; i > 0; i--) {
		k = random() % (i + 1);
		tmp = m.order[i];
		m.order[i] = m.order[k];
		m.order[k] = tmp;
	}
}

static int signal_all(void *unused)
{
	int i;

	for (i = 0; i < m.nr; i++)
		dma_fence_signal(m.fences[m.order[i]]);
	return 0;
}

static int new_set(void)
{
	int set = epoll_create1(EPOLL_CLOEXEC), i;

	for (i = 0; i < m.nr; i++) {
		struct epoll_event event = {
			.events = EPOLLIN | EPOLLET, .data.u32 = i,
		};

		if (epoll_ctl(set, EPOLL_CTL_ADD, m.fds[i], &event))
			return -1;
	}
	return set;
}

/*
 * Wait until all have been seen; returns how many were seen twice or never. The
 * close of the library's end, which follows, is another event.
 */
static int see_all(int set)
{
	struct epoll_event events[64];
	int left = m.nr, wrong = 0, i, n;

	while (left > 0) {
		n = epoll_wait(set, events, 64, PATIENCE_S * 1000);
		if (n <= 0)
			break;
		for (i = 0; i < n; i++) {
			if (m.seen[events[i].data.u32]) {
				wrong += !(events[i].events & EPOLLHUP);
				continue;
			}
			wrong += !(events[i].events & EPOLLIN);
			m.seen[events[i].data.u32]++;
			left--;
		}
	}
	n = epoll_wait(set, events, 64, 20);
	for (i = 0; i < n; i++)
		wrong += !(events[i].events & EPOLLHUP);
	for (i = 0; i < m.nr; i++)
		wrong += m.seen[i] != 1;
	return wrong;
}

static void export_all(void)
{
	int i;

	memset(m.seen, 0, sizeof(m.seen));
	for (i = 0; i < m.nr; i++) {
		m.fences[i] = mock_fence();
		m.fds[i] = libfence_export(plain(m.fences[i]), NULL);
		if (m.fds[i] < 0)
			fail_msg("export %d: error %d", i, m.fds[i]);
	}
}

static void put_all(void)
{
	int i;

	for (i = 0; i < m.nr; i++)
		dma_fence_put(m.fences[i]);
}

/* One full cycle; run once before measuring, so that caches are filled. */
static void one_round(void)
{
	struct task_struct *k;
	int set, i;

	export_all();
	set = new_set();
	assert_true(set >= 0);
	shuffle();
	k = start(signal_all, NULL);
	assert_int_equal(see_all(set), 0);
	finish(k);
	close(set);
	for (i = 0; i < m.nr; i++) {
		struct libfence *got = libfence_import(m.fds[i], NULL);

		assert_ptr_equal(got, plain(m.fences[i]));
		libfence_put(&got);
		close(m.fds[i]);
	}
	put_all();
	settle();
	assert_true(eventually(atomic_read(&mock_live) == 0));
	rcu_barrier();
}

static void each_is_seen_exactly_once(void **state)
{
	struct memory memory;
	int fds;

	warm_up();
	m.nr = room_for(2, NR) / test_slowness();
	one_round();
	fds = count_fds();
	memory = memory_now();
	one_round();
	assert_true(eventually((settle(), count_fds() == fds)));
	if (!MEMORY_IS_COUNTED)
		printf("# not run without mallinfo2(): the look at memory\n");
	/* stdio uses some bytes; leaked fences would be far more. */
	assert_true(memory_came_back(&memory, 16 * m.nr + 12000));
}

/* Another process runs the loop: this one then has half of the descriptors. */

static int child(int from)
{
	int i, set;

	alarm(PATIENCE_S);
	for (i = 0; i < m.nr; i++) {
		m.fds[i] = receive_fd(from);
		if (m.fds[i] < 0)
			return 1;
	}
	set = new_set();
	if (set < 0)
		return 2;
	/* Report that the loop is ready. */
	if (write(from, "", 1) != 1)
		return 3;
	return see_all(set) ? 4 : 0;
}

static void another_process_sees_each_exactly_once(void **state)
{
	int s[2], i, before, status;
	char byte;
	pid_t pid;

	warm_up();
	memset(&m, 0, sizeof(m));
	m.nr = room_for(1, NR) / test_slowness();
	before = count_fds();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(s[0]);
		_exit(child(s[1]));
	}
	close(s[1]);
	for (i = 0; i < m.nr; i++) {
		m.fences[i] = mock_fence();
		m.fds[i] = libfence_export(plain(m.fences[i]), NULL);
		if (m.fds[i] < 0)
			fail_msg("export %d: error %d", i, m.fds[i]);
		send_fd(s[0], m.fds[i]);
		close(m.fds[i]);
	}
	assert_int_equal(libfence_sync_reap(), 0);
	assert_int_equal(read(s[0], &byte, 1), 1);
	shuffle();
	signal_all(NULL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(s[0]);
	put_all();
	/* The child closed all its descriptors when it exited. */
	assert_true(eventually((settle(), atomic_read(&mock_live) == 0)));
	assert_true(eventually((settle(), count_fds() == before)));
}

/*
 * The time for each does not grow with their number: not that of an export, of a
 * signal, or to find the closed ones, which the RCU thread does at the same time.
 */
static void a_hundred_thousand_take_no_longer_each(void **state)
{
	s64 begin, first = 0;
	int round, i;

	warm_up();
	memset(&m, 0, sizeof(m));
	for (round = 0; round < 2; round++) {
		m.nr = room_for(2, round ? NR_MOST : NR) / test_slowness();
		begin = ktime_get();
		export_all();
		for (i = 0; i < m.nr; i++)
			dma_fence_signal(m.fences[i]);
		for (i = 0; i < m.nr; i++) {
			assert_true(poll_events(m.fds[i]) & POLLIN);
			close(m.fds[i]);
		}
		put_all();
		settle();
		assert_true(eventually(atomic_read(&mock_live) == 0));
		if (!round)
			first = (ktime_get() - begin) / m.nr;
	}
	printf("# %d ns for each, and %d\n", (int)first,
	       (int)((ktime_get() - begin) / m.nr));
	/* A scan of all for each reservation would be a hundred times as long. */
	assert_true((ktime_get() - begin) / m.nr < 8 * first + 20000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(each_is_seen_exactly_once),
		MOCK_TEST(another_process_sees_each_exactly_once),
		MOCK_TEST(a_hundred_thousand_take_no_longer_each),
	};
	return TEST_MAIN("sync-file-many", tests);
}
