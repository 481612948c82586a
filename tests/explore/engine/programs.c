// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Which programs a model has. The name of a program is its text, so it needs no list:
 * "MODEL:CALL,CALL+CALL,CALL", where "+" begins the next thread and a call is the name
 * of an operation with its argument, as in "add.1".
 *
 * First, each two calls meet alone. Half of the other programs have two threads with two
 * calls each: all of these, or a sample. The rest are larger. Programs that differ in the
 * order of their threads are the same. The sample depends only on the seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

#define DEFAULT_PROGRAMS	60
#define MAX_INSTANCES		(LFX_OPERATIONS * LFX_ARGS)
/* So many programs are looked at to find all of one size. */
#define MAX_ENUMERATED		100000
/* So many programs of two calls are made, at the most. */
#define MAX_PAIRS		200
/* A size has no more programs if so many random ones in a row are of no use. */
#define MAX_ATTEMPTS		200
#define CANDIDATES		16

/* The sizes of the larger programs: calls of each thread. */
static const uint8_t sizes[][PLAN_THREADS] = {
	{ 3, 2 }, { 2, 2, 2 }, { 3, 3 }, { 4, 2 }, { 3, 2, 2 }, { 4, 3 },
	{ 4, 4 }, { 3, 3, 2 }, { 4, 2, 2 }, { 3, 3, 3 },
};

static struct lfx_listed *listed;
static size_t nr_listed;
static struct plan **plans;
static size_t nr_plans;
static uint64_t random_state;

static unsigned int random_below(unsigned int n)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return (x ^ x >> 31) % n;
}

static void *more(void *list, size_t nr, size_t size)
{
	/* A power of two has no room for one more. */
	if (nr & (nr - 1))
		return list;
	list = realloc(list, (nr ? 2 * nr : 1) * size);
	if (!list)
		abort();
	return list;
}

/* Texts */

const char *call_text(const struct call *c, char *buf, size_t size)
{
	if (c->op->args)
		snprintf(buf, size, "%s(%d)", c->op->name, c->arg);
	else
		snprintf(buf, size, "%s()", c->op->name);
	return buf;
}

static void set_name(struct plan *p)
{
	size_t len = snprintf(p->name, sizeof(p->name), "%s", p->model->name);
	unsigned int t, i;

	for (t = 0; t < p->nr_threads; t++)
		for (i = 0; i < p->nr_calls[t]; i++) {
			const struct call *c = &p->calls[t][i];

			if (len >= sizeof(p->name) - 1)
				return;
			len += snprintf(p->name + len, sizeof(p->name) - len,
					"%c%s", i ? ',' : t ? '+' : ':',
					c->op->name);
			if (c->op->args && len < sizeof(p->name))
				len += snprintf(p->name + len,
						sizeof(p->name) - len, ".%d",
						c->arg);
		}
}

static bool parse_call(const struct lfx_model *m, const char *text, size_t len,
		       struct call *c)
{
	size_t name = strcspn(text, ".,+");
	const struct lfx_operation *op;
	char *end = (char *)text + len;

	for (op = m->operations; op < m->operations + LFX_OPERATIONS && op->name;
	     op++) {
		if (strlen(op->name) != name || strncmp(op->name, text, name))
			continue;
		c->op = op;
		c->arg = 0;
		if (!op->args)
			return name == len;
		if (name + 1 >= len)
			return false;
		c->arg = strtoul(text + name + 1, &end, 10);
		return end == text + len && c->arg >= 0 &&
		       c->arg < (int)op->args;
	}
	return false;
}

/* Of "MODEL:" the part behind it. */
static bool parse_program(const char *text, struct plan *p)
{
	unsigned int t = 0;
	size_t len;

	for (;;) {
		len = strcspn(text, ",+");
		if (p->nr_calls[t] == PLAN_LENGTH ||
		    !parse_call(p->model, text, len,
				&p->calls[t][p->nr_calls[t]]))
			return false;
		p->nr_calls[t]++;
		p->nr_threads = t + 1;
		text += len;
		if (!*text)
			return true;
		if (*text++ == '+' && ++t == PLAN_THREADS)
			return false;
	}
}

/* Which programs are of use */

