// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Files, and the descriptors that stand for them; see <linux/file.h>.
 *
 * A descriptor is the end of a pipe to read from, so that the host's poll(),
 * dup(), fork() and SCM_RIGHTS work on it. The library has the end to write to.
 * When the file becomes readable, the library writes one packet, which makes all
 * copies of the descriptor readable (see struct lfshim_file_wire), and closes
 * its end: so they stay readable if another process takes the packet out, and a
 * process that keeps a copy takes none of the library's descriptors. The number
 * of the pipe says which file a descriptor stands for.
 *
 * The host does not report close(). As long as the library has its end, poll()
 * tells that the last copy of a descriptor is closed, in any process. After
 * that, a file is kept while this process has a descriptor of its pipe. The
 * library looks for both kinds of closed descriptors from time to time, and in
 * lfshim_files_reap().
 */

#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host/fd.h"
#include "kernel/defer.h"
#include "kernel/fork.h"
#include "kernel/init-order.h"
#include "kernel/internal.h"

/* After at least so many reservations, closed descriptors are looked for. */
#define REAP_MIN		512
/*
 * The RCU thread does so this often, if it takes a sixteenth of the time or less.
 * It does so for a second after a signal only, and must not miss the end.
 */
#define REAP_IDLE_NS		(10 * NSEC_PER_MSEC)
#define REAP_IDLE_SHARE		16
#define REAP_IDLE_MOST_NS	(200 * NSEC_PER_MSEC)
/* A file is given up when as many scans have not found a descriptor of it. */
#define REAP_MISSES		2
/* This many pipes at a time are asked under the lock. */
#define REAP_BATCH		32
/* With more pipes than this, each has room for one page only. */
#define SHRINK_ABOVE		256
/* How long to wait for descriptors that other threads close, in 100 us. */
#define SHED_TRIES		50

/* The library's side of a descriptor, created when that is reserved. */
struct lfshim_endpoint {
	/* In its bucket, until all copies of the descriptor are found closed. */
	struct list_head node;
	/*
	 * In reserved_endpoints until installed, then in open_endpoints, and in
	 * told_endpoints once ->fd is -1.
	 */
	struct list_head state;
	/* The descriptor, while it is reserved. */
	int user_fd;
	/* The number of the pipe. */
	u64 id;
	/*
	 * The end to write to, like ->file->lfshim_fd. -1 once the packet is
	 * written, and in a child process.
	 */
	int fd;
	/* The last scan that has found a descriptor of the pipe. */
	unsigned long found_by;
	/* The packet is in the pipe. */
	bool written;
	/* How many scans in a row have found none. */
	unsigned int misses;
	/* Needed to close @fd later. */
	struct lfpriv_closer *closer;
	/* NULL until installed. With a reference while in the bucket. */
	struct file *file;
	/* In told_files, with a reference to @file. */
	struct lfshim_endpoint *next_told;
	/* The packet, as far as it is known before the file is readable. */
	char packet[LFSHIM_FILE_PACKET_MAX];
};

#define NR_BUCKETS	1024

/*
 * Protects the buckets, the lists, and the endpoints that are in them.
 * The lock of the deferred functions may be taken under it, and no other. No
 * memory is allocated. System calls that do not wait are made.
 */
static DEFINE_SPINLOCK(file_lock);
static struct list_head endpoint_buckets[NR_BUCKETS];
static LIST_HEAD(reserved_endpoints);
static LIST_HEAD(open_endpoints);
static LIST_HEAD(told_endpoints);
static unsigned long nr_open, nr_told;
/* In a child process: the endpoints of the parent, which are not used again. */
static LIST_HEAD(parents_endpoints);
/* Endpoints whose packet is written, and whose end is not closed yet. */
static struct lfshim_endpoint *told_files;
/*
 * Held while closed descriptors are looked for, until their files are given to
 * fput(). So a thread that takes it afterwards finds all descriptors that were
 * closed before, or they are known to flush_delayed_fput().
 */
static DEFINE_MUTEX(reap_mutex);
/* How many descriptors were reserved since they were looked for. */
static atomic_t nr_reserved;
/* At how many of them they are looked for again. Written under the mutex. */
static int reap_at = REAP_MIN;
/* The number of the last scan. Used under the mutex. */
static unsigned long reap_scans;
/* When the RCU thread looks again. Of that thread alone. */
static s64 next_idle_reap;

static struct list_head *endpoint_bucket(u64 id)
{
	return &endpoint_buckets[id % NR_BUCKETS];
}

