// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Files, and the descriptors that stand for them; see <linux/file.h>.
 *
 * A descriptor is one endpoint of a pair of sockets, so that the host's poll(),
 * dup(), fork() and SCM_RIGHTS work on it. The library has the other endpoint.
 * When the file becomes readable, the library sends one packet, which makes all
 * copies of the descriptor readable, and which readers do not remove (see
 * struct lfshim_file_wire). The cookie of the socket, a number that the host
 * gives it, says which file a descriptor stands for.
 *
 * The host does not report close(). When the last copy of a descriptor is
 * closed, the library's endpoint hangs up. The library's endpoints are in an
 * epoll set, which lfshim_files_reap() polls.
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "host/fd.h"
#include "kernel/defer.h"
#include "kernel/fork.h"
#include "kernel/init-order.h"
#include "kernel/internal.h"

/* The library's endpoint of a descriptor, created when that is reserved. */
struct lfshim_endpoint {
	/* In its bucket until all copies of the descriptor are found closed. */
	struct list_head node;
	/* The cookie of the user's endpoint. */
	u64 cookie;
	/* Like ->file->lfshim_fd; -1 in a child process: it is the parent's. */
	int fd;
	/* NULL until installed. With a reference while in the bucket. */
	struct file *file;
};

#define NR_BUCKETS	1024

/*
 * Protects the buckets and the endpoints that are in them. Innermost: no other
 * lock is taken and no memory is allocated under it. System calls are made.
 */
static DEFINE_SPINLOCK(file_lock);
static struct list_head endpoint_buckets[NR_BUCKETS];
/* The epoll set that reports hang-ups. Set once, under the lock. */
static int hangup_set = -1;
/* In a child process: the endpoints of the parent, which are not used again. */
static LIST_HEAD(parents_endpoints);
/*
 * Held while events are taken from the epoll set, until their files are given
 * to fput(). So a thread that takes it afterwards finds all descriptors that
 * were closed before, or they are known to flush_delayed_fput().
 */
static DEFINE_MUTEX(reap_mutex);

static struct list_head *endpoint_bucket(u64 cookie)
{
	return &endpoint_buckets[cookie % NR_BUCKETS];
}

/* The caller holds the lock. */
static struct lfshim_endpoint *endpoint_find(u64 cookie)
{
	struct lfshim_endpoint *ep;

	list_for_each_entry(ep, endpoint_bucket(cookie), node)
		if (ep->cookie == cookie)
			return ep;
	return NULL;
}

/*
 * Close the library's endpoint of a file before the file is released, if no
 * packet is being sent from it. The caller holds the lock.
 */
static void endpoint_close(struct lfshim_endpoint *ep)
{
	struct file *file = ep->file;

	/*
	 * A1: acquire. Pairs with R1 in file_notify(). Without it, the endpoint
	 * may be closed, and its number reused, before the packet is sent.
	 *
	 * No partner: the exchange selects this thread instead of the threads
	 * that come to file_notify().
	 */
	if (file && !smp_load_acquire(&file->lfshim_told) &&
	    xchg(&file->lfshim_notified, true))
		return;
	lfhost_fd_close(ep->fd);
	ep->fd = -1;
	if (file)
		WRITE_ONCE(file->lfshim_fd, -1);
}

/*
 * Remove an endpoint from its bucket. The caller owns the bucket's reference to
 * the file or, if there is no file, the endpoint.
 */
static struct lfshim_endpoint *endpoint_take(u64 cookie)
{
	struct lfshim_endpoint *ep;
	unsigned long flags;

	spin_lock_irqsave(&file_lock, flags);
	ep = endpoint_find(cookie);
	if (ep) {
		list_del(&ep->node);
		endpoint_close(ep);
	}
	spin_unlock_irqrestore(&file_lock, flags);
	return ep;
}

/*
 * The same for an endpoint that hung up. NULL if the file is not readable yet
 * and the descriptors are not closed: then a process that has one has shut it
 * down, and the others still get the file from it.
 */
static struct lfshim_endpoint *endpoint_take_closed(u64 cookie)
{
	struct lfshim_endpoint *ep;
	unsigned long flags;
	bool is_open;

	spin_lock_irqsave(&file_lock, flags);
	ep = endpoint_find(cookie);
	is_open = ep && ep->file && !READ_ONCE(ep->file->lfshim_told) &&
		  lfhost_fd_peer_is_open(ep->fd);
	spin_unlock_irqrestore(&file_lock, flags);
	return is_open ? NULL : endpoint_take(cookie);
}

static void endpoint_free(struct lfshim_endpoint *ep)
{
	if (ep->fd >= 0)
		lfhost_fd_close(ep->fd);
	kfree(ep);
}

/* The last reference to a file */

