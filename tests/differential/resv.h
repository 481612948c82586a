/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef TESTS_DIFFERENTIAL_RESV_H
#define TESTS_DIFFERENTIAL_RESV_H

void op_resv_reserve(const unsigned int *arg);
void op_resv_add(const unsigned int *arg);
void op_resv_replace(const unsigned int *arg);
void op_resv_copy(const unsigned int *arg);
void op_resv_get(const unsigned int *arg);
void op_resv_singleton(const unsigned int *arg);
void op_resv_test(const unsigned int *arg);
void op_resv_iterate(const unsigned int *arg);
void op_resv_walk(const unsigned int *arg);
void op_resv_begin(const unsigned int *arg);
void op_resv_step(const unsigned int *arg);
void op_resv_end(const unsigned int *arg);
void op_resv_describe(const unsigned int *arg);
void op_resv_anew(const unsigned int *arg);

#define RESV_OPERATIONS					\
	{ "resv_reserve", 3, op_resv_reserve },		\
	{ "resv_add", 18, op_resv_add },		\
	{ "resv_replace", 3, op_resv_replace },		\
	{ "resv_copy", 2, op_resv_copy },		\
	{ "resv_get", 3, op_resv_get },			\
	{ "resv_singleton", 3, op_resv_singleton },	\
	{ "resv_test", 3, op_resv_test },		\
	{ "resv_iterate", 3, op_resv_iterate },		\
	{ "resv_walk", 3, op_resv_walk },		\
	{ "resv_begin", 4, op_resv_begin },		\
	{ "resv_step", 6, op_resv_step },		\
	{ "resv_end", 1, op_resv_end },			\
	{ "resv_describe", 1, op_resv_describe },	\
	{ "resv_anew", 1, op_resv_anew },

#endif
