// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Tasks: names and numbers, references, and the remains of a thread. */

#include "foreign.h"
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static void task_has_the_name_of_its_thread(void **state)
{
	char name[TASK_COMM_LEN] = "", comm[TASK_COMM_LEN];

	prctl(PR_GET_NAME, name);
	get_task_comm(comm, current);
	assert_string_equal(comm, name);
	assert_true(*comm);
}

static int do_nothing(void *data)
{
	return 0;
}

static void exited_thread_drops_its_reference(void **state)
{
	struct task_struct *task = start(do_nothing, NULL);

	lfshim_kthread_join(task);
	/* The one that start() took. */
	assert_int_equal(refcount_read(&task->usage), 1);
	assert_true(task->flags & PF_EXITING);
	assert_true(list_empty(&task->lfshim_node));
	put_task_struct(task);
}

static int keep_current(void *data)
{
	*(struct task_struct **)data = get_task_struct(current);
	return 0;
}

/* The function of a kthread has a mark of its own. */
static void exit_of_a_foreign_thread_is_marked(void **state)
{
	struct task_struct *task;

	in_foreign_thread(keep_current, &task);
	assert_true(task->flags & PF_EXITING);
	assert_int_equal(refcount_read(&task->usage), 1);
	put_task_struct(task);
}

static void task_stays_for_readers_after_the_last_put(void **state)
{
	struct task_struct *task = start(do_nothing, NULL);
	static const char zeroes[sizeof(task->lfshim_pad) - 8];

	lfshim_kthread_join(task);
	rcu_barrier();
	rcu_read_lock();
	put_task_struct(task);
	/* The allocator would write here if it were free. */
	assert_memory_equal(task->lfshim_pad + 8, zeroes, sizeof(zeroes));
	rcu_read_unlock();
}

/* A destructor of the thread that runs after the library's. */
static pthread_key_t key;

static void use_current(void *has_new_task)
{
	/* A caller that does not wait for this thread is done before it. */
	usleep(20000);
	WRITE_ONCE(*(bool *)has_new_task, !(current->flags & PF_EXITING));
	rcu_read_lock();
	rcu_read_unlock();
}

static int set_destructor(void *data)
{
	pthread_setspecific(key, data);
	return 0;
}

static void destructor_of_a_thread_gets_a_new_task(void **state)
{
	unsigned int nr_tasks = 0, before = 0;
	struct task_struct *task;
	bool has_new_task = false;

	rcu_barrier();
	assert_int_equal(pthread_key_create(&key, use_current), 0);
	list_for_each_entry(task, &current->lfshim_node, lfshim_node)
		before++;
	finish(start(set_destructor, &has_new_task));
	assert_true(has_new_task);
	/* That task has left the list, too. */
	list_for_each_entry(task, &current->lfshim_node, lfshim_node)
		nr_tasks++;
	assert_int_equal(nr_tasks, before);
	pthread_key_delete(key);
	rcu_barrier();
}

static int trylock_first(void *data)
{
	spinlock_t *lock = data;
	bool held;

	/* The thread has no number yet. */
	if (!spin_trylock(lock))
		return 0;
	held = lfshim_spin_held(lock) && spin_is_locked(lock);
	spin_unlock(lock);
	return held;
}

static void trylock_may_be_the_first_thing_that_a_thread_does(void **state)
{
	DEFINE_SPINLOCK(lock);

	/* A kthread would have taken locks before. */
	assert_int_equal(in_foreign_thread(trylock_first, &lock), 1);
}

#if !LFSHIM_ASAN && !LFSHIM_TSAN
static int wait_for_the_main_thread(void *leader)
{
	struct task_struct *task = leader;
	unsigned long *used[50];
	unsigned int i;
	pid_t pid = task_pid_nr(task);

	/* PF_EXITING comes first, and then the thread changes the count. */
	if (!eventually(test_thread_state(pid) == 'Z'))
		_exit(1);
	/* It would be freed now. The memory is used again. */
	rcu_barrier();
	for (i = 0; i < ARRAY_SIZE(used); i++) {
		used[i] = kmalloc(sizeof(*task), GFP_KERNEL);
		memset(used[i], 0x55, sizeof(*task));
	}
	if (task_pid_nr(task) != pid || refcount_read(&task->usage) != 1 ||
	    !(task->flags & PF_EXITING))
		_exit(2);
	_exit(current->group_leader == task ? 0 : 3);
}

static void leader_outlives_its_thread(void **state)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(PATIENCE_S);
		start(wait_for_the_main_thread, current);
		pthread_exit(NULL);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(task_has_the_name_of_its_thread),
		TEST(exited_thread_drops_its_reference),
		TEST(exit_of_a_foreign_thread_is_marked),
		TEST(task_stays_for_readers_after_the_last_put),
		TEST(destructor_of_a_thread_gets_a_new_task),
		TEST(trylock_may_be_the_first_thing_that_a_thread_does),
#if !LFSHIM_ASAN && !LFSHIM_TSAN
		TEST(leader_outlives_its_thread),
#endif
	};

	return TEST_MAIN("task", tests);
}