static void file_free(struct file *file)
{
	if (file->lfshim_queue)
		remove_wait_queue(file->lfshim_queue, &file->lfshim_entry);
	if (file->f_op->release)
		file->f_op->release(file_inode(file), file);
	/* Last: until here a packet could be sent from the endpoint. */
	if (file->lfshim_endpoint)
		endpoint_free(file->lfshim_endpoint);
	kfree(file);
}

static void file_free_deferred(struct callback_head *head)
{
	file_free(container_of(head, struct file, lfshim_work));
}

void fput(struct file *file)
{
	/* As in the kernel: ->release may take locks that the caller holds. */
	if (refcount_dec_and_test(&file->lfshim_count))
		lfpriv_defer(&file->lfshim_work, file_free_deferred);
}

void __fput_sync(struct file *file)
{
	if (refcount_dec_and_test(&file->lfshim_count))
		file_free(file);
}

void flush_delayed_fput(void)
{
	lfpriv_defer_flush();
}

/* Files that are readable */

static __poll_t file_poll(struct file *file, poll_table *table)
{
	return file->f_op->poll ? file->f_op->poll(file, table) : 0;
}

static const struct lfshim_file_wire *default_wire;

void lfshim_file_set_default_wire(const struct lfshim_file_wire *wire)
{
	default_wire = wire;
}

static const struct lfshim_file_wire *file_wire(struct file *file)
{
	return file->f_op->lfshim_wire ?: default_wire;
}

/*
 * Make the packet that makes the descriptors readable. Returns its size; 0 if
 * the file is not readable yet.
 */
static int file_make_packet(struct file *file,
			    char packet[LFSHIM_FILE_PACKET_MAX])
{
	const struct lfshim_file_wire *wire = file_wire(file);

	if (wire)
		return wire->packet(file, packet, LFSHIM_FILE_PACKET_MAX);
	packet[0] = 0;
	return (file_poll(file, NULL) & EPOLLIN) ? 1 : 0;
}

/*
 * If the file is readable, send its packet, once. The caller has a reference
 * and is in a read-side section.
 */
static void file_notify(struct file *file)
{
	char packet[LFSHIM_FILE_PACKET_MAX];
	int fd = READ_ONCE(file->lfshim_fd), size, err;

	if (fd < 0)
		return;
	size = file_make_packet(file, packet);
	/* No partner: it is atomic so that only one thread sends. */
	if (!size || xchg(&file->lfshim_notified, true))
		return;
	err = lfhost_fd_send(fd, packet, size);
	/*
	 * If the host has no memory for the packet, a shutdown makes the
	 * descriptors readable, too. Importers then see -EOWNERDEAD. With
	 * -EPIPE or -ECONNRESET the descriptors are closed or shut down.
	 */
	if (err < 0 && err != -EPIPE && err != -ECONNRESET)
		lfhost_fd_shutdown(fd);
	/*
	 * R1: release. Pairs with A1 in endpoint_close(). Without it, the
	 * endpoint may be closed before the packet is sent.
	 */
	smp_store_release(&file->lfshim_told, true);
	/*
	 * Threads that have waited are likely to close their descriptors, if
	 * they have not done so already.
	 */
	lfpriv_rcu_kick();
}

static void file_notify_work(struct irq_work *work)
{
	struct file *file = container_of(work, struct file, lfshim_irq);

	/* Interrupts are disabled here, which is a read-side section. */
	file_notify(file);
	fput(file);
}

/* The wake function. The waker holds the queue's lock and any other locks. */
static int file_wake(struct wait_queue_entry *entry, unsigned int mode,
		     int flags, void *key)
{
	struct file *file = container_of(entry, struct file, lfshim_entry);

	/* If the last reference is gone, file_free() waits for that lock. */
	if (READ_ONCE(file->lfshim_notified) ||
	    !refcount_inc_not_zero(&file->lfshim_count))
		return 0;
	/* The work runs after the waker has released its locks. */
	if (!irq_work_queue(&file->lfshim_irq))
		fput(file);
	return 0;
}

static void file_poll_queue(struct file *file, struct wait_queue_head *wq,
			    poll_table *table)
{
	/* Files that wait on more than one queue are not supported. */
	if (WARN_ON(file->lfshim_queue))
		return;
	file->lfshim_queue = wq;
	add_wait_queue(wq, &file->lfshim_entry);
}

/* Making and installing files */

struct file *lfpriv_file_alloc(void)
{
	struct file *file = kzalloc_obj(*file);

	if (!file)
		return NULL;
	refcount_set(&file->lfshim_count, 1);
	file->lfshim_fd = -1;
	file->f_inode = &file->lfshim_inode;
	init_waitqueue_func_entry(&file->lfshim_entry, file_wake);
	init_irq_work(&file->lfshim_irq, file_notify_work);
	return file;
}