/* The caller holds the lock. */
static struct lfshim_endpoint *endpoint_find(u64 id)
{
	struct lfshim_endpoint *ep;

	list_for_each_entry(ep, endpoint_bucket(id), node)
		if (ep->id == id)
			return ep;
	return NULL;
}

/*
 * Close the library's end, which is alone, before the file is released. If a
 * packet is written to it, or is being written, reap_told() does so. The caller
 * holds the lock.
 */
static void endpoint_close(struct lfshim_endpoint *ep)
{
	struct file *file = ep->file;

	/*
	 * No partner: the exchange selects this thread instead of the threads
	 * that come to file_notify().
	 */
	if (file && xchg(&file->lfshim_notified, true))
		return;
	lfhost_fd_close(ep->fd);
	ep->fd = -1;
	if (file)
		WRITE_ONCE(file->lfshim_fd, -1);
}

/* Find a descriptor that was reserved, and not installed. Needs the lock. */
static struct lfshim_endpoint *endpoint_reserved(int fd)
{
	struct lfshim_endpoint *ep;

	/* The last one is the most likely. */
	list_for_each_entry(ep, &reserved_endpoints, state)
		if (ep->user_fd == fd)
			return ep;
	return NULL;
}

/*
 * Remove an endpoint from its bucket and its list. The caller, which holds the
 * lock, then owns the bucket's reference to the file or, if there is no file,
 * the endpoint.
 */
static void endpoint_remove(struct lfshim_endpoint *ep)
{
	list_del(&ep->node);
	list_del_init(&ep->state);
	if (ep->fd < 0)
		nr_told--;
	else if (ep->file)
		nr_open--;
}

static void endpoint_free(struct lfshim_endpoint *ep)
{
	if (ep->fd >= 0)
		lfhost_fd_close(ep->fd);
	kfree(ep->closer);
	kfree(ep);
}

/* The last reference to a file */

static void file_free(struct file *file)
{
	if (file->lfshim_queue)
		remove_wait_queue(file->lfshim_queue, &file->lfshim_entry);
	if (file->f_op->release)
		file->f_op->release(file_inode(file), file);
	/* Last: until here a packet could be written. */
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

	if (wire) {
		memcpy(packet, file->lfshim_endpoint->packet,
		       LFSHIM_FILE_PACKET_MAX);
		return wire->packet(file, packet);
	}
	packet[0] = 0;
	return (file_poll(file, NULL) & EPOLLIN) ? 1 : 0;
}

/*
 * The packet is written: the library's end is closed soon. Consumes a reference
 * to the file.
 */
static void file_told(struct file *file)
{
	struct lfshim_endpoint *ep = file->lfshim_endpoint, *first;

	first = READ_ONCE(told_files);
	do {
		ep->next_told = first;
		/*
		 * R1: release, in a full barrier. Pairs with A1 in reap_told().
		 * Without it, the end may be closed before the packet is
		 * written.
		 */
	} while (!try_cmpxchg(&told_files, &first, ep));
}

/*
 * If the file is readable, write its packet, once. The caller is in a read-side
 * section. Returns true if this has consumed the caller's reference.
 */
static bool file_notify(struct file *file)
{
	struct lfshim_endpoint *ep = file->lfshim_endpoint;
	char packet[LFSHIM_FILE_PACKET_MAX];
	int fd = READ_ONCE(file->lfshim_fd), size;

	if (fd < 0)
		return false;
	size = file_make_packet(file, packet);
	/* No partner: it is atomic so that only one thread writes. */
	if (!size || xchg(&file->lfshim_notified, true))
		return false;
	/*
	 * No other process can have filled the pipe, nor holds up this call:
	 * they have no end to write to, and there is nothing to read. If the
	 * host has no memory for the packet, the close makes the descriptors
	 * readable, too. There is still a label, so importers see -EOWNERDEAD.
	 */
	WRITE_ONCE(ep->written, lfhost_fd_write(fd, packet, size) == size);
	file_told(file);
	/*
	 * The RCU thread closes the end. Threads that have waited are likely to
	 * close their descriptors, if they have not done so already.
	 */
	lfpriv_rcu_kick();
	return true;
}

