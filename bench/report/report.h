/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The results, as tables and as JSON. */
#ifndef FENCE_BENCH_REPORT_H
#define FENCE_BENCH_REPORT_H

#include <stdio.h>

/* table.c */
void print_list(FILE *f);
void print_header(FILE *f);
void print_results(FILE *f);

/* json.c */
void write_json(FILE *f);

/* system.c: strings that live as long as the process. */
const char *cpu_model(void);
const char *kernel_name(void);
const char *compiler_name(void);
const char *date_now(void);
const char *urcu_version(void);

#endif
