/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * EXPORT_SYMBOL() and THIS_MODULE, which have no effect. The version script of
 * libfence.so lists its exports.
 */
#ifndef _LINUX_EXPORT_H
#define _LINUX_EXPORT_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/stringify.h>

#define EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_GPL(sym)
#define EXPORT_SYMBOL_NS(sym, ns)
#define EXPORT_SYMBOL_NS_GPL(sym, ns)

/* There are no modules. */
#define THIS_MODULE		((struct module *)0)

#endif
