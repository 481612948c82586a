/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The types of <linux/rbtree.h>, for structures that contain them. */
#ifndef _LINUX_RBTREE_TYPES_H
#define _LINUX_RBTREE_TYPES_H

#include <lfshim/kernel-code.h>
#include <linux/stddef.h>

struct rb_node {
	/* The parent; bit 0 is set if this node is black. */
	unsigned long __rb_parent_color;
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __attribute__((__aligned__(sizeof(long))));

struct rb_root {
	struct rb_node *rb_node;
};

/* A tree whose first node is found without a walk. */
struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

#define RB_ROOT		((struct rb_root){ NULL })
#define RB_ROOT_CACHED	((struct rb_root_cached){ { NULL }, NULL })

#endif
