// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The command line, and the results in words. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "engine.h"
#include "search.h"

#define EXIT_COMPLETE		0
#define EXIT_FAILURE_FOUND	1
#define EXIT_INCOMPLETE		2
#define EXIT_USAGE		3

struct options options = {
	.check_races = true,
	.timeouts = true,
	.check_leaks = true,
	.max_steps = 20000,
};

static struct {
	const char *strategy, *replay;
	double seconds;
	int bound;
	unsigned int stale;
	uint64_t seed;
	bool lkmm, list, json, quiet, tap;
} args = {
	.strategy = "auto",
	.seconds = 10,
	.bound = -1,
	.seed = 1,
};

static const char usage[] =
"explore [OPTION...] [SCENARIO...]\n"
"\n"
"Runs scenarios with every interleaving of their threads.\n"
"\n"
"  --list              the scenarios\n"
"  --strategy NAME     auto (the default), dpor, bounded, pct, random or dfs\n"
"  --bound N           at most N preemptions, for bounded and dfs\n"
"  --seconds N         for each scenario (10)\n"
"  --seed N            for pct and random (1)\n"
"  --stale N           weak memory: N loads of a run may return older values (0)\n"
"  --lkmm              bit operations and rcu_dereference() as weak as the kernel's\n"
"  --replay SCHEDULE   one run, with its trace\n"
"  --steps N           a run with more steps is a livelock (20000)\n"
"  --no-races          data races are no failures\n"
"  --no-leaks          kernel memory that is not freed is no failure\n"
"  --no-timeouts       a wait with a timeout ends only if no thread can run\n"
"  --classes           count the different partial orders\n"
"  --json              a line of JSON for each scenario\n"
"  --tap               a line of TAP for each scenario\n"
"  --quiet             no trace of a failure\n"
"\n"
"Exit code: 0 all interleavings, no failure; 1 failure; 2 not all; 3 usage.\n";

const struct lfx_program *program;

/* A fault of the program is a failure of the run. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	addr_t pc = 0;
	char name[80];

#ifdef __x86_64__
	pc = uc->uc_mcontext.gregs[REG_RIP] + 1;
#endif
	if (!engine_on()) {
		signal(sig, SIG_DFL);
		return;
	}
	fail("wild access", pc, "signal %d at %s", sig,
	     memory_name((addr_t)info->si_addr, name, sizeof(name)));
}

static void catch_faults(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
	size_t i;

	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		abort();
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

/* Scenarios */

static bool matches(const struct lfx_scenario *s, int argc, char **argv)
{
	int i;

	if (!argc)
		return true;
	for (i = 0; i < argc; i++)
		if (!strcmp(argv[i], s->name))
			return true;
	return false;
}

static bool check_names(int argc, char **argv)
{
	bool found;
	size_t k;
	int i;

	for (i = 0; i < argc; i++) {
		found = false;
		for (k = 0; k < program->nr_scenarios; k++)
			found |= !strcmp(program->scenarios[k]->name, argv[i]);
		if (!found) {
			fprintf(stderr, "explore: no scenario %s; see --list\n",
				argv[i]);
			return false;
		}
	}
	return true;
}

static void print_number(uint64_t n)
{
	if (n >= 1000) {
		print_number(n / 1000);
		printf(",%03u", (unsigned int)(n % 1000));
	} else {
		printf("%u", (unsigned int)n);
	}
}

/* What a search has reached. */
struct verdict {
	struct search_result result;
	enum strategy strategy;
	int bound;
	bool minimized;
};

static double left(double limit, double used)
{
	return limit > used ? limit - used : 0;
}

/*
 * Everything without a bound, if that ends soon. If not, everything with 1, 2 and 3
 * preemptions; then samples.
 */
static void search_auto(struct verdict *v)
{
	struct search_result r;
	double used;
	int b;

	v->strategy = STRATEGY_DPOR;
	search_with(STRATEGY_DPOR, -1, args.seconds / 2, args.seed, &v->result);
	used = v->result.seconds;
	if (v->result.complete || v->result.failed)
		return;
	for (b = 1; b <= 3; b++) {
		search_with(STRATEGY_BOUNDED, b, left(args.seconds, used) / 2,
			    args.seed, &r);
		used += r.seconds;
		if (r.failed || (r.complete && used < args.seconds)) {
			v->strategy = STRATEGY_BOUNDED;
			v->bound = b;
			v->result = r;
		}
		if (r.failed)
			return;
		if (!r.complete)
			break;
	}
	search_with(STRATEGY_PCT, -1, left(args.seconds, used), args.seed, &r);
	if (r.failed || v->strategy == STRATEGY_DPOR) {
		v->strategy = STRATEGY_PCT;
		v->result = r;
	}
}

