// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Files, and the descriptors that stand for them; see <linux/file.h>.
 *
 * A descriptor is one end of a pair of sockets: the host's poll works on it,
 * and dup(), fork() and SCM_RIGHTS do. The library has the other end, and tells
 * all descriptors at once that the file is readable by sending one packet that
 * nobody takes out (see struct lfshim_file_wire). Which file a descriptor stands for is found by the
 * number that the host gave the socket.
 *
 * The host does not tell of close(). When the last descriptor is closed, the
 * library's end hangs up, and an epoll set of those ends says so to whoever
 * asks: lfshim_files_reap().
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "host/fd.h"
#include "kernel/fork.h"
#include "kernel/internal.h"

/* The library's end of a descriptor, from reserving it on. */
struct lfshim_endpoint {
	/* In its bucket until the last descriptor was found closed. */
	struct list_head node;
	/* The number of the user's end. */
	u64 cookie;
	/* -1 in a child process: it was the parent's. As ->file->lfshim_fd. */
	int fd;
	/* NULL until installed; then with a reference, while in the bucket. */
	struct file *file;
};

#define NR_BUCKETS	1024

/*
 * Protects the buckets, and the ends that are in them. Innermost, but for the
 * locks of allocation.
 */
static DEFINE_SPINLOCK(file_lock);
static struct list_head buckets[NR_BUCKETS];
/* Of the library's ends, for their hang-up. Made once, under the lock. */
static int hangups = -1;
/* A child's copies of what its parent had; never used again. */
static LIST_HEAD(parents_ends);

static struct list_head *bucket_of(u64 cookie)
{
	return &buckets[cookie % NR_BUCKETS];
}

/* With the lock held. */
static struct lfshim_endpoint *find_end(u64 cookie)
{
	struct lfshim_endpoint *end;

	list_for_each_entry(end, bucket_of(cookie), node)
		if (end->cookie == cookie)
			return end;
	return NULL;
}

/* Out of its bucket. The caller has the reference to its file, or the end. */
static struct lfshim_endpoint *take_end(u64 cookie)
{
	struct lfshim_endpoint *end;
	unsigned long flags;

	spin_lock_irqsave(&file_lock, flags);
	end = find_end(cookie);
	if (end)
		list_del(&end->node);
	spin_unlock_irqrestore(&file_lock, flags);
	return end;
}

static void free_end(struct lfshim_endpoint *end)
{
	if (end->fd >= 0)
		lfhost_fd_close(end->fd);
	kfree(end);
}

/* The last reference to a file */

static void file_free(struct file *file)
{
	if (file->lfshim_queue)
		remove_wait_queue(file->lfshim_queue, &file->lfshim_entry);
	if (file->f_op->release)
		file->f_op->release(NULL, file);
	/* Not before: until now something could be sent from it. */
	if (file->lfshim_endpoint)
		free_end(file->lfshim_endpoint);
	kfree(file);
}

static void file_free_rcu(struct rcu_head *head)
{
	file_free(container_of(head, struct file, lfshim_rcu));
}

void fput(struct file *file)
{
	/* As in the kernel: release may want locks that the caller holds. */
	if (refcount_dec_and_test(&file->lfshim_count))
		call_rcu(&file->lfshim_rcu, file_free_rcu);
}

