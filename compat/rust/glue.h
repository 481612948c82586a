/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Names that the crate "kernel" needs, and the shim's headers do not have: the shim has no
 * pages, and a userspace address is no vmalloc() address.
 */
#ifndef LIBFENCE_RUST_GLUE_H
#define LIBFENCE_RUST_GLUE_H

#include <linux/types.h>

/* No memory is high. */
#define __GFP_HIGHMEM	((gfp_t)0)

struct page;
struct module;

struct page *vmalloc_to_page(const void *addr);
bool is_vmalloc_addr(const void *addr);
int kstrtobool(const char *s, bool *res);

/* print.rs has it: writes a message that Rust has formatted. Returns its end. */
char *rust_fmt_argument(char *buf, char *end, const void *arguments);

#endif