static bool follows_enough(const struct plan *p, unsigned int t, unsigned int i)
{
	const struct call *c = &p->calls[t][i];
	int left = 0;
	unsigned int k;

	if (!c->op->after)
		return true;
	for (k = 0; k <= i; k++) {
		if (p->calls[t][k].arg != c->arg)
			continue;
		if (p->calls[t][k].op == c->op)
			left--;
		else if (!strcmp(p->calls[t][k].op->name, c->op->after))
			left++;
	}
	return left >= 0;
}

static bool conflicts(const struct plan *p, unsigned int t, unsigned int i)
{
	const struct call *c = &p->calls[t][i];
	unsigned int u, k;

	for (u = 0; u < p->nr_threads; u++)
		for (k = 0; k < p->nr_calls[u]; k++) {
			const struct call *d = &p->calls[u][k];

			if (d->op != c->op || d == c)
				continue;
			if ((c->op->once && c->arg == d->arg) ||
			    (c->op->one_thread && u != t))
				return true;
		}
	return false;
}

/* The operations allow it. */
static bool is_allowed(const struct plan *p)
{
	unsigned int t, i;

	for (t = 0; t < p->nr_threads; t++)
		for (i = 0; i < p->nr_calls[t]; i++)
			if (!follows_enough(p, t, i) || conflicts(p, t, i))
				return false;
	return p->nr_threads;
}

static bool changes_something(const struct plan *p)
{
	unsigned int t, i;

	for (t = 0; t < p->nr_threads; t++)
		for (i = 0; i < p->nr_calls[t]; i++)
			if (!p->calls[t][i].op->reads)
				return true;
	return false;
}

static int compare_calls(const struct call *a, const struct call *b)
{
	return a->op != b->op ? (a->op > b->op) - (a->op < b->op) :
				a->arg - b->arg;
}

/* Longer threads come first. */
static int compare_threads(const struct plan *p, unsigned int a, unsigned int b)
{
	unsigned int i;
	int c;

	if (p->nr_calls[a] != p->nr_calls[b])
		return (int)p->nr_calls[b] - (int)p->nr_calls[a];
	for (i = 0; i < p->nr_calls[a]; i++) {
		c = compare_calls(&p->calls[a][i], &p->calls[b][i]);
		if (c)
			return c;
	}
	return 0;
}

static void sort_threads(struct plan *p)
{
	struct call calls[PLAN_LENGTH];
	unsigned int i, nr, a;

	for (i = 0; i < PLAN_THREADS; i++)
		for (a = 0; a + 1 < p->nr_threads; a++) {
			if (compare_threads(p, a, a + 1) <= 0)
				continue;
			memcpy(calls, p->calls[a], sizeof(calls));
			memcpy(p->calls[a], p->calls[a + 1], sizeof(calls));
			memcpy(p->calls[a + 1], calls, sizeof(calls));
			nr = p->nr_calls[a];
			p->nr_calls[a] = p->nr_calls[a + 1];
			p->nr_calls[a + 1] = nr;
		}
}

/* The list */

static struct plan *new_plan(const struct lfx_model *m)
{
	struct plan *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->model = m;
	return p;
}

static void add_listed(const struct lfx_scenario *s, const char *file)
{
	listed = more(listed, nr_listed, sizeof(*listed));
	listed[nr_listed++] = (struct lfx_listed){ s, file };
}

static void take_plan(struct plan *p)
{
	model_fill_scenario(p);
	plans = more(plans, nr_plans, sizeof(*plans));
	plans[nr_plans++] = p;
}

/* Takes @p. False: it is there already. */
static bool add_plan(struct plan *p, size_t first)
{
	size_t i;

	sort_threads(p);
	set_name(p);
	for (i = first; i < nr_plans; i++)
		if (!strcmp(plans[i]->name, p->name)) {
			free(p);
			return false;
		}
	take_plan(p);
	return true;
}

/* The operation that @op needs before it, or NULL. */
static const struct lfx_operation *needed_by(const struct lfx_model *m,
					     const struct lfx_operation *op)
{
	const struct lfx_operation *o;

	for (o = m->operations; o < m->operations + LFX_OPERATIONS && o->name;
	     o++)
		if (!strcmp(o->name, op->after))
			return o;
	return NULL;
}

