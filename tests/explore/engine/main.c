// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The command line, and the results in words. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "engine.h"
#include "known.h"
#include "names.h"
#include "plan.h"
#include "report.h"
#include "search.h"
#include "shard.h"

/* A run needs some milliseconds. */
#define PATIENCE_S		10

/*
 * This part of the time of a scenario is for each smaller program of one that fails, and
 * for a program of a model that has to fail.
 */
#define TIME_PART		8

#define EXIT_COMPLETE		0
#define EXIT_FAILURE_FOUND	1
#define EXIT_INCOMPLETE		2
#define EXIT_USAGE		3

/* The names in a failure need some. */
#define FAULT_STACK	(1u << 20)

struct options options = {
	.check_races = true,
	.timeouts = true,
	.check_leaks = true,
	.max_steps = 20000,
	.max_runs = UINT64_MAX,
};

static struct {
	const char *strategy, *replay;
	double seconds;
	int bound;
	unsigned int stale, programs;
	uint64_t seed;
	unsigned int times;
	bool lkmm, list, stop, check_known;
} args = {
	.times = 1,
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
"  --programs N        N programs of each model (60)\n"
"  --bound N           at most N preemptions, for bounded and dfs\n"
"  --seconds N         for each scenario (10)\n"
"  --seed N            for pct, random and the choice of programs (1)\n"
"  --runs N            so many runs, for pct and random\n"
"  --shard I/N         only the I-th of N parts of each search, with --json\n"
"  --learn N           so many runs by chance before a search is divided (1000)\n"
"  --times N           the same search N times\n"
"  --stale N           weak memory: N loads of a run may return older values (0)\n"
"  --lkmm              bit operations and rcu_dereference() as weak as the kernel's\n"
"  --replay SCHEDULE   one run, with its trace\n"
"  --steps N           a run with more steps is a livelock (20000)\n"
"  --no-races          data races are no failures\n"
"  --no-leaks          kernel memory that is not freed is no failure\n"
"  --no-timeouts       a wait with a timeout ends only if no thread can run\n"
"  --known-race RACE   \"FUNCTION FUNCTION OBJECT\": go on after this data race\n"
"  --known-failure F   \"SCENARIO: KIND\": this scenario has to fail\n"
"  --check-known       the known races have to be found by these scenarios\n"
"  --classes           count the different partial orders\n"
"  --json              a line of JSON for each scenario\n"
"  --html FILE         the first failure, or the replay, as a page with a drawing\n"
"  --tap               a line of TAP for each scenario\n"
"  --quiet             no trace of a failure\n"
"  --shim-steps        a trace has the steps of the shim's own threads, too\n"
"  --stop              end at the first failure that the scenario does not expect\n"
"\n"
"\"./run explore\" also has:\n"
"  TREE, FILE.c...     on the core of a kernel tree; the scenarios of these files\n"
"  merge FILE...       one verdict from the results of --shard\n"
"  --all               all of it, for hours if need be, with a summary;\n"
"                      --jobs N at a time, a line each --every N seconds\n"
"  --gdb               the program in a debugger\n"
"  --no-list           with a tree: upstream's known races are failures, too\n"
"\n"
"Exit code: 0 all interleavings, no failure; 1 failure; 2 not all (0 with --tap);\n"
"3 usage.\n";

const struct lfx_program *program;

/* A fault of the program is a failure of the run. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	addr_t pc = 0;
	char name[80];

#ifdef __x86_64__
	pc = uc->uc_mcontext.gregs[REG_RIP] + 1;
#elif defined(__aarch64__)
	pc = uc->uc_mcontext.pc + 1;
#else
	(void)uc;
#endif
	if (!engine_on()) {
		signal(sig, SIG_DFL);
		return;
	}
	fail("wild access", pc, "signal %d at %s", sig,
	     memory_name((addr_t)info->si_addr, name, sizeof(name)));
}

/*
 * A run that does not come to its next step, for example because it loops without
 * cpu_relax(), cannot be ended: the program ends.
 */
static void on_alarm(int sig)
{
	static uint32_t last_run, last_step;
	static const char text[] =
		": livelock: a thread loops without cpu_relax() or a sleep\n";

	(void)sig;
	if (engine_on() && run.nr == last_run && run.step == last_step) {
		if (write(STDERR_FILENO, run.scenario->name,
			  strlen(run.scenario->name)) < 0 ||
		    write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
			_exit(EXIT_USAGE);
		_exit(EXIT_FAILURE_FOUND);
	}
	last_run = run.nr;
	last_step = run.step;
	alarm(PATIENCE_S);
}

static void catch_faults(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};
	stack_t stack = { .ss_sp = malloc(FAULT_STACK), .ss_size = FAULT_STACK };
	size_t i;

	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		abort();
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGALRM, on_alarm);
	alarm(PATIENCE_S);
}