static void begin_scenario(const struct lfx_scenario *s)
{
	run.scenario = s;
	options.stale = args.stale > s->stale ? args.stale : s->stale;
	options.lkmm = args.lkmm || s->lkmm;
	options.weak = options.stale || options.lkmm;
	options.watching = options.weak;
	memory_set(program->acquire_order,
		   options.lkmm ? __ATOMIC_RELAXED : __ATOMIC_ACQUIRE);
	memory_set(program->release_order,
		   options.lkmm ? __ATOMIC_RELAXED : __ATOMIC_RELEASE);
	memory_forget();
}

static bool search_scenario(const struct lfx_scenario *s, struct verdict *v)
{
	static const struct {
		const char *name;
		enum strategy strategy;
	} names[] = {
		{ "dpor", STRATEGY_DPOR },
		{ "bounded", STRATEGY_BOUNDED },
		{ "pct", STRATEGY_PCT },
		{ "random", STRATEGY_RANDOM },
		{ "dfs", STRATEGY_DFS },
	};
	size_t i;

	memset(v, 0, sizeof(*v));
	v->bound = -1;
	begin_scenario(s);
	if (!strcmp(args.strategy, "auto")) {
		search_auto(v);
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(args.strategy, names[i].name))
			continue;
		v->strategy = names[i].strategy;
		v->bound = args.bound;
		if (v->strategy == STRATEGY_BOUNDED && v->bound < 0)
			v->bound = 2;
		search_with(v->strategy, v->bound, args.seconds, args.seed,
			    &v->result);
		return true;
	}
	fprintf(stderr, "explore: no strategy %s\n", args.strategy);
	return false;
}

static void print_reached(const struct verdict *v)
{
	const struct search_result *r = &v->result;

	if (!r->complete) {
		printf("sampled ");
		print_number(r->all_executions);
		printf(" interleavings");
		return;
	}
	printf("all ");
	print_number(r->executions - r->blocked);
	printf(" interleavings");
	if (v->bound >= 0)
		printf(" with at most %d preemption%s", v->bound,
		       v->bound == 1 ? "" : "s");
	if (options.stale)
		printf("%s %u stale load%s", v->bound >= 0 ? " and" :
		       " with at most", options.stale,
		       options.stale == 1 ? "" : "s");
}

static bool as_expected(const struct lfx_scenario *s, const struct verdict *v)
{
	if (s->fails)
		return v->result.failed && !strcmp(run.kind, s->fails);
	return !v->result.failed;
}

static void print_counts(const struct search_result *r)
{
	printf(" (%.2f s, %.0f a CPU second", r->seconds,
	       r->all_executions / (r->cpu_seconds + 1e-9));
	if (r->blocked)
		printf(", %llu more given up",
		       (unsigned long long)r->blocked);
	if (options.classes)
		printf(", %llu classes %016llx",
		       (unsigned long long)r->classes,
		       (unsigned long long)r->class_sum);
	printf(")\n");
}

static void print_failure(const struct lfx_scenario *s, const struct verdict *v)
{
	printf("%s: %s, after ", s->name, run.kind);
	print_number(v->result.all_executions);
	printf(" runs: ");
	if (args.stale)
		printf("--stale %u ", args.stale);
	if (args.lkmm)
		printf("--lkmm ");
	printf("--replay ");
	search_print_schedule(stdout);
	printf("\n  %s\n", run.text);
}

static void report(const struct lfx_scenario *s, struct verdict *v)
{
	bool good;

	if (v->result.failed) {
		v->minimized = search_minimize();
		good = as_expected(s, v);
		if (args.tap)
			printf("%s - %s: %s\n", good ? "ok" : "not ok", s->name,
			       run.kind);
		if (good && args.tap)
			return;
		if (!v->minimized)
			printf("%s: the failure does not come again\n",
			       s->name);
		print_failure(s, v);
		if (!args.quiet && !good) {
			search_replay();
			trace_print();
		}
		return;
	}
	good = as_expected(s, v);
	if (args.tap)
		printf("%s - ", good ? "ok" : "not ok");
	printf("%s: ", s->name);
	if (!good)
		printf("no \"%s\" in ", s->fails);
	print_reached(v);
	print_counts(&v->result);
}

