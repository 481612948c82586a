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
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/sync_file.h>

#include "host/fd.h"
#include "host/sys.h"
#include "kernel/defer.h"
#include "kernel/fork.h"
#include "kernel/service.h"
#include "watch.h"
#include "wire.h"

/* A thread that waits for the set, or looks at a descriptor that is ready. */
struct watch_server {
	/* First: leak checkers follow pointers to the begin of an object. */
	struct list_head node;
	struct lfpriv_service service;
	/* An empty pipe, to which it copies the content of another one. */
	int scratch[2];
};

struct watch_event {
	struct lfpriv_watch *w;
	unsigned int what;
};

static int watch_thread(void *arg);

/*
 * Protects the two lists, and ->fd and ->in_set of all watches. Innermost.
 */
static DEFINE_SPINLOCK(watch_lock);
/* All watches that have a descriptor. A child process inherits them. */
static LIST_HEAD(watches);
/* They are never removed: the service may be started later. */
static LIST_HEAD(watch_servers);
static bool watch_has_server;
/*
 * Held by the thread that waits for the set, and takes one event. Protects the
 * events.
 */
static DEFINE_MUTEX(watch_lead);
/* Events that were taken from the set, with references. */
static struct watch_event watch_ready[LFHOST_EPOLL_MAX];
static int watch_nr_ready;
/* How many threads take events, or wait for the mutex to do so. */
static atomic_t watch_nr_free;
/* The epoll set, and in it an eventfd to wake the thread. Set once. */
static int watch_set = -1, watch_eventfd = -1;
/* The program exits. */
static bool watch_stopping;

/* Identifying descriptors */

/* A name from elsewhere, which ends at @end or at a 0. */
static void watch_copy_name(char to[LFPRIV_WATCH_NAME], const char *from,
			    const char *end)
{
	size_t n;

	for (n = 0; n < LFPRIV_WATCH_NAME - 1 && from + n < end && from[n]; n++) {
		to[n] = from[n] == LFPRIV_WIRE_SLASH ? '/' : from[n];
		if (to[n] < ' ' || to[n] > '~')
			to[n] = '?';
	}
	to[n] = '\0';
}

static int watch_identify_label(int fd, char *driver, char *timeline)
{
	char label[LFHOST_FD_LABEL], *slash;
	int len = lfhost_fd_get_label(fd, label);

	if (len < 0)
		return len;
	slash = strchr(label, '/');
	if (!slash)
		return -EINVAL;
	watch_copy_name(driver, label, slash);
	watch_copy_name(timeline, slash + 1, label + len);
	return 0;
}

static long watch_peek(int fd, struct lfpriv_record *r)
{
	int scratch[2];
	u64 unused;
	long n;

	n = lfhost_fd_pipe(scratch, &unused);
	if (n)
		return n;
	n = lfhost_fd_peek(fd, scratch, r, sizeof(*r));
	if (scratch[0] >= 0) {
		lfhost_fd_close(scratch[0]);
		lfhost_fd_close(scratch[1]);
	}
	return n;
}

static bool watch_is_record(const struct lfpriv_record *r, long size)
{
	return size == sizeof(*r) &&
	       !memcmp(r->magic, LFPRIV_WIRE_MAGIC, sizeof(r->magic));
}

static int watch_identify_pipe(int fd, char *driver, char *timeline)
{
	struct lfpriv_record r;
	int err;
	long n;

	/* First: if the record has replaced the label, it is there now. */
	err = watch_identify_label(fd, driver, timeline);
	n = watch_peek(fd, &r);
	if (n == -EMFILE || n == -ENFILE || n == -ENOMEM)
		return n;
	if (!watch_is_record(&r, n))
		return err;
	if (r.version != LFPRIV_WIRE_VERSION)
		return -EPROTONOSUPPORT;
	watch_copy_name(driver, r.driver, r.driver + sizeof(r.driver));
	watch_copy_name(timeline, r.timeline, r.timeline + sizeof(r.timeline));
	return 0;
}

static int watch_identify_kernel(int fd, char *driver, char *timeline)
{
	struct sync_fence_info fence = { 0 };
	struct sync_file_info info = { 0 };

	if (lfhost_fd_ioctl(fd, SYNC_IOC_FILE_INFO, &info))
		return -EINVAL;
	strscpy(driver, "sync_file", LFPRIV_WATCH_NAME);
	watch_copy_name(timeline, info.name, info.name + sizeof(info.name));
	if (info.num_fences != 1)
		return 0;
	info.sync_fence_info = (uintptr_t)&fence;
	if (!lfhost_fd_ioctl(fd, SYNC_IOC_FILE_INFO, &info)) {
		watch_copy_name(driver, fence.driver_name,
				fence.driver_name + sizeof(fence.driver_name));
		watch_copy_name(timeline, fence.obj_name,
				fence.obj_name + sizeof(fence.obj_name));
	}
	return 0;
}