/* The fault of an operation, or NULL. */
static const char *what_is_wrong(const struct lfx_model *m,
				 const struct lfx_operation *op)
{
	const struct lfx_operation *before = op;

	if (op->after)
		before = needed_by(m, op);
	if (strpbrk(op->name, ".,+:"))
		return "its name has one of . , + :";
	if (!op->run)
		return "it has no function";
	if (m->state_size && !op->model)
		return "it has no function of the model";
	if (op->args > LFX_ARGS)
		return "it has too many arguments";
	if (!before || (op->after && before == op))
		return "there is no operation that it comes after";
	if (before->args != op->args)
		return "it has other arguments than the call that it comes after";
	return NULL;
}

static void __attribute__((__noreturn__))
wrong_model(const struct lfx_model *m, const char *name, const char *what)
{
	fprintf(stderr, "explore: %s: %s%s%s\n", m->name, name,
		*name ? ": " : "", what);
	exit(3);
}

static unsigned int find_instances(const struct lfx_model *m, struct call *list)
{
	const struct lfx_operation *op;
	unsigned int n = 0;
	int arg;

	if (!m->operations[0].name)
		wrong_model(m, "", "there are no operations");
	if (m->state_size > LFX_STATE_SIZE)
		wrong_model(m, "", "the state is too large");
	if (m->steps[0].model && !m->state_size)
		wrong_model(m, m->steps[0].name, "there is no state for the step");
	if (m->final.name && what_is_wrong(m, &m->final))
		wrong_model(m, m->final.name, what_is_wrong(m, &m->final));
	for (op = m->operations; op < m->operations + LFX_OPERATIONS && op->name;
	     op++) {
		if (what_is_wrong(m, op))
			wrong_model(m, op->name, what_is_wrong(m, op));
		for (arg = 0; arg < (int)op->args || !arg; arg++)
			list[n++] = (struct call){ op, arg };
	}
	return n;
}

static struct plan *plan_of_size(const struct lfx_model *m, const uint8_t *size)
{
	struct plan *p = new_plan(m);

	while (p->nr_threads < PLAN_THREADS && size[p->nr_threads]) {
		p->nr_calls[p->nr_threads] = size[p->nr_threads];
		p->nr_threads++;
	}
	return p;
}

static bool is_of_use(const struct plan *p)
{
	return is_allowed(p) && changes_something(p);
}

/* Call @i of the thread becomes @c. Are the calls that it needs before it? */
static bool fits(struct plan *p, unsigned int t, unsigned int i,
		 const struct call *c)
{
	p->calls[t][i] = *c;
	return follows_enough(p, t, i);
}

/* The call that @c needs before it. */
static const struct call *needed(const struct call *c, const struct call *list,
				 unsigned int nr)
{
	unsigned int k;

	for (k = 0; k < nr; k++)
		if (!strcmp(list[k].op->name, c->op->after) &&
		    list[k].arg == c->arg)
			return &list[k];
	return c;
}

/*
 * A random call for this place. Every other time, it is one that needs an earlier one,
 * if such a call is possible. If a call lacks an earlier one, that comes instead.
 */
static void choose_call(struct plan *p, unsigned int t, unsigned int i,
			const struct call *list, unsigned int nr)
{
	const struct call *c = &list[random_below(nr)];
	unsigned int begin = random_below(nr), k;
	bool second = random_below(2);

	for (k = 0; second && k < nr; k++) {
		const struct call *other = &list[(begin + k) % nr];

		if (other->op->after && fits(p, t, i, other))
			return;
	}
	for (k = 0; !fits(p, t, i, c) && k < LFX_OPERATIONS; k++)
		c = needed(c, list, nr);
}

/* Which calls have met: a bit for each call of the list. */
static uint64_t met[MAX_INSTANCES][MAX_INSTANCES / 64];

static unsigned int number_of(const struct call *c, const struct call *list)
{
	unsigned int k = 0;

	while (list[k].op != c->op || list[k].arg != c->arg)
		k++;
	return k;
}

