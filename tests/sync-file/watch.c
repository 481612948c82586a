// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Moments between two calls with which an importer looks at a pipe, and calls
 * that block or fail. This program has its own seam functions; see seam.c.
 */

#include "wire.h"
#include "others.h"

#include "host/fd.h"
#include "host/sys.h"
#include "../../lib/sync-file/watch.h"

long real_fd_peek(int fd, int scratch[2], void *buf, size_t size);
int real_fd_get_label(int fd, char label[LFHOST_FD_LABEL]);
int real_fd_pipe(int fds[2], uint64_t *id);
int real_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg);

static struct {
	struct task_struct *test;
	/* Called once, in any thread. */
	void (*before_label)(void);
	/*
	 * The result of a peek of the test, after others, or of the next peek
	 * of another thread.
	 */
	long peek_result, peek_result_on_thread;
	int peeks_before;
	/* Peeks of other threads at this pipe wait; how many do. */
	uint64_t blocked_id;
	atomic_t nr_blocked;
	/* How many pipes cannot be made after these. */
	int pipes_left, pipes_fail;
	/* Called once, when as many pipes have been made. */
	void (*at_pipe)(void);
	int pipes_before;
	/* How many threads cannot be started. */
	int starts_fail;
} seam;

static bool on_thread(void)
{
	return current != READ_ONCE(seam.test);
}

long lfhost_fd_peek(int fd, int scratch[2], void *buf, size_t size)
{
	long *result = on_thread() ? &seam.peek_result_on_thread :
				     &seam.peek_result;
	long ret = 0;
	uint64_t id;

	if (on_thread() || !seam.peeks_before--)
		ret = xchg(result, 0);
	if (ret)
		return ret;
	if (on_thread() && !lfhost_fd_pipe_id(fd, &id) &&
	    id == READ_ONCE(seam.blocked_id)) {
		atomic_inc(&seam.nr_blocked);
		/* Acquire: pairs with the release in unblock(). */
		while (smp_load_acquire(&seam.blocked_id) == id)
			usleep_range(100, 200);
	}
	return real_fd_peek(fd, scratch, buf, size);
}

int lfhost_fd_get_label(int fd, char label[LFHOST_FD_LABEL])
{
	void (*fn)(void) = seam.before_label;

	seam.before_label = NULL;
	if (fn)
		fn();
	return real_fd_get_label(fd, label);
}

int lfhost_fd_pipe(int fds[2], uint64_t *id)
{
	void (*fn)(void) = seam.at_pipe;

	if (fn && !seam.pipes_before--) {
		seam.at_pipe = NULL;
		fn();
	}
	if (seam.pipes_fail && !seam.pipes_left--) {
		seam.pipes_left = 0;
		seam.pipes_fail--;
		return -EMFILE;
	}
	return real_fd_pipe(fds, id);
}

int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg)
{
	if (seam.starts_fail) {
		seam.starts_fail--;
		return -EAGAIN;
	}
	return real_thread_start(thread, fn, arg);
}

static const struct wire_record right = WIRE_RECORD;

static int make_pipe(int p[2])
{
	return pipe2(p, O_CLOEXEC | O_NONBLOCK) ?: wire_set_label(p[1], "d/t");
}

static bool put_record(int p[2])
{
	return write(p[1], &right, sizeof(right)) == sizeof(right);
}

static void close_both(int p[2])
{
	close(p[0]);
	close(p[1]);
}

static int status_of(struct libfence *f)
{
	return libfence_wait(f, PATIENCE_S * NSEC_PER_SEC) ?: libfence_status(f);
}

/* Import a pipe, and signal it. Returns its status, or a line number. */
static int import_and_signal(void)
{
	struct libfence *f;
	int p[2], status;

	CHECK(!make_pipe(p));
	f = libfence_import(p[0], NULL);
	CHECK(f && !libfence_is_signaled(f));
	CHECK(put_record(p));
	status = status_of(f);
	libfence_put(&f);
	close_both(p);
	return status == 1 ? 0 : status;
}

/* Between the label and the record */

static int moment[2];

static void signal_now(void)
{
	put_record(moment);
	wire_clear_label(moment[1]);
}

static void signalled_while_it_is_identified(void **state)
{
	struct libfence *f;
	int err = 0;

	assert_int_equal(make_pipe(moment), 0);
	seam.before_label = signal_now;
	f = libfence_import(moment[0], &err);
	assert_int_equal(err, 0);
	assert_non_null(f);
	assert_int_equal(libfence_status(f), 1);
	libfence_put(&f);
	close_both(moment);
}