static int get_hangup_set(void)
{
	int set = READ_ONCE(hangup_set), mine;
	unsigned long flags;

	if (set >= 0)
		return set;
	mine = lfhost_epoll_create();
	if (mine < 0)
		return mine;
	spin_lock_irqsave(&file_lock, flags);
	set = hangup_set;
	if (set < 0)
		WRITE_ONCE(hangup_set, mine);
	spin_unlock_irqrestore(&file_lock, flags);
	if (set < 0)
		return mine;
	lfhost_fd_close(mine);
	return set;
}

static int endpoint_create(struct lfshim_endpoint *ep, int fds[2], int set)
{
	int err = lfhost_fd_pair(fds);

	if (err)
		return err;
	ep->fd = fds[1];
	err = lfhost_fd_cookie(fds[0], &ep->cookie);
	if (!err)
		err = lfhost_epoll_add(set, ep->fd, LFHOST_FD_EDGE, ep->cookie);
	if (err) {
		lfhost_fd_close(fds[0]);
		lfhost_fd_close(fds[1]);
	}
	return err;
}

/*
 * The process has no more descriptors: close the library's endpoints of the
 * files that are readable. Another process that keeps a copy of a descriptor
 * would keep them open. Their descriptors stay readable, and are then like
 * those of another process. Returns true if there was one.
 */
static bool files_shed(void)
{
	struct lfshim_endpoint *ep, *next;
	unsigned long flags;
	LIST_HEAD(shed);
	int i;

	spin_lock_irqsave(&file_lock, flags);
	for (i = 0; i < NR_BUCKETS; i++)
		list_for_each_entry_safe(ep, next, &endpoint_buckets[i], node)
			if (ep->file && READ_ONCE(ep->file->lfshim_told)) {
				endpoint_close(ep);
				list_move(&ep->node, &shed);
			}
	spin_unlock_irqrestore(&file_lock, flags);
	if (list_empty(&shed))
		return false;
	list_for_each_entry_safe(ep, next, &shed, node)
		fput(ep->file);
	return true;
}

static int endpoint_reserve(struct lfshim_endpoint *ep, int fds[2], int set)
{
	unsigned long flags;
	int err;

	/*
	 * Under the lock, so that a child that is forked at this moment finds
	 * the library's endpoint and closes it.
	 */
	spin_lock_irqsave(&file_lock, flags);
	err = endpoint_create(ep, fds, set);
	if (!err)
		list_add(&ep->node, endpoint_bucket(ep->cookie));
	spin_unlock_irqrestore(&file_lock, flags);
	return err;
}

int get_unused_fd_flags(unsigned int flags)
{
	struct lfshim_endpoint *ep;
	int fds[2], set, err;

	lfshim_files_reap_later();
	set = get_hangup_set();
	if (set < 0)
		return set;
	ep = kzalloc_obj(*ep);
	if (!ep)
		return -ENOMEM;
	err = endpoint_reserve(ep, fds, set);
	if ((err == -EMFILE || err == -ENFILE) && files_shed())
		err = endpoint_reserve(ep, fds, set);
	if (err) {
		kfree(ep);
		return err;
	}
	if (!(flags & O_CLOEXEC))
		lfhost_fd_clear_cloexec(fds[0]);
	return fds[0];
}

void put_unused_fd(unsigned int fd)
{
	struct lfshim_endpoint *ep = NULL;
	u64 cookie;

	if (!lfhost_fd_cookie(fd, &cookie))
		ep = endpoint_take(cookie);
	if (WARN(!ep, "put_unused_fd(%u) of a descriptor that was not reserved",
		 fd))
		return;
	lfhost_fd_close(fd);
	endpoint_free(ep);
}

/*
 * Name the socket for processes that receive the descriptor. Without a name,
 * other processes cannot import it, but this process can: so an error of the
 * host is only logged.
 */
static void file_name_socket(int fd, struct file *file)
{
	const struct lfshim_file_wire *wire = file_wire(file);
	char name[LFHOST_FD_NAME];
	int err, len, tries = 8;

	if (!wire)
		return;
	/* If the name is in use: a new name has another random part. */
	do {
		len = wire->name(file, name, sizeof(name));
		err = len ? lfhost_fd_bind(fd, name, len) : 0;
	} while (err == -EADDRINUSE && --tries);
	if (err)
		pr_err("other processes cannot import descriptor %d: it has no name, error %d\n",
		       fd, err);
}

