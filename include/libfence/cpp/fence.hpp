/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Consumers: fence owns a reference, fence_view borrows. Part of
 * <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_FENCE_HPP
#define LIBFENCE_CPP_FENCE_HPP

#include <cstddef>
#include <functional>
#include <string>
#include <unistd.h>
#include <libfence/cpp/result.hpp>
#include <libfence/cpp/time.hpp>
#include <libfence/event-loop.h>
#include <libfence/fence.h>
#include <libfence/several.h>
#include <libfence/sync.h>

LIBFENCE_CPP_BEGIN_

class fence;
class event_fd;
class eventfd_callback;

/**
 * class unique_fd - owns a descriptor
 *
 * get() borrows it, release() gives it away. The destructor closes it.
 */
class unique_fd {
public:
	constexpr unique_fd() noexcept = default;
	constexpr explicit unique_fd(int fd) noexcept : fd_(fd) {}
	unique_fd(unique_fd &&other) noexcept : fd_(other.release()) {}
	unique_fd &operator=(unique_fd &&other) noexcept
	{
		unique_fd gone(std::move(*this));

		fd_ = other.release();
		return *this;
	}
	~unique_fd()
	{
		if (fd_ >= 0)
			::close(fd_);
	}

	constexpr int get() const noexcept { return fd_; }
	constexpr explicit operator bool() const noexcept { return fd_ >= 0; }
	[[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

private:
	int fd_ = -1;
};

namespace detail {
/* Memory of a callback. It stays where it is, and is unregistered by the owner. */
class callback_base {
public:
	callback_base(const callback_base &) = delete;
	callback_base &operator=(const callback_base &) = delete;

	/*
	 * libfence_callback_unregister(). When it returns, the callback is not
	 * running and does not run any more. Not in a callback of any fence.
	 * Returns true if it has run.
	 */
	bool detach() noexcept { return libfence_callback_unregister(&cb_); }

protected:
	callback_base() noexcept = default;
	~callback_base() = default;

	libfence_callback cb_{};

	template <class Self> friend class consumer;
};

class work_base {
public:
	work_base(const work_base &) = delete;
	work_base &operator=(const work_base &) = delete;

	/*
	 * libfence_work_unregister(). When it returns, the function is not called
	 * any more. On the thread that runs the work. Returns true if the executor
	 * still has it: then it has to stay until it is out of the queue.
	 */
	[[nodiscard]] bool detach() noexcept { return libfence_work_unregister(&work_); }

protected:
	work_base() noexcept = default;
	~work_base()
	{
		if (detach())
			die("work was destroyed while its executor had it");
	}

	libfence_work work_{};

	template <class Self> friend class consumer;
};

/*
 * The functions for consumers, of fence and fence_view. The object must not be
 * empty. The function of the plain face that is named has the whole description.
 */
template <class Self> class consumer {
	const ::libfence *get_() const noexcept
	{
		const ::libfence *fence = static_cast<const Self *>(this)->native();

		assert(fence && "an empty fence, or one that was moved from");
		return fence;
	}

public:
	/* libfence_is_signaled(): all callbacks have finished. */
	bool is_signaled() const noexcept { return libfence_is_signaled(get_()); }
	/* libfence_is_signaled_racy(): for callbacks. */
	bool is_signaled_racy() const noexcept
	{
		return libfence_is_signaled_racy(get_());
	}
	/* libfence_status() */
	libfence_cpp::status status() const noexcept
	{
		return libfence_cpp::status(libfence_status(get_()));
	}
	/* libfence_status_racy(): for callbacks. */
	libfence_cpp::status status_racy() const noexcept
	{
		return libfence_cpp::status(libfence_status_racy(get_()));
	}

	/*
	 * libfence_wait(), libfence_wait_until(). Success means that the fence is
	 * signalled, with any result; status() tells which. Errors: timed_out,
	 * interrupted.
	 */
	[[nodiscard]] result<void> wait(time_limit limit = {},
					interrupts how = interrupts::no) const noexcept
	{
		if (!limit.is_absolute() && how == interrupts::no)
			return check(libfence_wait(get_(), limit.nanoseconds()));
		return check(libfence_wait_until(get_(), limit.deadline(),
						 static_cast<unsigned int>(how)));
	}

	/* libfence_set_deadline(): a hint to the producer. */
	void set_deadline(clock::time_point deadline) const noexcept
	{
		libfence_set_deadline(get_(), to_ns(deadline.time_since_epoch()));
	}
	/* libfence_timestamp(): when a signalled fence was signalled. */
	clock::time_point timestamp() const noexcept
	{
		return clock::time_point(std::chrono::duration_cast<clock::duration>(
			std::chrono::nanoseconds(libfence_timestamp(get_()))));
	}
	/* libfence_fence_context(), libfence_seqno() */
	std::uint64_t context_number() const noexcept
	{
		return libfence_fence_context(get_());
	}
	std::uint64_t seqno() const noexcept { return libfence_seqno(get_()); }
	/* libfence_driver_name(), libfence_timeline_name(). They allocate a string. */
	std::string driver_name() const { return name_(libfence_driver_name); }
	std::string timeline_name() const { return name_(libfence_timeline_name); }

	/*
	 * libfence_callback_register(): @cb is a callback<F>. Allocates nothing.
	 * The error no_such_file_or_directory says that the fence is signalled
	 * already: then @cb is not registered, and does not run.
	 */
	[[nodiscard]] result<void> attach(callback_base &cb) const noexcept
	{
		return check(libfence_callback_register(get_(), &cb.cb_));
	}
	/*
	 * libfence_eventfd_register(): adds 1 to @eventfd when the fence is
	 * signalled, at once if it is.
	 */
	[[nodiscard]] result<void> attach(eventfd_callback &cb,
					  event_fd &eventfd) const noexcept;
	/*
	 * libfence_work_register(): @work is a work<F>, which is posted to its
	 * executor when the fence is signalled, at once if it is.
	 */
	[[nodiscard]] result<void> attach(work_base &work) const noexcept
	{
		return check(libfence_work_register(get_(), &work.work_));
	}

	/* libfence_export(): a descriptor that is readable when it is signalled. */
	[[nodiscard]] result<unique_fd>
	export_fd(const char *name = nullptr) const noexcept
	{
		int fd = libfence_export(get_(), name);

		if (fd < 0)
			return failed(fd);
		return unique_fd(fd);
	}

	/* Another reference to the fence. */
	[[nodiscard]] fence share() const noexcept;

private:
	std::string name_(std::size_t (*copy)(const ::libfence *, char *,
					      std::size_t)) const
	{
		char few[64];
		std::size_t length = copy(get_(), few, sizeof(few));

		if (length < sizeof(few))
			return std::string(few, length);
		/* When the fence is signalled meanwhile, the name is another one. */
		std::string all(length, '\0');
		length = copy(get_(), &all[0], all.size() + 1);
		if (length < all.size())
			all.resize(length);
		return all;
	}
};
}

/**
 * class fence_view - a borrowed fence
 *
 * Copies a pointer only. Valid as long as a reference that it was made from; it
 * does not convert from a fence that is a temporary. It may be empty.
 */
class fence_view : public detail::consumer<fence_view> {
public:
	constexpr fence_view() noexcept = default;
	constexpr explicit fence_view(const ::libfence *borrowed) noexcept
		: fence_(borrowed)
	{
	}
	fence_view(const fence &borrowed) noexcept;
	fence_view(const fence &&) = delete;

	constexpr const ::libfence *native() const noexcept { return fence_; }
	constexpr explicit operator bool() const noexcept { return fence_; }
	friend constexpr bool operator==(fence_view a, fence_view b) noexcept
	{
		return a.fence_ == b.fence_;
	}
	friend constexpr bool operator!=(fence_view a, fence_view b) noexcept
	{
		return a.fence_ != b.fence_;
	}

private:
	const ::libfence *fence_ = nullptr;
};

/**
 * class fence - a reference to a fence
 *
 * A copy takes another reference, a move none. It may be empty: after a move, and
 * if it is value-initialised. The destructor has the context of libfence_put().
 */
class fence : public detail::consumer<fence> {
public:
	constexpr fence() noexcept = default;
	fence(const fence &other) noexcept : fence_(libfence_get_raw(other.fence_)) {}
	fence(fence &&other) noexcept : fence_(other.release()) {}
	fence &operator=(const fence &other) noexcept
	{
		fence copy(other);

		std::swap(fence_, copy.fence_);
		return *this;
	}
	fence &operator=(fence &&other) noexcept
	{
		fence moved(std::move(other));

		std::swap(fence_, moved.fence_);
		return *this;
	}
	~fence()
	{
		if (fence_)
			libfence_put_raw(fence_);
	}

	/* Takes over a reference of the plain face; release() gives it back. */
	[[nodiscard]] static fence adopt(::libfence *reference) noexcept
	{
		fence adopted;

		adopted.fence_ = reference;
		return adopted;
	}
	[[nodiscard]] ::libfence *release() noexcept
	{
		return std::exchange(fence_, nullptr);
	}
	constexpr const ::libfence *native() const noexcept { return fence_; }
	constexpr explicit operator bool() const noexcept { return fence_; }

	/* libfence_create_signaled(): @result is a negative errno, or none. */
	[[nodiscard]] static libfence_cpp::result<fence>
	signaled(error result = {}) noexcept
	{
		return made(libfence_create_signaled(result.value()));
	}
	/* libfence_import(), libfence_wrap_fd(): the caller keeps @fd. */
	[[nodiscard]] static libfence_cpp::result<fence> import_fd(int fd) noexcept
	{
		int err = 0;

		return made(libfence_import(fd, &err), &err);
	}
	[[nodiscard]] static libfence_cpp::result<fence> wrap_fd(int fd) noexcept
	{
		int err = 0;

		return made(libfence_wrap_fd(fd, &err), &err);
	}
	/* For functions of the plain face that return NULL. */
	[[nodiscard]] static libfence_cpp::result<fence>
	made(::libfence *reference, const int *err = nullptr) noexcept
	{
		if (!reference)
			return detail::failed(err && *err ? *err : -ENOMEM);
		return adopt(reference);
	}

	friend constexpr bool operator==(const fence &a, const fence &b) noexcept
	{
		return a.fence_ == b.fence_;
	}
	friend constexpr bool operator!=(const fence &a, const fence &b) noexcept
	{
		return a.fence_ != b.fence_;
	}

private:
	::libfence *fence_ = nullptr;
};

inline fence_view::fence_view(const fence &borrowed) noexcept
	: fence_(borrowed.native())
{
}

template <class Self> fence detail::consumer<Self>::share() const noexcept
{
	return fence::adopt(libfence_get_raw(get_()));
}

/* Arrays of these are passed to functions of the plain face. */
static_assert(sizeof(fence) == sizeof(::libfence *) &&
	      std::is_standard_layout_v<fence> &&
	      sizeof(fence_view) == sizeof(::libfence *) &&
	      std::is_standard_layout_v<fence_view> && sizeof(status) == sizeof(int));

LIBFENCE_CPP_END_

/* By identity: two references to the same fence are equal. */
template <> struct std::hash<libfence_cpp::fence> {
	std::size_t operator()(const libfence_cpp::fence &fence) const noexcept
	{
		return std::hash<const void *>()(fence.native());
	}
};

#endif
