/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Constant objects that are freed by RCU. Part of <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_BOX_HPP
#define LIBFENCE_CPP_BOX_HPP

#include <libfence/cpp/producer.hpp>
#include <libfence/rcu-box.h>

LIBFENCE_CPP_BEGIN_

/**
 * class read_section - an RCU read-side section, as long as the object exists
 *
 * libfence_rcu_read_lock() and libfence_rcu_read_unlock(). Sections nest. Code inside
 * must not sleep. The object stays in one thread.
 */
class read_section {
public:
	read_section() noexcept { libfence_rcu_read_lock(); }
	~read_section() { libfence_rcu_read_unlock(); }
	read_section(const read_section &) = delete;
	read_section &operator=(const read_section &) = delete;
};

namespace detail {
template <class T> struct box_type {
	/* Hidden: see data_type. */
	[[gnu::visibility("hidden")]] static constexpr libfence_rcu_box_type type = {
		sizeof(T), std::is_trivially_destructible_v<T> ? nullptr : destroy_data<T>,
	};
};

using box_handle = handle<::libfence_rcu_box, libfence_rcu_box_drop_raw>;
}

/**
 * class rcu_box - owns a constant object
 *
 * The destructor is libfence_rcu_box_drop_raw(): the object is destroyed one grace
 * period later, on another thread, where its destructor must not sleep, wait for a
 * fence, or take a lock. It may be empty, as the other owners.
 */
template <class T> class rcu_box {
public:
	rcu_box() noexcept = default;

	/* libfence_rcu_box_create() */
	[[nodiscard]] static result<rcu_box> create(T content) noexcept
	{
		rcu_box made;

		detail::storable<T>();
		/* The bytes of an object that is not trivial are replaced at once. */
		made.handle_ = detail::box_handle(libfence_rcu_box_create(
			&detail::box_type<T>::type, std::addressof(content)));
		if (!made)
			return detail::failed(-ENOMEM);
		if constexpr (!std::is_trivially_copyable_v<T>)
			::new (const_cast<void *>(libfence_rcu_box_read(made.native())))
				T(std::move(content));
		return made;
	}
	/* Takes over a box of the plain face, with a T in it; release() gives it back. */
	[[nodiscard]] static rcu_box adopt(::libfence_rcu_box *owned) noexcept
	{
		rcu_box adopted;

		adopted.handle_ = detail::box_handle(owned);
		return adopted;
	}
	[[nodiscard]] ::libfence_rcu_box *release() noexcept { return handle_.release(); }

	/* libfence_rcu_box_read(): for the owner. */
	const T &operator*() const & noexcept
	{
		assert(*this && "an empty box, or one that was moved from");
		return *static_cast<const T *>(libfence_rcu_box_read(native()));
	}
	const T *operator->() const & noexcept { return std::addressof(**this); }
	const T &operator*() const && = delete;
	const T *operator->() const && = delete;
	::libfence_rcu_box *native() const noexcept { return handle_.get(); }
	explicit operator bool() const noexcept { return native(); }

private:
	detail::box_handle handle_;
};

/**
 * class rcu_slot - a variable with a box, or none, that several threads read and replace
 *
 * The destructor drops the box. No thread may use the variable any more by then.
 */
template <class T> class rcu_slot {
public:
	rcu_slot() noexcept = default;
	explicit rcu_slot(rcu_box<T> box) noexcept : box_(box.release()) {}
	rcu_slot(const rcu_slot &) = delete;
	rcu_slot &operator=(const rcu_slot &) = delete;
	~rcu_slot() { libfence_rcu_box_drop_raw(box_); }

	/* libfence_rcu_box_read_rcu(): valid until the end of the section, or nullptr. */
	const T *read(const read_section &) const noexcept
	{
		return static_cast<const T *>(libfence_rcu_box_read_rcu(&box_));
	}
	const T *read(const read_section &&) const = delete;
	/* libfence_rcu_box_publish_raw(): returns the box that was there before. */
	[[nodiscard]] rcu_box<T> exchange(rcu_box<T> box) noexcept
	{
		return rcu_box<T>::adopt(libfence_rcu_box_publish_raw(&box_,
								      box.release()));
	}
	/* The same; drops the box that was there before. */
	void publish(rcu_box<T> box) noexcept { (void)exchange(std::move(box)); }

private:
	::libfence_rcu_box *box_ = nullptr;
};

LIBFENCE_CPP_END_

#endif
