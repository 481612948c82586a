// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Mistakes that do not compile: see compile-fail.sh. */
#include <list>
#include <string>
#include <vector>
#include <libfence/libfence.hpp>

namespace lf = libfence_cpp;
using namespace std::chrono_literals;

#ifndef MISTAKE
#define MISTAKE	0
#endif

struct job {
	int id;
};
struct blit {
	int width;
};

int use(lf::context &ctx, lf::fence &fence, lf::producer<job> &owner,
	lf::preparation<job> &prep, lf::timeline &timeline, lf::run_queue &queue);

int use(lf::context &ctx, lf::fence &fence, lf::producer<job> &owner,
	lf::preparation<job> &prep, lf::timeline &timeline, lf::run_queue &queue)
{
	(void)ctx, (void)fence, (void)owner, (void)prep, (void)timeline, (void)queue;
	/* Signalling uses up the owner: it has to be moved. */
	/* EXPECT: discards qualifiers|rvalue|as 'this' argument */
#if MISTAKE == 1
	owner.signal();
	/* EXPECT: discards qualifiers|rvalue|as 'this' argument */
#elif MISTAKE == 2
	owner.fail(lf::error(-EIO));
	/* A preparation is used up by a commit. */
	/* EXPECT: discards qualifiers|rvalue|as 'this' argument */
#elif MISTAKE == 3
	auto second = prep.commit(ctx);
	/* A fence has one owner. */
	/* EXPECT: deleted */
#elif MISTAKE == 4
	lf::producer<job> copy = owner;
	/* EXPECT: deleted */
#elif MISTAKE == 5
	lf::preparation<job> copy = prep;
	/* EXPECT: deleted */
#elif MISTAKE == 6
	lf::context copy = ctx;
	/* A consumer cannot signal. */
	/* EXPECT: no member named .?signal */
#elif MISTAKE == 7
	std::move(fence).signal();
	/* EXPECT: no member named .?signal */
#elif MISTAKE == 8
	owner.view().signal();
	/* A view of a temporary would dangle. */
	/* EXPECT: deleted */
#elif MISTAKE == 9
	lf::fence_view view = fence.share();
	/* EXPECT: deleted */
#elif MISTAKE == 10
	auto view = std::move(owner).view();
	/* EXPECT: deleted */
#elif MISTAKE == 11
	lf::fence_view view = lf::producer<job>(std::move(owner));
	/* A payload has one type. */
	/* EXPECT: conversion */
#elif MISTAKE == 12
	lf::producer<blit> other = std::move(owner);
	/* A result must not be lost. */
	/* EXPECT: nodiscard|unused-result */
#elif MISTAKE == 13
	fence.wait(5ms);
	/* EXPECT: nodiscard|unused-result */
#elif MISTAKE == 14
	std::move(prep).commit(ctx);
	/* EXPECT: nodiscard|unused-result */
#elif MISTAKE == 15
	lf::merge({fence});
	/* EXPECT: nodiscard|unused-result */
#elif MISTAKE == 16
	fence.share();
	/* A callback does not move while it is attached. */
	/* EXPECT: deleted */
#elif MISTAKE == 17
	lf::callback one([](lf::fence_view) {});
	auto two = std::move(one);
	/* EXPECT: deleted|abstract|private */
#elif MISTAKE == 18
	lf::work one(queue, [](lf::fence_view) {});
	auto two = std::move(one);
	/* The lambda of a callback takes a fence. */
	/* EXPECT: called with a fence_view|no match|cannot convert|deduction */
#elif MISTAKE == 19
	lf::callback one([](int) {});
	/* Not the clock of fences. */
	/* EXPECT: convert|conversion|no matching function */
#elif MISTAKE == 20
	return !fence.wait(std::chrono::system_clock::now() + 5ms);
	/* A time is a time, not a number. */
	/* EXPECT: convert|conversion|no matching function */
#elif MISTAKE == 21
	return !fence.wait(5);
	/* A payload moves without an exception. */
	/* EXPECT: must not throw */
#elif MISTAKE == 22
	struct copied {
		copied() = default;
		copied(const copied &) {}
	};
	return !lf::prepare<copied>();
	/* EXPECT: alignment of more than 16 bytes */
#elif MISTAKE == 23
	struct alignas(64) aligned {
		char line[64];
	};
	return !lf::prepare<aligned>();
	/* An op with another type, or one that throws, is not ignored. */
	/* EXPECT: has another type */
#elif MISTAKE == 24
	struct odd {
		int signaled() noexcept { return 1; }
	};
	return !lf::prepare<odd>();
	/* EXPECT: must be noexcept */
#elif MISTAKE == 25
	struct throwing {
		bool signaled() { return true; }
	};
	return !lf::prepare<throwing>();
	/* Not a range of fences. */
	/* EXPECT: conver|no matching function */
#elif MISTAKE == 26
	return !lf::wait_any(std::list<int>(3));
	/* An executor is needed. */
	/* EXPECT: deduction */
#elif MISTAKE == 27
	std::string not_an_executor;
	lf::work one(not_an_executor, [](lf::fence_view) {});
	/* Reading a box of other threads needs a section, which has a name. */
	/* EXPECT: deleted */
#elif MISTAKE == 28
	lf::rcu_slot<int> slot;
	return slot.read(lf::read_section()) == nullptr;
	/* The content of a box that goes away at once. */
	/* EXPECT: deleted */
#elif MISTAKE == 29
	return *lf::rcu_box<int>();
	/* A box has one owner. */
	/* EXPECT: deleted */
#elif MISTAKE == 30
	lf::rcu_box<int> box, copy(box);
#endif
	return 0;
}
