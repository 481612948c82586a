// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What another process may do to an importer. The input is the script: its
 * first byte selects the type of the descriptor, the second gives the length of
 * the name, the name follows, and then each byte is a step, followed by its
 * arguments.
 *
 * The first event that ends an export gives the result of all its imports. So
 * the expected result is known, unless another holder of the descriptor has
 * interfered; then any result is allowed.
 */

#include <libfence/libfence.h>
#include <libfence/libsync.h>
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

/* The documented format, written down again independently of the library. */
struct record {
	char magic[8];
	uint32_t version;
	int32_t status;
	int64_t timestamp;
};
#define MAGIC	{ 'l', 'i', 'b', 'f', 'e', 'n', 'c', 'e' }

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

struct scene {
	/* The importer's and the other process's socket; -1 when closed. */
	int s[2];
	/* The descriptor stands for no fence: imports must fail. */
	bool refused;
	/* Imports must work, and end with ->result and ->timestamp. */
	bool certain;
	/* 0: not decided yet. */
	int result;
	/* -1: the time at which the importer noticed. */
	int64_t timestamp;
	struct libfence *fences[MAX_FENCES];
	int nr;
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECONDS + t.tv_nsec;
}

/* The descriptor */

static void name_it(int fd, struct input *in, bool good)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	static unsigned int counter;
	size_t len = input_next(in) % 64, prefix = 0;

	/*
	 * A new name each time: the library may still have the last descriptor.
	 */
	if (good)
		prefix = snprintf(addr.sun_path + 1, 40, "libfence/1/%08x%08x/",
				  getpid(), counter++);
	len = input_take(in, addr.sun_path + 1 + prefix, len);
	/*
	 * If the name is taken, the socket has none, and the import sees that.
	 */
	(void)!bind(fd, (struct sockaddr *)&addr,
		    offsetof(struct sockaddr_un, sun_path) + 1 + prefix + len);
}

static void make_pair(struct scene *sc, int type)
{
	assert(!socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, sc->s));
}

static void make_one(struct scene *sc)
{
	sc->s[0] = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert(sc->s[0] >= 0);
}

static void make_descriptor(struct scene *sc, struct input *in)
{
	unsigned int kind = input_next(in) % 16;

	/* 3 and 4 are not connected. */
	sc->refused = kind < 5;
	switch (kind) {
	case 0:
		make_pair(sc, SOCK_STREAM);
		break;
	case 1:
		make_pair(sc, SOCK_DGRAM);
		break;
	case 2:
		assert(!pipe2(sc->s, O_NONBLOCK));
		return;
	case 3:
	case 4:
		make_one(sc);
		break;
	default:
		make_pair(sc, SOCK_SEQPACKET);
	}
	name_it(sc->s[0], in, kind != 5);
	if (kind == 3)
		assert(!listen(sc->s[0], 1));
	sc->certain = kind > 5;
}

/* The fences */

static void check_status(struct scene *sc, const struct libfence *f)
{
	int64_t timestamp = libfence_timestamp(f);
	int status = libfence_status(f);

	assert(status == 1 || (status < 0 && status >= -4095));
	assert(timestamp >= 0 && timestamp <= now());
	if (!sc->certain)
		return;
	assert(status == sc->result);
	assert(sc->timestamp < 0 || timestamp == sc->timestamp);
}

static void import(struct scene *sc)
{
	struct libfence *f;
	int err = 0;

	if (sc->nr == MAX_FENCES)
		return;
	f = libfence_import(sc->s[0], &err);
	assert(!f == !!err);
	assert(!sc->refused || !f);
	if (sc->certain && sc->s[0] >= 0) {
		assert(f);
		/*
		 * If the result is decided, the fence is signalled from the
		 * start.
		 */
		assert(libfence_is_signaled(f) == !!sc->result);
	}
	if (f)
		sc->fences[sc->nr++] = f;
}

static void end_fence(struct scene *sc, int i)
{
	/* Only a hang takes this long. */
	assert(libfence_wait(sc->fences[i], 30 * SECONDS) == 0);
	check_status(sc, sc->fences[i]);
	libfence_put(&sc->fences[i]);
	sc->fences[i] = sc->fences[--sc->nr];
}

static void ask(struct scene *sc)
{
	struct sync_file_info *info = sync_file_info(sc->s[0]);

	if (sc->certain && sc->s[0] >= 0) {
		assert(info);
		assert(info->num_fences == 1 && info->status == sc->result);
	}
	sync_file_info_free(info);
}

/* The other process */

static void decide(struct scene *sc, int result, int64_t timestamp)
{
	if (sc->result)
		return;
	sc->result = result;
	sc->timestamp = timestamp;
}

static int result_of(const struct record *r, size_t len)
{
	/* An empty packet looks like the end of the stream. */
	if (!len)
		return -EOWNERDEAD;
	if (len != sizeof(*r) || memcmp(r->magic, "libfence", 8) ||
	    r->version != 1 || r->timestamp < 0 ||
	    !(r->status == 1 || (r->status < 0 && r->status >= -4095)))
		return -EBADMSG;
	return r->status;
}