static int explore(int argc, char **argv)
{
	const struct lfx_scenario *s;
	int code = EXIT_COMPLETE;
	struct verdict v;
	size_t i;

	if (args.tap)
		printf("1..%zu\n", argc ? (size_t)argc :
					   program->nr_scenarios);
	for (i = 0; i < program->nr_scenarios; i++) {
		s = program->scenarios[i];
		if (!matches(s, argc, argv))
			continue;
		if (args.list) {
			printf("%-28s %s\n", s->name, s->what);
			continue;
		}
		if (!search_scenario(s, &v))
			return EXIT_USAGE;
		report(s, &v);
		if (!as_expected(s, &v))
			code = EXIT_FAILURE_FOUND;
		else if (code == EXIT_COMPLETE && !v.result.complete &&
			 !v.result.failed)
			code = EXIT_INCOMPLETE;
	}
	return code;
}

static int replay(int argc, char **argv)
{
	const struct lfx_scenario *s;
	size_t i;

	if (argc != 1 || !search_parse_schedule(args.replay)) {
		fprintf(stderr, "explore: --replay needs a schedule and one scenario\n");
		return EXIT_USAGE;
	}
	for (i = 0; strcmp(program->scenarios[i]->name, argv[0]); i++)
		;
	s = program->scenarios[i];
	begin_scenario(s);
	search_replay();
	printf("%s: %s\n", s->name, run.failed ? run.kind : "no failure");
	if (!args.quiet)
		trace_print();
	return run.failed ? EXIT_FAILURE_FOUND : EXIT_COMPLETE;
}

static bool parse(int argc, char **argv)
{
	enum { LIST = 256, STRATEGY, BOUND, SECONDS, SEED, STALE, LKMM, REPLAY, STEPS,
	       NO_RACES, NO_LEAKS, NO_TIMEOUTS, CLASSES, JSON, TAP, QUIET,
	       HELP };
	static const struct option longs[] = {
		{ "list", no_argument, NULL, LIST },
		{ "strategy", required_argument, NULL, STRATEGY },
		{ "bound", required_argument, NULL, BOUND },
		{ "seconds", required_argument, NULL, SECONDS },
		{ "seed", required_argument, NULL, SEED },
		{ "stale", required_argument, NULL, STALE },
		{ "lkmm", no_argument, NULL, LKMM },
		{ "replay", required_argument, NULL, REPLAY },
		{ "steps", required_argument, NULL, STEPS },
		{ "no-races", no_argument, NULL, NO_RACES },
		{ "no-leaks", no_argument, NULL, NO_LEAKS },
		{ "no-timeouts", no_argument, NULL, NO_TIMEOUTS },
		{ "classes", no_argument, NULL, CLASSES },
		{ "json", no_argument, NULL, JSON },
		{ "tap", no_argument, NULL, TAP },
		{ "quiet", no_argument, NULL, QUIET },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case LIST:
			args.list = true;
			break;
		case STRATEGY:
			args.strategy = optarg;
			break;
		case BOUND:
			args.bound = atoi(optarg);
			break;
		case SECONDS:
			args.seconds = atof(optarg);
			break;
		case SEED:
			args.seed = strtoull(optarg, NULL, 0);
			break;
		case STALE:
			args.stale = atoi(optarg);
			break;
		case LKMM:
			args.lkmm = true;
			break;
		case REPLAY:
			args.replay = optarg;
			break;
		case STEPS:
			options.max_steps = atoi(optarg);
			break;
		case NO_RACES:
			options.check_races = false;
			break;
		case NO_LEAKS:
			options.check_leaks = false;
			break;
		case NO_TIMEOUTS:
			options.timeouts = false;
			break;
		case CLASSES:
			options.classes = true;
			break;
		case JSON:
			args.json = true;
			break;
		case TAP:
			args.tap = true;
			break;
		case QUIET:
			args.quiet = true;
			break;
		default:
			fputs(usage, c == HELP ? stdout : stderr);
			exit(c == HELP ? EXIT_COMPLETE : EXIT_USAGE);
		}
	return true;
}

int lfx_main(const struct lfx_program *p, int argc, char **argv)
{
	program = p;
	parse(argc, argv);
	argc -= optind;
	argv += optind;
	if (!check_names(argc, argv))
		return EXIT_USAGE;
	setvbuf(stdout, NULL, _IOLBF, 0);
	memory_init();
	fiber_init();
	memory_take_snapshot();
	catch_faults();
	return args.replay ? replay(argc, argv) : explore(argc, argv);
}
