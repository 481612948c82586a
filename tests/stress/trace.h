/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* LFSHIM_TRACE_HEADER of the stress programs: trace events are points, too. */
#ifndef STRESS_TRACE_H
#define STRESS_TRACE_H

#define STRESS_EVENT_dma_fence_init		STRESS_INIT
#define STRESS_EVENT_dma_fence_destroy		STRESS_DESTROY
#define STRESS_EVENT_dma_fence_enable_signal	STRESS_ENABLE
#define STRESS_EVENT_dma_fence_signaled		STRESS_SIGNALED
#define STRESS_EVENT_dma_fence_emit		STRESS_OTHER_EVENT
#define STRESS_EVENT_dma_fence_wait_start	STRESS_OTHER_EVENT
#define STRESS_EVENT_dma_fence_wait_end		STRESS_OTHER_EVENT
/* An event of the tree's sw_sync. */
#define STRESS_EVENT_sync_timeline		STRESS_OTHER_EVENT

#define LFSHIM_TRACE(name, fence) \
	stress_point(STRESS_EVENT_##name, fence, 0)

#endif
