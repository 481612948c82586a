/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Functions that are called when a fence is signalled: callback<F> on the thread
 * that signals, work<F> on a thread of the program's choice. And eventfds. Part of
 * <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_CALLBACK_HPP
#define LIBFENCE_CPP_CALLBACK_HPP

#include <condition_variable>
#include <memory>
#include <mutex>
#include <sys/syscall.h>
#include <libfence/cpp/fence.hpp>

LIBFENCE_CPP_BEGIN_

/**
 * class callback - a lambda that is called when a fence is signalled
 *
 *	libfence_cpp::callback done([&](libfence_cpp::fence_view fence) { ... });
 *	auto attached = fence.attach(done);
 *
 * The lambda is a member, and nothing is allocated. It is called once for each
 * attach(), on the thread that signals, with the fence's lock held: it must not
 * sleep, wait, or detach a callback. It may signal other fences, attach callbacks
 * to them, and drop references. See libfence_callback_fn. An exception that leaves
 * it ends the program.
 *
 * The object does not move. The destructor detaches it, so it must not be destroyed
 * in a callback of any fence, or under a lock that the lambda takes.
 */
template <class F> class callback : public detail::callback_base {
	static_assert(std::is_invocable_v<F &, fence_view>,
		      "a callback is called with a fence_view");

public:
	explicit callback(F function) noexcept(std::is_nothrow_move_constructible_v<F>)
		: function_(std::move(function))
	{
		libfence_callback_init(&cb_, run, this);
	}
	~callback() { detach(); }

private:
	static void run(const ::libfence *fence, void *self) noexcept
	{
		static_cast<callback *>(self)->function_(fence_view(fence));
	}

	F function_;
};

/**
 * class event_fd - an eventfd of the program, to which fences add
 *
 *	auto loop = libfence_cpp::event_fd::create(fd);
 *	libfence_cpp::eventfd_callback done;
 *	auto attached = fence.attach(done, *loop);
 */
class event_fd {
public:
	event_fd() noexcept = default;

	/* libfence_eventfd_create(): the caller keeps @fd. */
	[[nodiscard]] static result<event_fd> create(int fd) noexcept
	{
		int err = 0;
		event_fd made;

		made.handle_ = handle(libfence_eventfd_create(fd, &err));
		if (!made.handle_.get())
			return detail::failed(err);
		return made;
	}
	::libfence_eventfd *native() const noexcept { return handle_.get(); }

private:
	using handle = detail::handle<::libfence_eventfd, libfence_eventfd_destroy_raw>;

	handle handle_;
};

/* The memory of one fence's registration with an event_fd. Does not move. */
class eventfd_callback : public detail::callback_base {
public:
	eventfd_callback() noexcept = default;
	~eventfd_callback() { detach(); }
};

template <class Self>
result<void> detail::consumer<Self>::attach(eventfd_callback &cb,
					    event_fd &eventfd) const noexcept
{
	return check(libfence_eventfd_register(get_(), &cb.cb_, eventfd.native()));
}

/**
 * class executor_ref - refers to an executor, which runs work on its thread
 *
 * Made from any object with a member post(libfence_work &) that hands the work to a
 * thread, which calls libfence_work_run(). post() is called under a fence's lock,
 * with the restrictions of libfence_post_fn, and must not run the work itself.
 * run_queue below is such an object. The reference borrows it.
 */
class executor_ref {
public:
	constexpr executor_ref(libfence_post_fn post, void *executor) noexcept
		: post_(post), executor_(executor)
	{
	}
	template <class E, class = decltype(std::declval<E &>().post(
				   std::declval<libfence_work &>()))>
	executor_ref(E &executor) noexcept
		: post_([](libfence_work *work, void *self) noexcept {
			  static_cast<E *>(self)->post(*work);
		  }),
		  executor_(std::addressof(executor))
	{
	}

	libfence_post_fn function() const noexcept { return post_; }
	void *data() const noexcept { return executor_; }

private:
	libfence_post_fn post_;
	void *executor_;
};

/**
 * class work - a lambda that an executor calls when a fence is signalled
 *
 *	libfence_cpp::work done(queue, [&](libfence_cpp::fence_view fence) { ... });
 *	auto attached = fence.attach(done);
 *
 * The lambda is a member, and nothing is allocated. It is called on the executor's
 * thread, outside all locks, so it may sleep, wait, and attach or destroy the work.
 *
 * The object does not move. It is destroyed before it is posted or after it has
 * run, on the executor's thread or while that does not run. If it is destroyed
 * while the executor has it, the program is aborted.
 */
template <class F> class work : public detail::work_base {
	static_assert(std::is_invocable_v<F &, fence_view>,
		      "work is called with a fence_view");

public:
	work(executor_ref executor, F function)
		noexcept(std::is_nothrow_move_constructible_v<F>)
		: function_(std::move(function))
	{
		libfence_work_init(&work_, run, this, executor.function(),
				   executor.data());
	}

private:
	static void run(const ::libfence *fence, void *self) noexcept
	{
		static_cast<work *>(self)->function_(fence_view(fence));
	}

	F function_;
};

/**
 * class run_queue - an executor: work waits until a thread of the program runs it
 *
 * Any thread calls run() or run_for(). In an event loop, it polls the eventfd that
 * was given to the constructor, and then calls run(). Destroyed when it is empty.
 */
class run_queue {
public:
	/* @eventfd: gets 1 added for each work; -1 for none. The caller keeps it. */
	explicit run_queue(int eventfd = -1) noexcept : eventfd_(eventfd) {}
	run_queue(const run_queue &) = delete;
	run_queue &operator=(const run_queue &) = delete;
	~run_queue()
	{
		if (first_)
			detail::die("a run_queue was destroyed with work in it");
	}

	/* For executor_ref: in a callback. */
	void post(libfence_work &work) noexcept
	{
		/* lock_ is held for a few instructions only. It protects the list. */
		std::lock_guard<std::mutex> guard(lock_);

		work.next = nullptr;
		*last_ = &work;
		last_ = &work.next;
		posted_.notify_one();
		if (eventfd_ >= 0) {
			const std::uint64_t one = 1;

			/* write() would be a cancellation point. If the counter
			 * has its largest value, the loop wakes anyway. */
			(void)::syscall(SYS_write, eventfd_, &one, sizeof(one));
		}
	}

	/* Runs the work in the queue. Returns how many. */
	std::size_t run() noexcept
	{
		std::unique_lock<std::mutex> guard(lock_);

		return run_(guard);
	}

	/* Waits until there is work, and runs it. Returns 0 if it was in vain. */
	template <class Rep, class Period>
	std::size_t run_for(std::chrono::duration<Rep, Period> timeout) noexcept
	{
		std::unique_lock<std::mutex> guard(lock_);

		posted_.wait_for(guard, timeout, [this] { return first_ != nullptr; });
		return run_(guard);
	}

private:
	std::size_t run_(std::unique_lock<std::mutex> &guard) noexcept
	{
		libfence_work *work = std::exchange(first_, nullptr);
		std::size_t n = 0;

		last_ = &first_;
		guard.unlock();
		while (work) {
			/* Work may be freed when it runs. */
			libfence_work *next = work->next;

			libfence_work_run(work);
			work = next;
			n++;
		}
		return n;
	}

	std::mutex lock_;
	std::condition_variable posted_;
	libfence_work *first_ = nullptr, **last_ = &first_;
	int eventfd_;
};

LIBFENCE_CPP_END_

#endif
