/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Every trace event calls trace_record(); see <linux/tracepoint.h>. */
#ifndef TESTS_CORE_TRACE_RECORDER_H
#define TESTS_CORE_TRACE_RECORDER_H

struct dma_fence;

void trace_record(const char *event, struct dma_fence *fence);

#define LFSHIM_TRACE(name, args...)	trace_record(#name, args)

#endif
