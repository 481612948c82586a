// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The machine and the compiler. */

#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>

#include "report/report.h"

#ifndef BENCH_URCU
#define BENCH_URCU "unknown"
#endif

const char *cpu_model(void)
{
	static char model[128] = "unknown";
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[256];

	if (!f)
		return model;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "model name : %127[^\n]", model) == 1 ||
		    sscanf(line, "Model : %127[^\n]", model) == 1)
			break;
	}
	fclose(f);
	return model;
}

const char *kernel_name(void)
{
	static struct utsname u;
	static char name[sizeof(u.sysname) + sizeof(u.release) + sizeof(u.machine)];

	uname(&u);
	snprintf(name, sizeof(name), "%s %s %s", u.sysname, u.release, u.machine);
	return name;
}

const char *compiler_name(void)
{
#if defined(__clang__)
	return __VERSION__;
#else
	return "gcc " __VERSION__;
#endif
}

const char *date_now(void)
{
	static char date[32];
	time_t now = time(NULL);

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	return date;
}

const char *urcu_version(void)
{
	return BENCH_URCU;
}
