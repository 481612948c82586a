// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The CPUs that the threads run on. */

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/cpus.h"

/* Two CPUs of one core slow each other down: measure on others if possible. */
static bool are_siblings(int a, int b)
{
	char path[96], *p;
	char buf[256] = "";
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", a);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fgets(buf, sizeof(buf), f)) {
		for (p = buf; *p && *p != '\n';) {
			long from = strtol(p, &p, 10), to = from;

			if (*p == '-')
				to = strtol(p + 1, &p, 10);
			if (b >= from && b <= to)
				found = true;
			if (*p != ',')
				break;
			p++;
		}
	}
	fclose(f);
	return found;
}

static int parse_cpu(const char *list, const char **p)
{
	char *end;
	long cpu;

	errno = 0;
	cpu = strtol(*p, &end, 10);
	if (end == *p || errno || cpu < 0 || cpu >= CPU_SETSIZE)
		die("--cpu wants one or two CPU numbers, as in 0,1; not \"%s\"",
		    list);
	*p = end;
	return cpu;
}

static void parse_cpus(const char *list, const cpu_set_t *allowed)
{
	const char *p = list;
	int a, b = -1;

	a = parse_cpu(list, &p);
	if (*p == ',') {
		p++;
		b = parse_cpu(list, &p);
	}
	if (*p)
		die("--cpu wants one or two CPU numbers, as in 0,1; not \"%s\"",
		    list);
	if (a == b)
		die("--cpu wants two different CPUs, or one");
	if (!CPU_ISSET(a, allowed))
		die("CPU %d does not exist, or must not be used", a);
	if (b >= 0 && !CPU_ISSET(b, allowed))
		die("CPU %d does not exist, or must not be used", b);
	bench.cpu[0] = a;
	bench.cpu[1] = b;
}

/* The first CPU, and the first one that is not its sibling, if there is one. */
static void pick_cpus(const cpu_set_t *allowed)
{
	int i, a = -1, b = -1, sibling = -1;

	for (i = 0; i < CPU_SETSIZE && b < 0; i++) {
		if (!CPU_ISSET(i, allowed))
			continue;
		if (a < 0)
			a = i;
		else if (!are_siblings(a, i))
			b = i;
		else if (sibling < 0)
			sibling = i;
	}
	bench.cpu[0] = a;
	bench.cpu[1] = b >= 0 ? b : sibling;
}

void choose_cpus(const char *list)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		die("sched_getaffinity: %s", strerror(errno));
	if (list)
		parse_cpus(list, &allowed);
	else
		pick_cpus(&allowed);
}

static void pin_tid(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* A thread of the library may have ended after it was listed. */
	if (sched_setaffinity(tid, sizeof(set), &set) && errno != ESRCH)
		die("cannot run on CPU %d: %s", cpu, strerror(errno));
}

void pin_thread(int cpu)
{
	pin_tid(0, cpu);
}

void pin_other_threads(int cpu)
{
	DIR *dir = opendir("/proc/self/task");
	pid_t self = syscall(SYS_gettid);
	struct dirent *e;

	if (!dir)
		return;
	while ((e = readdir(dir))) {
		pid_t tid = atoi(e->d_name);

		if (tid > 0 && tid != self)
			pin_tid(tid, cpu);
	}
	closedir(dir);
}

unsigned long involuntary_switches(void)
{
	struct rusage ru;

	getrusage(RUSAGE_THREAD, &ru);
	return ru.ru_nivcsw;
}
