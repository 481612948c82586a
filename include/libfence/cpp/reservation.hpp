/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reservations and software timelines. Part of <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_RESERVATION_HPP
#define LIBFENCE_CPP_RESERVATION_HPP

#include <initializer_list>
#include <libfence/cpp/fence.hpp>
#include <libfence/reservation.h>
#include <libfence/timeline.h>

LIBFENCE_CPP_BEGIN_

/* enum libfence_usage: how the work of a fence uses the buffer. */
enum class usage : unsigned int {
	kernel = LIBFENCE_USAGE_KERNEL,
	write = LIBFENCE_USAGE_WRITE,
	read = LIBFENCE_USAGE_READ,
	bookkeep = LIBFENCE_USAGE_BOOKKEEP,
};

/* libfence_usage_to_wait_for() */
constexpr usage usage_to_wait_for(bool write) noexcept
{
	return write ? usage::read : usage::write;
}

/**
 * class reservation - the fences of one buffer
 *
 * lock() and unlock() are those of std::lock_guard. There is no try_lock(), so
 * std::lock() and std::scoped_lock do not take several: lock_many() does. The
 * functions of the plain face that are named have the whole descriptions.
 */
class reservation {
public:
	reservation() noexcept = default;

	/* libfence_reservation_create() */
	[[nodiscard]] static result<reservation> create() noexcept
	{
		reservation made;

		made.handle_ = handle(libfence_reservation_create());
		if (!made.handle_.get())
			return detail::failed(-ENOMEM);
		return made;
	}

	/* libfence_reservation_lock(), libfence_reservation_unlock() */
	void lock() noexcept { libfence_reservation_lock(native()); }
	void unlock() noexcept { libfence_reservation_unlock(native()); }

	/* libfence_reservation_add(): the reservation is locked by this thread. */
	[[nodiscard]] result<void> add(fence_view fence, usage use) noexcept
	{
		assert(fence && "an empty fence");
		return detail::check(libfence_reservation_add(native(), fence.native(),
							      c_(use)));
	}
	[[nodiscard]] result<void> add(const fence &fence, usage use) noexcept
	{
		return add(fence_view(fence), use);
	}

	/* libfence_reservation_wait() */
	[[nodiscard]] result<void> wait(usage use, time_limit limit = {},
					interrupts how = interrupts::no) noexcept
	{
		return detail::check(libfence_reservation_wait(
			native(), c_(use), limit.deadline(),
			static_cast<unsigned int>(how)));
	}
	/* libfence_reservation_is_signaled() */
	bool is_signaled(usage use) noexcept
	{
		return libfence_reservation_is_signaled(native(), c_(use));
	}
	/* libfence_reservation_merge() */
	[[nodiscard]] result<fence> merge(usage use) noexcept
	{
		return fence::made(libfence_reservation_merge(native(), c_(use)));
	}

	::libfence_reservation *native() const noexcept { return handle_.get(); }

private:
	using handle = detail::handle<::libfence_reservation,
				      libfence_reservation_destroy_raw>;

	static libfence_usage c_(usage use) noexcept
	{
		return static_cast<libfence_usage>(use);
	}

	handle handle_;
};

/**
 * class locks - reservations that this thread has locked together
 *
 * The destructor unlocks them. It is destroyed on the thread that locked.
 */
class [[nodiscard]] locks {
public:
	locks() noexcept = default;
	explicit locks(::libfence_locks *owned) noexcept : handle_(owned) {}
	/* Unlocks them now. */
	void release() noexcept { handle_ = handle(); }

private:
	using handle = detail::handle<::libfence_locks, libfence_locks_release_raw>;

	handle handle_;
};

/**
 * lock_many - lock several reservations, in any order
 * @objects: their addresses, or nullptr; the same one may occur several times
 * @n: the number of entries
 * @room: how many add() for each of them must not fail afterwards
 * @how: interrupts::yes: a signal handler ends the wait
 *
 * libfence_reservation_lock_many().
 * Context: may sleep.
 * Return: the locks. Errors: interrupted, not_enough_memory.
 */
[[nodiscard]] inline result<locks>
lock_many(reservation *const *objects, std::size_t n, unsigned int room = 0,
	  interrupts how = interrupts::no) noexcept
{
	constexpr std::size_t few = 16;
	::libfence_reservation *some[few], **all = some;
	::libfence_locks *locked = nullptr;
	int err;

	if (n > few)
		all = new (std::nothrow)::libfence_reservation *[n];
	if (!all)
		return detail::failed(-ENOMEM);
	for (std::size_t i = 0; i < n; i++)
		all[i] = objects[i] ? objects[i]->native() : nullptr;
	err = libfence_reservation_lock_many(all, n, room,
					     static_cast<unsigned int>(how), &locked);
	if (all != some)
		delete[] all;
	if (err)
		return detail::failed(err);
	return locks(locked);
}

[[nodiscard]] inline result<locks>
lock_many(std::initializer_list<reservation *> objects, unsigned int room = 0,
	  interrupts how = interrupts::no) noexcept
{
	return lock_many(objects.begin(), objects.size(), room, how);
}

/**
 * class timeline - a software timeline, for experiments and tests
 *
 * A counter, and fences that are signalled when it reaches their values. The
 * destructor signals those that are left with ENOENT. <libfence/timeline.h> has the
 * descriptions.
 */
class timeline {
public:
	timeline() noexcept = default;

	/* libfence_timeline_create(): the name is copied. */
	[[nodiscard]] static result<timeline> create(const char *name) noexcept
	{
		timeline made;

		made.handle_ = handle(libfence_timeline_create(name));
		if (!made.handle_.get())
			return detail::failed(-ENOMEM);
		return made;
	}
	/* libfence_timeline_fence() */
	[[nodiscard]] result<fence> at(std::uint32_t value) noexcept
	{
		return fence::made(libfence_timeline_fence(native(), value));
	}
	/* libfence_timeline_inc() */
	void increment(std::uint32_t by = 1) noexcept
	{
		libfence_timeline_inc(native(), by);
	}
	/* libfence_timeline_value() */
	std::uint32_t value() const noexcept { return libfence_timeline_value(native()); }

	::libfence_timeline *native() const noexcept { return handle_.get(); }

private:
	using handle =
		detail::handle<::libfence_timeline, libfence_timeline_destroy_raw>;

	handle handle_;
};

LIBFENCE_CPP_END_

#endif
