/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What libfence.so exports is in its version script, not here. */
#ifndef _LINUX_EXPORT_H
#define _LINUX_EXPORT_H

#include <lfshim/kernel-code.h>

#define EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_GPL(sym)
#define EXPORT_SYMBOL_NS(sym, ns)
#define EXPORT_SYMBOL_NS_GPL(sym, ns)

/* Nothing here can be unloaded. */
#define THIS_MODULE		((struct module *)0)

#endif
