// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Files, and the descriptors that stand for them; see <linux/file.h>.
 *
 * A descriptor is one end of a pair of sockets: the host's poll works on it,
 * and dup(), fork() and SCM_RIGHTS do. The library has the other end, and tells
 * all descriptors at once that the file is readable by sending one packet that
 * nobody takes out (wire.h). Which file a descriptor stands for is found by the
 * number that the host gave the socket.
 *
 * The host does not tell of close(). When the last descriptor is closed, the
 * library's end hangs up, and an epoll set of those ends says so to whoever
 * asks: lfshim_files_reap().
 */

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <uapi/linux/sync_file.h>

#include "host/fd.h"
#include "shim.h"
#include "wire.h"

/* The library's end of a descriptor, from reserving it on. */
struct lfshim_end {
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
DEFINE_SPINLOCK(lfshim_file_lock);
static struct list_head buckets[NR_BUCKETS];
/* Of the library's ends, for their hang-up. Made once, under the lock. */
static int hangups = -1;
/* A child's copies of what its parent had; never used again. */
static LIST_HEAD(parents_ends);

__attribute__((__constructor__(103))) static void buckets_init(void)
{
	int i;

	for (i = 0; i < NR_BUCKETS; i++)
		INIT_LIST_HEAD(&buckets[i]);
}

static struct list_head *bucket_of(u64 cookie)
{
	return &buckets[cookie % NR_BUCKETS];
}

/* With the lock held. */
static struct lfshim_end *find_end(u64 cookie)
{
	struct lfshim_end *end;

	list_for_each_entry(end, bucket_of(cookie), node)
		if (end->cookie == cookie)
			return end;
	return NULL;
}

/* Out of its bucket. The caller has the reference to its file, or the end. */
static struct lfshim_end *take_end(u64 cookie)
{
	struct lfshim_end *end;
	unsigned long flags;

	spin_lock_irqsave(&lfshim_file_lock, flags);
	end = find_end(cookie);
	if (end)
		list_del(&end->node);
	spin_unlock_irqrestore(&lfshim_file_lock, flags);
	return end;
}

static void free_end(struct lfshim_end *end)
{
	if (end->fd >= 0)
		lfshim_fd_close(end->fd);
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
	if (file->lfshim_end)
		free_end(file->lfshim_end);
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

/* The arguments of the ioctl are the library's own. */
static __thread bool own_argument;

unsigned long copy_from_user(void *to, const void __user *from,
			     unsigned long n)
{
	if (own_argument)
		memcpy(to, (const void __force *)from, n);
	else if (!lfshim_sys_copy_from(to, (const void __force *)from, n))
		return n;
	return 0;
}

unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (own_argument)
		memcpy((void __force *)to, from, n);
	else if (!lfshim_sys_copy_to((void __force *)to, from, n))
		return n;
	return 0;
}

long lfshim_file_ioctl(struct file *file, unsigned int cmd, void *arg)
{
	bool saved = own_argument;
	long ret = -ENOTTY;

	own_argument = true;
	if (file->f_op->unlocked_ioctl)
		ret = file->f_op->unlocked_ioctl(file, cmd, (unsigned long)arg);
	own_argument = saved;
	return ret;
}

static __poll_t file_poll(struct file *file, poll_table *table)
{
	return file->f_op->poll ? file->f_op->poll(file, table) : 0;
}

/*
 * What importers will be told; false when there is nothing to tell yet. From
 * the file's ioctls, and without allocating: the fence was signalled already,
 * and its waiters must not be let down.
 */
static bool get_record(struct file *file, struct lfshim_record *record)
{
	struct sync_file_info info = { 0 };

	memcpy(record->magic, LFSHIM_WIRE_MAGIC, sizeof(record->magic));
	record->version = LFSHIM_WIRE_VERSION;
#ifdef SYNC_FILE_IOC_RESULT
	struct sync_file_result result;

	if (!lfshim_file_ioctl(file, SYNC_FILE_IOC_RESULT, &result)) {
		record->status = result.status;
		record->timestamp = result.timestamp_ns;
		return result.status;
	}
#endif
	/* The kernel's own sync_file, or no sync_file at all. */
	if (!(file_poll(file, NULL) & EPOLLIN))
		return false;
	record->status = 1;
	record->timestamp = ktime_get();
	if (!lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info)) {
		record->status = info.status;
		record->timestamp = lfshim_sync_file_timestamp(file);
	}
	return true;
}

/*
 * If the file is readable, say so, once: the one system call that this costs.
 * In a read-side section.
 */
static void tell(struct file *file)
{
	struct lfshim_record record;
	int fd = file->lfshim_fd, err;

	/* Atomic: one of those who come at the same time. No other order. */
	if (fd < 0 || !get_record(file, &record) ||
	    xchg(&file->lfshim_told, true))
		return;
	err = lfshim_fd_send(fd, &record, sizeof(record));
	if (err == -EPIPE || err == -ECONNRESET) {
		/* All descriptors are closed. We have a reference still. */
		if (take_end(file->lfshim_end->cookie))
			fput(file);
		return;
	}
	/* No memory for a packet: better an end without one than none. */
	if (err < 0)
		lfshim_fd_end(fd);
	/* It will be closed soon, by who has waited for it. */
	lfshim_rcu_kick();
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

struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops, void *priv,
				int flags)
{
	struct file *file = kzalloc_obj(*file);

	if (!file)
		return ERR_PTR(-ENOMEM);
	file->f_op = fops;
	file->private_data = priv;
	file->f_flags = flags;
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
	mine = lfshim_epoll_create();
	if (mine < 0)
		return mine;
	spin_lock_irqsave(&lfshim_file_lock, flags);
	set = hangups;
	if (set < 0)
		WRITE_ONCE(hangups, mine);
	spin_unlock_irqrestore(&lfshim_file_lock, flags);
	if (set < 0)
		return mine;
	lfshim_fd_close(mine);
	return set;
}