/* Scenarios */

/* A name is that of a scenario, of its model, or of its file without the suffix. */
static bool is_named(const struct lfx_listed *l, const char *name)
{
	const char *slash = strrchr(l->file, '/');
	const char *file = slash ? slash + 1 : l->file;
	const struct plan *p = plan_of(l->scenario);
	size_t len = strlen(name);

	return !strcmp(name, l->scenario->name) ||
	       (p && !strcmp(name, p->model->name)) ||
	       (!strncmp(name, file, len) &&
		(!file[len] || !strcmp(file + len, ".c")));
}

static bool matches(const struct lfx_listed *l, int argc, char **argv)
{
	int i;

	if (!argc)
		return true;
	for (i = 0; i < argc; i++)
		if (is_named(l, argv[i]))
			return true;
	return false;
}

/* The model of an entry of the list, or NULL. */
static const struct lfx_model *model_of(size_t i)
{
	const struct plan *p = plan_of(program->scenarios[i].scenario);

	return p ? p->model : NULL;
}

/* How many programs of the same model come later, @i excluded. */
static size_t programs_left(size_t i, int argc, char **argv)
{
	const struct lfx_model *model = model_of(i);
	size_t n = 0;

	while (model && ++i < program->nr_scenarios && model_of(i) == model)
		n += matches(&program->scenarios[i], argc, argv);
	return n;
}

static size_t nr_matches(int argc, char **argv)
{
	size_t i, n = 0;

	for (i = 0; i < program->nr_scenarios; i++)
		n += matches(&program->scenarios[i], argc, argv) &&
		     !programs_left(i, argc, argv);
	return n;
}

/* Is it a file, or meant to be one? */
static void wrong_name(const char *name)
{
	struct stat file;

	fprintf(stderr, "explore: no scenario \"%s\"", name);
	if (!stat(name, &file))
		fprintf(stderr, ", and the %s",
			S_ISDIR(file.st_mode) ?
				"directory of a kernel tree has to be the first argument" :
				"name of a file with scenarios has to end with .c");
	else if (strchr(name, '/'))
		fprintf(stderr, ", and no such file or directory");
	fprintf(stderr, "; see --list\n");
}

