// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Attacks of other processes on an importer. The input is the script: its
 * first byte selects the type of the descriptor, the second gives the length of
 * the label, the label follows, and then each byte is a step, followed by its
 * arguments.
 *
 * The first event after an import gives its result. So the expected result is
 * known, unless the pipe changes again before the library is known to have
 * looked at it; then any result is allowed.
 */

#include "wire.h"

#include <libfence/libfence.h>
#include <libfence/libsync.h>
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#undef assert
#define assert(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond); \
			abort();					\
		}							\
	} while (0)

#define SECONDS	1000000000ll

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p, *end;
};

static uint8_t input_next(struct input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

/* Take up to @n bytes of input; missing bytes of @to are not changed. */
static size_t input_take(struct input *in, void *to, size_t n)
{
	if (n > (size_t)(in->end - in->p))
		n = in->end - in->p;
	memcpy(to, in->p, n);
	in->p += n;
	return n;
}

#define MAX_FENCES	4
/* The capacity of a pipe. */
#define MAX_BYTES	65536

struct import {
	struct libfence *f;
	/* Its result is known: it ends with ->result and ->timestamp. */
	bool certain;
	/* 0: there was no event yet. */
	int result;
	/* -1: the time at which the importer noticed. */
	int64_t timestamp;
};

struct scene {
	/* The ends to read from and to write to; -1 when closed. */
	int p[2];
	/* The descriptor stands for no fence: imports must fail. */
	bool refused;
	/* It keeps the writes apart: a read gets one of them. */
	bool packets;
	/* The end to write to is being closed. */
	bool hung_up;
	/* The content of the pipe, if it is one. */
	unsigned char bytes[MAX_BYTES];
	size_t nr_bytes;
	struct import imports[MAX_FENCES];
	int nr;
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECONDS + t.tv_nsec;
}

/* The descriptor */

static void stamp(struct scene *sc, struct input *in, unsigned int mark)
{
	unsigned char label[WIRE_LABEL] = "d/t";
	size_t len = input_next(in) % 64;

	if (len)
		input_take(in, label, len < WIRE_LABEL ? len : WIRE_LABEL);
	/* It is known to the host only: some bits may be refused. */
	if (sc->p[1] >= 0)
		wire_stamp(sc->p[1], label, WIRE_LABEL, mark);
}

static void make_descriptor(struct scene *sc, struct input *in)
{
	unsigned int kind = input_next(in) % 16;

	sc->refused = kind < 3;
	switch (kind) {
	case 0:
		assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				   sc->p));
		return;
	case 1:
		sc->p[0] = eventfd(0, EFD_NONBLOCK);
		return;
	case 2:
		sc->p[0] = open("/dev/null", O_RDONLY);
		return;
	case 3:
		sc->packets = true;
		assert(!pipe2(sc->p, O_NONBLOCK | O_DIRECT));
		break;
	default:
		assert(!pipe2(sc->p, O_NONBLOCK));
	}
	if (kind != 4)
		stamp(sc, in, kind == 5 ? input_next(in) : WIRE_MARK);
}

/* The fences */

static void check_status(const struct import *im)
{
	int64_t timestamp = libfence_timestamp(im->f);
	int status = libfence_status(im->f);

	assert(status == 1 || (status < 0 && status >= -4095));
	assert(timestamp >= 0 && timestamp <= now());
	if (!im->certain)
		return;
	assert(status == im->result);
	assert(im->timestamp < 0 || timestamp == im->timestamp);
}

static bool is_record(const struct scene *sc)
{
	return sc->nr_bytes >= sizeof(struct wire_record) &&
	       !memcmp(sc->bytes, "libfence", 8);
}

/* The pipe has changed: the result of @im, if there was none. */
static void decide(struct scene *sc, struct import *im)
{
	struct wire_record r;
	char label[WIRE_LABEL + 1];

	if (im->result)
		return;
	im->timestamp = -1;
	if (sc->nr_bytes) {
		im->result = wire_status(sc->bytes, sc->nr_bytes);
		memcpy(&r, sc->bytes, sizeof(r));
		/* One in the future is replaced by the time of arrival. */
		if (sc->nr_bytes >= sizeof(r) && r.timestamp >= 0 &&
		    r.timestamp <= now() && wire_status(&r, sizeof(r)) != -EBADMSG)
			im->timestamp = r.timestamp;
	} else if (sc->hung_up) {
		im->result = wire_get_label(sc->p[sc->p[0] < 0], label) ==
					     WIRE_MARK ?
				     -EOWNERDEAD : -EBADMSG;
	}
}

