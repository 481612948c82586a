// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The guest's init: loads the modules, runs /test with the second serial port
 * as its output, writes there how the test ended, and turns the machine off.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* qemu runs with -no-reboot, so a reboot ends it. */
static void turn_off(void)
{
	reboot(RB_AUTOBOOT);
}

/*
 * Reports errors on the kernel's console; the test's output then has no last
 * line.
 */
static void check(int ret, const char *what)
{
	if (ret >= 0)
		return;
	perror(what);
	turn_off();
}

static void load(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "/modules/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(syscall(SYS_finit_module, fd, "", 0), path);
	close(fd);
}

static void load_all(void)
{
	struct dirent **modules;
	int n = scandir("/modules", &modules, NULL, alphasort), i;

	check(n, "/modules");
	for (i = 0; i < n; i++)
		if (modules[i]->d_name[0] != '.')
			load(modules[i]->d_name);
}

/* Raw output: no carriage returns at the ends of lines. */
static void open_output(void)
{
	int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY);
	struct termios t;

	check(fd, "/dev/ttyS1");
	check(tcgetattr(fd, &t), "tcgetattr");
	cfmakeraw(&t);
	check(tcsetattr(fd, TCSANOW, &t), "tcsetattr");
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

int main(void)
{
	int status = -1;
	pid_t pid;

	check(mount("proc", "/proc", "proc", 0, NULL), "/proc");
	check(mount("devtmpfs", "/dev", "devtmpfs", 0, NULL), "/dev");
	load_all();
	open_output();
	pid = fork();
	if (!pid) {
		execl("/test", "test", NULL);
		_exit(127);
	}
	check(waitpid(pid, &status, 0), "waitpid");
	printf("# /test ended with status %d\n", status);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	turn_off();
}
