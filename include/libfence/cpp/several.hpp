/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Several fences: wait_any(), wait_all(), merge(), parts. Part of
 * <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_SEVERAL_HPP
#define LIBFENCE_CPP_SEVERAL_HPP

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <libfence/cpp/fence.hpp>
#include <libfence/several.h>

LIBFENCE_CPP_BEGIN_

namespace detail {
/* Is it an array, a std::vector, a std::span and so on of @Elements? */
template <class Range, class... Elements> constexpr bool is_contiguous_of() noexcept
{
	return (std::is_same_v<std::remove_cv_t<std::remove_pointer_t<
			decltype(std::data(std::declval<const Range &>()))>>,
			       Elements> || ...);
}

template <class Range, class = void> struct is_array : std::false_type {};
template <class Range>
struct is_array<Range, std::void_t<decltype(std::data(std::declval<const Range &>())),
				   decltype(std::size(std::declval<const Range &>()))>>
	: std::bool_constant<is_contiguous_of<Range, fence, fence_view>()> {};

/*
 * The pointers of a range, for a function of the plain face. A contiguous range is
 * used as it is: each element contains one pointer and nothing else. Of any other
 * range the pointers are copied.
 */
template <class Range, bool Direct = is_array<Range>::value> class pointers {
public:
	explicit pointers(const Range &range) noexcept
		: begin_(reinterpret_cast<::libfence *const *>(std::data(range))),
		  n_(std::size(range))
	{
	}
	::libfence *const *begin() const noexcept { return begin_; }
	std::size_t size() const noexcept { return n_; }
	bool failed() const noexcept { return false; }

private:
	::libfence *const *begin_;
	std::size_t n_;
};

template <class Range> class pointers<Range, false> {
public:
	explicit pointers(const Range &range) noexcept
		: n_(static_cast<std::size_t>(
			  std::distance(std::begin(range), std::end(range))))
	{
		std::size_t i = 0;

		if (n_ > few) {
			many_.reset(new (std::nothrow)::libfence *[n_]);
			if (!many_)
				return;
			begin_ = many_.get();
		}
		for (auto &&element : range) {
			/* Does not compile if the range makes a new fence each time. */
			fence_view view = std::forward<decltype(element)>(element);

			begin_[i++] = const_cast<::libfence *>(view.native());
		}
	}
	::libfence *const *begin() const noexcept { return begin_; }
	std::size_t size() const noexcept { return n_; }
	bool failed() const noexcept { return n_ > few && !many_; }

private:
	static constexpr std::size_t few = 16;

	std::size_t n_;
	::libfence *few_[few];
	std::unique_ptr<::libfence *[]> many_;
	::libfence **begin_ = few_;
};

template <class Range>
result<std::size_t> wait_many(const Range &fences, unsigned int flags,
			      time_limit limit, interrupts how,
			      status *statuses) noexcept
{
	pointers<Range> all(fences);
	std::size_t index = 0;

	if (all.failed())
		return detail::failed(-ENOMEM);
	if (int err = libfence_wait_many(all.begin(), all.size(),
					 flags | static_cast<unsigned int>(how),
					 limit.deadline(), &index,
					 reinterpret_cast<int *>(statuses)))
		return detail::failed(err);
	return index;
}
}

/**
 * wait_any - wait for the first of several fences
 * @fences: a range of fence, fence_view or producer<P>, borrowed; or {a, b, c}. It
 *	may have empty ones, which stand for no fence.
 * @limit: a duration, a time_point, or none
 * @how: interrupts::yes: a signal handler ends the wait
 * @statuses: gets the status of each of them; or nullptr
 *
 * libfence_wait_many() with LIBFENCE_ANY. Contiguous ranges of fence or fence_view
 * are passed as they are. Of other ranges the pointers are copied, which allocates
 * if there are more than 16.
 * Context: may sleep.
 * Return: the lowest index of a fence that is signalled. Errors: timed_out,
 * interrupted, not_enough_memory, no_such_file_or_directory if there is no fence.
 */
