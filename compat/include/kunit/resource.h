/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The managed resources that the shim has are in <kunit/test.h>. */
#include <kunit/test.h>
