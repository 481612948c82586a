/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Processes that read or write a pipe with memory that is not there, and that
 * nobody provides: as long as they do, they hold the mutex of the pipe. Kill them
 * to end that.
 */
#ifndef TESTS_SYNC_FILE_FAULT_H
#define TESTS_SYNC_FILE_FAULT_H

#include "helpers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* Of <linux/userfaultfd.h>, which some hosts do not have. */
#define FAULT_API		0xAAull
#define FAULT_IOC_API		_IOWR(0xAA, 0x3f, uint64_t[3])
#define FAULT_IOC_REGISTER	_IOWR(0xAA, 0x00, uint64_t[4])
#define FAULT_IOC_ZEROPAGE	_IOWR(0xAA, 0x04, uint64_t[4])
#define FAULT_MISSING		1ull

#ifdef SYS_userfaultfd
/* -1 if the host does not allow it: faults inside system calls need a right. */
static inline int fault_open(void)
{
	uint64_t api[3] = { FAULT_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && ioctl(fd, FAULT_IOC_API, api)) {
		close(fd);
		return -1;
	}
	return fd;
}
#else
static inline int fault_open(void)
{
	return -1;
}
#endif

static inline bool fault_works(void)
{
	int fd = fault_open();

	close(fd);
	return fd >= 0;
}

struct fault {
	pid_t pid;
	/* Readable when the process waits for its memory. */
	int fd;
	/* Where that is, in the process. */
	uint64_t address;
};

/*
 * Start a process that writes @size bytes to @fd, or reads as many, with a page
 * that is not there.
 */
static inline struct fault fault_start(int fd, size_t size, bool writes)
{
	long page = sysconf(_SC_PAGESIZE);
	struct fault f;
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s),
			 0);
	fflush(NULL);
	/*
	 * Not fork(): the library would look at inherited imports, and a
	 * process with a thread that is blocked cannot be killed.
	 */
	f.pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	assert_true(f.pid >= 0);
	if (!f.pid) {
		uint64_t reg[4] = { 0, page, FAULT_MISSING };
		int faults = fault_open();
		char *mem = mmap(NULL, page, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		alarm(3 * PATIENCE_S);
		reg[0] = (uintptr_t)mem;
		if (mem == MAP_FAILED || ioctl(faults, FAULT_IOC_REGISTER, reg))
			_exit(1);
		if (write(s[1], &reg[0], 8) != 8)
			_exit(2);
		send_fd(s[1], faults);
		close(faults);
		/* Not those of libc: sanitizers would touch the memory. */
		syscall(writes ? SYS_write : SYS_read, fd, mem, size);
		_exit(0);
	}
	assert_int_equal(read(s[0], &f.address, 8), 8);
	f.fd = receive_fd(s[0]);
	assert_true(f.fd >= 0);
	close(s[0]);
	close(s[1]);
	return f;
}

/* It holds the mutex, and waits for its memory. */
static inline bool fault_holds(const struct fault *f)
{
	return poll_events(f->fd) & POLLIN;
}

/* It waits: for its memory, or for another process that has the mutex. */
static inline bool fault_is_blocked(const struct fault *f)
{
	char path[64], line[256] = "", *c;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", f->pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	c = strrchr(line, ')');
	return c && c[2] == 'D';
}

/* Give it a page, so that it goes on. */
static inline void fault_provide(const struct fault *f)
{
	uint64_t page[4] = { f->address, sysconf(_SC_PAGESIZE) };

	assert_int_equal(ioctl(f->fd, FAULT_IOC_ZEROPAGE, page), 0);
}

static inline void fault_end(struct fault *f)
{
	int status;

	kill(f->pid, SIGKILL);
	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
	close(f->fd);
}

#endif
