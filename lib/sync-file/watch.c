// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Descriptors from elsewhere; see watch.h. Nothing that is read from them is
 * trusted: anything unexpected ends the watch with an error. It never prolongs
 * the wait.
 */

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <uapi/linux/sync_file.h>

#include "host/fd.h"
#include "kernel/defer.h"
#include "kernel/fork.h"
#include "kernel/service.h"
#include "watch.h"
#include "wire.h"

static int watch_thread(void *unused);
static struct lfpriv_service watch_service = {
	.name = "lfshim-watch",
	.fn = watch_thread,
};

/* Protects the list, and ->fd and ->in_set of all watches. Innermost. */
static DEFINE_SPINLOCK(watch_lock);
/* All watches that have a descriptor. A child process inherits them. */
static LIST_HEAD(watches);
/* The epoll set, and in it an eventfd to wake the thread. Set once. */
static int watch_set = -1, watch_eventfd = -1;
/* The program exits. */
static bool watch_stopping;

/* Identifying descriptors */

/* No char has this value. */
#define WATCH_NO_STOP	0x100

/*
 * Copy up to the next @stop, or to @end. Returns where the next word begins.
 */
static const char *watch_parse_word(char *to, const char *from, const char *end,
				    int stop)
{
	size_t n = 0;
	char c;

	for (; from < end && *from != stop; from++) {
		c = *from == LFPRIV_WIRE_SLASH ? '/' : *from;
		if (n < LFPRIV_WATCH_NAME - 1)
			to[n++] = c >= ' ' && c <= '~' ? c : '?';
	}
	to[n] = '\0';
	return from < end ? from + 1 : end;
}

/* "libfence/1/0123456789abcdef/driver/timeline" */
static int watch_parse_name(const char *name, int len, char *driver,
			    char *timeline)
{
	const char *p = name, *end = name + len;
	char version[LFPRIV_WATCH_NAME], id[LFPRIV_WATCH_NAME];
	size_t prefix = strlen(LFPRIV_WIRE_PREFIX);

	if (len < prefix || memcmp(name, LFPRIV_WIRE_PREFIX, prefix))
		return -EINVAL;
	p = watch_parse_word(version, p + prefix, end, '/');
	if (strcmp(version, __stringify(LFPRIV_WIRE_VERSION)))
		return -EPROTONOSUPPORT;
	p = watch_parse_word(id, p, end, '/');
	p = watch_parse_word(driver, p, end, '/');
	/* The last word is everything that is left. */
	watch_parse_word(timeline, p, end, WATCH_NO_STOP);
	return 0;
}

static int watch_identify_kernel(int fd, char *driver, char *timeline)
{
	struct sync_fence_info fence = { 0 };
	struct sync_file_info info = { 0 };

	if (lfhost_fd_ioctl(fd, SYNC_IOC_FILE_INFO, &info))
		return -EINVAL;
	strscpy(driver, "sync_file", LFPRIV_WATCH_NAME);
	strscpy(timeline, info.name, LFPRIV_WATCH_NAME);
	if (info.num_fences != 1)
		return 0;
	info.sync_fence_info = (uintptr_t)&fence;
	if (!lfhost_fd_ioctl(fd, SYNC_IOC_FILE_INFO, &info)) {
		strscpy(driver, fence.driver_name, LFPRIV_WATCH_NAME);
		strscpy(timeline, fence.obj_name, LFPRIV_WATCH_NAME);
	}
	return 0;
}

int lfpriv_watch_open(struct lfpriv_watch *w,
		      const struct lfpriv_watch_ops *ops, int fd, bool any,
		      char driver[LFPRIV_WATCH_NAME],
		      char timeline[LFPRIV_WATCH_NAME])
{
	char name[LFHOST_FD_NAME];
	unsigned long flags;
	int err = 0;

	w->ops = ops;
	INIT_LIST_HEAD(&w->node);
	w->in_set = false;
	w->kind = any ? LFPRIV_WATCH_ANY : LFPRIV_WATCH_EXPORTED;
	w->closer = kmalloc_obj(*w->closer);
	if (!w->closer)
		return -ENOMEM;
	/* First, so that everything below is about the same descriptor. */
	spin_lock_irqsave(&watch_lock, flags);
	w->fd = lfhost_fd_dup(fd);
	if (w->fd >= 0)
		list_add(&w->node, &watches);
	spin_unlock_irqrestore(&watch_lock, flags);
	if (w->fd < 0) {
		kfree(w->closer);
		return w->fd;
	}
	/*
	 * No file of a file system: epoll calls its poll function under a lock
	 * of the set. A hostile one would block all watches.
	 */
	if (lfhost_fd_is_file(w->fd)) {
		lfpriv_watch_stop(w);
		return any ? -EPERM : -EINVAL;
	}
	if (any) {
		strscpy(driver, "libfence", LFPRIV_WATCH_NAME);
		strscpy(timeline, "descriptor", LFPRIV_WATCH_NAME);
		return 0;
	}
	err = lfhost_fd_name(w->fd, name);
	if (err >= 0)
		err = watch_parse_name(name, err, driver, timeline);
	if (err == -EINVAL) {
		w->kind = LFPRIV_WATCH_KERNEL;
		err = watch_identify_kernel(w->fd, driver, timeline);
	}
	if (err)
		lfpriv_watch_stop(w);
	return err;
}

