/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Functions that run later, in process context, on threads of the shim. Such a
 * function may sleep for any time: it does not hold up the others.
 */
#ifndef LFPRIV_DEFER_H
#define LFPRIV_DEFER_H

#include <linux/types.h>

/*
 * Call @fn with @head on a thread of the shim. The caller does not use @head
 * afterwards; @fn may free it. The functions begin in the order of the calls,
 * and run one after the other as long as none of them takes more than a
 * millisecond. If one does, another thread continues with those that follow. A
 * function begins up to 250 us later if others have run just before.
 *
 * If no thread can be created, this warns once, and @fn runs after a later call
 * of this function or of lfpriv_defer_flush() that can. Context: any.
 */
void lfpriv_defer(struct callback_head *head,
		  void (*fn)(struct callback_head *head));

/*
 * Wait until the functions of all earlier calls have returned. Called by such a
 * function, this does not wait for that function itself. Context: may sleep.
 */
void lfpriv_defer_flush(void);

#endif
