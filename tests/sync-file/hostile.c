// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The exporter, and other processes that have the descriptor, may do anything
 * to the pipe.
 */

#include "wire.h"
#include "child.h"
#include "fault.h"
#include "others.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>

static void pipe_without_label(int p[2])
{
	assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
}

/* A pipe as an exporter makes it. */
static void pipe_with_label(int p[2], const char *label)
{
	pipe_without_label(p);
	assert_int_equal(wire_set_label(p[1], label), 0);
}

static void put_bytes(int p[2], const void *bytes, size_t size)
{
	assert_int_equal(write(p[1], bytes, size), size);
}

static void close_both(int p[2])
{
	close(p[0]);
	close(p[1]);
}

static struct libfence *import(int fd)
{
	int err = 0;
	struct libfence *f = libfence_import(fd, &err);

	if (!f)
		fail_msg("import: error %d", err);
	return f;
}

static void assert_refused(int fd, int expect)
{
	int err = 0;

	assert_null(libfence_import(fd, &err));
	assert_int_equal(err, expect);
}

/* Wait for the fence, drop it, and return its status. */
static int end_of(struct libfence *f)
{
	int status;

	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	status = libfence_status(f);
	assert_true(libfence_timestamp(f) <= ktime_get());
	assert_true(libfence_timestamp(f) >= 0);
	libfence_put(&f);
	return status;
}

/* The data that arrives */

static int status_before(const void *bytes, size_t size)
{
	struct libfence *f;
	int p[2], err = 0;

	pipe_with_label(p, "d/t");
	put_bytes(p, bytes, size);
	wire_clear_label(p[1]);
	f = libfence_import(p[0], &err);
	if (f) {
		assert_true(libfence_is_signaled(f));
		err = end_of(f);
	}
	close_both(p);
	return err;
}

static int status_after(const void *bytes, size_t size)
{
	struct libfence *f;
	int p[2], status;

	pipe_with_label(p, "d/t");
	f = import(p[0]);
	assert_false(libfence_is_signaled(f));
	put_bytes(p, bytes, size);
	status = end_of(f);
	close_both(p);
	return status;
}

static void records(void **state)
{
	static const struct wire_record right = WIRE_RECORD;
	struct {
		struct wire_record r;
		/* If it comes after the import, and before. */
		int after, before;
	} rows[] = {
		{ right, 1, 1 },
		{ right, -4095, -4095 },
		{ right, -1, -1 },
		{ right, -EBADMSG, -EBADMSG },
		{ right, -EBADMSG, -EBADMSG },
		{ right, -EBADMSG, -EBADMSG },
		{ right, -EBADMSG, -EBADMSG },
		{ right, -EBADMSG, -EPROTONOSUPPORT },
		{ right, -EBADMSG, -EPROTONOSUPPORT },
		/* Without a label, it is nothing. */
		{ right, -EBADMSG, -EINVAL },
		{ right, -EBADMSG, -EBADMSG },
		{ right, 1, 1 },
	};
	size_t i;

	rows[1].r.status = -4095;
	rows[2].r.status = -1;
	rows[3].r.status = 0;
	rows[4].r.status = 2;
	rows[5].r.status = -4096;
	rows[6].r.status = INT_MIN;
	rows[7].r.version = WIRE_VERSION - 1;
	rows[8].r.version = WIRE_VERSION + 1;
	rows[9].r.magic[7] = 'E';
	rows[10].r.timestamp = -1;
	/* In the future: replaced by the time of arrival. */
	rows[11].r.timestamp = INT64_MAX;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(status_after(&rows[i].r, sizeof(right)),
				 rows[i].after);
		assert_int_equal(status_before(&rows[i].r, sizeof(right)),
				 rows[i].before);
	}
}

static void lengths(void **state)
{
	char bytes[5000] = "";
	struct wire_record right = WIRE_RECORD;
	size_t n;

	memcpy(bytes, &right, sizeof(right));
	for (n = 1; n < 120; n++) {
		bool whole = n >= sizeof(right);

		assert_int_equal(status_after(bytes, n), whole ? 1 : -EBADMSG);
		assert_int_equal(status_before(bytes, n), whole ? 1 : -EINVAL);
	}
	assert_int_equal(status_after(bytes, sizeof(bytes)), 1);
}