/* Results. These functions return 0 if there is no result yet. */

static int watch_check_record(const struct lfpriv_record *r, long size,
			      s64 *timestamp)
{
	if (size != sizeof(*r) ||
	    memcmp(r->magic, LFPRIV_WIRE_MAGIC, sizeof(r->magic)) ||
	    r->version != LFPRIV_WIRE_VERSION || r->timestamp < 0 ||
	    (r->status != 1 && (r->status >= 0 || r->status < -MAX_ERRNO)))
		return -EBADMSG;
	*timestamp = r->timestamp;
	return r->status;
}

static int watch_exported_result(int fd, s64 *timestamp)
{
	struct lfpriv_record r;
	long n;

	n = lfhost_fd_peek(fd, &r, sizeof(r));
	/*
	 * The host reports this once if data that was sent to the exporter was
	 * never read. The second call shows the state of the socket.
	 */
	if (n == -ECONNRESET)
		n = lfhost_fd_peek(fd, &r, sizeof(r));
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	/* The library's endpoint is closed: the exporter exited or exec()ed. */
	if (!n || n == -ECONNRESET)
		return -EOWNERDEAD;
	return watch_check_record(&r, n, timestamp);
}

static int watch_kernel_result(int fd, s64 *timestamp)
{
	struct sync_fence_info *table;
	struct sync_file_info info = { 0 };
	unsigned int i, n;
	s64 latest = 0;
	int status;

	if (lfhost_fd_ioctl(fd, SYNC_IOC_FILE_INFO, &info))
		return -EBADMSG;
	status = info.status;
	if (status >= 0 && status != 1)
		return 0;
	if (status < -MAX_ERRNO)
		return -EBADMSG;
	n = info.num_fences;
	table = kcalloc(n, sizeof(*table), GFP_KERNEL);
	if (!table)
		return status;
	info.sync_fence_info = (uintptr_t)table;
	if (!lfhost_fd_ioctl(fd, SYNC_IOC_FILE_INFO, &info)) {
		for (i = 0; i < min(n, info.num_fences); i++)
			latest = max(latest, (s64)table[i].timestamp_ns);
		if (latest > 0)
			*timestamp = latest;
	}
	kfree(table);
	return status;
}

static int watch_any_result(unsigned int what)
{
	if (what & LFHOST_FD_IN)
		return 1;
	if (what & LFHOST_FD_ERR)
		return -EIO;
	/* There is nothing to read, and no process that could write. */
	return what & LFHOST_FD_HUP ? -EOWNERDEAD : 0;
}

static int watch_get_result(struct lfpriv_watch *w, unsigned int what,
			    s64 *timestamp)
{
	int status;

	*timestamp = KTIME_MAX;
	switch (w->kind) {
	case LFPRIV_WATCH_EXPORTED:
		status = watch_exported_result(w->fd, timestamp);
		break;
	case LFPRIV_WATCH_KERNEL:
		status = watch_kernel_result(w->fd, timestamp);
		break;
	default:
		status = watch_any_result(what);
	}
	/*
	 * The event is not in the future. Read the clock after the result: the
	 * event may have happened a moment before.
	 */
	*timestamp = min(*timestamp, ktime_get());
	return status;
}

/* The set and the thread */

static int watch_make_set(void)
{
	int set = lfhost_epoll_create(), kick, err = 0;
	unsigned long flags;

	if (set < 0)
		return set;
	kick = lfhost_eventfd_create();
	err = kick < 0 ? kick : lfhost_epoll_add(set, kick, LFHOST_FD_IN, 0);
	spin_lock_irqsave(&watch_lock, flags);
	if (!err && watch_set < 0) {
		watch_eventfd = kick;
		WRITE_ONCE(watch_set, set);
		set = kick = -1;
	}
	spin_unlock_irqrestore(&watch_lock, flags);
	if (kick >= 0)
		lfhost_fd_close(kick);
	if (set >= 0)
		lfhost_fd_close(set);
	return err;
}

static int watch_start_thread(void)
{
	if (lfpriv_service_start(&watch_service))
		return 0;
	/* Another thread may be starting it or may have started it. */
	if (READ_ONCE(watch_service.starting) || READ_ONCE(watch_service.task))
		return 0;
	return -EAGAIN;
}

int lfpriv_watch_start(struct lfpriv_watch *w)
{
	unsigned long flags;
	s64 timestamp;
	int status, err;

	/* If the result is known already, there is no need to wait. */
	status = w->kind == LFPRIV_WATCH_ANY ?
			 0 : watch_get_result(w, 0, &timestamp);
	if (status) {
		w->ops->done(w, status, timestamp);
		lfpriv_watch_stop(w);
		return 0;
	}
	if (READ_ONCE(watch_set) < 0) {
		err = watch_make_set();
		if (err)
			return err;
	}
	err = watch_start_thread();
	if (err)
		return err;
	spin_lock_irqsave(&watch_lock, flags);
	err = lfhost_epoll_add(watch_set, w->fd, LFHOST_FD_IN, (uintptr_t)w);
	w->in_set = !err;
	spin_unlock_irqrestore(&watch_lock, flags);
	return err;
}

