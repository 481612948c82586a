// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The locks that each task holds, with LFSHIM_CHECKS; see <linux/lockdep.h>. A
 * task has a stack of spinlocks and lockdep maps, each with the call site that
 * took it. This file reports the faults that the stack alone shows. lockdep.c
 * checks the order of locks.
 */

#include <stdio.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

#include "kernel/internal.h"

/* The stack of a task. Only that task uses it. */

static void held_push(struct lfshim_held_stack *held,
		      const struct lfshim_held *new)
{
	held->blamed = NULL;
	if (held->nr < LFSHIM_MAX_HELD)
		held->lock[held->nr++] = *new;
	else
		held->lost++;
}

/* Remove the last entry of a lock. False if it has none. */
static bool held_pop(struct lfshim_held_stack *held, const void *lock)
{
	unsigned int i;

	held->blamed = NULL;
	for (i = held->nr; i--; ) {
		struct lfshim_held *h = &held->lock[i];

		if (h->spin != lock && h->map != lock)
			continue;
		held->nr--;
		memmove(h, h + 1, (held->nr - i) * sizeof(*h));
		return true;
	}
	if (!held->lost)
		return false;
	held->lost--;
	return true;
}

/* How a thread waits for a lock: by spinning, if the map does not say. */
static unsigned int held_wait_type(const struct lockdep_map *map)
{
	if (!map)
		return LD_WAIT_SPIN;
	return map->wait_type_outer ?: map->wait_type_inner ?: LD_WAIT_SPIN;
}

/* The innermost held map that does not allow waits of this type, or NULL. */
static const struct lfshim_held *
held_limit(const struct lfshim_held_stack *held, unsigned int type)
{
	const struct lfshim_held *h;
	unsigned int i;

	for (i = held->nr; i--; ) {
		h = &held->lock[i];
		if (h->hardirq != lfshim_tls.hardirq_depth)
			break;
		if (h->map && h->map->wait_type_inner != LD_WAIT_INV &&
		    h->map->wait_type_inner < type)
			return h;
	}
	return NULL;
}

/* Reports */

const char *lfpriv_held_name(char *buf, size_t size,
			     const struct lfshim_held *h)
{
	if (h->spin && !h->name)
		snprintf(buf, size, "spinlock %p", h->spin);
	else if (h->spin && h->instances)
		snprintf(buf, size, "%.28s %p", h->name, h->spin);
	else if (h->spin && h->subclass)
		snprintf(buf, size, "%.40s/%u", h->name, h->subclass);
	else if (h->spin)
		snprintf(buf, size, "%.40s", h->name);
	else if (h->subclass)
		snprintf(buf, size, "%.40s/%u", h->map->name, h->subclass);
	else
		snprintf(buf, size, "%.40s", h->map->name);
	return buf;
}

/* Once for each pair of call sites; see lfpriv_lockdep_new_pair(). */
static __cold void held_report_wait(struct lfshim_held_stack *held,
				    const struct lfshim_held *inside,
				    const struct lfshim_held *taken)
{
	struct lfpriv_symbol there, here;
	char outer[64], inner[64];

	if (held->reporting || !lfpriv_lockdep_new_pair(inside->ip, taken->ip))
		return;
	held->reporting++;
	WARN(1, "%s taken at %s inside %s (since %s), which must not wait",
	     lfpriv_held_name(inner, sizeof(inner), taken),
	     lfpriv_symbol_of(&here, taken->ip),
	     lfpriv_held_name(outer, sizeof(outer), inside),
	     lfpriv_symbol_of(&there, inside->ip));
	held->reporting--;
}

/* Write to @buf why this context must not sleep. */
static __cold void held_describe_context(const struct lfshim_held_stack *held,
					 char *buf, size_t size)
{
	const struct lfshim_held *h, *limit = held_limit(held, LD_WAIT_SLEEP);
	struct lfpriv_symbol symbol;
	char name[64];
	unsigned int i;

	for (i = held->nr; i--; ) {
		h = &held->lock[i];
		if (h->hardirq != lfshim_tls.hardirq_depth)
			break;
		if (!h->spin && h != limit)
			continue;
		snprintf(buf, size, "%s %s %s",
			 lfpriv_held_name(name, sizeof(name), h),
			 h->spin ? "taken at" : "must not wait, since",
			 lfpriv_symbol_of(&symbol, h->ip));
		return;
	}
	if (in_hardirq())
		snprintf(buf, size, "inside an irq_work function");
	else if (in_serving_softirq())
		snprintf(buf, size, "inside a timer or an RCU callback");
	else if (lfshim_tls.bh_depth)
		snprintf(buf, size, "softirqs disabled since %s",
			 lfpriv_symbol_of(&symbol, lfshim_tls.bh_ip));
	else if (lfshim_irqs_off())
		snprintf(buf, size, "interrupts disabled since %s",
			 lfpriv_symbol_of(&symbol, lfshim_tls.irq_ip));
	else if (lfshim_tls.preempt_off)
		snprintf(buf, size, "preemption disabled since %s",
			 lfpriv_symbol_of(&symbol, lfshim_tls.preempt_ip));
	else if (lfshim_rcu_depth())
		snprintf(buf, size, "read-side section since %s",
			 lfpriv_symbol_of(&symbol, lfshim_tls.rcu_ip));
	else
		snprintf(buf, size, "called with a lock of the shim held");
}

