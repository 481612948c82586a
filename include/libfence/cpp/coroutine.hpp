/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * co_await for fences, with C++20. Part of <libfence/libfence.hpp>.
 *
 * A fence is signalled under its lock, where code must not sleep, so a coroutine is
 * never resumed there. It is resumed by an executor, on the executor's thread:
 *
 *	libfence_cpp::status status = co_await libfence_cpp::on(queue, fence);
 *
 * A coroutine whose promise has a member executor(), which returns an executor_ref
 * or an executor, uses that one:
 *
 *	libfence_cpp::status status = co_await fence;
 *
 * Without such a member the latter does not compile. If the fence is signalled
 * already, the coroutine is not suspended: it continues on its thread.
 */
#ifndef LIBFENCE_CPP_COROUTINE_HPP
#define LIBFENCE_CPP_COROUTINE_HPP

#include <libfence/cpp/callback.hpp>

#if defined(__cpp_impl_coroutine) && __has_include(<coroutine>)
#include <coroutine>
#define LIBFENCE_CPP_COROUTINES	1

LIBFENCE_CPP_BEGIN_

namespace detail {
/*
 * Lives in the coroutine's frame, so nothing is allocated. If the coroutine is
 * destroyed while it is suspended here, the destructor of work_base ends the
 * registration.
 */
class awaiter_base : public work_base {
public:
	/* is_signaled(), not _racy(): callbacks' data may be freed afterwards. */
	bool await_ready() noexcept
	{
		if (libfence_is_signaled(fence_))
			status_ = status(libfence_status_racy(fence_));
		return !status_.pending();
	}
	status await_resume() const noexcept { return status_; }

protected:
	explicit awaiter_base(fence_view fence) noexcept : fence_(fence.native())
	{
		assert(fence_ && "an empty fence, or one that was moved from");
	}

	/* Another thread may resume the coroutine before this function returns. */
	void suspend_(std::coroutine_handle<> coroutine, executor_ref executor) noexcept
	{
		coroutine_ = coroutine;
		libfence_work_init(&work_, resume_, this, executor.function(),
				   executor.data());
		[[maybe_unused]] int err = libfence_work_register(fence_, &work_);

		/* It is new. */
		assert(!err);
	}

private:
	static void resume_(const ::libfence *fence, void *self) noexcept
	{
		auto *awaiter = static_cast<awaiter_base *>(self);

		awaiter->status_ = status(libfence_status_racy(fence));
		awaiter->coroutine_.resume();
	}

	const ::libfence *fence_;
	std::coroutine_handle<> coroutine_;
	status status_;
};

class awaiter_on : public awaiter_base {
public:
	awaiter_on(executor_ref executor, fence_view fence) noexcept
		: awaiter_base(fence), executor_(executor)
	{
	}
	void await_suspend(std::coroutine_handle<> coroutine) noexcept
	{
		suspend_(coroutine, executor_);
	}

private:
	executor_ref executor_;
};

template <class Promise>
concept has_executor = requires(Promise &promise) {
	executor_ref(promise.executor());
};

class awaiter : public awaiter_base {
public:
	explicit awaiter(fence_view fence) noexcept : awaiter_base(fence) {}

	template <class Promise>
	void await_suspend(std::coroutine_handle<Promise> coroutine) noexcept
	{
		static_assert(has_executor<Promise>,
			      "co_await fence needs a promise with executor(); or use co_await on(executor, fence)");
		if constexpr (has_executor<Promise>)
			suspend_(coroutine, executor_ref(coroutine.promise().executor()));
	}
};
}

/**
 * on - wait for a fence in a coroutine, which an executor resumes
 * @executor: an executor, or an executor_ref
 * @fence: borrowed until the coroutine is suspended; then it keeps a reference
 *
 * Allocates nothing. A suspended coroutine is destroyed only on the executor's
 * thread, or while that does not run, and not while the executor has its work: see
 * class work.
 * Return: an awaiter, for co_await. Its result is the status of the fence.
 */
[[nodiscard]] inline detail::awaiter_on on(executor_ref executor,
					   fence_view fence) noexcept
{
	return {executor, fence};
}
[[nodiscard]] inline detail::awaiter_on on(executor_ref executor,
					   const fence &fence) noexcept
{
	return {executor, fence_view(fence)};
}

inline detail::awaiter operator co_await(fence_view fence) noexcept
{
	return detail::awaiter(fence);
}
inline detail::awaiter operator co_await(const fence &fence) noexcept
{
	return detail::awaiter(fence_view(fence));
}

LIBFENCE_CPP_END_

#endif

#endif