/* @may_block: the caller has time to wait until the descriptor is closed. */
static void watch_stop(struct lfpriv_watch *w, bool may_block)
{
	struct lfpriv_closer *closer;
	unsigned long flags;
	int fd;

	spin_lock_irqsave(&watch_lock, flags);
	closer = w->closer;
	fd = w->fd;
	list_del_init(&w->node);
	/* Closing it is not enough: other copies would keep it in the set. */
	if (w->in_set)
		lfhost_epoll_del(watch_set, w->fd);
	w->in_set = false;
	w->fd = -1;
	w->closer = NULL;
	spin_unlock_irqrestore(&watch_lock, flags);
	if (fd < 0)
		return;
	if (!may_block) {
		lfpriv_close_later(closer, fd);
		return;
	}
	lfhost_fd_close(fd);
	kfree(closer);
}

void lfpriv_watch_stop(struct lfpriv_watch *w)
{
	watch_stop(w, w->kind != LFPRIV_WATCH_ANY);
}

struct watch_event {
	struct lfpriv_watch *w;
	unsigned int what;
};

static int watch_get_events(struct watch_event ready[LFHOST_EPOLL_MAX])
{
	struct lfhost_fd_event events[LFHOST_EPOLL_MAX];
	int i, n, nr = 0;

	/*
	 * A watch that is in the set is not freed in this read-side section: it
	 * is first removed from the set, and freed a grace period after that.
	 */
	rcu_read_lock();
	n = lfhost_epoll_get(READ_ONCE(watch_set), events);
	for (i = 0; i < n; i++) {
		struct lfpriv_watch *w = (void *)(uintptr_t)events[i].id;

		if (w && w->ops->get(w))
			ready[nr++] = (struct watch_event){ w, events[i].what };
	}
	rcu_read_unlock();
	return nr;
}

static int watch_thread(void *unused)
{
	struct watch_event ready[LFHOST_EPOLL_MAX];
	s64 timestamp;
	int i, n, status;

	while (!READ_ONCE(watch_stopping) && !kthread_should_stop()) {
		lfhost_epoll_sleep(READ_ONCE(watch_set));
		n = watch_get_events(ready);
		for (i = 0; i < n; i++) {
			struct lfpriv_watch *w = ready[i].w;

			status = watch_get_result(w, ready[i].what, &timestamp);
			/*
			 * The descriptor was readable but has no result: some
			 * process has read the packet, or has sent something
			 * else. There will be no result.
			 */
			if (!status)
				status = -EBADMSG;
			/*
			 * In this order, a process that is forked between the
			 * two gets the result twice instead of never.
			 */
			w->ops->done(w, status, timestamp);
			/* Nothing may hold up the other watches. */
			watch_stop(w, false);
			w->ops->put(w);
		}
	}
	return 0;
}

__attribute__((__destructor__(LFPRIV_EXIT_WATCH)))
static void watch_exit(void)
{
	WRITE_ONCE(watch_stopping, true);
	if (watch_eventfd >= 0)
		lfhost_eventfd_signal(watch_eventfd);
	lfpriv_service_stop(&watch_service);
}

static void watch_fork_child(void)
{
	bool any = false;
	struct lfpriv_watch *w, *next;

	lfpriv_service_fork_child(&watch_service);
	/* The set is shared with the parent: close it, without a change. */
	if (watch_set >= 0) {
		lfhost_fd_close(watch_set);
		lfhost_fd_close(watch_eventfd);
	}
	watch_set = watch_eventfd = -1;
	list_for_each_entry_safe(w, next, &watches, node) {
		any |= w->in_set;
		if (w->in_set)
			continue;
		/* The parent's thread that was setting it up is not here. */
		list_del_init(&w->node);
		lfhost_fd_close(w->fd);
		kfree(w->closer);
		w->closer = NULL;
		w->fd = -1;
	}
	if (!any)
		return;
	/* Threads of this process may wait for the others, too. */
	watch_set = lfhost_epoll_create();
	WARN(watch_set < 0, "no descriptor for imported fences: error %d",
	     watch_set);
	watch_eventfd = lfhost_eventfd_create();
	lfhost_epoll_add(watch_set, watch_eventfd, LFHOST_FD_IN, 0);
	list_for_each_entry(w, &watches, node)
		lfhost_epoll_add(watch_set, w->fd, LFHOST_FD_IN, (uintptr_t)w);
}

static void watch_restart(void)
{
	if (watch_set >= 0)
		lfpriv_service_start(&watch_service);
}

LFPRIV_AT_FORK(watch_fork) = {
	.level = LFPRIV_FORK_WATCH,
	.lock = &watch_lock,
	.child = watch_fork_child,
	.restart = watch_restart,
};
