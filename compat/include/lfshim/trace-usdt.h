/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Trace events as USDT probes of the provider "libfence"; needs <sys/sdt.h>. */
#ifndef LFSHIM_TRACE_USDT_H
#define LFSHIM_TRACE_USDT_H

#include <lfshim/host-begin.h>
#include <sys/sdt.h>
#include <lfshim/host-end.h>

#define LFSHIM_TRACE(name, ...)	STAP_PROBEV(libfence, name, ##__VA_ARGS__)

#endif
