/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Trace events as USDT probes of the provider "libfence", with the arguments of
 * the event, at most twelve. This needs <sys/sdt.h> (Debian:
 * systemtap-sdt-dev).
 *
 * The arguments are counted here. <sys/sdt.h> has a macro STAP_PROBEV() that
 * does so, but only if another macro is defined before its first inclusion, and
 * another header may have included it first.
 */
#ifndef LFSHIM_TRACE_USDT_H
#define LFSHIM_TRACE_USDT_H

#include <lfshim/host-begin.h>
#include <sys/sdt.h>
#include <lfshim/host-end.h>

#define LFSHIM_PROBE_0(name)		STAP_PROBE(libfence, name)
#define LFSHIM_PROBE_1(name, ...)	STAP_PROBE1(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_2(name, ...)	STAP_PROBE2(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_3(name, ...)	STAP_PROBE3(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_4(name, ...)	STAP_PROBE4(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_5(name, ...)	STAP_PROBE5(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_6(name, ...)	STAP_PROBE6(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_7(name, ...)	STAP_PROBE7(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_8(name, ...)	STAP_PROBE8(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_9(name, ...)	STAP_PROBE9(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_10(name, ...)	STAP_PROBE10(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_11(name, ...)	STAP_PROBE11(libfence, name, __VA_ARGS__)
#define LFSHIM_PROBE_12(name, ...)	STAP_PROBE12(libfence, name, __VA_ARGS__)

/* LFSHIM_PROBE_n, where n is the number of arguments after the name. */
#define LFSHIM_PROBE_PICK_(n, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, \
			   a12, count, ...)	LFSHIM_PROBE_##count
#define LFSHIM_TRACE(name, ...)						\
	LFSHIM_PROBE_PICK_(name __VA_OPT__(,) __VA_ARGS__, 12, 11, 10,	\
			   9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)		\
	(name __VA_OPT__(,) __VA_ARGS__)

#endif