template <class Range>
[[nodiscard]] result<std::size_t>
wait_any(const Range &fences, time_limit limit = {}, interrupts how = interrupts::no,
	 status *statuses = nullptr) noexcept
{
	return detail::wait_many(fences, LIBFENCE_ANY, limit, how, statuses);
}

[[nodiscard]] inline result<std::size_t>
wait_any(std::initializer_list<fence_view> fences, time_limit limit = {},
	 interrupts how = interrupts::no, status *statuses = nullptr) noexcept
{
	return detail::wait_many(fences, LIBFENCE_ANY, limit, how, statuses);
}

/**
 * wait_all - wait for all of several fences
 * @fences: as for wait_any()
 * @limit: as for wait_any()
 * @how: as for wait_any()
 * @statuses: as for wait_any()
 *
 * libfence_wait_many() with LIBFENCE_ALL.
 * Context: may sleep.
 * Return: the lowest index of a fence that failed, or their number if none has.
 * Errors: timed_out, interrupted, not_enough_memory.
 */
template <class Range>
[[nodiscard]] result<std::size_t>
wait_all(const Range &fences, time_limit limit = {}, interrupts how = interrupts::no,
	 status *statuses = nullptr) noexcept
{
	return detail::wait_many(fences, LIBFENCE_ALL, limit, how, statuses);
}

[[nodiscard]] inline result<std::size_t>
wait_all(std::initializer_list<fence_view> fences, time_limit limit = {},
	 interrupts how = interrupts::no, status *statuses = nullptr) noexcept
{
	return detail::wait_many(fences, LIBFENCE_ALL, limit, how, statuses);
}

/**
 * merge - make one fence of several
 * @fences: as for wait_any()
 *
 * libfence_merge().
 * Context: may sleep.
 * Return: the merged fence. Error: not_enough_memory.
 */
template <class Range> [[nodiscard]] result<fence> merge(const Range &fences) noexcept
{
	detail::pointers<Range> all(fences);

	if (all.failed())
		return detail::failed(-ENOMEM);
	return fence::made(libfence_merge(all.begin(), all.size()));
}

[[nodiscard]] inline result<fence>
merge(std::initializer_list<fence_view> fences) noexcept
{
	return merge<std::initializer_list<fence_view>>(fences);
}

/**
 * class parts - the parts of a merged fence, as a range
 *
 *	for (libfence_cpp::fence_view part : libfence_cpp::parts(merged))
 *
 * Any other fence is its own only part. A part is borrowed until the next step. The
 * range can be gone through once. libfence_parts_first() has the details.
 */
class parts {
public:
	explicit parts(fence_view fence) noexcept
		: part_(libfence_parts_first(&parts_, fence.native()))
	{
	}
	parts(const parts &) = delete;
	parts &operator=(const parts &) = delete;
	~parts() { libfence_parts_end(&parts_); }

	struct sentinel {};
	class iterator {
	public:
		using iterator_category = std::input_iterator_tag;
		using value_type = fence_view;
		using difference_type = std::ptrdiff_t;
		using pointer = void;
		using reference = fence_view;

		explicit iterator(parts *range) noexcept : range_(range) {}
		fence_view operator*() const noexcept
		{
			return fence_view(range_->part_);
		}
		iterator &operator++() noexcept
		{
			range_->part_ = libfence_parts_next(&range_->parts_);
			return *this;
		}
		void operator++(int) noexcept { ++*this; }
		friend bool operator==(const iterator &i, sentinel) noexcept
		{
			return i.is_end_();
		}
		friend bool operator!=(const iterator &i, sentinel) noexcept
		{
			return !i.is_end_();
		}

	private:
		bool is_end_() const noexcept { return !range_->part_; }

		parts *range_;
	};
	iterator begin() noexcept { return iterator(this); }
	sentinel end() const noexcept { return {}; }

private:
	libfence_parts parts_;
	const ::libfence *part_;
};

LIBFENCE_CPP_END_

#endif
