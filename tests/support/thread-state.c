// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The states of the process's threads, as the host's kernel sees them. */
#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char test_thread_state(int tid)
{
	char path[64], text[600], *end;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 'X';
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	/* The name, which is in parentheses, may contain anything. */
	end = strrchr(text, ')');
	return end ? end[2] : 'X';
}

bool test_others_sleep(void)
{
	int nr_running = 0;
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;

	if (!tasks)
		return true;
	while ((task = readdir(tasks)))
		if (task->d_name[0] != '.')
			nr_running += test_thread_state(atoi(task->d_name)) == 'R';
	closedir(tasks);
	/* This thread is one of them. */
	return nr_running <= 1;
}
