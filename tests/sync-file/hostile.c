// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Another process may send anything. */

#include "helpers.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

/* The documented format, written down again independently of the library. */
struct record {
	char magic[8];
	uint32_t version;
	int32_t status;
	int64_t timestamp;
};
#define MAGIC	{ 'l', 'i', 'b', 'f', 'e', 'n', 'c', 'e' }

static void name_it(int fd, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	memcpy(addr.sun_path + 1, name, len);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr,
			      offsetof(struct sockaddr_un, sun_path) + 1 + len),
			 0);
}

/* A socket pair as an exporter makes it, but of any type. */
static void make_pair(int s[2], int type, const char *name)
{
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, s), 0);
	name_it(s[0], name);
}

/*
 * A new name each time: the library may still have a copy of the last
 * descriptor.
 */
static char good[64];
static const char *make_good_name(void)
{
	static unsigned int nr;

	snprintf(good, sizeof(good), "libfence/1/%08x%08x/drv/tl", getpid(),
		 nr++);
	return good;
}

/* The status of an import when @size bytes arrive before it or after it. */
static int status_of(const void *bytes, size_t size, bool before)
{
	struct libfence *f;
	int s[2], status;

	make_pair(s, SOCK_SEQPACKET, make_good_name());
	if (before)
		assert_int_equal(send(s[1], bytes, size, 0), size);
	f = libfence_import(s[0], NULL);
	assert_non_null(f);
	assert_int_equal(libfence_is_signaled(f), before);
	if (!before)
		assert_int_equal(send(s[1], bytes, size, 0), size);
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	status = libfence_status(f);
	assert_true(libfence_timestamp(f) <= ktime_get());
	assert_true(libfence_timestamp(f) >= 0);
	libfence_put(&f);
	close(s[0]);
	close(s[1]);
	return status;
}

static void records(void **state)
{
	static const struct record right = { MAGIC, 1, 1, 5 };
	struct {
		struct record r;
		int expect;
	} rows[] = {
		{ right, 1 }, { right, -4095 }, { right, -1 },
		{ right, -EBADMSG }, { right, -EBADMSG }, { right, -EBADMSG },
		{ right, -EBADMSG }, { right, -EBADMSG }, { right, -EBADMSG },
		{ right, -EBADMSG }, { right, -EBADMSG }, { right, 1 },
	};
	int before;
	size_t i;

	rows[1].r.status = -4095;
	rows[2].r.status = -1;
	rows[3].r.status = 0;
	rows[4].r.status = 2;
	rows[5].r.status = -4096;
	rows[6].r.status = INT_MIN;
	rows[7].r.version = 0;
	rows[8].r.version = 2;
	rows[9].r.magic[7] = 'E';
	rows[10].r.timestamp = -1;
	/* In the future: replaced by the time of arrival. */
	rows[11].r.timestamp = INT64_MAX;
	for (before = 0; before < 2; before++)
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			assert_int_equal(status_of(&rows[i].r,
						   sizeof(struct record),
						   before), rows[i].expect);
}

static void lengths(void **state)
{
	char bytes[5000] = "";
	struct record right = { MAGIC, 1, 1, 5 };
	size_t n;

	memcpy(bytes, &right, sizeof(right));
	for (n = 1; n < 60; n++)
		assert_int_equal(status_of(bytes, n, n & 1),
				 n == sizeof(right) ? 1 : -EBADMSG);
	assert_int_equal(status_of(bytes, sizeof(bytes), false), -EBADMSG);
	/* An empty packet looks like the end of the stream. */
	assert_int_equal(status_of(bytes, 0, false), -EOWNERDEAD);
}

static int send_for_ever(void *data)
{
	int fd = *(int *)data, n = 0;

	while (send(fd, "nonsense, and more of it", 24, MSG_NOSIGNAL) == 24)
		n++;
	return n;
}

static void endless_stream(void **state)
{
	struct task_struct *k;
	struct libfence *f, *g;
	int s[2];

	make_pair(s, SOCK_SEQPACKET, make_good_name());
	f = libfence_import(s[0], NULL);
	k = start(send_for_ever, &s[1]);
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(libfence_status(f), -EBADMSG);
	g = libfence_import(s[0], NULL);
	assert_int_equal(libfence_status(g), -EBADMSG);
	close(s[0]);
	finish(k);
	close(s[1]);
	libfence_put(&f);
	libfence_put(&g);
}

static void early_close_and_shutdown(void **state)
{
	struct libfence *f;
	int s[2], how;

	for (how = 0; how < 4; how++) {
		make_pair(s, SOCK_SEQPACKET, make_good_name());
		if (how == 0)
			close(s[1]);
		if (how == 1)
			shutdown(s[1], SHUT_WR);
		f = libfence_import(s[0], NULL);
		assert_non_null(f);
		assert_int_equal(libfence_is_signaled(f), how < 2);
		if (how == 2)
			close(s[1]);
		/* Another importer shuts the socket down. */
		if (how == 3)
			shutdown(s[0], SHUT_RDWR);
		assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
		assert_int_equal(libfence_status(f), -EOWNERDEAD);
		libfence_put(&f);
		close(s[0]);
		if (how != 0 && how != 2)
			close(s[1]);
	}
}

