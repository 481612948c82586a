// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The C++ interface. Compiled for each standard that the compiler has, with and
 * without exceptions.
 */
#include <atomic>
#include <list>
#include <memory>
#include <poll.h>
#include <new>
#include <string>
#include <sys/eventfd.h>
#include <thread>
#include <vector>
#include <libfence/libfence.hpp>

#include "check.hpp"

namespace lf = libfence_cpp;
using namespace std::chrono_literals;

/* Allocations of C++ on this thread. */
static thread_local unsigned long allocations;

[[gnu::noinline]] void *operator new(std::size_t size)
{
	void *memory = std::malloc(size);

	allocations++;
	if (!memory)
		std::abort();
	return memory;
}
[[gnu::noinline]] void operator delete(void *memory) noexcept
{
	std::free(memory);
}
[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept
{
	std::free(memory);
}

static lf::context new_context()
{
	auto ctx = lf::context::create("cpp", "ring");

	REQUIRE(ctx);
	return *std::move(ctx);
}

static lf::timeline new_timeline()
{
	auto timeline = lf::timeline::create("play");

	REQUIRE(timeline);
	return *std::move(timeline);
}

static lf::fence at(lf::timeline &timeline, std::uint32_t value)
{
	auto fence = timeline.at(value);

	REQUIRE(fence);
	return *std::move(fence);
}

struct job {
	int id;
};

static lf::producer<job> new_job(lf::context &ctx, int id)
{
	auto prep = lf::prepare(job{id});

	REQUIRE(prep);
	return (*std::move(prep)).commit(ctx);
}

static void test_ownership()
{
	lf::context ctx = new_context();
	lf::producer<job> owner = new_job(ctx, 7);
	lf::fence a = owner.share(), b = a, none;
	lf::fence_view view = a;

	CHECK(owner.payload().id == 7);
	CHECK(a == b && view == owner.view() && a != none && a && !none);
	CHECK(std::hash<lf::fence>()(a) == std::hash<lf::fence>()(b));
	b = std::move(a);
	CHECK(!a && b);
	a = b;
	a = static_cast<const lf::fence &>(a);
	CHECK(a == b);
	CHECK(b.status().pending() && !b.is_signaled() && !b.is_signaled_racy());
	CHECK(b.context_number() == ctx.number() && b.seqno() == 1);
	CHECK(b.driver_name() == "cpp" && b.timeline_name() == "ring");
	std::move(owner).signal();
	CHECK(!owner);
	CHECK(b.status().ok() && b.is_signaled() && view.status_racy().ok());
	CHECK(b.timestamp() <= lf::clock::now() &&
	      b.timestamp() > lf::clock::now() - 60s);

	lf::producer<job> failing = new_job(ctx, 8);
	lf::fence failed = failing.share();
	std::move(failing).fail(lf::error(-EIO));
	CHECK(failed.status().failed() && failed.status().error() == std::errc::io_error);
	CHECK(failed.status().error().code() == std::errc::io_error);

	/* The plain face and back. */
	::libfence *raw = failed.release();
	CHECK(!failed);
	failed = lf::fence::adopt(raw);
	CHECK(failed.status().value() == -EIO);
	auto signaled = lf::fence::signaled(std::errc::not_connected);
	REQUIRE(signaled);
	CHECK(signaled->status().value() == -ENOTCONN);
}

static unsigned long warnings;

static void count_warning(const struct libfence_warning *, void *)
{
	warnings++;
}

static void test_drop()
{
	lf::context ctx = new_context();
	lf::fence dropped;

	libfence_set_warn_hook(count_warning, nullptr);
	warnings = 0;
	{
		lf::producer<job> owner = new_job(ctx, 1);

		dropped = owner.share();
	}
	CHECK(warnings == 1 && dropped.status().value() == -ECANCELED);
	/* Assigning drops, too. Moving does not. */
	lf::producer<job> owner = new_job(ctx, 2), other = new_job(ctx, 3);
	lf::fence first = owner.share(), second = other.share();
	owner = std::move(other);
	CHECK(warnings == 2 && first.status().value() == -ECANCELED);
	CHECK(second.status().pending() && owner.payload().id == 3);
	std::move(owner).signal();
	libfence_set_warn_hook(nullptr, nullptr);
}

/* A payload with a destructor, ops, and members that own memory. */
struct rich {
	std::unique_ptr<std::string> name;
	std::atomic<int> *destroyed;
	std::atomic<int> *asked;
	bool done = false;

	rich() = default;
	rich(std::string text, std::atomic<int> *destroyed, std::atomic<int> *asked)
		: name(new std::string(std::move(text))), destroyed(destroyed), asked(asked)
	{
	}
	rich(rich &&) noexcept = default;
	~rich()
	{
		if (name)
			++*destroyed;
	}
	bool enable_signaling() noexcept { return ++*asked, true; }
	bool signaled() noexcept { return done; }
	void set_deadline(lf::clock::time_point when) noexcept
	{
		*asked += when == lf::clock::time_point(5s) ? 10 : 1000;
	}
};

static void test_payload()
{
	std::atomic<int> destroyed(0), asked(0);
	lf::context ctx = new_context();
	{
		auto unused = lf::prepare(rich("unused", &destroyed, &asked));
		REQUIRE(unused);
		CHECK(*unused->payload().name == "unused");
	}
	CHECK(destroyed == 1);

	auto prep = lf::prepare_bound(ctx, rich("used", &destroyed, &asked));
	REQUIRE(prep);
	unsigned long before = allocations;
	lf::producer<rich> owner = (*std::move(prep)).commit();
	lf::fence fence = owner.share();
	CHECK(*owner.payload().name == "used");
	fence.set_deadline(lf::clock::time_point(5s));
	CHECK(asked == 10);
	CHECK(!fence.is_signaled());
	CHECK(!fence.wait(0ns) && asked == 11);
	owner.payload().done = true;
	CHECK(fence.is_signaled());
	std::move(owner).signal();
	CHECK(allocations == before);
	lf::barrier();
	CHECK(destroyed == 2);

	/* Without memory, the payload is destroyed with the argument. */
	{
		rich lost("lost", &destroyed, &asked);
		libfence_fail_nth(1);
		auto none = lf::prepare(std::move(lost));
		CHECK(!none && none.error() == std::errc::not_enough_memory);
	}
	CHECK(destroyed == 3);
}

struct ring {
	std::unique_ptr<int> irq;
};

static void test_context()
{
	auto made = lf::context_with<ring>::create("cpp", "ring", ring{std::make_unique<int>(5)}, 40);
	REQUIRE(made);
	lf::context_with<ring> ctx = *std::move(made);
	CHECK(*ctx.data().irq == 5);
	lf::producer<job> owner = new_job(ctx, 1);
	CHECK(owner.share().seqno() == 40);
	std::move(owner).signal();
	libfence_fail_nth(1);
	auto none = lf::context::create("cpp", "ring");
	CHECK(!none && none.error() == std::errc::not_enough_memory);
	lf::signalling_guard guard;
}

static void test_callback()
{
	lf::timeline timeline = new_timeline();
	lf::fence fence = at(timeline, 1), later = at(timeline, 2);
	unsigned long before = allocations;
	int calls = 0;
	{
		lf::callback done([&](lf::fence_view signaled) noexcept {
			calls += signaled == lf::fence_view(fence) &&
				 signaled.status_racy().ok();
		});
		lf::callback never([&](lf::fence_view) noexcept { calls += 100; });
		CHECK(fence.attach(done) && later.attach(never));
		timeline.increment();
		CHECK(calls == 1 && done.detach());
		auto again = fence.attach(done);
		CHECK(!again && again.error() == std::errc::no_such_file_or_directory);
		CHECK(later.attach(done));
		/* The destructors detach both. */
	}
	timeline.increment();
	CHECK(calls == 1);
	CHECK(allocations == before);

	/* From another thread. */
	lf::fence third = at(timeline, 3);
	std::atomic<bool> ran(false);
	lf::callback done([&](lf::fence_view) noexcept { ran = true; });
	CHECK(third.attach(done));
	std::thread thread = spawn([&] { timeline.increment(); });
	CHECK(third.wait(60s) && ran);
	thread.join();
}

static void test_event_loop()
{
	lf::unique_fd fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	auto loop = lf::event_fd::create(fd.get());
	REQUIRE(loop);
	CHECK(lf::event_fd::create(-1).error() == std::errc::bad_file_descriptor);

	lf::timeline timeline = new_timeline();
	lf::fence first = at(timeline, 1), second = at(timeline, 2);
	eventfd_t counter = 0;
	{
		lf::eventfd_callback a, b;
		CHECK(first.attach(a, *loop) && second.attach(b, *loop));
		CHECK(eventfd_read(fd.get(), &counter) < 0);
		timeline.increment();
		CHECK(!eventfd_read(fd.get(), &counter) && counter == 1);
	}
	timeline.increment();
	CHECK(eventfd_read(fd.get(), &counter) < 0);

	/* Work is run by the queue, not by the thread that signals. */
	lf::run_queue queue(fd.get());
	lf::fence third = at(timeline, 3);
	int ran = 0;
	lf::work<std::function<void(lf::fence_view)>> again(queue, [&](lf::fence_view f) {
		/* Outside of all locks. */
		ran += f.is_signaled();
		if (ran == 1)
			CHECK(third.attach(again));
	});
	CHECK(third.attach(again));
	timeline.increment();
	CHECK(ran == 0);
	CHECK(!eventfd_read(fd.get(), &counter) && counter == 1);
	CHECK(queue.run() == 1 && ran == 1);
	/* It was signalled already, so that attach() has posted it. */
	CHECK(queue.run_for(0s) == 1 && ran == 2);
	CHECK(queue.run() == 0 && queue.run_for(1ns) == 0);
	lf::fence fourth = at(timeline, 4);
	CHECK(fourth.attach(again));
	CHECK(!again.detach());
	timeline.increment();
	CHECK(queue.run() == 0 && ran == 2);
}

static void test_time()
{
	lf::timeline timeline = new_timeline();
	lf::fence fence = at(timeline, 1);
	using std::chrono::duration;

	CHECK(lf::time_limit().nanoseconds() == LIBFENCE_FOREVER);
	CHECK(lf::time_limit(3ms).nanoseconds() == 3000000);
	CHECK(lf::time_limit(-3ms).nanoseconds() == 0);
	CHECK(lf::time_limit(-3ns).nanoseconds() == 0);
	CHECK(lf::time_limit(std::chrono::hours::max()).nanoseconds() == LIBFENCE_FOREVER);
	CHECK(lf::time_limit(std::chrono::hours::min()).nanoseconds() == 0);
	CHECK(lf::time_limit(lf::clock::time_point::max()).deadline() == LIBFENCE_FOREVER);
	CHECK(lf::time_limit(duration<double>(1e300)).nanoseconds() == LIBFENCE_FOREVER);
	CHECK(lf::time_limit(duration<double>(0.5)).nanoseconds() == 500000000);
	CHECK(lf::time_limit(duration<int, std::milli>(2147483647)).nanoseconds() == 2147483647000000);
	/* Rounded up: a wait is never too short. */
	CHECK(lf::time_limit(duration<long long, std::pico>(1)).nanoseconds() == 1);
	CHECK(lf::time_limit(duration<double, std::nano>(0.1)).nanoseconds() == 1);
	CHECK(lf::time_limit(lf::clock::time_point(7s)).is_absolute());

	auto start = lf::clock::now();
	CHECK(fence.wait(3ms).error() == std::errc::timed_out);
	CHECK(fence.wait(start + 6ms).error() == std::errc::timed_out);
	CHECK(fence.wait(1ms, lf::interrupts::yes).error() == std::errc::timed_out);
	CHECK(lf::clock::now() - start >= 7ms);
	CHECK(fence.wait(lf::clock::time_point()).error() == std::errc::timed_out);
	timeline.increment();
	CHECK(fence.wait() && fence.wait(0s) && fence.wait(lf::clock::now()));
}

static void test_several()
{
	lf::timeline one = new_timeline(), two = new_timeline();
	std::vector<lf::fence> fences = {at(one, 1), at(two, 1)};
	std::list<lf::fence> list(fences.begin(), fences.end());
	std::vector<lf::fence_view> views(fences.begin(), fences.end());
	lf::fence array[2] = {fences[0], fences[1]}, none;
	std::vector<lf::status> statuses(2);

	CHECK(lf::wait_any(fences, 1ms).error() == std::errc::timed_out);
	CHECK(lf::wait_all(list, 1ms).error() == std::errc::timed_out);
	auto merged = lf::merge(fences), same = lf::merge({array[0], none});
	REQUIRE(merged && same);
	CHECK(*same == fences[0]);
	std::size_t n = 0;
	for (lf::fence_view part : lf::parts(*merged))
		n += part == fences[0] || part == fences[1];
	CHECK(n == 2);
	for (lf::fence_view part : lf::parts(*merged)) {
		CHECK(part.status().pending());
		break;
	}

	two.increment();
	unsigned long before = allocations;
	CHECK(lf::wait_any(fences, {}, lf::interrupts::no, statuses.data()).value() == 1);
	CHECK(statuses[0].pending() && statuses[1].ok());
	CHECK(lf::wait_any(list).value() == 1);
	CHECK(lf::wait_any(views).value() == 1);
	CHECK(lf::wait_any(array).value() == 1);
	CHECK(lf::wait_any({array[0], none, array[1]}).value() == 2);
	CHECK(allocations == before);
	CHECK(lf::wait_any({none}).error() == std::errc::no_such_file_or_directory);
	one = lf::timeline();
	/* The index of the one that failed. */
	CHECK(lf::wait_all(list).value() == 0);
	CHECK(lf::wait_all({array[1], none}).value() == 2);
	CHECK(merged->wait(0s));

	/* More than there are places for pointers, and without memory. */
	std::list<lf::fence> many(100, array[1]);
	CHECK(lf::wait_all(many, 0s).value() == 100);
	libfence_fail_nth(1);
	auto no_memory = lf::fence::signaled();
	CHECK(!no_memory && no_memory.error() == std::errc::not_enough_memory);

	/* Producers are fences, too. */
	lf::context ctx = new_context();
	std::vector<lf::producer<job>> owners;
	owners.push_back(new_job(ctx, 1));
	CHECK(lf::wait_any(owners, 0s).error() == std::errc::timed_out);
	CHECK(lf::wait_any({owners[0], array[1]}, 0s).value() == 1);
	std::move(owners[0]).signal();
}

static void test_reservation()
{
	auto a = lf::reservation::create(), b = lf::reservation::create();
	REQUIRE(a && b);
	lf::timeline timeline = new_timeline();
	lf::fence fence = at(timeline, 1);
	{
		auto locked = lf::lock_many({&*a, nullptr, &*b, &*a}, 2);
		REQUIRE(locked);
		CHECK(a->add(fence, lf::usage::read) && b->add(fence, lf::usage::write));
		/* A temporary is fine: the reservation takes a reference. */
		CHECK(a->add(at(timeline, 2), lf::usage::bookkeep));
	}
	{
		/* They are unlocked again. */
		std::lock_guard<lf::reservation> guard(*a);
		CHECK(a->add(lf::fence_view(fence), lf::usage::read));
	}
	CHECK(a->is_signaled(lf::usage_to_wait_for(false)));
	CHECK(!a->is_signaled(lf::usage_to_wait_for(true)));
	CHECK(b->wait(lf::usage::write, 1ms).error() == std::errc::timed_out);
	auto before = b->merge(lf::usage::write);
	REQUIRE(before);
	CHECK(*before == fence);
	timeline.increment();
	CHECK(a->wait(lf::usage::read) && b->wait(lf::usage::bookkeep, 0s));
	CHECK(a->wait(lf::usage::bookkeep, 0s).error() == std::errc::timed_out);
	CHECK(timeline.value() == 1);

	/* More than there are places for pointers. */
	std::vector<lf::reservation *> many(40, &*a);
	auto locked = lf::lock_many(many.data(), many.size());
	REQUIRE(locked);
	locked->release();
	std::lock_guard<lf::reservation> guard(*a);
}

static void test_descriptors()
{
	lf::timeline timeline = new_timeline();
	lf::fence fence = at(timeline, 1);
	auto fd = fence.export_fd("cpp");
	REQUIRE(fd);
	auto imported = lf::fence::import_fd(fd->get());
	REQUIRE(imported);
	CHECK(*imported == fence);
	struct pollfd poll_fd = {fd->get(), POLLIN, 0};
	CHECK(poll(&poll_fd, 1, 0) == 0);
	timeline.increment();
	CHECK(poll(&poll_fd, 1, 0) == 1);
	CHECK(lf::fence::import_fd(-1).error() == std::errc::bad_file_descriptor);

	lf::unique_fd event(eventfd(1, EFD_CLOEXEC));
	auto wrapped = lf::fence::wrap_fd(event.get());
	REQUIRE(wrapped);
	CHECK(wrapped->wait(60s) && wrapped->status().ok());
	lf::unique_fd moved(std::move(event));
	CHECK(!event && moved);
	moved = lf::unique_fd();
	CHECK(!moved);
}

static void test_sync_info()
{
	lf::timeline timeline = new_timeline();
	auto first = at(timeline, 1).export_fd("first");
	auto second = at(timeline, 2).export_fd("second");
	REQUIRE(first && second);
	auto both = lf::merge_fds(first->get(), second->get(), "both");
	REQUIRE(both);
	auto info = lf::sync_info::of(both->get());
	REQUIRE(info);
	CHECK(info->name() == std::string("both") && info->size() == 1);
	CHECK(info->status().pending());
	timeline.increment(2);
	info = lf::sync_info::of(both->get());
	REQUIRE(info);
	CHECK(info->status().ok());
	for (const sync_fence_info &one : *info)
		CHECK(one.status == 1 && one.timestamp_ns);
	lf::unique_fd event(eventfd(1, EFD_CLOEXEC));
	CHECK(lf::sync_info::of(event.get()).error() == std::errc::inappropriate_io_control_operation);
	CHECK(lf::merge_fds(first->get(), -1).error() == std::errc::no_such_file_or_directory);
	std::string cut(40, 'n');
	auto named = lf::merge_fds(first->get(), second->get(), cut.c_str());
	REQUIRE(named);
	auto long_name = lf::sync_info::of(named->get());
	REQUIRE(long_name);
	CHECK(long_name->name() == cut.substr(0, 31));
}

struct config {
	config(int limit, int &alive) : name(limit, 'x'), alive(&alive) { ++*this->alive; }
	config(config &&other) noexcept : name(std::move(other.name)), alive(other.alive)
	{
		++*alive;
	}
	~config() { --*alive; }
	std::string name;	/* not trivial; it may refer to a part of itself */
	int *alive;
};

static void test_box()
{
	int alive = 0;

	{
		auto box = lf::rcu_box<config>::create({3, alive});
		REQUIRE(box);
		CHECK(alive == 1 && (*box)->name == "xxx" && (**box).name.size() == 3);
		lf::rcu_slot<config> slot;
		{
			lf::read_section section;
			CHECK(!slot.read(section));
		}
		slot.publish(*std::move(box));
		auto next = lf::rcu_box<config>::create({1, alive});
		REQUIRE(next);
		std::atomic<bool> dropped(false), passed(false);
		std::thread barrier = spawn([&] {
			while (!dropped)
				std::this_thread::yield();
			libfence_barrier();
			passed = true;
		});
		{
			lf::read_section section;
			const config *read = slot.read(section);
			CHECK(read && read->name == "xxx");
			lf::rcu_box<config> before = slot.exchange(*std::move(next));
			CHECK(before && &*before == read);
			CHECK(slot.read(section)->name == "x");
			/* Nothing is freed while there is the section. */
			before = {};
			dropped = true;
			auto until = lf::clock::now() + 50ms;
			while (lf::clock::now() < until && !passed)
				;
			CHECK(!passed && alive == 2 && read->name == "xxx");
		}
		barrier.join();
		CHECK(alive == 1);
	}
	libfence_barrier();
	CHECK(alive == 0);

	auto number = lf::rcu_box<int>::create(7);
	REQUIRE(number);
	CHECK(**number == 7);
	lf::rcu_box<int> moved = *std::move(number);
	CHECK(moved && *moved == 7);
	moved = lf::rcu_box<int>::adopt(moved.release());
	CHECK(*moved == 7);

	/* A reader sees a number that was published, and never an older one again. */
	lf::rcu_slot<int> shared(std::move(moved));
	std::thread reader = spawn([&] {
		for (int last = 7; last < 100;) {
			lf::read_section section;
			const int *read = shared.read(section);
			CHECK(read && *read >= last);
			last = read ? *read : 100;
		}
	});
	for (int i = 8; i <= 100; i++) {
		auto next = lf::rcu_box<int>::create(i);
		REQUIRE(next);
		shared.publish(*std::move(next));
	}
	reader.join();
}

static void test_futures()
{
	lf::context ctx = new_context();
	lf::timeline timeline = new_timeline();
	lf::fence fence = at(timeline, 1);
	lf::run_queue queue;

	std::future<lf::status> by_queue = lf::to_future(fence, queue);
	std::future<lf::status> deferred = lf::to_future(fence);
	CHECK(by_queue.wait_for(1ms) == std::future_status::timeout);
	std::thread thread = spawn([&] { timeline.increment(); });
	CHECK(queue.run_for(60s) == 1);
	CHECK(by_queue.wait_for(0s) == std::future_status::ready);
	CHECK(by_queue.get().ok() && deferred.get().ok());
	thread.join();

	std::promise<int> promise;
	auto task = lf::from_future(ctx, promise.get_future().share());
	REQUIRE(task);
	lf::fence ready = task->share();
	std::thread waiter = spawn(*std::move(task));
	CHECK(ready.status().pending());
	promise.set_value(5);
	CHECK(ready.wait(60s) && ready.status().ok());
	waiter.join();
	auto none = lf::from_future(ctx, std::shared_future<int>());
	CHECK(!none && none.error() == std::errc::invalid_argument);

#ifdef __cpp_exceptions
	std::promise<void> broken, failed;
	auto one = lf::from_future(ctx, broken.get_future().share());
	auto two = lf::from_future(ctx, failed.get_future().share());
	REQUIRE(one && two);
	lf::fence first = one->share(), second = two->share();
	broken.set_exception(std::make_exception_ptr(5));
	failed.set_exception(std::make_exception_ptr(std::system_error(
		std::make_error_code(std::errc::permission_denied))));
	(*one)();
	(*two)();
	CHECK(first.status().value() == -EIO && second.status().value() == -EACCES);
#endif
}

static void test_result()
{
	lf::result<int> five = 5, failed = lf::detail::failed(-EBUSY);
	lf::result<void> ok, bad = lf::detail::failed(-EBUSY);

	CHECK(five && *five == 5 && five.value() == 5 && five.has_value());
	CHECK(!failed && failed.error() == std::errc::device_or_resource_busy);
	CHECK(ok && !bad && bad.error().value() == -EBUSY);
	CHECK(failed.error().code().message() == std::generic_category().message(EBUSY));
#ifdef __cpp_lib_expected
	static_assert(std::is_same_v<lf::result<int>, std::expected<int, lf::error>>);
#endif
}

#ifdef LIBFENCE_CPP_COROUTINES
/* A coroutine that begins at once, and whose frame ends with it. */
struct detached {
	struct promise_type {
		lf::run_queue &queue;

		template <class... Rest>
		explicit promise_type(lf::run_queue &queue, Rest &...) : queue(queue) {}
		lf::run_queue &executor() noexcept { return queue; }
		detached get_return_object() noexcept { return {}; }
		std::suspend_never initial_suspend() noexcept { return {}; }
		std::suspend_never final_suspend() noexcept { return {}; }
		void return_void() noexcept {}
		void unhandled_exception() noexcept { std::abort(); }
	};
};

static detached sum(lf::run_queue &queue, lf::fence first, lf::fence second, int &steps,
		    std::thread::id &thread)
{
	steps++;
	lf::status status = co_await first;
	CHECK(status.ok());
	steps++;
	unsigned long before = allocations;
	status = co_await lf::on(queue, second);
	CHECK(status.value() == -ENOENT);
	CHECK(allocations == before);
	thread = std::this_thread::get_id();
	/* Signalled: it is not suspended. */
	co_await lf::fence_view(first);
	steps++;
}

struct owned {
	struct promise_type {
		owned get_return_object() noexcept
		{
			return {std::coroutine_handle<promise_type>::from_promise(*this)};
		}
		std::suspend_never initial_suspend() noexcept { return {}; }
		std::suspend_always final_suspend() noexcept { return {}; }
		void return_void() noexcept {}
		void unhandled_exception() noexcept { std::abort(); }
	};
	std::coroutine_handle<promise_type> coroutine;
};

static owned never(lf::run_queue &queue, lf::fence fence, bool &resumed)
{
	co_await lf::on(queue, fence);
	resumed = true;
}

static void test_coroutine()
{
	lf::run_queue queue;
	auto timeline = std::make_unique<lf::timeline>(new_timeline());
	int steps = 0;
	std::thread::id thread;

	sum(queue, at(*timeline, 1), at(*timeline, 2), steps, thread);
	CHECK(steps == 1);
	/* The thread that signals does not resume it. */
	std::thread signaller = spawn([&] { timeline->increment(); });
	signaller.join();
	CHECK(steps == 1);
	CHECK(queue.run() == 1 && steps == 2);
	timeline.reset();
	CHECK(steps == 2);
	CHECK(queue.run() == 1 && steps == 3);
	CHECK(thread == std::this_thread::get_id());

	/* One that is destroyed while it is suspended. */
	lf::timeline other = new_timeline();
	bool resumed = false;
	owned task = never(queue, at(other, 1), resumed);
	task.coroutine.destroy();
	other.increment();
	CHECK(queue.run() == 0 && !resumed);
}

/* Signalling races with suspending, and the frame is freed by another thread. */
static void test_coroutine_race()
{
	lf::run_queue queue;
	lf::timeline timeline = new_timeline();
	std::atomic<bool> stop(false);
	std::thread runner = spawn([&] {
		while (!stop)
			queue.run_for(1ms);
		queue.run();
	});
	std::atomic<int> ended(0);
	struct one {
		static detached run(lf::run_queue &, lf::fence fence, std::atomic<int> &ended)
		{
			co_await fence;
			ended++;
		}
	};

	for (std::uint32_t i = 1; i <= 200; i++) {
		lf::fence fence = at(timeline, i);
		std::thread signaller = spawn([&] { timeline.increment(); });

		one::run(queue, fence, ended);
		signaller.join();
	}
	for (int i = 0; i < 60000 && ended < 200; i++)
		std::this_thread::sleep_for(1ms);
	CHECK(ended == 200);
	stop = true;
	runner.join();
}
#endif

int main()
{
	static const test tests[] = {
		{"ownership", test_ownership},
		{"a dropped producer", test_drop},
		{"payloads with ops and a destructor", test_payload},
		{"contexts", test_context},
		{"callbacks", test_callback},
		{"eventfds and executors", test_event_loop},
		{"time", test_time},
		{"several fences", test_several},
		{"reservations", test_reservation},
		{"descriptors", test_descriptors},
		{"the ioctls of sync_files", test_sync_info},
		{"boxes", test_box},
		{"futures", test_futures},
		{"results", test_result},
#ifdef LIBFENCE_CPP_COROUTINES
		{"coroutines", test_coroutine},
		{"a coroutine that is resumed at once", test_coroutine_race},
#endif
	};

	return run_tests(tests);
}