void fd_install(unsigned int fd, struct file *file)
{
	struct lfshim_endpoint *ep = NULL;
	unsigned long flags;
	poll_table table;
	u64 cookie;

	if (WARN_ON(file->lfshim_endpoint) || lfhost_fd_cookie(fd, &cookie))
		goto bad;
	file_name_socket(fd, file);
	spin_lock_irqsave(&file_lock, flags);
	ep = endpoint_find(cookie);
	if (ep && !ep->file) {
		/* The bucket gets a reference. The other keeps @file for us. */
		file->lfshim_endpoint = ep;
		file->lfshim_fd = ep->fd;
		ep->file = get_file(file);
	} else {
		ep = NULL;
	}
	spin_unlock_irqrestore(&file_lock, flags);
	if (!ep)
		goto bad;
	init_poll_funcptr(&table, file_poll_queue);
	if (file_poll(file, &table) & EPOLLIN) {
		rcu_read_lock();
		file_notify(file);
		rcu_read_unlock();
	}
	fput(file);
	return;
bad:
	WARN(1, "fd_install(%u) of a descriptor that was not reserved", fd);
	fput(file);
}

struct file *fget(unsigned int fd)
{
	struct file *file = NULL;
	struct lfshim_endpoint *ep;
	unsigned long flags;
	u64 cookie;

	if (lfhost_fd_cookie(fd, &cookie))
		return NULL;
	spin_lock_irqsave(&file_lock, flags);
	ep = endpoint_find(cookie);
	if (ep && ep->file)
		file = get_file(ep->file);
	spin_unlock_irqrestore(&file_lock, flags);
	return file;
}

/* Descriptors that are closed */

/*
 * Move the endpoints whose descriptors are all closed to @closed. Called with
 * reap_mutex. Returns how many there were.
 */
static unsigned int reap_collect(struct list_head *closed)
{
	struct lfhost_fd_event events[LFHOST_EPOLL_MAX];
	int set = READ_ONCE(hangup_set), i, n;
	struct lfshim_endpoint *ep;
	unsigned int nr = 0;

	if (set < 0)
		return 0;
	do {
		n = lfhost_epoll_get(set, events);
		for (i = 0; i < n; i++) {
			if (!(events[i].what & LFHOST_FD_HUP))
				continue;
			ep = endpoint_take_closed(events[i].id);
			if (!ep)
				continue;
			nr++;
			list_add_tail(&ep->node, closed);
		}
	} while (n == LFHOST_EPOLL_MAX);
	return nr;
}

/* Call @put for the files of the endpoints. */
static void reap_put(struct list_head *closed, void (*put)(struct file *file))
{
	struct lfshim_endpoint *ep, *next;

	/* A file frees its endpoint. */
	list_for_each_entry_safe(ep, next, closed, node)
		if (ep->file)
			put(ep->file);
		else
			endpoint_free(ep);
}

unsigned int lfshim_files_reap(void)
{
	LIST_HEAD(closed);
	unsigned int nr;

	mutex_lock(&reap_mutex);
	nr = reap_collect(&closed);
	mutex_unlock(&reap_mutex);
	reap_put(&closed, __fput_sync);
	return nr;
}

/* Called with reap_mutex, which it releases. */
static unsigned int reap_later(void)
{
	LIST_HEAD(closed);
	unsigned int nr = reap_collect(&closed);

	reap_put(&closed, fput);
	mutex_unlock(&reap_mutex);
	return nr;
}

unsigned int lfshim_files_reap_later(void)
{
	mutex_lock(&reap_mutex);
	return reap_later();
}

/* The RCU thread calls this. */
static void files_idle(void)
{
	/* It waits for nobody. It will be called again. */
	if (mutex_trylock(&reap_mutex))
		reap_later();
}

/* A program may close a descriptor and exit before the RCU thread has looked. */
__attribute__((__destructor__(LFPRIV_EXIT_FILE))) static void files_exit(void)
{
	lfshim_files_reap_later();
}

static void files_fork_child(void)
{
	struct lfshim_endpoint *ep;
	int i;

	/*
	 * The library's endpoints are the parent's. When the parent exits, they
	 * must be closed: otherwise the processes that have a descriptor,
	 * possibly this one, would wait forever.
	 */
	for (i = 0; i < NR_BUCKETS; i++) {
		list_for_each_entry(ep, &endpoint_buckets[i], node) {
			lfhost_fd_close(ep->fd);
			ep->fd = -1;
			if (ep->file)
				ep->file->lfshim_fd = -1;
		}
		list_splice_init(&endpoint_buckets[i], &parents_endpoints);
	}
	/* The set is shared with the parent: close it, without a change. */
	if (hangup_set >= 0)
		lfhost_fd_close(hangup_set);
	hangup_set = -1;
	/* Another thread of the parent may have it. */
	mutex_init(&reap_mutex);
}

LFPRIV_AT_FORK(files_fork) = {
	.level = LFPRIV_FORK_FILE,
	.lock = &file_lock,
	.child = files_fork_child,
};

__attribute__((__constructor__(LFPRIV_INIT_TABLES)))
static void files_init(void)
{
	int i;

	for (i = 0; i < NR_BUCKETS; i++)
		INIT_LIST_HEAD(&endpoint_buckets[i]);
	lfpriv_rcu_set_idle_hook(files_idle);
}
