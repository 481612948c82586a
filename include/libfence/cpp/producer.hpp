/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Producers: contexts, preparations, and fences that their owner signals. Part of
 * <libfence/libfence.hpp>.
 */
#ifndef LIBFENCE_CPP_PRODUCER_HPP
#define LIBFENCE_CPP_PRODUCER_HPP

#include <new>
#include <libfence/cpp/fence.hpp>
#include <libfence/driver-fence.h>

LIBFENCE_CPP_BEGIN_

/**
 * class context - a context of one driver
 *
 * Fences of a context share names and a sequence of numbers. The destructor is
 * libfence_context_destroy(): it may sleep, and signals the remaining fences with
 * ECANCELED. No thread may commit fences to the context any more.
 */
class context {
public:
	context() noexcept = default;

	/* libfence_context_create_typed(): the names are copied. */
	[[nodiscard]] static result<context>
	create(const char *driver, const char *timeline, std::uint64_t first = 1) noexcept
	{
		context made;
		int err = made.create_(driver, timeline, first, nullptr, nullptr);

		if (err)
			return detail::failed(err);
		return made;
	}
	/* Takes over a context of the plain face; release() gives it back. */
	[[nodiscard]] static context adopt(::libfence_context *owned) noexcept
	{
		context adopted;

		adopted.handle_ = handle(owned);
		return adopted;
	}
	[[nodiscard]] ::libfence_context *release() noexcept { return handle_.release(); }
	/* libfence_context_number() */
	std::uint64_t number() const noexcept
	{
		return libfence_context_number(native());
	}
	::libfence_context *native() const noexcept { return handle_.get(); }
	explicit operator bool() const noexcept { return native(); }

protected:
	int create_(const char *driver, const char *timeline, std::uint64_t first,
		    const libfence_context_type *type, void *arg) noexcept
	{
		int err = 0;

		handle_ = handle(libfence_context_create_typed(driver, timeline, first,
							       type, arg, &err));
		return err;
	}

private:
	using handle = detail::handle<::libfence_context, libfence_context_destroy_raw>;

	handle handle_;
};

namespace detail {
template <class T> constexpr void storable() noexcept
{
	static_assert(alignof(T) <= 16, "it needs an alignment of more than 16 bytes");
	static_assert(std::is_nothrow_move_constructible_v<T>,
		      "moving it into its memory must not throw");
	static_assert(std::is_nothrow_destructible_v<T>);
}

template <class T> int init_data(void *data, void *arg) noexcept
{
	::new (data) T(std::move(*static_cast<T *>(arg)));
	return 0;
}
template <class T> void destroy_data(void *data) noexcept
{
	static_cast<T *>(data)->~T();
}

/*
 * Hidden: each shared object has its own. Otherwise gcc would make it unique in
 * the process, and an object that has it could not be unloaded.
 */
template <class T> struct data_type {
	[[gnu::visibility("hidden")]] static constexpr libfence_context_type type = {
		sizeof(T), init_data<T>, destroy_data<T>,
	};
};
}

/**
 * class context_with - a context that owns data
 *
 * The destructor destroys the data when no op and no destructor of a payload can
 * use it any more.
 */
template <class Data> class context_with : public context {
public:
	context_with() noexcept = default;

	/* libfence_context_create_typed() */
	[[nodiscard]] static result<context_with>
	create(const char *driver, const char *timeline, Data data,
	       std::uint64_t first = 1) noexcept
	{
		detail::storable<Data>();
		context_with made;
		int err = made.create_(driver, timeline, first,
				       &detail::data_type<Data>::type,
				       std::addressof(data));

		if (err)
			return detail::failed(err);
		return made;
	}
	Data &data() const noexcept
	{
		return *static_cast<Data *>(libfence_context_data(native()));
	}
};