/* How many pairs of calls meet in @p for the first time. @note: they have met now. */
static unsigned int new_pairs(const struct plan *p, const struct call *list,
			      bool note)
{
	unsigned int n = 0, t, i, u, k, x, y;

	for (t = 0; t < p->nr_threads; t++)
		for (i = 0; i < p->nr_calls[t]; i++)
			for (u = 0; u < p->nr_threads; u++)
				for (k = 0; u != t && k < p->nr_calls[u]; k++) {
					const struct call *c = &p->calls[t][i];
					const struct call *d = &p->calls[u][k];

					x = number_of(c, list);
					y = number_of(d, list);
					if ((c->op->reads && d->op->reads) ||
					    (met[x][y / 64] >> y % 64 & 1))
						continue;
					n++;
					if (note)
						met[x][y / 64] |= 1ull << y % 64;
				}
	return n;
}

static struct plan *random_plan(const struct lfx_model *m, const uint8_t *size,
				const struct call *list, unsigned int nr)
{
	struct plan *p = plan_of_size(m, size);
	unsigned int t, i;

	for (t = 0; t < p->nr_threads; t++)
		for (i = 0; i < p->nr_calls[t]; i++)
			choose_call(p, t, i, list, nr);
	if (is_of_use(p))
		return p;
	free(p);
	return NULL;
}

/*
 * One more program of a size: of some random ones, that in which the most calls meet
 * that have not met before. False: none is found.
 */
static bool add_random(const struct lfx_model *m, const uint8_t *size,
		       const struct call *list, unsigned int nr, size_t first)
{
	unsigned int attempt, candidates = 0;
	struct plan *best = NULL, *p;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		p = random_plan(m, size, list, nr);
		if (!p)
			continue;
		if (!best || new_pairs(p, list, false) >
			     new_pairs(best, list, false)) {
			free(best);
			best = p;
		} else {
			free(p);
		}
		if (++candidates < CANDIDATES)
			continue;
		new_pairs(best, list, true);
		if (add_plan(best, first))
			return true;
		best = NULL;
		candidates = 0;
	}
	if (!best)
		return false;
	new_pairs(best, list, true);
	return add_plan(best, first);
}

static const uint8_t one_and_one[PLAN_THREADS] = { 1, 1 };
static const uint8_t two_and_two[PLAN_THREADS] = { 2, 2 };

/* All programs of two threads with as many calls each, if they are not too many. */
static bool add_all(const struct lfx_model *m, const uint8_t *size,
		    const struct call *list, unsigned int nr, unsigned int most)
{
	size_t first = nr_plans, all = 1, i, rest;
	unsigned int k;
	struct plan *p;

	for (k = 0; k < 2u * size[0]; k++)
		all *= nr;
	for (i = 0; i < all && all <= MAX_ENUMERATED; i++) {
		p = plan_of_size(m, size);
		rest = i;
		for (k = 0; k < 2u * size[0]; k++) {
			p->calls[k / size[0]][k % size[0]] = list[rest % nr];
			rest /= nr;
		}
		if (compare_threads(p, 0, 1) > 0 || !is_of_use(p))
			free(p);
		else
			add_plan(p, nr_plans);
		if (nr_plans - first > most)
			break;
	}
	if (i == all)
		return true;
	while (nr_plans > first)
		free(plans[--nr_plans]);
	return false;
}

/* The program of a text, as it is. */
static bool add_text(const struct lfx_model *m, const char *text, size_t first)
{
	struct plan *p = new_plan(m);
	size_t i;

	if (!parse_program(text, p) || !is_allowed(p)) {
		free(p);
		return false;
	}
	set_name(p);
	for (i = first; i < nr_plans; i++)
		if (!strcmp(plans[i]->name, p->name)) {
			free(p);
			return true;
		}
	take_plan(p);
	return true;
}

static void make_plans(const struct lfx_model *m, unsigned int nr, uint64_t seed)
{
	struct call list[MAX_INSTANCES];
	unsigned int nr_list = find_instances(m, list), i, added;
	size_t first = nr_plans, begin;
	const char *c;

	memset(met, 0, sizeof(met));
	random_state = seed;
	for (c = m->name; *c; c++)
		random_state = random_state * 31 + *c;
	if (!nr)
		nr = m->programs ? m->programs : DEFAULT_PROGRAMS;
	if (m->first && !add_text(m, m->first, first))
		wrong_model(m, m->first, "there is no such program");
	add_all(m, one_and_one, list, nr_list, MAX_PAIRS);
	begin = nr_plans;
	if (!add_all(m, two_and_two, list, nr_list, (nr + 1) / 2))
		while (nr_plans - begin < (nr + 1) / 2 &&
		       add_random(m, two_and_two, list, nr_list, first))
			;
	do {
		added = 0;
		for (i = 0; i < ARRAY_SIZE(sizes) && nr_plans - begin < nr; i++)
			added += add_random(m, sizes[i], list, nr_list, first);
	} while (added);
}