/* The error that an import has now; 0: it succeeds. */
static int import_error(const struct scene *sc)
{
	struct wire_record r;
	char label[WIRE_LABEL + 1];
	unsigned int mark;

	if (sc->p[0] < 0)
		return -EBADF;
	if (sc->refused)
		return -EINVAL;
	memcpy(&r, sc->bytes, sizeof(r));
	if (is_record(sc))
		return r.version == WIRE_VERSION ? 0 : -EPROTONOSUPPORT;
	mark = wire_get_label(sc->p[0], label);
	if (!(mark & 0x8))
		return -EINVAL;
	if (mark != WIRE_MARK)
		return -EPROTONOSUPPORT;
	return strchr(label, '/') ? 0 : -EINVAL;
}

/* All characters can be printed, and there are less than 32. */
static void check_names(const struct libfence *f)
{
	char name[64];
	int i, k;

	for (k = 0; k < 2; k++) {
		memset(name, 0, sizeof(name));
		if (k)
			libfence_driver_name(f, name, sizeof(name));
		else
			libfence_timeline_name(f, name, sizeof(name));
		for (i = 0; name[i]; i++)
			assert(name[i] >= ' ' && name[i] <= '~');
		assert(i < 32);
	}
}

static void import(struct scene *sc)
{
	struct import *im = &sc->imports[sc->nr];
	int err = 0, expect = import_error(sc);

	if (sc->nr == MAX_FENCES)
		return;
	*im = (struct import){ .certain = true };
	im->f = libfence_import(sc->p[0], &err);
	assert(!im->f == !!expect);
	assert(err == expect);
	if (!im->f)
		return;
	decide(sc, im);
	/* If the result is decided, the fence is signalled from the start. */
	assert(libfence_is_signaled(im->f) == !!im->result);
	check_names(im->f);
	sc->nr++;
}

static void end_import(struct scene *sc, int i)
{
	struct import *im = &sc->imports[i];

	/* Only a hang takes this long. */
	assert(libfence_wait(im->f, 30 * SECONDS) == 0);
	check_status(im);
	libfence_put(&im->f);
	*im = sc->imports[--sc->nr];
}

/*
 * Before the pipe changes: end the imports that had an event, or leave their
 * results to chance.
 */
static void before_change(struct scene *sc, bool end)
{
	int i;

	for (i = sc->nr - 1; i >= 0; i--) {
		if (!sc->imports[i].result)
			continue;
		if (end)
			end_import(sc, i);
		else if (!libfence_is_signaled(sc->imports[i].f))
			sc->imports[i].certain = false;
	}
}

static void after_change(struct scene *sc)
{
	int i;

	for (i = 0; i < sc->nr; i++)
		decide(sc, &sc->imports[i]);
}

static void ask(struct scene *sc)
{
	struct import now = { 0 };
	struct sync_file_info *info = sync_file_info(sc->p[0]);

	assert(!info == !!import_error(sc));
	if (!info)
		return;
	decide(sc, &now);
	assert(info->num_fences == 1 && info->status == now.result);
	sync_file_info_free(info);
}

/* The other processes */

static bool write_bytes(struct scene *sc, const void *bytes, size_t len)
{
	ssize_t n;

	if (sc->p[1] < 0)
		return false;
	n = write(sc->p[1], bytes, len);
	if (n <= 0)
		return false;
	if (!sc->refused) {
		assert(sc->nr_bytes + n <= MAX_BYTES);
		memcpy(sc->bytes + sc->nr_bytes, bytes, n);
		sc->nr_bytes += n;
	}
	after_change(sc);
	return true;
}

static void write_record(struct scene *sc, struct input *in)
{
	struct {
		struct wire_record r;
		char more[255];
	} packet = { .r = WIRE_RECORD };
	uint8_t what = input_next(in);
	size_t len = sizeof(packet.r), first = 0;

	if (what & 1)
		input_take(in, &packet.r.status, 2);
	if (what & 2)
		input_take(in, &packet.r.status, 4);
	if (what & 4)
		input_take(in, &packet.r.timestamp, 8);
	if (what & 8)
		input_take(in, &packet.r.version, 4);
	if (what & 16)
		len = input_next(in);
	if (what & 64)
		input_take(in, packet.r.driver, input_next(in) % 65);
	/* In two pieces. */
	if (what & 32)
		first = input_next(in) % (len + 1);
	before_change(sc, what & 128);
	if (first)
		write_bytes(sc, &packet, first);
	before_change(sc, what & 128);
	if (len > first)
		write_bytes(sc, (char *)&packet + first, len - first);
}

static void write_any(struct scene *sc, struct input *in, bool end)
{
	char bytes[64];
	size_t len = input_take(in, bytes, input_next(in) % sizeof(bytes));

	before_change(sc, end);
	if (len)
		write_bytes(sc, bytes, len);
}

/* Nobody reads from it. */
static void fill(struct scene *sc, bool end)
{
	static const char page[4096] = "nonsense";

	before_change(sc, end);
	while (write_bytes(sc, page, sizeof(page)))
		;
}

static void hang_up(struct scene *sc)
{
	if (sc->p[1] < 0)
		return;
	sc->hung_up = true;
	after_change(sc);
	close(sc->p[1]);
	sc->p[1] = -1;
}