static bool check_names(int argc, char **argv)
{
	bool found;
	size_t k;
	int i;

	for (i = 0; i < argc; i++) {
		found = false;
		for (k = 0; k < program->nr_scenarios; k++)
			found |= is_named(&program->scenarios[k], argv[i]);
		if (!found) {
			wrong_name(argv[i]);
			return false;
		}
	}
	return true;
}

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
	v->is_cut = true;
	v->limit = args.seconds;
	v->unbounded = v->result;
	/* A bound says something only if all shards have reached it. */
	for (b = 1; b <= 3 && !shard.of; b++) {
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
	model_begin(s);
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
	v->last_run = run.nr;
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

/* A model is a line, or one for each of its programs if it is named. */
static void list_scenario(size_t i, int argc, char **argv)
{
	const struct lfx_scenario *s = program->scenarios[i].scenario;
	const struct lfx_model *model = model_of(i);
	int k;

	for (k = 0; model && k < argc; k++)
		if (!strcmp(argv[k], model->name) || !strcmp(argv[k], s->name))
			model = NULL;
	if (!model)
		printf("%-28s %s\n", s->name, s->what ? s->what : "");
	else if (!programs_left(i, argc, argv))
		printf("%-28s %s: programs of its operations\n", model->name,
		       model->what);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static bool search_for(double limit, const struct lfx_scenario *s,
		       struct verdict *v)
{
	double all = args.seconds;
	bool known;

	args.seconds = limit;
	known = search_scenario(s, v);
	args.seconds = all;
	return known;
}

/*
 * The programs of a model share the time of one scenario. What the first ones do not
 * need is left to the others. @sum: of the model.
 */
static bool search_entry(size_t i, int argc, char **argv, struct verdict *v,
			 struct model_sum *sum)
{
	double begin = now();
	size_t parts;
	bool known;

	if (!i || !model_of(i) || model_of(i) != model_of(i - 1))
		*sum = (struct model_sum){ .last_run = run.nr };
	parts = programs_left(i, argc, argv) + 1;
	/* The first one may be enough. */
	if (expected_failure(program->scenarios[i].scenario) &&
	    parts > TIME_PART)
		parts = TIME_PART;
	known = search_for(left(args.seconds, sum->seconds) / parts,
			   program->scenarios[i].scenario, v);
	sum->seconds += now() - begin;
	sum->cpu_seconds += v->result.cpu_seconds;
	sum->executions += v->result.all_executions;
	sum->programs++;
	if (!v->result.complete)
		sum->sampled++;
	else if (v->bound >= 0)
		sum->bounded++;
	else
		sum->interleavings += v->result.executions - v->result.blocked;
	return known;
}

/* Leave one call out of the program that has failed; NULL: it does not fail then. */
static const struct plan *smaller_plan(const struct plan *p, const char *kind)
{
	const struct plan *q;
	struct verdict v;
	unsigned int t, i;

	for (t = 0; t < p->nr_threads; t++)
		for (i = 0; i < p->nr_calls[t]; i++) {
			q = plan_without(p, t, i);
			if (q && search_for(args.seconds / TIME_PART,
					    &q->scenario, &v) &&
			    v.result.failed && !strcmp(run.kind, kind))
				return q;
		}
	return NULL;
}

/* The smallest part of a program that fails like it, unless it was named. */
static const struct lfx_scenario *shrink(const struct lfx_scenario *s, int argc,
					 char **argv, struct verdict *v)
{
	const struct plan *p = plan_of(s), *q;
	char kind[sizeof(run.kind)];
	int i;

	for (i = 0; i < argc; i++)
		if (!strcmp(argv[i], s->name))
			return s;
	if (!p)
		return s;
	strcpy(kind, run.kind);
	while ((q = smaller_plan(p, kind)))
		p = q;
	/* Again, because the last ones have not failed. */
	search_scenario(&p->scenario, v);
	return &p->scenario;
}

/* Returns false for a wrong command line. */
static bool explore_entry(size_t i, int argc, char **argv, bool *failed,
			  bool *sampled)
{
	const struct lfx_scenario *s = program->scenarios[i].scenario;
	static struct model_sum sum;
	struct verdict v;
	bool good;

	if (!search_entry(i, argc, argv, &v, &sum))
		return false;
	*sampled |= !v.result.complete && !v.result.failed;
	if (v.result.failed)
		s = shrink(s, argc, argv, &v);
	else if (!output.json && programs_left(i, argc, argv))
		return true;
	if (sum.programs > 1 && !output.json && !v.result.failed) {
		report_model(model_of(i), &sum, &good);
	} else if (!report_search(s, &v, &good)) {
		return false;
	}
	/* A program that does not fail is no failure of its model. */
	*failed = !good &&
		  (v.result.failed || !programs_left(i, argc, argv));
	return true;
}

static bool exists(const char *name)
{
	size_t i;

	for (i = 0; i < program->nr_scenarios; i++)
		if (is_named(&program->scenarios[i], name))
			return true;
	return false;
}

/* A failure whose scenario is not there cannot be found. */
static bool check_known_failures(void)
{
	unsigned int i;

	for (i = 0; args.check_known && known_failing(i); i++)
		if (!exists(known_failing(i))) {
			fprintf(stderr, "explore: a failure of %s is known, and there is no such scenario\n",
				known_failing(i));
			return false;
		}
	return true;
}

/* A race that no scenario has shown is not known any more. */
static bool check_known_races(void)
{
	bool seen, all_seen = true;
	unsigned int i;

	for (i = 0; i < known_races(); i++) {
		seen = known_race_seen(i, 0);
		if (output.tap)
			printf("%s - ", seen ? "ok" : "not ok");
		if (output.tap || !seen)
			printf("listed race %s: %s\n", known_race_text(i),
			       seen ? "found" : "no scenario has it");
		all_seen &= seen;
	}
	return all_seen;
}

static int explore(int argc, char **argv)
{
	bool failed, any_failed = false, sampled = false;
	bool check_races = args.check_known && !args.list && !output.json;
	unsigned int n;
	size_t i;

	if (output.tap)
		printf("1..%zu\n", nr_matches(argc, argv) +
		       (check_races ? known_races() : 0));
	for (i = 0; i < program->nr_scenarios; i++) {
		if (!matches(&program->scenarios[i], argc, argv))
			continue;
		if (args.list) {
			list_scenario(i, argc, argv);
			continue;
		}
		for (n = 0; n < args.times; n++) {
			failed = false;
			if (!explore_entry(i, argc, argv, &failed, &sampled))
				return EXIT_USAGE;
			if (failed && args.stop)
				return EXIT_FAILURE_FOUND;
			any_failed |= failed;
		}
		/* One program of a model that fails is enough. */
		while (run.failed && programs_left(i, argc, argv))
			i++;
	}
	if (check_races)
		any_failed |= !check_known_races();
	if (!args.list)
		report_no_html();
	if (any_failed)
		return EXIT_FAILURE_FOUND;
	/* With TAP, the line of the scenario says that it was sampled. */
	return sampled && !output.tap ? EXIT_INCOMPLETE : EXIT_COMPLETE;
}

static int replay(int argc, char **argv)
{
	const struct lfx_scenario *s;
	const char *wrong;
	size_t i = 0;

	if (argc > 1 || (!argc && program->nr_scenarios > 1)) {
		fprintf(stderr,
			"explore: --replay needs the name of one scenario; see --list\n");
		return EXIT_USAGE;
	}
	if (!search_parse_schedule(args.replay)) {
		fprintf(stderr,
			"explore: --replay %s: not a schedule such as 6s2,9c1 or 6s2+8x5, or - for the first run\n",
			args.replay);
		return EXIT_USAGE;
	}
	while (argc && !is_named(&program->scenarios[i], argv[0]))
		i++;
	s = program->scenarios[i].scenario;
	begin_scenario(s);
	search_replay();
	wrong = run.failed ? NULL : search_wrong_schedule();
	if (wrong) {
		fprintf(stderr, "explore: --replay %s: %s\n", args.replay, wrong);
		return EXIT_USAGE;
	}
	if (!report_replay(s))
		return EXIT_USAGE;
	return run.failed ? EXIT_FAILURE_FOUND : EXIT_COMPLETE;
}

/* The settings that the runs depend on, for the merge of shards; not to be freed. */
static const char *options_text(void)
{
	static char text[200], known[24];

	if (known_hash())
		snprintf(known, sizeof(known), ", list %08x", known_hash());
	snprintf(text, sizeof(text),
		 "strategy %s, bound %d, seed %llu, runs %llu, learn %u, stale %u, steps %u%s%s%s%s%s",
		 args.strategy, args.bound, (unsigned long long)args.seed,
		 (unsigned long long)options.max_runs,
		 shard.learning_runs, args.stale, options.max_steps, args.lkmm ? ", lkmm" : "",
		 options.check_races ? "" : ", no races",
		 options.check_leaks ? "" : ", no leaks",
		 options.timeouts ? "" : ", no timeouts", known);
	return text;
}

/* The argument of an option, from 0 to @most. A wrong one ends the program. */
static uint64_t number(const char *option, uint64_t most)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(optarg, &end, 0);
	if (end == optarg || *end || strchr(optarg, '-') || errno || n > most) {
		fprintf(stderr,
			"explore: --%s %s: not a number from 0 to %llu\n",
			option, optarg, (unsigned long long)most);
		exit(EXIT_USAGE);
	}
	return n;
}

static double seconds(const char *option)
{
	double n;
	char *end;

	n = strtod(optarg, &end);
	if (end == optarg || *end || !(n >= 0)) {
		fprintf(stderr, "explore: --%s %s: not a number of seconds\n",
			option, optarg);
		exit(EXIT_USAGE);
	}
	return n;
}

static void parse(int argc, char **argv)
{
	enum { LIST = 256, STRATEGY, BOUND, SECONDS, SEED, RUNS, SHARD, LEARN,
	       TIMES, STALE, LKMM, PROGRAMS, REPLAY, STEPS,
	       NO_RACES, NO_LEAKS, NO_TIMEOUTS, CLASSES, JSON, HTML, TAP,
	       QUIET, SHIM_STEPS, STOP, KNOWN_RACE, KNOWN_FAILURE, CHECK_KNOWN, HELP };
	static const struct option longs[] = {
		{ "list", no_argument, NULL, LIST },
		{ "strategy", required_argument, NULL, STRATEGY },
		{ "bound", required_argument, NULL, BOUND },
		{ "seconds", required_argument, NULL, SECONDS },
		{ "seed", required_argument, NULL, SEED },
		{ "runs", required_argument, NULL, RUNS },
		{ "shard", required_argument, NULL, SHARD },
		{ "learn", required_argument, NULL, LEARN },
		{ "times", required_argument, NULL, TIMES },
		{ "programs", required_argument, NULL, PROGRAMS },
		{ "stale", required_argument, NULL, STALE },
		{ "lkmm", no_argument, NULL, LKMM },
		{ "replay", required_argument, NULL, REPLAY },
		{ "steps", required_argument, NULL, STEPS },
		{ "no-races", no_argument, NULL, NO_RACES },
		{ "no-leaks", no_argument, NULL, NO_LEAKS },
		{ "no-timeouts", no_argument, NULL, NO_TIMEOUTS },
		{ "classes", no_argument, NULL, CLASSES },
		{ "json", no_argument, NULL, JSON },
		{ "html", required_argument, NULL, HTML },
		{ "tap", no_argument, NULL, TAP },
		{ "quiet", no_argument, NULL, QUIET },
		{ "shim-steps", no_argument, NULL, SHIM_STEPS },
		{ "stop", no_argument, NULL, STOP },
		{ "known-race", required_argument, NULL, KNOWN_RACE },
		{ "known-failure", required_argument, NULL, KNOWN_FAILURE },
		{ "check-known", no_argument, NULL, CHECK_KNOWN },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 },
	};
	int c, at = 0;

	while ((c = getopt_long(argc, argv, "", longs, &at)) != -1) {
		const char *name = longs[at].name;

		switch (c) {
		case LIST:
			args.list = true;
			break;
		case STRATEGY:
			args.strategy = optarg;
			break;
		case BOUND:
			args.bound = number(name, INT_MAX);
			break;
		case SECONDS:
			args.seconds = seconds(name);
			break;
		case SEED:
			args.seed = number(name, UINT64_MAX);
			break;
		case RUNS:
			options.max_runs = number(name, UINT64_MAX);
			break;
		case SHARD:
			if (!shard_parse(optarg)) {
				fprintf(stderr, "explore: --shard %s: not a part such as 2/3\n",
					optarg);
				exit(EXIT_USAGE);
			}
			output.json = true;
			break;
		case LEARN:
			shard.learning_runs = number(name, INT_MAX);
			break;
		case TIMES:
			args.times = number(name, INT_MAX);
			break;
		case PROGRAMS:
			args.programs = number(name, INT_MAX);
			break;
		case STALE:
			args.stale = number(name, INT_MAX);
			break;
		case LKMM:
			args.lkmm = true;
			break;
		case REPLAY:
			args.replay = optarg;
			break;
		case STEPS:
			options.max_steps = number(name, INT_MAX);
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
			output.json = true;
			break;
		case HTML:
			output.html = optarg;
			break;
		case TAP:
			output.tap = true;
			break;
		case QUIET:
			output.quiet = true;
			break;
		case SHIM_STEPS:
			options.shim_steps = true;
			break;
		case STOP:
			args.stop = true;
			break;
		case KNOWN_RACE:
		case KNOWN_FAILURE:
			if (!(c == KNOWN_RACE ? known_add_race(optarg) :
						known_add_failure(optarg))) {
				fprintf(stderr, "explore: \"%s\" is not as --help says, or is one too many\n",
					optarg);
				exit(EXIT_USAGE);
			}
			break;
		case CHECK_KNOWN:
			args.check_known = true;
			break;
		default:
			fputs(usage, c == HELP ? stdout : stderr);
			exit(c == HELP ? EXIT_COMPLETE : EXIT_USAGE);
		}
	}
}

int lfx_main(const struct lfx_program *p, int argc, char **argv)
{
	int code;

	program = p;
	parse(argc, argv);
	if (shard.of && (args.replay || output.tap || args.times != 1)) {
		fprintf(stderr, "explore: --shard goes with neither --replay nor --tap nor --times\n");
		return EXIT_USAGE;
	}
	/* A bound is for a strategy that has one. */
	if (args.bound >= 0 && !strcmp(args.strategy, "auto"))
		args.strategy = "bounded";
	output.options = options_text();
	argc -= optind;
	argv += optind;
	if (!scenarios_are_right() ||
	    !plans_make(argc, argv, args.programs, args.seed) ||
	    !check_names(argc, argv) || !check_known_failures())
		return EXIT_USAGE;
	setvbuf(stdout, NULL, _IOLBF, 0);
	memory_init();
	fiber_init();
	memory_take_snapshot();
	catch_faults();
	code = args.replay ? replay(argc, argv) : explore(argc, argv);
	/* The shim would stop threads of the last run. */
	fflush(NULL);
	_exit(code);
}
