/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Names of error numbers. Implemented in compat/errname.c. */
#ifndef _LINUX_ERRNAME_H
#define _LINUX_ERRNAME_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

/**
 * errname - the name of an error number
 * @err: the number, negative or positive
 *
 * Context: any.
 * Return: a constant: "-ENOMEM" for -ENOMEM, "ENOMEM" for ENOMEM; NULL if the
 * number has no name. Of two names of one number it is the older one.
 */
const char *errname(int err) LFSHIM(errname);

#endif