static void close_descriptor(struct scene *sc)
{
	if (sc->p[0] >= 0)
		close(sc->p[0]);
	sc->p[0] = -1;
}

/* Any holder of the descriptor may do this. */
static void take(struct scene *sc, size_t n, bool end)
{
	static unsigned char bytes[MAX_BYTES];
	ssize_t got;
	int i;

	before_change(sc, end);
	got = read(sc->p[0], bytes, sc->packets ? MAX_BYTES : n);
	if (got <= 0 || sc->refused)
		return;
	assert((size_t)got <= sc->nr_bytes);
	assert(!memcmp(bytes, sc->bytes, got));
	sc->nr_bytes -= got;
	memmove(sc->bytes, sc->bytes + got, sc->nr_bytes);
	/* An importer that has not looked yet may have had no event. */
	for (i = 0; i < sc->nr; i++)
		if (!sc->imports[i].certain)
			sc->imports[i].result = 0;
	after_change(sc);
}

static void step(struct scene *sc, struct input *in)
{
	unsigned int what = input_next(in), arg = what / 16;

	switch (what % 16) {
	case 0:
	case 1:
	case 2:
		import(sc);
		break;
	case 3:
	case 4:
		write_record(sc, in);
		break;
	case 5:
		write_any(sc, in, arg & 1);
		break;
	case 6:
		fill(sc, arg & 1);
		break;
	case 7:
		/* A label again, in any state. */
		before_change(sc, true);
		stamp(sc, in, arg & 1 ? WIRE_MARK : arg);
		break;
	case 8:
		hang_up(sc);
		break;
	case 9:
		close_descriptor(sc);
		break;
	case 10:
		if (sc->nr)
			libfence_put(&sc->imports[--sc->nr].f);
		break;
	case 11:
		if (sc->nr && sc->imports[arg % sc->nr].result)
			end_import(sc, arg % sc->nr);
		break;
	case 12:
		ask(sc);
		break;
	case 13:
		if (sc->p[0] >= 0)
			(void)!fcntl(sc->p[0], F_SETPIPE_SZ, arg << 12);
		break;
	case 14:
		take(sc, arg & 2 ? input_next(in) : MAX_BYTES, arg & 1);
		break;
	}
}

/* Leaks */

/*
 * The descriptors of pipes; of one pipe, if @inode is not 0. libFuzzer opens and
 * closes descriptors of its own, but no pipes.
 */
static int count_pipes(ino_t inode)
{
	DIR *dir = opendir("/proc/self/fd");
	char what[32], link[32] = "pipe:[";
	struct dirent *d;
	int n = 0;

	assert(dir);
	if (inode)
		snprintf(link, sizeof(link), "pipe:[%llu]",
			 (unsigned long long)inode);
	while ((d = readdir(dir))) {
		memset(what, 0, sizeof(what));
		n += readlinkat(dirfd(dir), d->d_name, what, 31) > 0 &&
		     !strncmp(what, link, strlen(link));
	}
	closedir(dir);
	return n;
}

/* Each thread of the library has a pipe, and there are a few. */
#define MAX_PIPES	40

/* The library closes its copies shortly after signalling the fences. */
static void check_descriptors(ino_t inode)
{
	int64_t limit = now() + 30 * SECONDS;

	while (count_pipes(inode)) {
		assert(now() < limit);
		nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
	}
	assert(count_pipes(0) < MAX_PIPES);
}

static void play(struct input *in)
{
	static struct scene sc;
	struct stat st;

	memset(&sc, 0, offsetof(struct scene, bytes));
	sc.p[0] = sc.p[1] = -1;
	sc.nr_bytes = sc.nr = 0;
	make_descriptor(&sc, in);
	assert(!fstat(sc.p[0], &st));
	while (in->p < in->end)
		step(&sc, in);
	import(&sc);
	hang_up(&sc);
	close_descriptor(&sc);
	while (sc.nr)
		end_import(&sc, 0);
	if (S_ISFIFO(st.st_mode))
		check_descriptors(st.st_ino);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;

	if (!ready) {
		signal(SIGPIPE, SIG_IGN);
		libfence_set_panic_on_warn(true);
		ready = true;
	}
	play(&(struct input){ data, data + size });
	return 0;
}

#ifdef STANDALONE
int main(void)
{
	const char *env = getenv("LIBFENCE_SEED");
	uint8_t bytes[100];
	size_t size, k;
	int i;

	alarm(250);
	srand(env ? atoi(env) : 1);
	for (i = 0; i < 3000; i++) {
		size = rand() % sizeof(bytes);
		for (k = 0; k < size; k++)
			bytes[k] = rand();
		/*
		 * Keep most labels short; otherwise they are most of the input.
		 */
		if (size > 1 && i % 4)
			bytes[1] %= 4;
		LLVMFuzzerTestOneInput(bytes, size);
	}
	return 0;
}
#endif
