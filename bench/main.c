// SPDX-License-Identifier: GPL-2.0 OR MIT
/* fence-bench: the costs of fences, beside the least possible costs. */

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/cpus.h"
#include "engine/lane.h"
#include "engine/run.h"
#include "explorer/explorer.h"
#include "fence/library.h"
#include "groups.h"
#include "report/report.h"

#define SECONDS		38
#define QUICK_SECONDS	5
#define REPEATS		15
#define QUICK_REPEATS	5

static const char usage[] =
	"Usage: fence-bench [OPTION]... [NAME]...\n"
	"Measure libfence beside the least costs of its operations.\n"
	"\n"
	"NAME is the name of a case, or a shell pattern; all cases without one.\n"
	"  --list           print the cases and their limits\n"
	"  --quick          a few seconds, for a first look\n"
	"  --seconds N      measure for about N seconds\n"
	"  --cpu A[,B]      pin the threads to these CPUs; one CPU: no case that needs two\n"
	"  --json FILE|-    write everything as JSON; - is standard output, without the table\n"
	"  --help           print this\n"
	"\n"
	"Exit status: 0; 1 if a result was wrong; 2 if nothing could be measured.\n"
	"Whether a target is met does not change it.\n";

static double parse_seconds(const char *arg)
{
	char *end;
	double s;

	errno = 0;
	s = strtod(arg, &end);
	if (end == arg || *end || errno || !(s > 0) || s > 86400)
		die("--seconds wants a number above 0, not \"%s\"", arg);
	return s;
}

static void parse_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "cpu", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", required_argument, NULL, 'j' },
		{ "list", no_argument, NULL, 'l' },
		{ "quick", no_argument, NULL, 'q' },
		{ "seconds", required_argument, NULL, 's' },
		{ 0 }
	};
	struct options *o = &bench.opt;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->cpus = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'j':
			o->json = optarg;
			break;
		case 'l':
			o->list = true;
			break;
		case 'q':
			o->quick = true;
			break;
		case 's':
			o->seconds = parse_seconds(optarg);
			break;
		default:
			/* getopt_long() has reported the fault. */
			fputs("Try \"fence-bench --help\".\n", stderr);
			exit(EXIT_USAGE);
		}
	}
	if (!o->seconds)
		o->seconds = o->quick ? QUICK_SECONDS : SECONDS;
	bench.repeats = o->quick ? QUICK_REPEATS : REPEATS;
}

static void select_rows(char **patterns, int n)
{
	size_t g, r;
	int i;

	for (i = 0; i < n || !i; i++) {
		bool found = false;

		for (g = 0; g < nr_groups; g++) {
			for (r = 0; r < groups[g]->nr_rows; r++) {
				struct row *row = &groups[g]->rows[r];

				if (n && fnmatch(patterns[i], row->name, 0))
					continue;
				row->selected = groups[g]->selected = true;
				found = true;
			}
		}
		for (r = 0; r < nr_explorer_rows; r++) {
			struct explorer_row *row = &explorer_rows[r];

			if (n && fnmatch(patterns[i], row->name, 0))
				continue;
			row->selected = found = true;
		}
		if (!found)
			die("no case matches \"%s\"; see --list", patterns[i]);
	}
}

/* A result that cannot be true is an error. */
static void check_rows(void)
{
	unsigned long warnings = fence_warnings();
	size_t g, r;

	if (warnings)
		wrong("the library warned %lu times", warnings);
	for (g = 0; g < nr_groups; g++) {
		for (r = 0; r < groups[g]->nr_rows; r++) {
			struct row *row = &groups[g]->rows[r];

			if (row->selected && !row->not_run &&
			    !(series_median(&row->values) > 0))
				wrong("%s: the result is no time", row->name);
		}
	}
}

static FILE *open_json(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "w") : stdout;

	if (!f)
		die("%s: %s", path, strerror(errno));
	return f;
}

int main(int argc, char **argv)
{
	FILE *json = NULL;

	bench.groups = groups;
	bench.nr_groups = nr_groups;
	bench.library_version = fence_library_version();
	bench.build_note = fence_build_note();
	bench.fence_size = fence_size;

	parse_options(argc, argv);
	select_rows(argv + optind, argc - optind);
	if (bench.opt.list) {
		print_list(stdout);
		return 0;
	}
	choose_cpus(bench.opt.cpus);
	/* Now, so that an error does not come after a minute of measuring. */
	if (bench.opt.json)
		json = open_json(bench.opt.json);

	fence_library_start();
	pin_thread(bench.cpu[0]);
	clock_init();
	run_groups();
	run_explorer();
	check_rows();

	if (json) {
		write_json(json);
		if (fflush(json) || ferror(json))
			die("%s: %s", bench.opt.json, strerror(errno));
	}
	if (json != stdout) {
		print_header(stdout);
		print_results(stdout);
	}
	if (bench.errors)
		fprintf(stderr, "fence-bench: %lu results were wrong\n",
			bench.errors);
	return bench.errors ? EXIT_WRONG : 0;
}