static unsigned int plan_size(const struct plan *p)
{
	return p->nr_calls[0] + p->nr_calls[1] + p->nr_calls[2];
}

/* Small ones come first, for the time that is left to the others. */
static void list_plans(size_t first, const char *file)
{
	unsigned int size;
	size_t i;

	if (first < nr_plans && plans[first]->model->first)
		add_listed(&plans[first++]->scenario, file);
	for (size = 1; size <= PLAN_CALLS; size++)
		for (i = first; i < nr_plans; i++)
			if (plan_size(plans[i]) == size)
				add_listed(&plans[i]->scenario, file);
}

/* A program that the command line names, and that is not in the list. */
static bool add_named(const struct lfx_listed_model *m, size_t first,
		      const char *name)
{
	size_t len = strlen(m->model->name);

	if (strncmp(name, m->model->name, len) || name[len] != ':' ||
	    add_text(m->model, name + len + 1, first))
		return true;
	fprintf(stderr, "explore: %s has no such program: %s\n",
		m->model->name, name + len + 1);
	return false;
}

static const struct lfx_order *order_at(const struct lfx_order *first,
					size_t stride, size_t i)
{
	return (const struct lfx_order *)((const char *)first + i * stride);
}

/*
 * The numbers of @nr entries, whose orders are @stride bytes apart, in the order of their
 * source: the files in the order of the link, and the entries of a file from its top. To
 * be freed.
 */
static size_t *in_order(const struct lfx_order *first, size_t stride, size_t nr)
{
	size_t *list = malloc((nr + 1) * sizeof(*list)), i, k;
	const struct lfx_order *a, *b;

	if (!list)
		abort();
	for (i = 0; i < nr; i++) {
		a = order_at(first, stride, i);
		for (k = i; k; k--) {
			b = order_at(first, stride, list[k - 1]);
			if (strcmp(a->unit, b->unit) || a->nr > b->nr)
				break;
			list[k] = list[k - 1];
		}
		list[k] = i;
	}
	return list;
}

bool plans_make(int argc, char **argv, unsigned int nr, uint64_t seed)
{
	static struct lfx_program with_plans;
	const struct lfx_listed_model *m;
	size_t *scenarios, *models, i, first;
	int k;

	scenarios = in_order(&program->scenarios->order,
			     sizeof(*program->scenarios),
			     program->nr_scenarios);
	for (i = 0; i < program->nr_scenarios; i++)
		add_listed(program->scenarios[scenarios[i]].scenario,
			   program->scenarios[scenarios[i]].file);
	models = in_order(&program->models->order, sizeof(*program->models),
			  program->nr_models);
	for (i = 0; i < program->nr_models; i++) {
		m = &program->models[models[i]];
		first = nr_plans;
		make_plans(m->model, nr, seed);
		for (k = 0; k < argc; k++)
			if (!add_named(m, first, argv[k]))
				return false;
		list_plans(first, m->file);
	}
	free(scenarios);
	free(models);
	with_plans = *program;
	with_plans.scenarios = listed;
	with_plans.nr_scenarios = nr_listed;
	program = &with_plans;
	return true;
}

struct plan *plan_of(const struct lfx_scenario *s)
{
	size_t i;

	for (i = 0; i < nr_plans; i++)
		if (s == &plans[i]->scenario)
			return plans[i];
	return NULL;
}

struct plan *plan_without(const struct plan *p, unsigned int thread,
			  unsigned int call)
{
	struct plan *q = new_plan(p->model);
	unsigned int t, i;

	for (t = 0; t < p->nr_threads; t++) {
		for (i = 0; i < p->nr_calls[t]; i++)
			if (t != thread || i != call)
				q->calls[q->nr_threads][q->nr_calls[q->nr_threads]++] =
					p->calls[t][i];
		if (q->nr_calls[q->nr_threads])
			q->nr_threads++;
	}
	if (!is_allowed(q)) {
		free(q);
		return NULL;
	}
	set_name(q);
	take_plan(q);
	return q;
}
