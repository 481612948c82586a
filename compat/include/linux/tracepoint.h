/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Trace events. trace_NAME() is empty by default. A program that compiles the
 * code itself can define the macro LFSHIM_TRACE_HEADER as the name of a header
 * that defines LFSHIM_TRACE(name, args...); then each event is a call of that.
 * <lfshim/trace-usdt.h> is such a header: USDT probes for perf, bpftrace and
 * gdb. Left out: the recorded fields of an event; only its arguments are
 * passed.
 */
#ifndef _LINUX_TRACEPOINT_H
#define _LINUX_TRACEPOINT_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/rcupdate.h>

#ifdef LFSHIM_TRACE_HEADER
#include LFSHIM_TRACE_HEADER
#define LFSHIM_TRACE_ON		1
#else
#define LFSHIM_TRACE(name, ...)	((void)0)
#define LFSHIM_TRACE_ON		0
#endif

#define TP_PROTO(args...)	args
#define TP_ARGS(args...)	args
/* Passes an argument that contains commas to another macro as one argument. */
#define PARAMS(args...)		args

#define DECLARE_TRACE(name, proto, args)				\
	static inline __maybe_unused void trace_##name(proto)		\
	{								\
		LFSHIM_TRACE(name, args);				\
	}								\
	static inline __maybe_unused bool trace_##name##_enabled(void)	\
	{								\
		return LFSHIM_TRACE_ON;					\
	}
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)
#define DEFINE_EVENT(template, name, proto, args) \
	DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#define DEFINE_EVENT_PRINT(template, name, proto, args, print) \
	DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#define TRACE_EVENT(name, proto, args, tstruct, assign, print) \
	DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#define EXPORT_TRACEPOINT_SYMBOL(name)
#define EXPORT_TRACEPOINT_SYMBOL_GPL(name)

#endif