static void file_notify_work(struct irq_work *work)
{
	struct file *file = container_of(work, struct file, lfshim_irq);

	/* Interrupts are disabled here, which is a read-side section. */
	if (!file_notify(file))
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

static void files_reap_later(void);

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

/* The label of a file is set when it is installed. */
static struct lfshim_endpoint *endpoint_alloc(void)
{
	struct lfshim_endpoint *ep = kzalloc_obj(*ep);

	if (!ep)
		return NULL;
	ep->fd = -1;
	ep->closer = kmalloc_obj(*ep->closer);
	if (ep->closer)
		return ep;
	kfree(ep);
	return NULL;
}

static int endpoint_reserve(struct lfshim_endpoint *ep, int fds[2])
{
	unsigned long flags;
	int err;

	/*
	 * Under the lock, so that a child that is forked at this moment finds
	 * the library's end and closes it.
	 */
	spin_lock_irqsave(&file_lock, flags);
	err = lfhost_fd_pipe(fds, &ep->id);
	if (!err) {
		ep->fd = fds[1];
		ep->user_fd = fds[0];
		if (nr_open >= SHRINK_ABOVE)
			lfhost_fd_shrink(ep->fd);
		list_add(&ep->node, endpoint_bucket(ep->id));
		list_add(&ep->state, &reserved_endpoints);
	}
	spin_unlock_irqrestore(&file_lock, flags);
	return err;
}

int get_unused_fd_flags(unsigned int flags)
{
	struct lfshim_endpoint *ep;
	int fds[2], err, tries = 0;

	if (atomic_inc_return(&nr_reserved) >= READ_ONCE(reap_at))
		files_reap_later();
	ep = endpoint_alloc();
	if (!ep)
		return -ENOMEM;
	/*
	 * Without a free descriptor, look for those that are closed, or can be.
	 * They are closed by other threads.
	 */
	while ((err = endpoint_reserve(ep, fds)) &&
	       (err == -EMFILE || err == -ENFILE) && tries < SHED_TRIES) {
		if (!tries++)
			files_reap_later();
		else
			usleep_range(100, 200);
	}
	if (err) {
		endpoint_free(ep);
		return err;
	}
	if (!(flags & O_CLOEXEC))
		lfhost_fd_clear_cloexec(fds[0]);
	return fds[0];
}

void put_unused_fd(unsigned int fd)
{
	struct lfshim_endpoint *ep;
	unsigned long flags;

	spin_lock_irqsave(&file_lock, flags);
	ep = endpoint_reserved(fd);
	if (ep)
		endpoint_remove(ep);
	spin_unlock_irqrestore(&file_lock, flags);
	if (WARN(!ep, "put_unused_fd(%u) of a descriptor that was not reserved",
		 fd))
		return;
	lfhost_fd_close(fd);
	endpoint_free(ep);
}

/*
 * Label the pipe for processes that receive the descriptor. Without a label,
 * other processes cannot import it, but this process can: so an error of the
 * host is only logged.
 */
static void file_set_label(int fd, struct file *file, char *packet)
{
	const struct lfshim_file_wire *wire = file_wire(file);
	char label[LFSHIM_FILE_LABEL_MAX];
	int err;

	BUILD_BUG_ON(LFSHIM_FILE_LABEL_MAX > LFHOST_FD_LABEL);
	if (!wire || !wire->label(file, label, packet))
		return;
	err = lfhost_fd_set_label(fd, label);
	if (err)
		pr_err("other processes cannot import descriptor %d: it has no label, error %d\n",
		       fd, err);
}

void fd_install(unsigned int fd, struct file *file)
{
	struct lfshim_endpoint *ep = NULL;
	unsigned long flags;
	bool told = false;
	poll_table table;

	if (WARN_ON(file->lfshim_endpoint))
		goto bad;
	spin_lock_irqsave(&file_lock, flags);
	ep = endpoint_reserved(fd);
	if (ep)
		list_del_init(&ep->state);
	spin_unlock_irqrestore(&file_lock, flags);
	if (!ep)
		goto bad;
	file_set_label(fd, file, ep->packet);
	spin_lock_irqsave(&file_lock, flags);
	/* The bucket gets a reference. The other keeps @file for us. */
	file->lfshim_endpoint = ep;
	file->lfshim_fd = ep->fd;
	ep->file = get_file(file);
	list_add_tail(&ep->state, &open_endpoints);
	nr_open++;
	spin_unlock_irqrestore(&file_lock, flags);
	init_poll_funcptr(&table, file_poll_queue);
	if (file_poll(file, &table) & EPOLLIN) {
		rcu_read_lock();
		told = file_notify(file);
		rcu_read_unlock();
	}
	if (!told)
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
	u64 id;

	if (lfhost_fd_pipe_id(fd, &id))
		return NULL;
	spin_lock_irqsave(&file_lock, flags);
	ep = endpoint_find(id);
	if (ep && ep->file)
		file = get_file(ep->file);
	spin_unlock_irqrestore(&file_lock, flags);
	return file;
}

/* Descriptors that are closed */

/* Close the library's ends of the files whose packets are written. */
static void reap_told(void)
{
	/*
	 * A1: acquire, in a full barrier. Pairs with R1 in file_told(). Without
	 * it, an end may be closed before its packet is written, and the
	 * endpoints of the list may not be seen as they were added.
	 */
	struct lfshim_endpoint *ep, *next = xchg(&told_files, NULL);
	unsigned long flags;

	while ((ep = next)) {
		next = ep->next_told;
		spin_lock_irqsave(&file_lock, flags);
		/* It may have left its bucket while the packet was written. */
		if (ep->fd >= 0 && !list_empty(&ep->state)) {
			list_move(&ep->state, &told_endpoints);
			nr_open--;
			nr_told++;
		}
		/*
		 * Not here: a process that reads the packet to memory which is
		 * not there holds up the close. A child has no end.
		 */
		if (ep->fd >= 0) {
			/* See wire.h. */
			if (READ_ONCE(ep->written))
				lfhost_fd_clear_label(ep->fd);
			lfpriv_close_queue(ep->closer, ep->fd, ep->id);
			ep->closer = NULL;
		}
		ep->fd = -1;
		WRITE_ONCE(ep->file->lfshim_fd, -1);
		spin_unlock_irqrestore(&file_lock, flags);
		lfpriv_defer_restart();
		fput(ep->file);
	}
}

/*
 * Ask @n pipes. Those that are alone are moved to @closed. Called with the lock.
 * Returns how many there are.
 */
static unsigned int reap_alone(struct lfshim_endpoint **eps, int n,
			       struct list_head *closed)
{
	int fds[REAP_BATCH] = { 0 }, i;
	bool alone[REAP_BATCH];
	unsigned int nr = 0;

	for (i = 0; i < n; i++)
		fds[i] = eps[i]->fd;
	lfhost_fd_alone(fds, alone, n);
	for (i = 0; i < n; i++) {
		if (!alone[i])
			continue;
		endpoint_remove(eps[i]);
		endpoint_close(eps[i]);
		list_add_tail(&eps[i]->node, closed);
		nr++;
	}
	return nr;
}

/* Ask the first pipes of the list, and move them to its end. Needs the lock. */
static unsigned int reap_batch(struct list_head *closed)
{
	struct lfshim_endpoint *eps[REAP_BATCH];
	int n;

	for (n = 0; n < REAP_BATCH && n < nr_open; n++) {
		eps[n] = list_first_entry(&open_endpoints,
					  struct lfshim_endpoint, state);
		list_move_tail(&eps[n]->state, &open_endpoints);
	}
	return reap_alone(eps, n, closed);
}

/*
 * A program may close a descriptor that is only reserved. Ask the oldest of
 * those. Needs the lock.
 */
static unsigned int reap_reserved(struct list_head *closed)
{
	struct lfshim_endpoint *eps[REAP_BATCH], *ep;
	int n = 0;

	list_for_each_entry_reverse(ep, &reserved_endpoints, state) {
		if (n == REAP_BATCH)
			break;
		eps[n++] = ep;
	}
	return reap_alone(eps, n, closed);
}

/* Find the endpoints that are open, and whose descriptors are all closed. */
static unsigned int reap_open(struct list_head *closed)
{
	unsigned int nr = 0, found;
	unsigned long left, flags;

	do {
		spin_lock_irqsave(&file_lock, flags);
		found = reap_reserved(closed);
		left = nr_open;
		spin_unlock_irqrestore(&file_lock, flags);
		nr += found;
	} while (found);
	while (left) {
		spin_lock_irqsave(&file_lock, flags);
		nr += reap_batch(closed);
		spin_unlock_irqrestore(&file_lock, flags);
		left -= min(left, (unsigned long)REAP_BATCH);
	}
	return nr;
}

static void reap_found(u64 id, void *scan)
{
	struct lfshim_endpoint *ep;
	unsigned long flags;

	spin_lock_irqsave(&file_lock, flags);
	ep = endpoint_find(id);
	if (ep)
		ep->found_by = *(unsigned long *)scan;
	spin_unlock_irqrestore(&file_lock, flags);
}

/*
 * Find the endpoints of readable files of which this process has no descriptor.
 * A descriptor that is duplicated and closed during the scan may be missed, so
 * one scan is not enough. Without /proc, all are given up: their descriptors are
 * then like those of another process. Returns how many descriptors there are.
 */
static int reap_scan(struct list_head *closed, unsigned int *nr)
{
	struct lfshim_endpoint *ep, *next;
	unsigned long flags;
	int n;

	spin_lock_irqsave(&file_lock, flags);
	n = nr_told;
	spin_unlock_irqrestore(&file_lock, flags);
	if (!n)
		return 0;
	reap_scans++;
	n = lfhost_fd_each_pipe(reap_found, &reap_scans);
	if (n < 0 && n != -ENOENT)
		return 0;
	spin_lock_irqsave(&file_lock, flags);
	list_for_each_entry_safe(ep, next, &told_endpoints, state) {
		ep->misses = ep->found_by == reap_scans ? 0 : ep->misses + 1;
		if (ep->misses < REAP_MISSES)
			continue;
		endpoint_remove(ep);
		list_add_tail(&ep->node, closed);
		++*nr;
	}
	spin_unlock_irqrestore(&file_lock, flags);
	return max(n, 0);
}

/*
 * Move the endpoints whose descriptors are all closed to @closed. Called with
 * reap_mutex. Returns how many there were.
 */
static unsigned int reap_collect(struct list_head *closed, int scans)
{
	unsigned long flags, files;
	unsigned int nr;
	int n = 0;

	atomic_set(&nr_reserved, 0);
	reap_told();
	nr = reap_open(closed);
	for (; scans; scans--)
		n = reap_scan(closed, &nr);
	/* So that the cost for each reservation is limited. */
	spin_lock_irqsave(&file_lock, flags);
	files = nr_open + nr_told;
	spin_unlock_irqrestore(&file_lock, flags);
	WRITE_ONCE(reap_at, REAP_MIN + 2 * (int)files + n / 4);
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
	nr = reap_collect(&closed, REAP_MISSES);
	mutex_unlock(&reap_mutex);
	reap_put(&closed, __fput_sync);
	return nr;
}

/* Called with reap_mutex, which it releases. */
static void reap_later(int scans)
{
	LIST_HEAD(closed);

	reap_collect(&closed, scans);
	reap_put(&closed, fput);
	mutex_unlock(&reap_mutex);
}

static void files_reap_later(void)
{
	mutex_lock(&reap_mutex);
	reap_later(1);
}

/* The RCU thread calls this. */
static void files_idle(void)
{
	s64 begin = lfhost_clock();

	/* It waits for nobody. It will be called again. */
	if (!mutex_trylock(&reap_mutex))
		return;
	if (begin < next_idle_reap) {
		reap_told();
		mutex_unlock(&reap_mutex);
		return;
	}
	reap_later(1);
	next_idle_reap = lfhost_clock();
	next_idle_reap += clamp(REAP_IDLE_SHARE * (next_idle_reap - begin),
				REAP_IDLE_NS, REAP_IDLE_MOST_NS);
}

/* A program may close a descriptor and exit before the RCU thread has looked. */
__attribute__((__destructor__(LFPRIV_EXIT_FILE))) static void files_exit(void)
{
	mutex_lock(&reap_mutex);
	reap_later(REAP_MISSES);
}

static void endpoint_fork_child(struct lfshim_endpoint *ep)
{
	if (ep->fd >= 0 && ep->file && ep->file->lfshim_notified) {
		/* As in reap_told(), if the parent has closed it already. */
		lfpriv_close_queue(ep->closer, ep->fd, ep->id);
		ep->closer = NULL;
	} else if (ep->fd >= 0) {
		lfhost_fd_close(ep->fd);
	}
	ep->fd = -1;
	if (ep->file)
		ep->file->lfshim_fd = -1;
}

static void files_fork_child(void)
{
	struct lfshim_endpoint *ep;
	int i;

	/*
	 * The library's ends are the parent's. When the parent exits, they must
	 * be closed: otherwise the processes that have a descriptor, possibly
	 * this one, would wait forever.
	 */
	for (i = 0; i < NR_BUCKETS; i++) {
		list_for_each_entry(ep, &endpoint_buckets[i], node)
			endpoint_fork_child(ep);
		list_splice_init(&endpoint_buckets[i], &parents_endpoints);
	}
	INIT_LIST_HEAD(&reserved_endpoints);
	INIT_LIST_HEAD(&open_endpoints);
	INIT_LIST_HEAD(&told_endpoints);
	nr_open = nr_told = 0;
	told_files = NULL;
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