void __fput_sync(struct file *file)
{
	if (refcount_dec_and_test(&file->lfshim_count))
		file_free(file);
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

static const struct lfshim_file_wire *wire_of(struct file *file)
{
	return file->f_op->lfshim_wire ?: default_wire;
}

/* The packet that makes the descriptors readable; its size, 0 if there is none yet. */
static int make_packet(struct file *file, char packet[LFSHIM_FILE_PACKET_MAX])
{
	const struct lfshim_file_wire *wire = wire_of(file);

	if (wire)
		return wire->packet(file, packet, LFSHIM_FILE_PACKET_MAX);
	packet[0] = 0;
	return (file_poll(file, NULL) & EPOLLIN) ? 1 : 0;
}

/*
 * If the file is readable, say so, once: the one system call that this costs.
 * In a read-side section.
 */
static void tell(struct file *file)
{
	char packet[LFSHIM_FILE_PACKET_MAX];
	int fd = file->lfshim_fd, size, err;

	if (fd < 0)
		return;
	size = make_packet(file, packet);
	/* Atomic: one of those who come at the same time. No other order. */
	if (!size || xchg(&file->lfshim_told, true))
		return;
	err = lfhost_fd_send(fd, packet, size);
	if (err == -EPIPE || err == -ECONNRESET) {
		/* All descriptors are closed. We have a reference still. */
		if (take_end(file->lfshim_endpoint->cookie))
			fput(file);
		return;
	}
	/* No memory for a packet: better an end without one than none. */
	if (err < 0)
		lfhost_fd_shutdown(fd);
	/* It will be closed soon, by who has waited for it. */
	lfpriv_rcu_kick();
}

static void tell_work(struct irq_work *work)
{
	struct file *file = container_of(work, struct file, lfshim_work);

	/* Interrupts are off: a read-side section. */
	tell(file);
	fput(file);
}

/* With the lock of the queue held, and whatever the waker holds. */
static int wake_file(struct wait_queue_entry *entry, unsigned int mode,
		     int flags, void *key)
{
	struct file *file = container_of(entry, struct file, lfshim_entry);

	/* The last reference may be gone, and file_free() wait for the lock. */
	if (READ_ONCE(file->lfshim_told) ||
	    !refcount_inc_not_zero(&file->lfshim_count))
		return 0;
	/* Runs when the waker has let go of its locks. */
	if (!irq_work_queue(&file->lfshim_work))
		fput(file);
	return 0;
}

static void queue_file(struct file *file, struct wait_queue_head *wq,
		       poll_table *table)
{
	/* Files with several queues are not for here. */
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
	init_waitqueue_func_entry(&file->lfshim_entry, wake_file);
	init_irq_work(&file->lfshim_work, tell_work);
	return file;
}

static int hangup_set(void)
{
	int set = READ_ONCE(hangups), mine;
	unsigned long flags;

	if (set >= 0)
		return set;
	mine = lfhost_epoll_create();
	if (mine < 0)
		return mine;
	spin_lock_irqsave(&file_lock, flags);
	set = hangups;
	if (set < 0)
		WRITE_ONCE(hangups, mine);
	spin_unlock_irqrestore(&file_lock, flags);
	if (set < 0)
		return mine;
	lfhost_fd_close(mine);
	return set;
}

static int make_end(struct lfshim_endpoint *end, int fds[2], int set)
{
	int err = lfhost_fd_pair(fds);

	if (err)
		return err;
	end->fd = fds[1];
	err = lfhost_fd_cookie(fds[0], &end->cookie);
	if (!err)
		err = lfhost_epoll_add(set, end->fd, LFHOST_FD_EDGE,
				       end->cookie);
	if (err) {
		lfhost_fd_close(fds[0]);
		lfhost_fd_close(fds[1]);
	}
	return err;
}

int get_unused_fd_flags(unsigned int flags)
{
	struct lfshim_endpoint *end;
	unsigned long irq;
	int fds[2], set, err;

	lfshim_files_reap();
	set = hangup_set();
	if (set < 0)
		return set;
	end = kzalloc_obj(*end);
	if (!end)
		return -ENOMEM;
	/*
	 * Under the lock, so that a child that is forked at this moment finds
	 * the library's end, and closes it.
	 */
	spin_lock_irqsave(&file_lock, irq);
	err = make_end(end, fds, set);
	if (!err)
		list_add(&end->node, bucket_of(end->cookie));
	spin_unlock_irqrestore(&file_lock, irq);
	if (err) {
		kfree(end);
		return err;
	}
	if (!(flags & O_CLOEXEC))
		lfhost_fd_clear_cloexec(fds[0]);
	return fds[0];
}

void put_unused_fd(unsigned int fd)
{
	struct lfshim_endpoint *end = NULL;
	u64 cookie;

	if (!lfhost_fd_cookie(fd, &cookie))
		end = take_end(cookie);
	if (WARN(!end, "put_unused_fd(%u): it was not reserved", fd))
		return;
	lfhost_fd_close(fd);
	free_end(end);
}

/*
 * Name the socket for a process that gets the descriptor. Without a name other
 * processes cannot import it, but this process can; so an error of the host is no
 * error here.
 */
static void name_socket(int fd, struct file *file)
{
	const struct lfshim_file_wire *wire = wire_of(file);
	char name[LFHOST_FD_NAME];
	int err, len, tries = 8;

	if (!wire)
		return;
	/* The name has a random part: another one where it is in use. */
	do {
		len = wire->name(file, name, sizeof(name));
		err = len ? lfhost_fd_bind(fd, name, len) : 0;
	} while (err == -EADDRINUSE && --tries);
}

void fd_install(unsigned int fd, struct file *file)
{
	struct lfshim_endpoint *end = NULL;
	unsigned long flags;
	poll_table table;
	u64 cookie;

	if (WARN_ON(file->lfshim_endpoint) || lfhost_fd_cookie(fd, &cookie))
		goto bad;
	name_socket(fd, file);
	spin_lock_irqsave(&file_lock, flags);
	end = find_end(cookie);
	if (end && !end->file) {
		/* Ours from here on, and one until we are done. */
		file->lfshim_endpoint = end;
		file->lfshim_fd = end->fd;
		end->file = get_file(file);
	} else {
		end = NULL;
	}
	spin_unlock_irqrestore(&file_lock, flags);
	if (!end)
		goto bad;
	init_poll_funcptr(&table, queue_file);
	if (file_poll(file, &table) & EPOLLIN) {
		rcu_read_lock();
		tell(file);
		rcu_read_unlock();
	}
	fput(file);
	return;
bad:
	WARN(1, "fd_install(%u): it was not reserved", fd);
	fput(file);
}

struct file *fget(unsigned int fd)
{
	struct file *file = NULL;
	struct lfshim_endpoint *end;
	unsigned long flags;
	u64 cookie;

	if (lfhost_fd_cookie(fd, &cookie))
		return NULL;
	spin_lock_irqsave(&file_lock, flags);
	end = find_end(cookie);
	if (end && end->file)
		file = get_file(end->file);
	spin_unlock_irqrestore(&file_lock, flags);
	return file;
}

/* Descriptors that are closed */

unsigned int lfshim_files_reap(void)
{
	struct lfhost_fd_event events[LFHOST_EPOLL_MAX];
	int set = READ_ONCE(hangups), i, n;
	struct lfshim_endpoint *end;
	unsigned int nr = 0;

	if (set < 0)
		return 0;
	do {
		n = lfhost_epoll_get(set, events);
		for (i = 0; i < n; i++) {
			if (!(events[i].what & LFHOST_FD_HUP))
				continue;
			end = take_end(events[i].id);
			if (!end)
				continue;
			nr++;
			/* The end is the file's, if there is one. */
			if (end->file)
				__fput_sync(end->file);
			else
				free_end(end);
		}
	} while (n == LFHOST_EPOLL_MAX);
	return nr;
}

/* Called by the RCU thread. */
static void files_idle(void)
{
	lfshim_tls.softirq_depth++;
	lfshim_files_reap();
	lfshim_tls.softirq_depth--;
}

static void files_fork_child(void)
{
	struct lfshim_endpoint *end;
	int i;

	/*
	 * The library's ends are the parent's: when it goes they have to be
	 * closed for all who have a descriptor, of whom we may be one.
	 */
	for (i = 0; i < NR_BUCKETS; i++) {
		list_for_each_entry(end, &buckets[i], node) {
			lfhost_fd_close(end->fd);
			end->fd = -1;
			if (end->file)
				end->file->lfshim_fd = -1;
		}
		list_splice_init(&buckets[i], &parents_ends);
	}
	/* The set is shared with the parent: not to be changed from here. */
	if (hangups >= 0)
		lfhost_fd_close(hangups);
	hangups = -1;
}

LFPRIV_AT_FORK(files_fork) = {
	.level = LFPRIV_FORK_FILE,
	.lock = &file_lock,
	.child = files_fork_child,
};

__attribute__((__constructor__(LFPRIV_INIT_TABLES))) static void files_init(void)
{
	int i;

	for (i = 0; i < NR_BUCKETS; i++)
		INIT_LIST_HEAD(&buckets[i]);
	lfpriv_rcu_set_idle_hook(files_idle);
}
