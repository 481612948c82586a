/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* known.c: races and failures that a list says are there. */
#ifndef LFX_KNOWN_H
#define LFX_KNOWN_H

#include "engine.h"

/*
 * "FUNCTION FUNCTION OBJECT": the functions of the two accesses, without those that
 * call them, and the object as memory_type_name() has it. Returns false for a wrong
 * text.
 */
bool known_add_race(const char *text);
/* "SCENARIO: KIND", also with the name of a model. Returns false for a wrong text. */
bool known_add_failure(const char *text);
/* Is a race of accesses to @addr at these two places known? If so, note it. */
bool known_race(addr_t addr, addr_t pc, addr_t other_pc);
/* Is this place in a function of the list? */
bool known_place(addr_t pc);
unsigned int known_races(void);
/* The text of the @i-th race. */
const char *known_race_text(unsigned int i);
/* Was it seen after the run with this number? 0: in any run. */
bool known_race_seen(unsigned int i, uint32_t run_nr);
/* How many of them were. */
unsigned int known_seen(uint32_t run_nr);
/* The kind of failure that is known for this scenario or model, or @fails. */
const char *known_fails(const char *name, const char *fails);
/* The scenario of the @i-th failure, or NULL. */
const char *known_failing(unsigned int i);
/* A number for all of it: 0 if nothing is known. */
uint32_t known_hash(void);

#endif