/* Linux supports SO_PEEK_OFF; qemu-user does not. */
static bool peek_offsets_work(void)
{
	int s[2], off = 0;
	bool ret;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s))
		return false;
	ret = !setsockopt(s[0], SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off));
	close(s[0]);
	close(s[1]);
	return ret;
}

/*
 * Another importer hides the packet: the descriptor is readable and empty. The
 * library's thread must not spin.
 */
static void other_importer_that_interferes(void **state)
{
	struct record right = { MAGIC, 1, 1, 5 };
	struct libfence *f;
	int s[2], off = 1000;

	make_pair(s, SOCK_SEQPACKET, make_good_name());
	assert_int_equal(setsockopt(s[0], SOL_SOCKET, SO_PEEK_OFF, &off,
				    sizeof(off)), 0);
	f = libfence_import(s[0], NULL);
	assert_int_equal(send(s[1], &right, sizeof(right), 0), sizeof(right));
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(libfence_status(f), -EBADMSG);
	libfence_put(&f);
	close(s[0]);
	close(s[1]);
}

/* Descriptors that come with a packet are not received. */
static void packet_with_descriptors(void **state)
{
	int s[2], before, i;
	struct libfence *f;

	make_pair(s, SOCK_SEQPACKET, make_good_name());
	f = libfence_import(s[0], NULL);
	before = count_fds();
	for (i = 0; i < 10; i++)
		send_fd(s[1], s[1]);
	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	assert_int_equal(libfence_status(f), -EBADMSG);
	assert_true(eventually(count_fds() <= before - 1));
	libfence_put(&f);
	close(s[0]);
	close(s[1]);
}

static void assert_refused(int fd, int expect)
{
	int err = 0;

	assert_null(libfence_import(fd, &err));
	assert_int_equal(err, expect);
}

static void other_sockets(void **state)
{
	int s[2], fd;

	make_pair(s, SOCK_STREAM, make_good_name());
	assert_refused(s[0], -EINVAL);
	close(s[0]);
	close(s[1]);
	make_pair(s, SOCK_DGRAM, make_good_name());
	assert_refused(s[0], -EINVAL);
	/* The other endpoint has no name. */
	assert_refused(s[1], -EINVAL);
	close(s[0]);
	close(s[1]);
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	name_it(fd, make_good_name());
	assert_int_equal(listen(fd, 1), 0);
	assert_refused(fd, -EINVAL);
	close(fd);
	/* Not connected. */
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	name_it(fd, make_good_name());
	assert_refused(fd, -EINVAL);
	close(fd);
}

static void names(void **state)
{
	static const struct {
		const char *name;
		int expect;
	} rows[] = {
		{ "libfence/2/0123456789abcdef/drv/tl", -EPROTONOSUPPORT },
		{ "libfence/11/0123456789abcdef/drv/tl", -EPROTONOSUPPORT },
		{ "libfence/", -EPROTONOSUPPORT },
		{ "libfence//////////", -EPROTONOSUPPORT },
		{ "libfenc", -EINVAL }, { "x", -EINVAL },
		{ "/libfence/1/x/y/z", -EINVAL },
		{ "libfence/1", 0 }, { "libfence/1/", 0 },
		{ "libfence/1/////////////", 0 },
		{ "libfence/1/0/a-driver-of-a-name-that-is-longer-than-thirty-two-bytes/x", 0 },
		{ "libfence/1/0/\n\x1b[31m/%s%n", 0 },
	};
	struct libfence *f;
	char name[64];
	int s[2], err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		make_pair(s, SOCK_SEQPACKET, rows[i].name);
		err = 0;
		f = libfence_import(s[0], &err);
		assert_int_equal(err, rows[i].expect);
		assert_int_equal(!f, rows[i].expect != 0);
		if (f) {
			assert_true(libfence_driver_name(f, name, 64) < 32);
			assert_null(strpbrk(name, "\n\x1b/"));
			assert_true(libfence_timeline_name(f, name, 64) < 32);
			libfence_put(&f);
		}
		close(s[0]);
		close(s[1]);
	}
	/* The longest name that fits. */
	memset(name, 0, sizeof(name));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	{
		struct sockaddr_un addr = { .sun_family = AF_UNIX };

		memset(addr.sun_path + 1, 'a', sizeof(addr.sun_path) - 1);
		memcpy(addr.sun_path + 1, "libfence/1/", 11);
		assert_int_equal(bind(s[0], (struct sockaddr *)&addr,
				      sizeof(addr)), 0);
	}
	f = libfence_import(s[0], NULL);
	assert_non_null(f);
	libfence_put(&f);
	close(s[0]);
	close(s[1]);
}

static void nothing_is_left(void **state)
{
	int before;

	records(state);
	before = count_fds();
	records(state);
	lengths(state);
	endless_stream(state);
	early_close_and_shutdown(state);
	names(state);
	assert_true(eventually(count_fds() <= before));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(records),
		MOCK_TEST(lengths),
		MOCK_TEST(endless_stream),
		MOCK_TEST(early_close_and_shutdown),
		MOCK_TEST(other_importer_that_interferes),
		MOCK_TEST(packet_with_descriptors),
		MOCK_TEST(other_sockets),
		MOCK_TEST(names),
		MOCK_TEST(nothing_is_left),
	};

	TEST_NEEDS(peek_offsets_work(), "SO_PEEK_OFF",
		   other_importer_that_interferes);
	return TEST_MAIN("sync-file-hostile", tests);
}