bool lfpriv_may_not_sleep(const char *file, int line, const char *func,
			  unsigned long ip)
{
	struct lfshim_held_stack *held = &current->held;
	const struct lfshim_held *limit = held_limit(held, LD_WAIT_SLEEP);
	struct lfpriv_symbol symbol;
	char why[256];

	if (likely(!in_atomic() && !lfshim_rcu_depth() && !limit))
		return false;
	if (held->reporting)
		return true;
	held->reporting++;
	held_describe_context(held, why, sizeof(why));
	lfshim_warn(file, line, func,
		    "sleeping function called from invalid context at %s: %s (preempt %u irq %u hardirq %u softirq %u rcu %u)",
		    lfpriv_symbol_of(&symbol, ip), why,
		    lfshim_tls.preempt_depth, lfshim_irqs_off(),
		    lfshim_tls.hardirq_depth, lfshim_tls.softirq_depth,
		    lfshim_rcu_depth());
	held->reporting--;
	held->blamed = limit;
	return true;
}

void lfshim_might_sleep(const char *file, int line, const char *func,
			unsigned long ip)
{
	lfpriv_may_not_sleep(file, line, func, ip);
}

void lfpriv_check_sleep(void)
{
	struct lfshim_held_stack *held = &current->held;
	char why[256];

	if (likely(!in_atomic() && !lfshim_rcu_depth()))
		return;
	if (held->reporting || !lfshim_once_())
		return;
	held->reporting++;
	held_describe_context(held, why, sizeof(why));
	WARN(1, "scheduling while atomic: %s (preempt %u irq %u rcu %u)",
	     why, preempt_count(), lfshim_irqs_off(), lfshim_rcu_depth());
	held->reporting--;
}

void lfpriv_bug_recursion(const char *what, const void *lock, unsigned long ip)
{
	const struct lfshim_held_stack *held = &current->held;
	struct lfpriv_symbol first, again;
	char why[400];
	unsigned int i, nr = 0;

	strcpy(first.text, "a call site in the shim");
	for (i = 0; i < held->nr; i++) {
		const struct lfshim_held *h = &held->lock[i];

		if (h->spin != lock && h->map != lock)
			continue;
		if (!nr++)
			lfpriv_symbol_of(&first, h->ip);
		else
			ip = h->ip;
	}
	snprintf(why, sizeof(why),
		 "%s recursion: this thread holds the lock already, taken at %s, and takes it again at %s",
		 what, first.text, lfpriv_symbol_of(&again, ip));
	lfshim_bug(__FILE__, __LINE__, __func__, why);
}

void lfpriv_check_freed(const void *p, size_t size)
{
	struct lfshim_held_stack *held = &current->held;
	struct lfpriv_symbol symbol;
	unsigned int i;
	char name[64];

	for (i = 0; i < held->nr; i++) {
		struct lfshim_held *h = &held->lock[i];
		const char *lock = h->spin ? (const char *)h->spin
					   : (const char *)h->map;

		if (lock < (const char *)p || lock >= (const char *)p + size)
			continue;
		h->freed = true;
		WARN(1, "memory freed while a lock inside it is held: %p, lock %p, %s taken at %s",
		     p, lock, lfpriv_held_name(name, sizeof(name), h),
		     lfpriv_symbol_of(&symbol, h->ip));
	}
}

void lfpriv_check_exit(struct task_struct *task)
{
	struct lfshim_held_stack *held = &task->held;
	struct lfpriv_symbol symbol;
	char name[64];

	held->reporting++;
	while (held->nr) {
		const struct lfshim_held *h = &held->lock[--held->nr];

		WARN(!h->freed, "a thread ends while it holds %s, taken at %s",
		     lfpriv_held_name(name, sizeof(name), h),
		     lfpriv_symbol_of(&symbol, h->ip));
	}
	held->reporting--;
}

/* Taking and releasing locks */

/* In parentheses, since the shim's files see macros of these names. */

static unsigned int held_subclass(unsigned int subclass)
{
	if (WARN(subclass >= MAX_LOCKDEP_SUBCLASSES,
		 "subclass %u of a lock: lockdep knows %u", subclass,
		 MAX_LOCKDEP_SUBCLASSES))
		return MAX_LOCKDEP_SUBCLASSES - 1;
	return subclass;
}