/* The first piece ends the import that waits. */
static void pieces(void **state)
{
	struct wire_record right = WIRE_RECORD;
	struct libfence *f;
	int p[2], flags;
	size_t n;

	for (flags = 0; flags < 2; flags++) {
		for (n = 1; n < sizeof(right); n += 10) {
			assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK |
					       (flags ? O_DIRECT : 0)), 0);
			wire_set_label(p[1], "d/t");
			f = import(p[0]);
			put_bytes(p, &right, n);
			assert_int_equal(end_of(f), -EBADMSG);
			put_bytes(p, (char *)&right + n, sizeof(right) - n);
			assert_int_equal(end_of(import(p[0])), 1);
			close_both(p);
		}
	}
}

/*
 * A record of many packets, each of which ends a read(). Nothing of them is left
 * to the imports that follow, on any thread.
 */
static void packets_do_not_mix(void **state)
{
	struct wire_record right = WIRE_RECORD;
	struct libfence *f;
	int p[2], q[2], i;
	unsigned int n;

	for (i = 0; i < 20; i++) {
		assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK | O_DIRECT), 0);
		for (n = 0; n < 11; n++)
			put_bytes(p, (char *)&right + 8 * n, 8);
		/* The thread has to look, too: it keeps its scratch pipe. */
		wire_set_label(p[1], "d/t");
		assert_int_equal(end_of(import(p[0])), 1);
		close_both(p);
		pipe_with_label(p, "d/t");
		fcntl(p[1], F_SETFL, O_NONBLOCK | O_DIRECT);
		f = import(p[0]);
		/* Two packets in one write. */
		{
			static char big[5000];

			memcpy(big, &right, sizeof(right));
			put_bytes(p, big, sizeof(big));
		}
		assert_int_equal(end_of(f), 1);
		pipe_with_label(q, "d/t");
		f = import(q[0]);
		right.status = -EIO;
		put_bytes(q, &right, sizeof(right));
		right.status = 1;
		assert_int_equal(end_of(f), -EIO);
		close_both(p);
		close_both(q);
	}
}

struct stream {
	int p[2];
	bool stop;
};

static int write_for_ever(void *data)
{
	struct stream *s = data;
	char byte;

	while (!READ_ONCE(s->stop)) {
		(void)!write(s->p[1], "nonsense, and more of it", 24);
		/* Make room. */
		(void)!read(s->p[0], &byte, 1);
	}
	return 0;
}

static void endless_stream(void **state)
{
	struct task_struct *k;
	struct libfence *f;
	struct stream s = { .stop = false };

	pipe_with_label(s.p, "d/t");
	f = import(s.p[0]);
	k = start(write_for_ever, &s);
	assert_int_equal(end_of(f), -EBADMSG);
	wire_set_label(s.p[1], "d/t");
	/* It may have been empty at this moment. */
	assert_int_equal(end_of(import(s.p[0])), -EBADMSG);
	wire_clear_label(s.p[1]);
	assert_refused(s.p[0], -EINVAL);
	WRITE_ONCE(s.stop, true);
	finish(k);
	close_both(s.p);
}

static void early_close(void **state)
{
	struct libfence *f;
	int p[2];

	pipe_with_label(p, "d/t");
	close(p[1]);
	f = import(p[0]);
	assert_true(libfence_is_signaled(f));
	assert_int_equal(end_of(f), -EOWNERDEAD);
	close(p[0]);

	pipe_with_label(p, "d/t");
	f = import(p[0]);
	assert_false(libfence_is_signaled(f));
	close(p[1]);
	assert_int_equal(end_of(f), -EOWNERDEAD);
	close(p[0]);

	/* The label goes without a record. */
	pipe_with_label(p, "d/t");
	f = import(p[0]);
	wire_clear_label(p[1]);
	close(p[1]);
	assert_int_equal(end_of(f), -EBADMSG);
	assert_refused(p[0], -EINVAL);
	close(p[0]);
}

/* Names */