static int make_end(struct lfshim_end *end, int fds[2], int set)
{
	int err = lfshim_fd_pair(fds);

	if (err)
		return err;
	end->fd = fds[1];
	err = lfshim_fd_cookie(fds[0], &end->cookie);
	if (!err)
		err = lfshim_epoll_add(set, end->fd, LFSHIM_FD_EDGE,
				       end->cookie);
	if (err) {
		lfshim_fd_close(fds[0]);
		lfshim_fd_close(fds[1]);
	}
	return err;
}

int get_unused_fd_flags(unsigned int flags)
{
	struct lfshim_end *end;
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
	spin_lock_irqsave(&lfshim_file_lock, irq);
	err = make_end(end, fds, set);
	if (!err)
		list_add(&end->node, bucket_of(end->cookie));
	spin_unlock_irqrestore(&lfshim_file_lock, irq);
	if (err) {
		kfree(end);
		return err;
	}
	if (!(flags & O_CLOEXEC))
		lfshim_fd_keep(fds[0]);
	return fds[0];
}

void put_unused_fd(unsigned int fd)
{
	struct lfshim_end *end = NULL;
	u64 cookie;

	if (!lfshim_fd_cookie(fd, &cookie))
		end = take_end(cookie);
	if (WARN(!end, "put_unused_fd(%u): it was not reserved", fd))
		return;
	lfshim_fd_close(fd);
	free_end(end);
}

/* The names of driver and timeline; false when it is no sync_file. */
static bool get_names(struct file *file, struct sync_fence_info *fence)
{
	struct sync_file_info info = {
		.num_fences = 1,
		.sync_fence_info = (uintptr_t)fence,
	};
	char *c;

	memset(fence, 0, sizeof(*fence));
	if (lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info)) {
		/* Of several fences, or there was no memory for a table. */
		info.num_fences = 0;
		if (lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &info))
			return false;
		strscpy(fence->driver_name, "sync_file");
		strscpy(fence->obj_name, info.name);
	}
	for (c = fence->driver_name; *c; c++)
		if (*c == '/')
			*c = '_';
	return true;
}

/*
 * Says to whoever gets the descriptor that there is a fence. Without the name
 * other processes cannot import it, and in this one all is well; so where the
 * host has no memory for it, be it so.
 */
static void name_socket(int fd, struct file *file)
{
	struct sync_fence_info fence;
	char name[LFSHIM_FD_NAME];
	int err, tries = 8;

	if (!get_names(file, &fence))
		return;
	do {
		snprintf(name, sizeof(name), LFSHIM_WIRE_PREFIX "%d/%016llx/%s/%s",
			 LFSHIM_WIRE_VERSION,
			 (unsigned long long)get_random_u64(),
			 fence.driver_name, fence.obj_name);
		err = lfshim_fd_bind(fd, name, strlen(name));
	} while (err == -EADDRINUSE && --tries);
}

void fd_install(unsigned int fd, struct file *file)
{
	struct lfshim_end *end = NULL;
	unsigned long flags;
	poll_table table;
	u64 cookie;

	if (WARN_ON(file->lfshim_end) || lfshim_fd_cookie(fd, &cookie))
		goto bad;
	name_socket(fd, file);
	spin_lock_irqsave(&lfshim_file_lock, flags);
	end = find_end(cookie);
	if (end && !end->file) {
		/* Ours from here on, and one until we are done. */
		file->lfshim_end = end;
		file->lfshim_fd = end->fd;
		end->file = get_file(file);
	} else {
		end = NULL;
	}
	spin_unlock_irqrestore(&lfshim_file_lock, flags);
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
	struct lfshim_end *end;
	unsigned long flags;
	u64 cookie;

	if (lfshim_fd_cookie(fd, &cookie))
		return NULL;
	spin_lock_irqsave(&lfshim_file_lock, flags);
	end = find_end(cookie);
	if (end && end->file)
		file = get_file(end->file);
	spin_unlock_irqrestore(&lfshim_file_lock, flags);
	return file;
}

/* Descriptors that are closed */

unsigned int lfshim_files_reap(void)
{
	struct lfshim_fd_event events[LFSHIM_EPOLL_MAX];
	int set = READ_ONCE(hangups), i, n;
	struct lfshim_end *end;
	unsigned int nr = 0;

	if (set < 0)
		return 0;
	do {
		n = lfshim_epoll_get(set, events);
		for (i = 0; i < n; i++) {
			if (!(events[i].what & LFSHIM_FD_HUP))
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
	} while (n == LFSHIM_EPOLL_MAX);
	return nr;
}

void lfshim_files_look(void)
{
	lfshim_tls.softirq_depth++;
	lfshim_files_reap();
	lfshim_tls.softirq_depth--;
}

void lfshim_files_fork_child(void)
{
	struct lfshim_end *end;
	int i;

	/*
	 * The library's ends are the parent's: when it goes they have to be
	 * closed for all who have a descriptor, of whom we may be one.
	 */
	for (i = 0; i < NR_BUCKETS; i++) {
		list_for_each_entry(end, &buckets[i], node) {
			lfshim_fd_close(end->fd);
			end->fd = -1;
			if (end->file)
				end->file->lfshim_fd = -1;
		}
		list_splice_init(&buckets[i], &parents_ends);
	}
	/* The set is shared with the parent: not to be changed from here. */
	if (hangups >= 0)
		lfshim_fd_close(hangups);
	hangups = -1;
}
