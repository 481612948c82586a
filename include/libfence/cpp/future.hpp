/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * std::future from a fence, and a fence from a std::future. Part of
 * <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_FUTURE_HPP
#define LIBFENCE_CPP_FUTURE_HPP

#include <future>
#include <libfence/cpp/callback.hpp>
#include <libfence/cpp/producer.hpp>

LIBFENCE_CPP_BEGIN_

namespace detail {
struct no_payload {};

class promised : public work_base {
public:
	explicit promised(executor_ref executor)
	{
		libfence_work_init(&work_, run, this, executor.function(),
				   executor.data());
	}
	std::promise<status> promise;

private:
	static void run(const ::libfence *fence, void *self) noexcept
	{
		std::unique_ptr<promised> done(static_cast<promised *>(self));

		done->promise.set_value(status(libfence_status_racy(fence)));
	}
};
}

/**
 * to_future - a std::future that is ready when a fence is signalled
 * @fence: borrowed; the future keeps a reference
 * @executor: its thread makes the future ready
 *
 * The memory of a callback cannot be freed in that callback. An executor can do so.
 * Allocates two objects, here only. Without memory it throws, or ends a program
 * without exceptions, as std::promise does.
 * Context: may sleep.
 * Return: the future. Its value is the status of the fence: it never throws.
 */
[[nodiscard]] inline std::future<status> to_future(const fence &fence,
						   executor_ref executor)
{
	auto work = std::make_unique<detail::promised>(executor);
	std::future<status> future = work->promise.get_future();

	/* It is not registered, so this cannot fail. */
	(void)fence.attach(*work);
	/* Deletes itself, perhaps before this. */
	(void)work.release();
	return future;
}

namespace detail {
/* Not a lambda: clang 17 cannot pass one to std::async() of libstdc++ 14 in C++23. */
inline status status_after_wait(const fence &fence) noexcept
{
	if (auto waited = fence.wait(); !waited)
		return status(waited.error().value());
	return fence.status();
}
}

/**
 * to_future - a std::future that waits for a fence on the thread that asks
 * @fence: a reference, which the future keeps
 *
 * The future is deferred: get() and wait() wait for the fence on their thread, and
 * wait_for() returns std::future_status::deferred without waiting.
 * Context: may sleep.
 * Return: the future. Its value is the status of the fence.
 */
[[nodiscard]] inline std::future<status> to_future(fence fence)
{
	return std::async(std::launch::deferred, detail::status_after_wait,
			  std::move(fence));
}

/**
 * class future_task - waits for a std::shared_future, and then signals a fence
 *
 * from_future() makes it. It is called once, on a thread that may sleep:
 *
 *	std::thread(std::move(task)).detach();
 *
 * If it is destroyed instead, the fence is signalled with ECANCELED, with a warning.
 */
template <class T> class future_task {
public:
	future_task() noexcept = default;
	future_task(producer<detail::no_payload> owner,
		    std::shared_future<T> future) noexcept
		: producer_(std::move(owner)), future_(std::move(future))
	{
	}
	void operator()() noexcept
	{
		future_.wait();
		if (error why = failure_(future_))
			std::move(producer_).fail(why);
		else
			std::move(producer_).signal();
	}
	[[nodiscard]] fence share() const noexcept { return producer_.share(); }

private:
	/* std::system_error with an errno gives that, any other exception EIO. */
	static error failure_(const std::shared_future<T> &ready) noexcept
	{
#if defined(__cpp_exceptions)
		try {
			(void)ready.get();
		} catch (const std::system_error &e) {
			if ((e.code().category() == std::generic_category() ||
			     e.code().category() == std::system_category()) &&
			    e.code().value() > 0 && e.code().value() < 4096)
				return error(-e.code().value());
			return error(-EIO);
		} catch (...) {
			return error(-EIO);
		}
#else
		(void)ready;
#endif
		return {};
	}

	producer<detail::no_payload> producer_;
	std::shared_future<T> future_;
};

/**
 * from_future - a fence that is signalled when a future is ready
 * @ctx: borrowed: the context of the fence
 * @future: valid. The caller keeps a copy, if it needs the value.
 *
 * A std::future calls nobody when it is ready, so a thread has to wait for it: that
 * which calls the task. An exception in the future fails the fence: with its errno
 * if it is a std::system_error, else with EIO. Without exceptions, the fence is
 * signalled with success.
 * Context: may sleep.
 * Return: the task, whose share() is the fence. Errors: not_enough_memory,
 * invalid_argument if there is no future.
 */
template <class T>
[[nodiscard]] result<future_task<T>>
from_future(const context &ctx, std::shared_future<T> future) noexcept
{
	if (!future.valid())
		return detail::failed(-EINVAL);
	auto prep = prepare<detail::no_payload>();
	if (!prep)
		return detail::failed(prep.error().value());
	return future_task<T>((*std::move(prep)).commit(ctx), std::move(future));
}

LIBFENCE_CPP_END_

#endif
