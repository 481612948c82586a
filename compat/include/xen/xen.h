/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Xen: the program does not run on it, as a kernel that is built without it.
 */
#ifndef _XEN_XEN_H
#define _XEN_XEN_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

enum xen_domain_type {
	XEN_NATIVE,
	XEN_PV_DOMAIN,
	XEN_HVM_DOMAIN,
};

#define xen_domain_type		XEN_NATIVE
#define xen_domain()		(xen_domain_type != XEN_NATIVE)
#define xen_pv_domain()		(xen_domain_type == XEN_PV_DOMAIN)
#define xen_hvm_domain()	(xen_domain_type == XEN_HVM_DOMAIN)
#define xen_initial_domain()	0

#endif
