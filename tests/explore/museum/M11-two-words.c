// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An entity gets another list of schedulers while a job is submitted. */
#include "museum.h"

#include "sched_entity.c"
#include "sched_fence.c"

/* The rest of the scheduler. Entities have no jobs here. */

int drm_sched_policy = DRM_SCHED_POLICY_FIFO;

void drm_sched_wakeup(struct drm_gpu_scheduler *sched)
{
}

struct drm_gpu_scheduler *
drm_sched_rq_add_entity(struct drm_sched_entity *entity, ktime_t ts)
{
	return NULL;
}

void drm_sched_rq_remove_entity(struct drm_sched_rq *rq,
				struct drm_sched_entity *entity)
{
}

void drm_sched_rq_pop_entity(struct drm_sched_entity *entity)
{
}

/* It looks at all schedulers of the list. */
struct drm_gpu_scheduler *
drm_sched_pick_best(struct drm_gpu_scheduler **sched_list,
		    unsigned int num_sched_list)
{
	unsigned int i;

	for (i = 0; i < num_sched_list; i++)
		lfx_assert(sched_list[i]->name);
	return sched_list[0];
}

static struct drm_gpu_scheduler scheds[2];
static struct drm_sched_rq rqs[2], *rq_lists[2][DRM_SCHED_PRIORITY_COUNT];
static struct drm_sched_entity entity;
static struct drm_gpu_scheduler **both, **only;

static void make_entity(void)
{
	int i, k;

	for (i = 0; i < 2; i++) {
		scheds[i].name = "scheduler";
		scheds[i].sched_rq = rq_lists[i];
		scheds[i].num_user_rqs = DRM_SCHED_PRIORITY_COUNT;
		rqs[i].sched = &scheds[i];
		for (k = 0; k < DRM_SCHED_PRIORITY_COUNT; k++)
			rq_lists[i][k] = &rqs[i];
	}
	both = kmalloc_array(2, sizeof(*both), GFP_KERNEL);
	only = kmalloc_array(1, sizeof(*only), GFP_KERNEL);
	lfx_name(only, "list of one");
	both[0] = only[0] = &scheds[0];
	both[1] = &scheds[1];
	lfx_assert(!drm_sched_entity_init(&entity, DRM_SCHED_PRIORITY_NORMAL,
					  both, 2, NULL));
}

static void modify(void)
{
	drm_sched_entity_modify_sched(&entity, only, 1);
}

static void submit(void)
{
	drm_sched_entity_select_rq(&entity);
}

static void free_lists(void)
{
	kfree(both);
	kfree(only);
}

LFX_SCENARIO(modify_select) = {
	.name = "m11-modify",
	.what = "modify_sched() against select_rq()",
	.setup = make_entity,
	.threads = { { "driver", modify }, { "submitter", submit } },
	.check = free_lists,
	.may_leak = true,
};
