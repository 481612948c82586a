/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The documented format of an exported descriptor, written down again
 * independently of the library: the record, and the label in the time stamps of
 * the pipe. Include this first: a label needs 64 bits also on 32-bit hosts.
 */
#ifndef TESTS_SYNC_FILE_WIRE_H
#define TESTS_SYNC_FILE_WIRE_H

#ifndef _TIME_BITS
#define _TIME_BITS 64
#endif
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

struct wire_record {
	char magic[8];
	uint32_t version;
	int32_t status;
	int64_t timestamp;
	char driver[32];
	char timeline[32];
};
#define WIRE_VERSION	2
#define WIRE_RECORD	{						\
	.magic = { 'l', 'i', 'b', 'f', 'e', 'n', 'c', 'e' },		\
	.version = WIRE_VERSION,					\
	.status = 1,							\
	.timestamp = 5,							\
	.driver = "drv",						\
	.timeline = "tl",						\
}

/* The status that an importer makes of the first bytes of a pipe. */
static inline int wire_status(const void *bytes, size_t size)
{
	struct wire_record r;

	if (size < sizeof(r))
		return -74 /* EBADMSG */;
	memcpy(&r, bytes, sizeof(r));
	if (memcmp(r.magic, "libfence", 8) || r.version != WIRE_VERSION ||
	    r.timestamp < 0 ||
	    !(r.status == 1 || (r.status < 0 && r.status >= -4095)))
		return -74;
	return r.status;
}

/* 26 characters of 7 bits, then the mark with the version: 186 bits. */
#define WIRE_LABEL	26
#define WIRE_MARK	(0x8 | WIRE_VERSION)
#define WIRE_BITS	186

/* The bits from @at, lowest first, as a number. */
static inline uint64_t wire_bits(const bool *bits, int at, int width)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < width; i++)
		value |= (uint64_t)bits[at + i] << i;
	return value;
}

/* Stamp @fd with @mark and with the bytes of @label, which may have zeros. */
static inline int wire_stamp(int fd, const void *label, size_t len,
			     unsigned int mark)
{
	const unsigned char *c = label;
	bool bits[WIRE_BITS] = { false };
	struct timespec times[2];
	size_t i;

	for (i = 0; i < 7 * len && i < 7 * WIRE_LABEL; i++)
		bits[i] = c[i / 7] >> i % 7 & 1;
	for (i = 0; i < 4; i++)
		bits[7 * WIRE_LABEL + i] = mark >> i & 1;
	times[0].tv_nsec = wire_bits(bits, 0, 29);
	times[1].tv_nsec = wire_bits(bits, 29, 29);
	times[0].tv_sec = wire_bits(bits, 58, 64);
	times[1].tv_sec = wire_bits(bits, 122, 64);
	return futimens(fd, times);
}

static inline int wire_set_label(int fd, const char *label)
{
	return wire_stamp(fd, label, strlen(label), WIRE_MARK);
}

/* The step of an exporter after it has written the record. */
static inline void wire_clear_label(int fd)
{
	futimens(fd, NULL);
}

/* The mark of a pipe: WIRE_MARK if it has a label, which is copied. */
static inline unsigned int wire_get_label(int fd, char label[WIRE_LABEL + 1])
{
	bool bits[WIRE_BITS];
	struct stat st;
	int i;

	if (fstat(fd, &st))
		return 0;
	for (i = 0; i < WIRE_BITS; i++)
		bits[i] = i < 29 ? st.st_atim.tv_nsec >> i & 1 :
			  i < 58 ? st.st_mtim.tv_nsec >> (i - 29) & 1 :
			  i < 122 ? (uint64_t)st.st_atim.tv_sec >> (i - 58) & 1 :
			  (uint64_t)st.st_mtim.tv_sec >> (i - 122) & 1;
	memset(label, 0, WIRE_LABEL + 1);
	for (i = 0; i < WIRE_LABEL; i++)
		label[i] = wire_bits(bits, 7 * i, 7);
	return wire_bits(bits, 7 * WIRE_LABEL, 4);
}

#endif
