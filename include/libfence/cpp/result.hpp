/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Results of the C++ interface: error, status, result<T>. Part of
 * <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_RESULT_HPP
#define LIBFENCE_CPP_RESULT_HPP

#if !defined(__cplusplus) || __cplusplus < 201703L
#error "<libfence/libfence.hpp> needs C++17. The other headers work with C++11."
#endif

#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <type_traits>
#include <utility>
#if __has_include(<expected>)
#include <expected>
#endif

/*
 * result<T> depends on the standard, and the return type is not part of the name
 * of a function in an object file. The inline namespace is, so that files that
 * were compiled for different standards can be linked together.
 */
#if defined(__cpp_lib_expected)
#define LIBFENCE_CPP_BEGIN_	namespace libfence_cpp { inline namespace v1_expected {
#else
#define LIBFENCE_CPP_BEGIN_	namespace libfence_cpp { inline namespace v1 {
#endif
#define LIBFENCE_CPP_END_	} }

LIBFENCE_CPP_BEGIN_

/**
 * class error - a negative errno, or 0 for no error
 *
 * A value-initialised error is no error. It compares with std::errc, and code()
 * is a std::error_code.
 */
class error {
public:
	constexpr error() noexcept = default;
	constexpr explicit error(int negative_errno) noexcept : value_(negative_errno) {}
	/* From std::errc::timed_out and the like. */
	constexpr error(std::errc code) noexcept : value_(-static_cast<int>(code)) {}

	constexpr int value() const noexcept { return value_; }
	constexpr explicit operator bool() const noexcept { return value_ != 0; }
	std::error_code code() const noexcept
	{
		return std::error_code(-value_, std::generic_category());
	}

	friend constexpr bool operator==(error a, error b) noexcept
	{
		return a.value_ == b.value_;
	}
	friend constexpr bool operator!=(error a, error b) noexcept
	{
		return a.value_ != b.value_;
	}

private:
	int value_ = 0;
};

#if defined(__cpp_lib_expected)
template <class T> using result = std::expected<T, error>;

namespace detail {
using unexpected = std::unexpected<error>;
}
#else
namespace detail {
struct unexpected {
	explicit constexpr unexpected(libfence_cpp::error why) noexcept : why(why) {}
	libfence_cpp::error why;
};
}

/**
 * class result - a value, or the error because of which there is none
 *
 * The part of std::expected<T, error> that this interface needs. It is that type
 * where the standard library has it. An access without a value aborts the program.
 */
template <class T> class [[nodiscard]] result {
public:
	constexpr result(T value) noexcept : value_(std::move(value)) {}
	constexpr result(detail::unexpected failed) noexcept : error_(failed.why)
	{
		assert(failed.why);
	}

	constexpr bool has_value() const noexcept { return !error_; }
	constexpr explicit operator bool() const noexcept { return !error_; }
	constexpr libfence_cpp::error error() const noexcept { return error_; }

	constexpr T &value() & { return check(), value_; }
	constexpr const T &value() const & { return check(), value_; }
	constexpr T &&value() && { return check(), std::move(value_); }
	constexpr T &operator*() & noexcept { return value_; }
	constexpr const T &operator*() const & noexcept { return value_; }
	constexpr T &&operator*() && noexcept { return std::move(value_); }
	constexpr T *operator->() noexcept { return &value_; }
	constexpr const T *operator->() const noexcept { return &value_; }

private:
	constexpr void check() const
	{
		if (error_)
			std::abort();
	}

	/* Every type here has an empty state, so no union is needed. */
	T value_{};
	libfence_cpp::error error_;
};

template <> class [[nodiscard]] result<void> {
public:
	constexpr result() noexcept = default;
	constexpr result(detail::unexpected failed) noexcept : error_(failed.why)
	{
		assert(failed.why);
	}

	constexpr bool has_value() const noexcept { return !error_; }
	constexpr explicit operator bool() const noexcept { return !error_; }
	constexpr libfence_cpp::error error() const noexcept { return error_; }
	constexpr void value() const
	{
		if (error_)
			std::abort();
	}
	constexpr void operator*() const noexcept {}

private:
	libfence_cpp::error error_;
};
#endif

/**
 * class status - the state of a fence: pending, ok, or failed with an error
 *
 * The int is that of libfence_status(): 0, 1, or a negative errno.
 */
class status {
public:
	constexpr status() noexcept = default;
	constexpr explicit status(int value) noexcept : value_(value) {}

	constexpr bool pending() const noexcept { return value_ == 0; }
	constexpr bool ok() const noexcept { return value_ > 0; }
	constexpr bool failed() const noexcept { return value_ < 0; }
	constexpr int value() const noexcept { return value_; }
	/* No error unless failed(). */
	constexpr libfence_cpp::error error() const noexcept
	{
		return libfence_cpp::error(value_ < 0 ? value_ : 0);
	}

	friend constexpr bool operator==(status a, status b) noexcept
	{
		return a.value_ == b.value_;
	}
	friend constexpr bool operator!=(status a, status b) noexcept
	{
		return a.value_ != b.value_;
	}

private:
	int value_ = 0;
};

namespace detail {
inline unexpected failed(int negative_errno) noexcept
{
	return unexpected(error(negative_errno));
}

inline result<void> check(int err) noexcept
{
	if (err)
		return failed(err);
	return {};
}

/* A mistake that leaves no way to continue. */
[[noreturn]] inline void die(const char *mistake) noexcept
{
	std::fprintf(stderr, "libfence: %s\n", mistake);
	std::abort();
}

/* Owns one pointer; @End ends a T that is not null. */
template <class T, void (*End)(T *)> class handle {
public:
	constexpr handle() noexcept = default;
	constexpr explicit handle(T *object) noexcept : object_(object) {}
	handle(handle &&other) noexcept : object_(other.release()) {}
	handle &operator=(handle &&other) noexcept
	{
		T *gone = object_;

		object_ = nullptr;
		object_ = other.release();
		if (gone)
			End(gone);
		return *this;
	}
	~handle()
	{
		if (object_)
			End(object_);
	}

	constexpr T *get() const noexcept { return object_; }
	T *release() noexcept
	{
		T *moved = object_;

		object_ = nullptr;
		return moved;
	}

private:
	T *object_ = nullptr;
};
}

LIBFENCE_CPP_END_

#endif