int lfpriv_watch_open(struct lfpriv_watch *w,
		      const struct lfpriv_watch_ops *ops, int fd, bool any,
		      char driver[LFPRIV_WATCH_NAME],
		      char timeline[LFPRIV_WATCH_NAME])
{
	unsigned long flags;
	int err = 0;
	u64 unused;

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
	/* epoll calls the poll function under a lock of the set. */
	err = lfhost_fd_may_block(w->fd);
	if (err) {
		lfpriv_watch_stop(w);
		return err < 0 ? err : any ? -EPERM : -EINVAL;
	}
	if (any) {
		strscpy(driver, "libfence", LFPRIV_WATCH_NAME);
		strscpy(timeline, "descriptor", LFPRIV_WATCH_NAME);
		return 0;
	}
	if (!lfhost_fd_pipe_id(w->fd, &unused)) {
		err = watch_identify_pipe(w->fd, driver, timeline);
	} else {
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
	if (!watch_is_record(r, size) || r->version != LFPRIV_WIRE_VERSION ||
	    r->timestamp < 0 ||
	    (r->status != 1 && (r->status >= 0 || r->status < -MAX_ERRNO)))
		return -EBADMSG;
	*timestamp = r->timestamp;
	return r->status;
}

/* @n: the result of the peek. */
static int watch_exported_result(int fd, const struct lfpriv_record *r, long n,
				 s64 *timestamp)
{
	char label[LFHOST_FD_LABEL];

	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n)
		return watch_check_record(r, n, timestamp);
	/*
	 * The library's end is closed. With a label, it was never written to:
	 * the exporter exited or exec()ed. Without, somebody took the record.
	 */
	return lfhost_fd_get_label(fd, label) >= 0 ? -EOWNERDEAD : -EBADMSG;
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

/* @scratch: an empty pipe, or NULL or -1 to make one. */
static int watch_get_result(struct lfpriv_watch *w, int *scratch,
			    unsigned int what, s64 *timestamp)
{
	struct lfpriv_record r;
	int status;
	long n;

	*timestamp = KTIME_MAX;
	switch (w->kind) {
	case LFPRIV_WATCH_EXPORTED:
		n = scratch && scratch[0] >= 0 ?
			lfhost_fd_peek(w->fd, scratch, &r, sizeof(r)) :
			watch_peek(w->fd, &r);
		status = watch_exported_result(w->fd, &r, n, timestamp);
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

/* The set and the threads */

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

static struct watch_server *watch_server_create(void)
{
	struct watch_server *s = kzalloc_obj(*s);
	u64 unused;
	int err;

	if (!s)
		return ERR_PTR(-ENOMEM);
	s->service.name = "lfshim-watch";
	s->service.fn = watch_thread;
	err = lfhost_fd_pipe(s->scratch, &unused);
	if (!err)
		return s;
	kfree(s);
	return ERR_PTR(err);
}

static void watch_server_free(struct watch_server *s)
{
	lfhost_fd_close(s->scratch[0]);
	lfhost_fd_close(s->scratch[1]);
	kfree(s);
}

/* Make the first thread. */
static int watch_start_thread(void)
{
	struct watch_server *s, *mine = NULL;
	unsigned long flags;

	if (!READ_ONCE(watch_has_server)) {
		mine = watch_server_create();
		if (IS_ERR(mine))
			return PTR_ERR(mine);
	}
	spin_lock_irqsave(&watch_lock, flags);
	if (list_empty(&watch_servers)) {
		list_add(&mine->node, &watch_servers);
		WRITE_ONCE(watch_has_server, true);
		atomic_inc(&watch_nr_free);
		mine = NULL;
	}
	s = list_first_entry(&watch_servers, struct watch_server, node);
	spin_unlock_irqrestore(&watch_lock, flags);
	if (mine)
		watch_server_free(mine);
	if (lfpriv_service_start(&s->service))
		return 0;
	/* Another thread may be starting it or may have started it. */
	if (READ_ONCE(s->service.starting) || READ_ONCE(s->service.task))
		return 0;
	return -EAGAIN;
}

/*
 * This thread is about to look at a descriptor, and holds the mutex. Make sure
 * that another one waits for the mutex.
 */
static void watch_have_follower(void)
{
	struct watch_server *s;
	unsigned long flags;

	if (atomic_read(&watch_nr_free))
		return;
	s = watch_server_create();
	if (IS_ERR(s))
		return;
	atomic_inc(&watch_nr_free);
	if (!lfpriv_service_start(&s->service)) {
		atomic_dec(&watch_nr_free);
		watch_server_free(s);
		return;
	}
	spin_lock_irqsave(&watch_lock, flags);
	list_add_tail(&s->node, &watch_servers);
	spin_unlock_irqrestore(&watch_lock, flags);
}

int lfpriv_watch_start(struct lfpriv_watch *w)
{
	unsigned long flags;
	s64 timestamp;
	int status, err;

	/* If the result is known already, there is no need to wait. */
	status = w->kind == LFPRIV_WATCH_ANY ?
			 0 : watch_get_result(w, NULL, 0, &timestamp);
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
	err = lfhost_epoll_add(watch_set, w->fd,
			       LFHOST_FD_IN | LFHOST_FD_ONCE, (uintptr_t)w);
	w->in_set = !err;
	spin_unlock_irqrestore(&watch_lock, flags);
	return err;
}

void lfpriv_watch_stop(struct lfpriv_watch *w)
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
	if (fd >= 0)
		lfpriv_close_later(closer, fd);
}

/* Wait for events, and take them. Called with the mutex. */
static void watch_get_events(void)
{
	struct lfhost_fd_event events[LFHOST_EPOLL_MAX];
	int set = READ_ONCE(watch_set), i, n;

	lfhost_epoll_sleep(set);
	/*
	 * A watch that is in the set is not freed in this read-side section: it
	 * is first removed from the set, and freed a grace period after that.
	 */
	rcu_read_lock();
	n = lfhost_epoll_get(set, events);
	for (i = 0; i < n; i++) {
		struct lfpriv_watch *w = (void *)(uintptr_t)events[i].id;

		if (w && w->ops->get(w))
			watch_ready[watch_nr_ready++] =
				(struct watch_event){ w, events[i].what };
	}
	rcu_read_unlock();
}

static bool watch_must_stop(void)
{
	return READ_ONCE(watch_stopping) || kthread_should_stop();
}

/* Take one event, and let another thread go on. False if the library stops. */
static bool watch_take_event(struct watch_event *e)
{
	bool have = false;

	mutex_lock(&watch_lead);
	while (!watch_must_stop() && !watch_nr_ready)
		watch_get_events();
	if (!watch_must_stop()) {
		have = true;
		*e = watch_ready[--watch_nr_ready];
	}
	atomic_dec(&watch_nr_free);
	if (have && e->w->kind == LFPRIV_WATCH_EXPORTED)
		watch_have_follower();
	mutex_unlock(&watch_lead);
	return have;
}

static int watch_thread(void *arg)
{
	struct watch_server *s = container_of(arg, struct watch_server,
					      service);
	struct watch_event e;
	s64 timestamp;
	int status;

	while (watch_take_event(&e)) {
		status = watch_get_result(e.w, s->scratch, e.what, &timestamp);
		/*
		 * The descriptor was readable but has no result: some process
		 * has read the packet, or has sent something else. There will
		 * be no result.
		 */
		if (!status)
			status = -EBADMSG;
		/*
		 * In this order, a process that is forked between the two gets
		 * the result twice instead of never.
		 */
		e.w->ops->done(e.w, status, timestamp);
		lfpriv_watch_stop(e.w);
		e.w->ops->put(e.w);
		atomic_inc(&watch_nr_free);
	}
	return 0;
}

__attribute__((__destructor__(LFPRIV_EXIT_WATCH)))
static void watch_exit(void)
{
	s64 end = lfhost_clock() + NSEC_PER_SEC;
	struct watch_server *s;

	WRITE_ONCE(watch_stopping, true);
	if (watch_eventfd >= 0)
		lfhost_eventfd_signal(watch_eventfd);
	/* Threads that are blocked share one second. */
	list_for_each_entry(s, &watch_servers, node)
		if (lfhost_clock() < end)
			lfpriv_service_stop(&s->service);
}

/* The threads are the parent's. The child starts the first one again. */
static void watch_fork_servers(void)
{
	struct watch_server *s;

	list_for_each_entry(s, &watch_servers, node) {
		lfpriv_service_fork_child(&s->service);
		if (s->scratch[0] < 0)
			continue;
		lfhost_fd_close(s->scratch[0]);
		lfhost_fd_close(s->scratch[1]);
		s->scratch[0] = s->scratch[1] = -1;
	}
	mutex_init(&watch_lead);
	watch_nr_ready = 0;
	atomic_set(&watch_nr_free, !list_empty(&watch_servers));
}

static void watch_fork_child(void)
{
	bool any = false;
	struct lfpriv_watch *w, *next;

	watch_fork_servers();
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
		lfpriv_close_later(w->closer, w->fd);
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
		lfhost_epoll_add(watch_set, w->fd,
				 LFHOST_FD_IN | LFHOST_FD_ONCE, (uintptr_t)w);
}

static void watch_restart(void)
{
	if (watch_set >= 0)
		watch_start_thread();
}

LFPRIV_AT_FORK(watch_fork) = {
	.level = LFPRIV_FORK_WATCH,
	.lock = &watch_lock,
	.child = watch_fork_child,
	.restart = watch_restart,
};