static void assert_names(struct libfence *f, const char *driver,
			 const char *timeline)
{
	char name[64];

	assert_int_equal(libfence_driver_name(f, name, 64), strlen(driver));
	assert_string_equal(name, driver);
	assert_int_equal(libfence_timeline_name(f, name, 64),
			 strlen(timeline));
	assert_string_equal(name, timeline);
}

static void labels(void **state)
{
	static const struct {
		const char *label, *driver, *timeline;
	} rows[] = {
		{ "drv/tl", "drv", "tl" },
		{ "/", "", "" },
		{ "/tl", "", "tl" },
		{ "drv/", "drv", "" },
		{ "drv/gfx/ring/0", "drv", "gfx/ring/0" },
		{ "a\x1f" "b/c", "a/b", "c" },
		{ "\x1f\x1f/\x1f", "//", "/" },
		{ "//////////////////////////", "",
		  "/////////////////////////" },
		{ "\n\x1b[31m/%s%n\x7f\x01", "??[31m", "%s%n??" },
		{ "abcdefghijklmnopqrstuvwx/~", "abcdefghijklmnopqrstuvwx",
		  "~" },
	};
	struct libfence *f;
	size_t i;
	int p[2];

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		pipe_with_label(p, rows[i].label);
		f = import(p[0]);
		assert_names(f, rows[i].driver, rows[i].timeline);
		libfence_put(&f);
		close_both(p);
	}
}

static void labels_that_are_none(void **state)
{
	static const struct {
		const char *label;
		unsigned int mark;
		int expect;
	} rows[] = {
		{ "no slash", WIRE_MARK, -EINVAL },
		{ "", WIRE_MARK, -EINVAL },
		{ "d/t", 0, -EINVAL },
		{ "d/t", WIRE_VERSION, -EINVAL },
		{ "d/t", 0x8, -EPROTONOSUPPORT },
		{ "d/t", WIRE_MARK - 1, -EPROTONOSUPPORT },
		{ "d/t", WIRE_MARK + 1, -EPROTONOSUPPORT },
		{ "d/t", 0xf, -EPROTONOSUPPORT },
		{ "no slash", 0xf, -EPROTONOSUPPORT },
	};
	/* The bytes after a 0 are not part of it. */
	static const char hidden[] = "drv\0/tl";
	struct wire_record right = WIRE_RECORD;
	size_t i;
	int p[2];

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		pipe_without_label(p);
		wire_stamp(p[1], rows[i].label, strlen(rows[i].label),
			   rows[i].mark);
		assert_refused(p[0], rows[i].expect);
		/* The record stands for itself. */
		put_bytes(p, &right, sizeof(right));
		assert_int_equal(end_of(import(p[0])), 1);
		close_both(p);
	}
	pipe_without_label(p);
	assert_refused(p[0], -EINVAL);
	wire_stamp(p[1], hidden, sizeof(hidden), WIRE_MARK);
	assert_refused(p[0], -EINVAL);
	close_both(p);
}

/* Some cores forget the names of a fence that is signalled. */
static void assert_names_then(struct libfence *f, const char *driver,
			      const char *timeline)
{
	if (mock_names_stay())
		assert_names(f, driver, timeline);
	else
		assert_names(f, mock_driver_then(), mock_timeline_then());
	libfence_put(&f);
}

