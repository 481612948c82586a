// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The inline functions of the plain face, once more as symbols of the library, under
 * the same names: for language bindings, which cannot call an inline function. C and
 * C++ programs inline them as before.
 *
 * Here, the headers define these functions with external linkage.
 */

#include <libfence/attributes.h>

#undef LIBFENCE_INLINE_
#define LIBFENCE_INLINE_

#include <libfence/event-loop.h>
#include <libfence/fence.h>
#include <libfence/libfence.h>
#include <libfence/rcu-box.h>
#include <libfence/reservation.h>
#include <libfence/several.h>
#include <libfence/sync.h>