namespace detail {
/* Does a payload have this member, and then with the right type? */
#define LIBFENCE_CPP_HAS_(name, value, call)					\
	template <class P, class = void> struct has_##name : std::false_type {};	\
	template <class P>							\
	struct has_##name<P, std::void_t<decltype(&P::name)>> : std::true_type {	\
		static_assert(noexcept(std::declval<P &>().call),		\
			      #name "() of a payload must be noexcept");	\
		static_assert(std::is_same_v<decltype(std::declval<P &>().call), value>, \
			      #name "() of a payload has another type");	\
	}
LIBFENCE_CPP_HAS_(enable_signaling, bool, enable_signaling());
LIBFENCE_CPP_HAS_(signaled, bool, signaled());
LIBFENCE_CPP_HAS_(set_deadline, void, set_deadline(std::declval<clock::time_point>()));
#undef LIBFENCE_CPP_HAS_

template <class P> bool enable_signaling_of(void *payload) noexcept
{
	return static_cast<P *>(payload)->enable_signaling();
}
template <class P> bool signaled_of(void *payload) noexcept
{
	return static_cast<P *>(payload)->signaled();
}
template <class P> void set_deadline_of(void *payload, std::int64_t deadline) noexcept
{
	static_cast<P *>(payload)->set_deadline(
		clock::time_point(std::chrono::duration_cast<clock::duration>(
			std::chrono::nanoseconds(deadline))));
}

template <class P> struct payload {
	static constexpr bool ends = !std::is_trivially_destructible_v<P>;
	static constexpr unsigned int ops =
		(has_enable_signaling<P>::value ? +LIBFENCE_ENABLE_SIGNALING : 0) |
		(has_signaled<P>::value ? +LIBFENCE_SIGNALED : 0) |
		(has_set_deadline<P>::value ? +LIBFENCE_SET_DEADLINE : 0) |
		(ends ? +LIBFENCE_DESTROY : 0);

	static constexpr libfence_payload_type make() noexcept
	{
		libfence_payload_type type{};

		type.size = sizeof(P);
		if constexpr (ends)
			type.destroy = destroy_data<P>;
		if constexpr (has_enable_signaling<P>::value)
			type.enable_signaling = enable_signaling_of<P>;
		if constexpr (has_signaled<P>::value)
			type.signaled = signaled_of<P>;
		if constexpr (has_set_deadline<P>::value)
			type.set_deadline = set_deadline_of<P>;
		return type;
	}
	/* Hidden: see data_type. */
	[[gnu::visibility("hidden")]] static constexpr libfence_payload_type type =
		make();
};

template <class P>
::libfence_preparation *prepare(::libfence_context *ctx, P &&initial) noexcept
{
	using type = payload<P>;
	const void *copied = nullptr;
	::libfence_preparation *prep;

	storable<P>();
	if constexpr (std::is_trivially_copyable_v<P>)
		copied = std::addressof(initial);
	prep = ctx ? libfence_prepare_bound(ctx, &type::type, type::ops, copied) :
		     libfence_prepare_ops(&type::type, type::ops, copied);
	if constexpr (!std::is_trivially_copyable_v<P>)
		if (prep)
			::new (libfence_preparation_payload(prep))
				P(std::move(initial));
	return prep;
}

using preparation_handle =
	handle<::libfence_preparation, libfence_preparation_free>;
}

/**
 * class producer - a fence as its owner sees it, with a payload of type P
 *
 * Moves, but is not copied. The owner signals it once: signal() and fail() are for
 * rvalues only, so that the variable is marked as used up:
 *
 *	std::move(fence).signal();
 *
 * A producer that is destroyed instead is signalled with ECANCELED, with a warning.
 * The payload is destroyed on another thread, a grace period later, as the destroy
 * op of LIBFENCE_OPS(): its destructor must not sleep, wait, or take a lock that is
 * held for long.
 */
template <class P> class producer {
public:
	producer() noexcept = default;

	/* libfence_driver_fence_signal_raw(): all callbacks have run afterwards. */
	void signal() && noexcept
	{
		libfence_driver_fence_signal_raw(handle_.release(), 0);
	}
	void fail(error why) && noexcept
	{
		assert(why && "to fail needs an error");
		libfence_driver_fence_signal_raw(handle_.release(), why.value());
	}

	/* libfence_driver_fence_payload(): ops may be using it at the same time. */
	P &payload() const noexcept
	{
		return *static_cast<P *>(libfence_driver_fence_payload(native()));
	}
	/* A reference for a consumer. */
	[[nodiscard]] fence share() const noexcept
	{
		return fence::adopt(libfence_get_raw(consumer_()));
	}
	/* The consumer's view, borrowed until the producer is used up. */
	fence_view view() const & noexcept { return fence_view(consumer_()); }
	fence_view view() const && = delete;
	operator fence_view() const & noexcept { return view(); }
	operator fence_view() const && = delete;

	::libfence_driver_fence *native() const noexcept { return handle_.get(); }
	explicit operator bool() const noexcept { return native(); }

	/* Takes over a driver fence of the plain face with a payload of type P. */
	[[nodiscard]] static producer adopt(::libfence_driver_fence *owned) noexcept
	{
		producer adopted;

		adopted.handle_ = handle(owned);
		return adopted;
	}

private:
	using handle = detail::handle<::libfence_driver_fence,
				      libfence_driver_fence_drop_raw>;

	const ::libfence *consumer_() const noexcept
	{
		return libfence_driver_fence_consumer(native());
	}

	handle handle_;
};

/**
 * class preparation - the memory of a fence that does not exist yet
 *
 * Made by prepare(). commit() is for rvalues only: std::move(prep).commit(ctx). The
 * destructor frees one that is not needed.
 */
template <class P> class preparation {
public:
	preparation() noexcept = default;
	explicit preparation(::libfence_preparation *owned) noexcept : handle_(owned) {}

	/* libfence_commit(): cannot fail, and allocates nothing. */
	[[nodiscard]] producer<P> commit(const context &ctx) && noexcept
	{
		return producer<P>::adopt(
			libfence_commit(ctx.native(), handle_.release()));
	}
	P &payload() const noexcept
	{
		return *static_cast<P *>(libfence_preparation_payload(handle_.get()));
	}
	explicit operator bool() const noexcept { return handle_.get(); }

private:
	detail::preparation_handle handle_;
};

/* A preparation for one context, made by prepare_bound(). */
template <class P> class bound_preparation {
public:
	bound_preparation() noexcept = default;
	explicit bound_preparation(::libfence_preparation *owned) noexcept
		: handle_(owned)
	{
	}

	/* libfence_commit_bound() */
	[[nodiscard]] producer<P> commit() && noexcept
	{
		return producer<P>::adopt(libfence_commit_bound(handle_.release()));
	}
	P &payload() const noexcept
	{
		return *static_cast<P *>(libfence_preparation_payload(handle_.get()));
	}
	explicit operator bool() const noexcept { return handle_.get(); }

private:
	detail::preparation_handle handle_;
};

/**
 * prepare - allocate everything that a fence needs
 * @initial: the payload, which is moved. It needs no more than 16 bytes of
 *	alignment, and moving it must not throw.
 *
 * If P has members of these names, they are the ops of the fence. They are noexcept,
 * and documented with LIBFENCE_OPS():
 *
 *	bool enable_signaling() noexcept;
 *	bool signaled() noexcept;
 *	void set_deadline(std::chrono::steady_clock::time_point) noexcept;
 *
 * Context: may sleep.
 * Return: the preparation. Error: not_enough_memory, and @initial is destroyed.
 */
template <class P> [[nodiscard]] result<preparation<P>> prepare(P initial = {}) noexcept
{
	::libfence_preparation *prep = detail::prepare<P>(nullptr, std::move(initial));

	if (!prep)
		return detail::failed(-ENOMEM);
	return preparation<P>(prep);
}

/**
 * prepare_bound - prepare a fence for one context
 * @ctx: borrowed; not empty
 * @initial: as for prepare()
 *
 * libfence_prepare_bound().
 * Context: may sleep.
 * Return: as prepare().
 */
template <class P>
[[nodiscard]] result<bound_preparation<P>> prepare_bound(const context &ctx,
							 P initial = {}) noexcept
{
	assert(ctx && "an empty context");
	::libfence_preparation *prep =
		detail::prepare<P>(ctx.native(), std::move(initial));

	if (!prep)
		return detail::failed(-ENOMEM);
	return bound_preparation<P>(prep);
}

/* libfence_barrier(): waits for pending destructors of payloads. */
inline void barrier() noexcept
{
	libfence_barrier();
}

/* A fence-signalling critical section, until the end of the block. */
class [[nodiscard]] signalling_guard {
public:
	signalling_guard() noexcept : section_(libfence_signalling_begin()) {}
	signalling_guard(const signalling_guard &) = delete;
	signalling_guard &operator=(const signalling_guard &) = delete;
	~signalling_guard() { libfence_signalling_end(&section_); }

private:
	libfence_signalling section_;
};

LIBFENCE_CPP_END_

#endif
