/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * std::chrono in the C++ interface. Part of <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_TIME_HPP
#define LIBFENCE_CPP_TIME_HPP

#include <chrono>
#include <cstdint>
#include <libfence/cpp/result.hpp>
#include <libfence/fence.h>

LIBFENCE_CPP_BEGIN_

/* CLOCK_MONOTONIC, in the standard libraries for Linux. */
using clock = std::chrono::steady_clock;

namespace detail {
/* Rounds up, so that no wait is too short. Too much becomes LIBFENCE_FOREVER. */
template <class Rep, class Period>
constexpr std::int64_t to_ns(std::chrono::duration<Rep, Period> time) noexcept
{
	using std::chrono::nanoseconds;

	if constexpr (!std::is_same_v<std::chrono::duration<Rep, Period>, nanoseconds>) {
		using wide = std::conditional_t<std::is_floating_point_v<Rep>,
						Rep, std::int64_t>;
		constexpr auto ns_per_tick =
			std::chrono::duration<long double, std::nano>(
				std::chrono::duration<long double, Period>(1)).count();

		if constexpr (ns_per_tick > 1 || std::is_floating_point_v<Rep>) {
			constexpr auto most = static_cast<wide>(
				static_cast<long double>(LIBFENCE_FOREVER) / 2 /
				ns_per_tick);

			if (time.count() > 0 && static_cast<wide>(time.count()) >= most)
				return LIBFENCE_FOREVER;
		}
		/* In this form also for a NaN. */
		if (!(time.count() > 0))
			return 0;
		return std::chrono::ceil<nanoseconds>(
			std::chrono::duration<wide, Period>(
				static_cast<wide>(time.count()))).count();
	} else {
		return time.count();
	}
}
}

/**
 * class time_limit - how long a wait may last
 *
 * Made from a duration (from the moment at which the wait begins), from a
 * time_point of std::chrono::steady_clock, or from nothing: no limit. A duration
 * that is 0 or negative, and a time in the past, only test. More than 146 years
 * is no limit. Time points of other clocks do not convert.
 */
class time_limit {
public:
	constexpr time_limit() noexcept = default;
	template <class Rep, class Period>
	constexpr time_limit(std::chrono::duration<Rep, Period> timeout) noexcept
		: ns_(detail::to_ns(timeout) < 0 ? 0 : detail::to_ns(timeout))
	{
	}
	template <class Duration>
	constexpr time_limit(std::chrono::time_point<clock, Duration> deadline) noexcept
		: ns_(detail::to_ns(deadline.time_since_epoch())), absolute_(true)
	{
	}

	/* As the functions of the plain face take it. */
	std::int64_t deadline() const noexcept
	{
		return absolute_ ? ns_ : libfence_deadline(ns_);
	}
	constexpr bool is_absolute() const noexcept { return absolute_; }
	constexpr std::int64_t nanoseconds() const noexcept { return ns_; }

private:
	std::int64_t ns_ = LIBFENCE_FOREVER;
	bool absolute_ = false;
};

/**
 * enum class interrupts - does a signal handler end a wait?
 * @no: it does not
 * @yes: a handler that runs while the thread sleeps ends it with EINTR; see
 *	enum libfence_wait_flag
 */
enum class interrupts : unsigned int {
	no = 0,
	yes = LIBFENCE_INTERRUPTIBLE,
};

LIBFENCE_CPP_END_

#endif