void (lfshim_spin_acquire)(struct spinlock *lock, unsigned int subclass,
			   bool trylock, unsigned long caller)
{
	struct lfshim_held_stack *held;
	const struct lfshim_held *limit;
	struct lfshim_held new = {
		.spin = lock,
		.ip = caller ?: _RET_IP_,
		.subclass = held_subclass(subclass),
		.hardirq = lfshim_tls.hardirq_depth,
	};

	lfshim_tls.preempt_depth++;
	held = &current->held;
	if (!held->reporting) {
		lfpriv_spin_classify(held, &new);
		/* A lock that the library takes. */
		new.instances |= caller != 0;
		limit = trylock ? NULL : held_limit(held, LD_WAIT_SPIN);
		if (unlikely(limit))
			held_report_wait(held, limit, &new);
		if (!trylock && held->nr && new.key)
			lfpriv_lockdep_check(held, &new, NULL);
	}
	held_push(held, &new);
}

void (lfshim_spin_released)(struct spinlock *lock)
{
	if (lfshim_tls.preempt_depth)
		lfshim_tls.preempt_depth--;
	/* If it has no entry, spin_unlock() warns. */
	if (lfshim_tls.task)
		held_pop(&lfshim_tls.task->held, lock);
}

void lock_acquire(struct lockdep_map *map, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest,
		  unsigned long ip)
{
	struct lfshim_held_stack *held = &current->held;
	const struct lfshim_held *limit;
	struct lfshim_held new = {
		.map = map,
		.ip = ip,
		.key = map->key ? (void *)map->key : map,
		.subclass = held_subclass(subclass) ?: map->subclass,
		.read = read,
		.hardirq = lfshim_tls.hardirq_depth,
	};

	if (!trylock && !held->reporting) {
		limit = held_limit(held, held_wait_type(map));
		if (unlikely(limit) && limit != held->blamed)
			held_report_wait(held, limit, &new);
		if (check)
			lfpriv_lockdep_check(held, &new, nest);
	}
	held_push(held, &new);
}

void lock_release(struct lockdep_map *map, unsigned long ip)
{
	struct lfpriv_symbol symbol;

	WARN(!held_pop(&current->held, map),
	     "%s is released at %s, and is not held", map->name,
	     lfpriv_symbol_of(&symbol, ip));
}

int lock_is_held_type(const struct lockdep_map *map, int read)
{
	const struct lfshim_held_stack *held = &current->held;
	unsigned int i;

	for (i = held->nr; i--; )
		if (held->lock[i].map == map &&
		    (read < 0 || !!held->lock[i].read == !!read))
			return 1;
	return 0;
}

/* The call sites at which the other contexts began, for reports. */

void lfshim_section_begins(unsigned long ip)
{
	if (lfshim_irqs_off() && !lfshim_tls.irq_ip)
		lfshim_tls.irq_ip = ip;
	else if (lfshim_rcu_depth() == 1 && !lfshim_tls.rcu_ip)
		lfshim_tls.rcu_ip = ip;
}

void lfshim_section_ended(void)
{
	if (!lfshim_irqs_off())
		lfshim_tls.irq_ip = 0;
	if (!lfshim_rcu_depth())
		lfshim_tls.rcu_ip = 0;
}

void lfshim_preempt_off(void)
{
	lfshim_tls.preempt_depth++;
	if (!lfshim_tls.preempt_off++)
		lfshim_tls.preempt_ip = _RET_IP_;
}

void lfshim_preempt_on(void)
{
	lfshim_tls.preempt_off--;
	lfshim_tls.preempt_depth--;
}

void lfshim_bh_off(void)
{
	if (!lfshim_tls.bh_depth++)
		lfshim_tls.bh_ip = _RET_IP_;
	lfshim_bh_changed();
}

void lfshim_bh_on(void)
{
	if (WARN(!lfshim_tls.bh_depth, "softirqs are enabled already"))
		return;
	WARN(in_hardirq() || irqs_disabled(),
	     "local_bh_enable() with interrupts disabled");
	lfshim_tls.bh_depth--;
	lfshim_bh_changed();
}

/* Interrupts */

void lfshim_check_irq_on(void)
{
	lfshim_tls.irq_on_ip = _RET_IP_;
}

void lfshim_check_irq_restore(void)
{
	struct lfpriv_symbol here, there;

	if (likely(lfshim_irqs_off()))
		return;
	WARN(1, "interrupts are enabled already at %s: they were enabled too early, at %s",
	     lfpriv_symbol_of(&here, _RET_IP_),
	     lfpriv_symbol_of(&there, lfshim_tls.irq_on_ip));
}

void lfshim_check_irq_nested(void)
{
	struct lfpriv_symbol here, there;

	if (!lfpriv_lockdep_new_pair(lfshim_tls.irq_ip, _RET_IP_))
		return;
	WARN(1, "spin_lock_irq() at %s with interrupts disabled since %s: spin_unlock_irq() enables them too early",
	     lfpriv_symbol_of(&here, _RET_IP_),
	     lfpriv_symbol_of(&there, lfshim_tls.irq_ip));
}
