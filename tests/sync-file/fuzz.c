// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What another process may do to an importer: a name, packets of any bytes, and
 * the end. The input is a name of as many bytes as its first one says, and then
 * packets, each behind its length. The first bits of that first byte say when
 * the import comes: before all that, after the first packet, at the end.
 *
 * Whatever it is, it ends: refused, or signalled with a result that is one.
 */

#include <sys/wait.h>
#include <libfence/sync.h>
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

static void check_end(struct libfence *f)
{
	int status;

	/* Only one that hangs takes that long. */
	assert(libfence_wait(f, 30 * SECONDS) == 0);
	status = libfence_status(f);
	assert(status == 1 || (status < 0 && status >= -4095));
	assert(libfence_timestamp(f) >= 0);
	libfence_put(&f);
}

/* Most names are good: the rest of the input is not reached by others. */
static void name_it(int fd, const uint8_t *name, size_t len)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	static unsigned int counter;
	size_t prefix = 0;

	if (len % 4) {
		prefix = snprintf(addr.sun_path + 1, 60, "libfence/1/%x/",
				  counter++);
		addr.sun_path[0] = '\0';
	}
	if (len > sizeof(addr.sun_path) - 1 - prefix)
		len = sizeof(addr.sun_path) - 1 - prefix;
	memcpy(addr.sun_path + 1 + prefix, name, len);
	/* Taken, or empty: then it has none, which is for the import to see. */
	if (bind(fd, (struct sockaddr *)&addr,
		 offsetof(struct sockaddr_un, sun_path) + 1 + prefix + len))
		errno = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct libfence *f[3] = { NULL };
	size_t len, nr = 0;
	unsigned int when;
	int s[2], i;

	if (size < 2)
		return 0;
	when = data[0] >> 6;
	len = data[0] & 63;
	data++;
	size--;
	if (len > size)
		len = size;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s))
		abort();
	name_it(s[0], data, len);
	data += len;
	size -= len;

	if (when & 1)
		f[0] = libfence_import(s[0], NULL);
	while (size) {
		len = *data++;
		size--;
		if (len > size)
			len = size;
		if (send(s[1], data, len, MSG_DONTWAIT) < 0)
			break;
		data += len;
		size -= len;
		if (!nr++ && when & 2)
			f[1] = libfence_import(s[0], NULL);
	}
	close(s[1]);
	f[2] = libfence_import(s[0], NULL);
	close(s[0]);
	for (i = 0; i < 3; i++)
		if (f[i])
			check_end(f[i]);
	return 0;
}

#ifdef STANDALONE
int main(void)
{
	/* One that is right, to be changed a little. */
	static const uint8_t good[] = {
		0xc5, 'n', 'a', 'm', 'e', 's', 24, 'l', 'i', 'b', 'f', 'e', 'n',
		'c', 'e', 1, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
	};
	const char *env = getenv("LIBFENCE_SEED");
	unsigned int seed = env ? atoi(env) : 1;
	uint8_t bytes[300];
	int i, k, size;

	alarm(250);
	srand(seed);
	for (i = 0; i < 3000; i++) {
		size = sizeof(good) + rand() % 30;
		memcpy(bytes, good, sizeof(good));
		for (k = sizeof(good); k < size; k++)
			bytes[k] = rand();
		if (i % 3 == 0)
			bytes[rand() % size] = rand();
		if (i % 3 == 1)
			size = 2 + rand() % size;
		if (i % 3 == 2)
			for (k = 0; k < rand() % size; k++)
				bytes[rand() % size] = rand();
		LLVMFuzzerTestOneInput(bytes, size);
	}
	return 0;
}
#endif