/* The names of a record, which the core forgets when the fence is signalled */

static const struct lfpriv_watch_ops no_ops;

static void assert_record_names(const struct wire_record *r, bool label,
				const char *driver, const char *timeline)
{
	char names[3][LFPRIV_WATCH_NAME];
	struct lfpriv_watch w;
	int p[2];

	assert_int_equal(make_pipe(p), 0);
	assert_int_equal(write(p[1], r, sizeof(*r)), sizeof(*r));
	if (!label)
		wire_clear_label(p[1]);
	memset(names, '#', sizeof(names));
	assert_int_equal(lfpriv_watch_open(&w, &no_ops, p[0], false, names[0],
					   names[1]), 0);
	lfpriv_watch_stop(&w);
	assert_string_equal(names[0], driver);
	assert_string_equal(names[1], timeline);
	assert_int_equal(names[2][0], '#');
	close_both(p);
}

static void names_of_a_record(void **state)
{
	static const char xs[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	static const char ys[] = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
	struct wire_record r = WIRE_RECORD;

	assert_record_names(&r, false, "drv", "tl");
	/* They are better than those of the label. */
	assert_record_names(&r, true, "drv", "tl");
	memset(r.driver, 'x', sizeof(r.driver));
	memset(r.timeline, 'y', sizeof(r.timeline));
	assert_record_names(&r, false, xs, ys);
	strcpy(r.driver, "a\nb\x80\x1f ~\x7f");
	strcpy(r.timeline, "");
	assert_record_names(&r, false, "a?b?/ ~?", "");
	settle();
}

/* Calls that fail */

static void ignore_warning(const struct libfence_warning *w, void *data)
{
}

static int import_error(int fd)
{
	int err = 0;
	struct libfence *f = libfence_import(fd, &err);

	libfence_put(&f);
	return err;
}

static int import_without_pipes(void)
{
	int p[2], before, i;
	struct libfence *f;

	CHECK(!make_pipe(p));
	warm_up();
	before = count_fds();
	/* To identify it, to look at it, and that of the thread. */
	seam.pipes_fail = 1;
	CHECK(import_error(p[0]) == -EMFILE);
	settle();
	CHECK(count_fds() == before);
	seam.pipes_left = 2;
	seam.pipes_fail = 1;
	CHECK(import_error(p[0]) == -EMFILE);
	settle();
	/* The set and its eventfd stay. */
	CHECK(count_fds() == before + 2);
	CHECK(watch_threads() == 0);
	/* In the other case, it cannot tell the content of the pipe. */
	seam.pipes_left = 1;
	seam.pipes_fail = 1;
	f = libfence_import(p[0], NULL);
	CHECK(f && status_of(f) == -EBADMSG);
	libfence_put(&f);
	for (i = 0; i < 3; i++)
		CHECK(!import_and_signal());
	return 0;
}

static void an_import_without_pipes_leaves_nothing(void **state)
{
	in_child(import_without_pipes);
}

static void a_peek_that_is_interrupted_is_no_result(void **state)
{
	struct libfence *f;
	int p[2];

	assert_int_equal(make_pipe(p), 0);
	/* The first identifies it. */
	seam.peeks_before = 1;
	seam.peek_result = -EINTR;
	f = libfence_import(p[0], NULL);
	assert_non_null(f);
	assert_false(libfence_is_signaled(f));
	assert_true(put_record(p));
	assert_int_equal(status_of(f), 1);
	libfence_put(&f);
	close_both(p);
}

static void a_record_that_is_gone_is_an_error(void **state)
{
	struct libfence *f;
	int p[2];

	assert_int_equal(make_pipe(p), 0);
	f = libfence_import(p[0], NULL);
	xchg(&seam.peek_result_on_thread, -EAGAIN);
	assert_true(put_record(p));
	assert_int_equal(status_of(f), -EBADMSG);
	libfence_put(&f);
	close_both(p);
}

/* Threads */

static bool fds_of_threads(int before, int threads)
{
	/* The set, its eventfd, and a scratch pipe for each thread. */
	return eventually((settle(), count_fds() == before + 2 + 2 * threads));
}

/* The fence is signalled before its thread goes back to the set. */
static bool threads_have_gone_back(void)
{
	settle();
	return threads_are_idle();
}

static int one_follows(void)
{
	int before, event = eventfd(0, EFD_CLOEXEC), i;
	struct libfence *f;

	warm_up();
	before = count_fds();
	/* A wrapped descriptor is not looked at: it needs no follower. */
	f = libfence_wrap_fd(event, NULL);
	CHECK(f && !eventfd_write(event, 1) && status_of(f) == 1);
	libfence_put(&f);
	CHECK(fds_of_threads(before, 1));
	for (i = 0; i < 20; i++) {
		CHECK(!import_and_signal());
		CHECK(threads_have_gone_back());
	}
	CHECK(fds_of_threads(before, 2));
	CHECK(watch_threads() == 2);
	return 0;
}

static void one_thread_follows(void **state)
{
	in_child(one_follows);
}

static int follow_after_errors(void)
{
	int before;

	libfence_set_warn_hook(ignore_warning, NULL);
	warm_up();
	/* Closes the copies. */
	before = count_fds();
	/* Three pipes are of the import, the fourth is of the follower. */
	seam.pipes_left = 3;
	seam.pipes_fail = 1;
	CHECK(!import_and_signal());
	CHECK(!seam.pipes_fail);
	CHECK(fds_of_threads(before, 1));
	CHECK(threads_have_gone_back());
	seam.starts_fail = 1;
	CHECK(!import_and_signal());
	CHECK(!seam.starts_fail);
	CHECK(fds_of_threads(before, 1));
	CHECK(threads_have_gone_back());
	CHECK(!import_and_signal());
	CHECK(fds_of_threads(before, 2));
	return 0;
}

static void without_a_follower_the_thread_goes_on_alone(void **state)
{
	in_child(follow_after_errors);
}

/* Two threads make the first server. */

static int other_pipe[2];
static struct libfence *other_fence;

static void import_at_pipe(void)
{
	other_fence = libfence_import(other_pipe[0], NULL);
}

static int make_two_servers(void)
{
	struct libfence *f;
	int p[2], before;

	CHECK(!make_pipe(p) && !make_pipe(other_pipe));
	warm_up();
	before = count_fds();
	/* Two are for looking at the pipe, and the next is of the server. */
	seam.pipes_before = 2;
	seam.at_pipe = import_at_pipe;
	f = libfence_import(p[0], NULL);
	CHECK(f && other_fence && !seam.at_pipe);
	/* There is one, and the two copies. */
	CHECK(count_fds() == before + 2 + 2 + 2);
	CHECK(put_record(p) && put_record(other_pipe));
	CHECK(status_of(f) == 1 && status_of(other_fence) == 1);
	libfence_put(&f);
	libfence_put(&other_fence);
	return 0;
}

static void two_imports_make_one_server(void **state)
{
	in_child(make_two_servers);
}

#define NR_BLOCKED	5

static int blocked[2];
static struct libfence *blocked_fences[NR_BLOCKED];

static int import_blocked(void)
{
	int i;

	CHECK(!make_pipe(blocked));
	for (i = 0; i < NR_BLOCKED; i++) {
		blocked_fences[i] = libfence_import(blocked[0], NULL);
		CHECK(blocked_fences[i]);
	}
	return 0;
}

static int signal_blocked(void)
{
	uint64_t id;

	atomic_set(&seam.nr_blocked, 0);
	CHECK(!lfhost_fd_pipe_id(blocked[0], &id));
	smp_store_release(&seam.blocked_id, id);
	CHECK(put_record(blocked));
	CHECK(eventually(atomic_read(&seam.nr_blocked) == NR_BLOCKED));
	return 0;
}

/* Threads of the library are blocked when they look at the pipe. */
static int block(void)
{
	return import_blocked() ?: signal_blocked();
}

static void unblock(void)
{
	/* Release: pairs with the acquire in lfhost_fd_peek(). */
	smp_store_release(&seam.blocked_id, 0);
}

static int end_blocked(void)
{
	int i;

	for (i = 0; i < NR_BLOCKED; i++) {
		CHECK(status_of(blocked_fences[i]) == 1);
		libfence_put(&blocked_fences[i]);
	}
	close_both(blocked);
	return 0;
}

static int use_and_end_blocked(void)
{
	CHECK(!use_everything());
	/* Here, nothing is blocked: the threads are the parent's. */
	WRITE_ONCE(seam.test, current);
	unblock();
	return end_blocked();
}

static int block_and_use(void)
{
	int before;

	WRITE_ONCE(seam.test, current);
	warm_up();
	before = count_fds();
	CHECK(!block());
	CHECK(!use_everything());
	CHECK(!libfence_is_signaled(blocked_fences[0]));
	CHECK(!status_in_child(use_and_end_blocked));
	unblock();
	CHECK(!end_blocked());
	/* A few more than were blocked. */
	CHECK(eventually((settle(), count_fds() <=
			  before + 2 + 4 * NR_BLOCKED)));
	CHECK(!use_everything());
	return 0;
}

static void blocked_peeks_hold_up_nobody(void **state)
{
	in_child(block_and_use);
}

static int fds_at_first;

static int count_in_child(void)
{
	/* It has neither the set nor the pipes of the threads. */
	return !eventually((settle(), count_fds() == fds_at_first));
}

static int block_and_fork(void)
{
	WRITE_ONCE(seam.test, current);
	warm_up();
	fds_at_first = count_fds();
	CHECK(!block());
	unblock();
	CHECK(!end_blocked());
	/* A copy that is being closed at the fork would stay in the child. */
	CHECK(watch_threads() >= NR_BLOCKED);
	CHECK(fds_of_threads(fds_at_first, watch_threads()));
	return status_in_child(count_in_child);
}

static void a_child_closes_the_pipes_of_all_threads(void **state)
{
	in_child(block_and_fork);
}

/* The parent's events are not those of the child, which has its own. */
static int import_in_child(void)
{
	int i;

	WRITE_ONCE(seam.test, current);
	for (i = 0; i < 3; i++)
		CHECK(!import_and_signal());
	/* A blocked peek holds up nobody here, either. */
	CHECK(!block());
	CHECK(!use_everything());
	unblock();
	return end_blocked();
}

static int fork_with_threads(void)
{
	WRITE_ONCE(seam.test, current);
	CHECK(!block());
	CHECK(!use_everything());
	CHECK(!status_in_child(import_in_child));
	unblock();
	return end_blocked();
}

static void a_child_has_followers_of_its_own(void **state)
{
	in_child(fork_with_threads);
}

/* An import has one event in the child, too. */
static int signal_in_child(void)
{
	int before = count_fds(), taken[8], i;

	WRITE_ONCE(seam.test, current);
	/* The numbers of the parent's pipes stand for something else now. */
	for (i = 0; i < 8; i++)
		taken[i] = eventfd(0, EFD_CLOEXEC);
	CHECK(!signal_blocked());
	CHECK(!use_everything());
	unblock();
	CHECK(!end_blocked());
	for (i = 0; i < 8; i++)
		close(taken[i]);
	/* The copies and the pipe are closed; pipes of threads are new. */
	CHECK(eventually((settle(), count_fds() <= before - NR_BLOCKED - 2 +
			  4 * NR_BLOCKED)));
	return 0;
}

static int fork_with_imports(void)
{
	WRITE_ONCE(seam.test, current);
	CHECK(!import_blocked());
	/* As above. */
	CHECK(!use_everything());
	CHECK(!status_in_child(signal_in_child));
	return end_blocked();
}

static void a_child_has_one_event_for_each_import(void **state)
{
	in_child(fork_with_imports);
}

static int exit_with_blocked_threads(void)
{
	WRITE_ONCE(seam.test, current);
	CHECK(!block());
	/* Not _exit(): the destructors run. */
	exit(0);
}

static void blocked_threads_do_not_hold_up_the_exit(void **state)
{
	s64 begin = ktime_get();

	in_child(exit_with_blocked_threads);
	assert_true(ktime_get() - begin < PATIENCE_S * NSEC_PER_SEC);
}

static int setup(void **state)
{
	WRITE_ONCE(seam.test, current);
	return mock_setup(state);
}

#define WATCH_TEST(f) cmocka_unit_test_setup_teardown(f, setup, mock_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		/* Their child processes inherit no thread. */
		WATCH_TEST(an_import_without_pipes_leaves_nothing),
		WATCH_TEST(one_thread_follows),
		WATCH_TEST(without_a_follower_the_thread_goes_on_alone),
		WATCH_TEST(two_imports_make_one_server),
		WATCH_TEST(a_child_closes_the_pipes_of_all_threads),
		WATCH_TEST(signalled_while_it_is_identified),
		WATCH_TEST(names_of_a_record),
		WATCH_TEST(a_peek_that_is_interrupted_is_no_result),
		WATCH_TEST(a_record_that_is_gone_is_an_error),
		WATCH_TEST(blocked_peeks_hold_up_nobody),
		WATCH_TEST(a_child_has_followers_of_its_own),
		WATCH_TEST(a_child_has_one_event_for_each_import),
		WATCH_TEST(blocked_threads_do_not_hold_up_the_exit),
	};
	return TEST_MAIN("sync-file-watch", tests);
}
