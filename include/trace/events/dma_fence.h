/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The trace events of fences. Names, arguments and fields are the kernel's.
 *
 * dma_fence_init		a fence was initialised
 * dma_fence_enable_signal	the enable_signaling op is about to be called
 * dma_fence_signaled		a fence was marked as signalled; its callbacks
 *				have not run yet
 * dma_fence_wait_start		a thread is about to wait for a fence
 * dma_fence_wait_end		a thread has finished waiting
 * dma_fence_destroy		the last reference to a fence was dropped
 * dma_fence_emit		for drivers: a fence was given to the hardware.
 *				The library does not trace it itself.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dma_fence

#if !defined(_TRACE_DMA_FENCE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_DMA_FENCE_H

#include <linux/tracepoint.h>

struct dma_fence;

/*
 * Reads the names with the helper functions. Can be traced in any state of the
 * fence, under RCU.
 */
DECLARE_EVENT_CLASS(dma_fence,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence),
	TP_STRUCT__entry(
		__string(driver, dma_fence_driver_name(fence))
		__string(timeline, dma_fence_timeline_name(fence))
		__field(unsigned int, context)
		__field(unsigned int, seqno)
	),
	TP_fast_assign(
		__assign_str(driver);
		__assign_str(timeline);
		__entry->context = fence->context;
		__entry->seqno = fence->seqno;
	),
	TP_printk("driver=%s timeline=%s context=%u seqno=%u",
		  __get_str(driver), __get_str(timeline), __entry->context,
		  __entry->seqno)
);

/* Reads the names from the ops. Only where the ops cannot become NULL. */
DECLARE_EVENT_CLASS(dma_fence_ops,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence),
	TP_STRUCT__entry(
		__string(driver, fence->ops->get_driver_name(fence))
		__string(timeline, fence->ops->get_timeline_name(fence))
		__field(unsigned int, context)
		__field(unsigned int, seqno)
	),
	TP_fast_assign(
		__assign_str(driver);
		__assign_str(timeline);
		__entry->context = fence->context;
		__entry->seqno = fence->seqno;
	),
	TP_printk("driver=%s timeline=%s context=%u seqno=%u",
		  __get_str(driver), __get_str(timeline), __entry->context,
		  __entry->seqno)
);

DEFINE_EVENT(dma_fence, dma_fence_emit,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence)
);

DEFINE_EVENT(dma_fence_ops, dma_fence_init,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence)
);

DEFINE_EVENT(dma_fence, dma_fence_destroy,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence)
);

DEFINE_EVENT(dma_fence_ops, dma_fence_enable_signal,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence)
);

DEFINE_EVENT(dma_fence_ops, dma_fence_signaled,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence)
);

DEFINE_EVENT(dma_fence, dma_fence_wait_start,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence)
);

DEFINE_EVENT(dma_fence, dma_fence_wait_end,
	TP_PROTO(struct dma_fence *fence),
	TP_ARGS(fence)
);

#endif

#include <trace/define_trace.h>
