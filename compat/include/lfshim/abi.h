/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * LFSHIM(name): keeps the kernel's names out of a program's symbol table.
 *
 * A function of the shim is declared under the kernel's name, with LFSHIM(name)
 * after the prototype. The compiler then uses the symbol lfshim_name wherever
 * the function is called or defined, or its address is taken. So ported code
 * uses kfree(), and the dynamic symbol table has lfshim_kfree.
 */
#ifndef LFSHIM_ABI_H
#define LFSHIM_ABI_H

#include <lfshim/config.h>
#include "compiler-detect.h"

#define LFSHIM_STR_(x)	#x
#define LFSHIM_STR(x)	LFSHIM_STR_(x)

/* The platform puts __USER_LABEL_PREFIX__ before every C symbol. */
#define LFSHIM(name)	__asm__(LFSHIM_STR(__USER_LABEL_PREFIX__) "lfshim_" #name)

#endif