static void names_of_a_record(void **state)
{
	static const char xs[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	static const char ys[] = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
	struct wire_record r = WIRE_RECORD;
	int p[2];

	/* Without a 0 at the end. */
	memset(r.driver, 'x', sizeof(r.driver));
	memset(r.timeline, 'y', sizeof(r.timeline));
	pipe_with_label(p, "d/t");
	put_bytes(p, &r, sizeof(r));
	assert_names_then(import(p[0]), xs, ys);
	wire_clear_label(p[1]);
	assert_names_then(import(p[0]), xs, ys);
	close_both(p);
	strcpy(r.driver, "a\nb\x80\x1f");
	strcpy(r.timeline, "");
	pipe_with_label(p, "d/t");
	put_bytes(p, &r, sizeof(r));
	assert_names_then(import(p[0]), "a?b?/", "");
	close_both(p);
}

/* Other descriptors */

static void other_descriptors(void **state)
{
	char path[] = "/tmp/libfence-XXXXXX", name[64];
	struct wire_record right = WIRE_RECORD;
	int s[2], fd, err;
	struct libfence *f;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	put_bytes(s, &right, sizeof(right));
	assert_refused(s[0], -EINVAL);
	close_both(s);
	/* A FIFO of a file system: anybody with a right to it could write. */
	assert_non_null(mkdtemp(path));
	snprintf(name, sizeof(name), "%s/fifo", path);
	assert_int_equal(mkfifo(name, 0600), 0);
	fd = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	wire_set_label(fd, "d/t");
	assert_refused(fd, -EINVAL);
	assert_int_equal(write(fd, &right, sizeof(right)), sizeof(right));
	assert_refused(fd, -EINVAL);
	/* It can be wrapped. */
	f = libfence_wrap_fd(fd, &err);
	assert_non_null(f);
	assert_int_equal(end_of(f), 1);
	close(fd);
	unlink(name);
	rmdir(path);
}

/* An importer may have the end to write to, if the exporter was careless. */
static void the_end_to_write_to(void **state)
{
	struct wire_record right = WIRE_RECORD;
	struct libfence *f;
	int p[2], before;

	pipe_with_label(p, "d/t");
	before = count_fds_but_scratch();
	/* It is no descriptor to read from. */
	f = import(p[1]);
	assert_true(libfence_is_signaled(f));
	assert_int_equal(end_of(f), -EBADMSG);
	/* The pipe cannot end by itself. Dropping the fence ends the wait. */
	f = import(p[0]);
	assert_int_equal(libfence_wait(f, 5 * NSEC_PER_MSEC), -ETIMEDOUT);
	libfence_put(&f);
	f = import(p[0]);
	put_bytes(p, &right, sizeof(right));
	assert_int_equal(end_of(f), 1);
	/* A set and an eventfd. */
	assert_true(eventually((settle(), count_fds_but_scratch() <= before + 2)));
	close_both(p);
}

/* Other holders of the descriptor */

static int take(void *data)
{
	int fd = *(int *)data, n = 0;
	char bytes[200];

	/* Until the end: the writer has closed, and nothing is left. */
	for (;;) {
		ssize_t got = read(fd, bytes, sizeof(bytes));

		if (!got)
			return n;
		if (got > 0)
			n += got;
		else
			usleep_range(1, 20);
	}
}

/* The record is taken before, at the time of, and after the look at it. */
static void a_holder_that_takes_the_record(void **state)
{
	struct wire_record right = WIRE_RECORD;
	int p[2], i, status, seen = 0;
	struct task_struct *k;
	struct libfence *f;
	char bytes[200];

	pipe_with_label(p, "d/t");
	f = import(p[0]);
	put_bytes(p, &right, sizeof(right));
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(read(p[0], bytes, sizeof(bytes)), sizeof(right));
	assert_int_equal(libfence_status(f), 1);
	libfence_put(&f);
	/* Nothing marks it as an exported fence any more. */
	wire_clear_label(p[1]);
	assert_refused(p[0], -EINVAL);
	close(p[1]);
	assert_refused(p[0], -EINVAL);
	close(p[0]);
	for (i = 0; i < 300 / test_slowness(); i++) {
		pipe_with_label(p, "d/t");
		f = import(p[0]);
		k = start(take, &p[0]);
		put_bytes(p, &right, sizeof(right));
		wire_clear_label(p[1]);
		close(p[1]);
		status = end_of(f);
		if (status != 1)
			assert_int_equal(status, -EBADMSG);
		seen += status == 1;
		finish(k);
		close(p[0]);
	}
	print_message("# %d of %d records were seen\n", seen, i);
}

/* The same with an exporter of this library. */
static int exporter_socket;
static int export_and_signal(void)
{
	struct mock_fence *m = kzalloc_obj(*m);
	int fd;
	char byte;

	dma_fence_init(&m->base, &mock_full_ops, MOCK_LOCK(&m->lock),
		       dma_fence_context_alloc(1), 5);
	fd = libfence_export(plain(&m->base), NULL);
	CHECK(fd >= 0);
	send_fd(exporter_socket, fd);
	CHECK(read(exporter_socket, &byte, 1) == 1);
	dma_fence_signal(&m->base);
	/* The exporter's own descriptor says so, whatever the others do. */
	CHECK(poll_events(fd) & POLLIN || eventually(poll_events(fd)));
	CHECK(write(exporter_socket, &byte, 1) == 1);
	CHECK(read(exporter_socket, &byte, 1) == 0);
	return 0;
}

struct exporter {
	pid_t pid;
	int s;
};

static struct exporter start_exporter(void)
{
	struct exporter e;
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	fflush(NULL);
	e.pid = fork();
	assert_true(e.pid >= 0);
	if (!e.pid) {
		alarm(PATIENCE_S);
		close(s[0]);
		exporter_socket = s[1];
		_exit(export_and_signal());
	}
	close(s[1]);
	e.s = s[0];
	return e;
}

static void end_exporter(struct exporter e)
{
	int status;

	close(e.s);
	assert_int_equal(waitpid(e.pid, &status, 0), e.pid);
	assert_int_equal(status, 0);
}

static void assert_signalled(struct exporter e)
{
	char byte = 0;

	assert_int_equal(write(e.s, &byte, 1), 1);
	assert_int_equal(read(e.s, &byte, 1), 1);
}

static void a_holder_that_takes_from_an_exporter(void **state)
{
	int i, fd, status;

	for (i = 0; i < 30 / test_slowness() + 1; i++) {
		struct exporter e = start_exporter();
		struct task_struct *k;
		struct libfence *f;

		fd = receive_fd(e.s);
		f = import(fd);
		k = start(take, &fd);
		assert_signalled(e);
		/* The exporter lives, and closes its end. */
		status = end_of(f);
		assert_true(status == 1 || status == -EBADMSG);
		finish(k);
		close(fd);
		end_exporter(e);
	}
}

static void a_holder_that_shrinks_the_pipe(void **state)
{
	struct exporter e = start_exporter();
	int fd = receive_fd(e.s);
	struct libfence *f = import(fd);

	fcntl(fd, F_SETPIPE_SZ, 1);
	assert_signalled(e);
	assert_int_equal(end_of(f), 1);
	close(fd);
	end_exporter(e);
}

/*
 * A holder cannot write to its descriptor. A process of the same user can open
 * the pipe again, which holds up neither the exporter nor the importer.
 */
static void a_holder_that_fills_the_pipe(void **state)
{
	struct exporter e = start_exporter();
	int fd = receive_fd(e.s), again, status;
	struct libfence *f = import(fd);
	char path[64] = "";

	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(errno, EBADF);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (again >= 0)
		while (write(again, path, sizeof(path)) > 0)
			;
	assert_signalled(e);
	status = end_of(f);
	assert_int_equal(status, again >= 0 ? -EBADMSG : 1);
	close(again);
	close(fd);
	end_exporter(e);
}

/* A holder that has the mutex of the pipe */

/*
 * Import a pipe, whose event comes while a hostile process has its mutex: a
 * thread of the library is blocked then. False if the thread was faster.
 */
static bool block_a_thread(int p[2], struct libfence **f, struct fault *holder)
{
	struct fault writer;
	bool blocked;

	pipe_with_label(p, "d/t");
	*f = import(p[0]);
	/* It makes the event, when it has its page and gives the mutex away. */
	writer = fault_start(p[1], 1, true);
	assert_true(eventually(fault_holds(&writer)));
	*holder = fault_start(p[0], 1, false);
	assert_true(eventually(fault_is_blocked(holder)));
	assert_false(fault_holds(holder));
	fault_provide(&writer);
	blocked = eventually(fault_holds(holder) || libfence_is_signaled(*f));
	assert_true(blocked);
	msleep(20);
	blocked = !libfence_is_signaled(*f);
	fault_end(&writer);
	return blocked;
}

#define NR_HOLDERS	3

static void a_holder_that_has_the_mutex_blocks_one_thread(void **state)
{
	int p[NR_HOLDERS][2], i, tries = 0, before;
	struct fault holders[NR_HOLDERS];
	struct libfence *f[NR_HOLDERS];
	pid_t children[NR_HOLDERS];

	assert_int_equal(use_everything(), 0);
	settle();
	before = count_fds_but_scratch();
	for (i = 0; i < NR_HOLDERS; i++) {
		while (!block_a_thread(p[i], &f[i], &holders[i])) {
			fault_end(&holders[i]);
			libfence_put(&f[i]);
			close_both(p[i]);
			assert_true(++tries < 30);
		}
		assert_int_equal(use_everything(), 0);
		children[i] = use_everything_in_child();
	}
	/* The thread still has a reference. */
	libfence_put(&f[0]);
	/*
	 * One byte was written. One holder takes it, and the thread that waited
	 * finds nothing; but the exporter has not died.
	 */
	fault_provide(&holders[1]);
	(void)!libfence_wait(f[1], PATIENCE_S * NSEC_PER_SEC);
	/* Before anything can fail: this process cannot end, either. */
	for (i = 0; i < NR_HOLDERS; i++)
		fault_end(&holders[i]);
	for (i = 1; i < NR_HOLDERS; i++)
		assert_int_equal(end_of(f[i]), -EBADMSG);
	for (i = 0; i < NR_HOLDERS; i++) {
		end_child(children[i]);
		close_both(p[i]);
	}
	assert_true(eventually((settle(), count_fds_but_scratch() <= before)));
	assert_int_equal(use_everything(), 0);
}

static int import_here(void *data)
{
	struct libfence *f = libfence_import(*(int *)data, NULL);
	int status = -EINVAL;

	if (f && !libfence_wait(f, PATIENCE_S * NSEC_PER_SEC))
		status = libfence_status(f);
	libfence_put(&f);
	return status;
}

static void a_holder_that_has_the_mutex_blocks_who_imports(void **state)
{
	struct wire_record right = WIRE_RECORD;
	struct task_struct *k;
	struct fault holder;
	pid_t child;
	int p[2];

	pipe_without_label(p);
	put_bytes(p, &right, sizeof(right));
	holder = fault_start(p[0], 1, false);
	assert_true(eventually(fault_holds(&holder)));
	k = start(import_here, &p[0]);
	msleep(20);
	assert_int_equal(use_everything(), 0);
	child = use_everything_in_child();
	fault_end(&holder);
	end_child(child);
	assert_int_equal(finish(k), 1);
	close_both(p);
}

static void nothing_is_left(void **state)
{
	int before;

	records(state);
	settle();
	before = count_fds_but_scratch();
	records(state);
	lengths(state);
	pieces(state);
	packets_do_not_mix(state);
	early_close(state);
	labels(state);
	labels_that_are_none(state);
	names_of_a_record(state);
	assert_true(eventually((settle(), count_fds_but_scratch() <= before)));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(records),
		MOCK_TEST(lengths),
		MOCK_TEST(pieces),
		MOCK_TEST(packets_do_not_mix),
		MOCK_TEST(endless_stream),
		MOCK_TEST(early_close),
		MOCK_TEST(labels),
		MOCK_TEST(labels_that_are_none),
		MOCK_TEST(names_of_a_record),
		MOCK_TEST(other_descriptors),
		MOCK_TEST(the_end_to_write_to),
		MOCK_TEST(a_holder_that_takes_the_record),
		MOCK_TEST(a_holder_that_takes_from_an_exporter),
		MOCK_TEST(a_holder_that_shrinks_the_pipe),
		MOCK_TEST(a_holder_that_fills_the_pipe),
		MOCK_TEST(a_holder_that_has_the_mutex_blocks_one_thread),
		MOCK_TEST(a_holder_that_has_the_mutex_blocks_who_imports),
		MOCK_TEST(nothing_is_left),
	};
	bool faults = fault_works();

	TEST_NEEDS(faults, "userfaultfd() for system calls",
		   a_holder_that_has_the_mutex_blocks_one_thread);
	TEST_NEEDS(faults, "userfaultfd() for system calls",
		   a_holder_that_has_the_mutex_blocks_who_imports);
	return TEST_MAIN("sync-file-hostile", tests);
}