/* Send one packet, with a descriptor if @fd >= 0. */
static bool send_packet(struct scene *sc, const void *bytes, size_t len, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { (void *)bytes, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct record r = { .timestamp = -1 };
	struct cmsghdr *c;
	ssize_t n;

	if (fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	n = sendmsg(sc->s[1], &msg, MSG_NOSIGNAL);
	if (n < 0 && errno == ENOTSOCK)
		n = write(sc->s[1], bytes, len);
	if (n < 0)
		return false;
	memcpy(&r, bytes, len < sizeof(r) ? len : sizeof(r));
	/* A timestamp in the future is replaced by the time of arrival. */
	if (result_of(&r, len) == -EBADMSG || r.timestamp > now())
		decide(sc, result_of(&r, len), -1);
	else
		decide(sc, result_of(&r, len), r.timestamp);
	return true;
}

static void send_record(struct scene *sc, struct input *in)
{
	struct {
		struct record r;
		char more[255];
	} packet = { .r = { MAGIC, 1, 1, 5 } };
	uint8_t what = input_next(in);
	size_t len = sizeof(packet.r);

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
	/* The descriptor sent may be one of these very sockets. */
	send_packet(sc, &packet, len, what & 32 ? sc->s[!!(what & 64)] : -1);
}

static void hang_up(struct scene *sc)
{
	if (sc->s[1] < 0)
		return;
	close(sc->s[1]);
	sc->s[1] = -1;
	decide(sc, -EOWNERDEAD, -1);
}

static void shut_down(struct scene *sc, unsigned int endpoint, int how)
{
	if (!shutdown(sc->s[endpoint], how) &&
	    how != (endpoint ? SHUT_RD : SHUT_WR))
		decide(sc, -EOWNERDEAD, -1);
}

/*
 * Any holder of the descriptor may do this; some of it makes the result
 * uncertain.
 */
static void interfere(struct scene *sc, unsigned int how, uint8_t by)
{
	char bytes[8];
	int off = by;

	sc->certain = false;
	if (how)
		(void)!recv(sc->s[0], bytes, sizeof(bytes), MSG_DONTWAIT);
	else
		setsockopt(sc->s[0], SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off));
}

static void step(struct scene *sc, struct input *in)
{
	unsigned int what = input_next(in), arg = what / 16;
	char bytes[64];
	size_t len;

	switch (what % 16) {
	case 0:
	case 1:
	case 2:
		import(sc);
		break;
	case 3:
	case 4:
		send_record(sc, in);
		break;
	case 5:
		len = input_next(in) % sizeof(bytes);
		len = input_take(in, bytes, len);
		send_packet(sc, bytes, len, -1);
		break;
	case 6:
		/* Fill the queue: nobody reads from it. */
		while (send_packet(sc, "nonsense", 8, -1))
			;
		break;
	case 7:
		shut_down(sc, arg % 2, arg / 2 % 3);
		break;
	case 8:
		hang_up(sc);
		break;
	case 9:
		if (sc->s[0] >= 0)
			close(sc->s[0]);
		sc->s[0] = -1;
		break;
	case 10:
		if (sc->nr)
			libfence_put(&sc->fences[--sc->nr]);
		break;
	case 11:
		if (sc->nr && sc->certain && sc->result)
			end_fence(sc, arg % sc->nr);
		break;
	case 12:
		ask(sc);
		break;
	case 13:
		/*
		 * The importer does not read this, so the shutdown is reported
		 * as an error.
		 */
		(void)!send(sc->s[0], "hello", 5, MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	case 14:
		interfere(sc, arg % 2, input_next(in));
		break;
	}
}

/* Leaks */

/* libFuzzer opens and closes descriptors of its own, but no sockets. */
static int count_sockets(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *d;
	char what[7];
	int n = 0;

	assert(dir);
	while ((d = readdir(dir)))
		n += readlinkat(dirfd(dir), d->d_name, what, 7) == 7 &&
		     !memcmp(what, "socket:", 7);
	closedir(dir);
	return n;
}

/* The library's thread closes its copy shortly after signalling the fence. */
static void check_descriptors(int before)
{
	int64_t limit = now() + 30 * SECONDS;

	while (count_sockets() > before) {
		assert(now() < limit);
		nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
	}
}

static void play(struct input *in)
{
	struct scene sc = { .s = { -1, -1 }, .timestamp = -1 };

	make_descriptor(&sc, in);
	while (in->p < in->end)
		step(&sc, in);
	import(&sc);
	hang_up(&sc);
	if (sc.s[0] >= 0)
		close(sc.s[0]);
	while (sc.nr)
		end_fence(&sc, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A good name, import, drop, hang up: leaves no work for the thread. */
	static const uint8_t first[] = { 15, 0, 0, 10, 8 };
	static int before;

	if (!before) {
		signal(SIGPIPE, SIG_IGN);
		libfence_set_panic_on_warn(true);
		play(&(struct input){ first, first + sizeof(first) });
		/* Descriptors that the library keeps are part of the count. */
		before = count_sockets();
	}
	play(&(struct input){ data, data + size });
	check_descriptors(before);
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
		 * Keep most names short; otherwise they are most of the input.
		 */
		if (size > 1 && i % 4)
			bytes[1] %= 4;
		LLVMFuzzerTestOneInput(bytes, size);
	}
	return 0;
}
#endif
