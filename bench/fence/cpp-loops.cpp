// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The loops in C++: see plain-loops.c. */

#include <libfence/libfence.hpp>

#include "fence/plain-loops.h"

namespace lf = libfence_cpp;

namespace {
struct job {
	int id;
};

/* The objects belong to the benchmark: they are borrowed here. */
lf::fence_view view(const struct libfence *fence)
{
	return lf::fence_view(fence);
}
}

unsigned long cpp_create(struct plain_objects *objects, unsigned long n)
{
	lf::context ctx = lf::context::adopt(objects->ctx);
	unsigned long right = 0;

	while (n--) {
		auto prep = lf::prepare(job{1});

		if (!prep)
			continue;
		lf::producer<job> fence = (*std::move(prep)).commit(ctx);
		std::move(fence).signal();
		right++;
	}
	(void)ctx.release();
	return right;
}

unsigned long cpp_share(struct plain_objects *objects, unsigned long n)
{
	unsigned long right = 0;

	while (n--) {
		lf::fence ref = view(objects->pending).share();

		right += !!ref;
	}
	return right;
}

unsigned long cpp_wait(struct plain_objects *objects, unsigned long n)
{
	unsigned long right = 0;

	while (n--)
		right += !!view(objects->many[PLAIN_MANY - 1]).wait();
	return right;
}

unsigned long cpp_attach(struct plain_objects *objects, unsigned long n)
{
	unsigned long right = 0, calls = 0;

	while (n--) {
		lf::callback cb([&calls](lf::fence_view) { ++calls; });

		right += !!view(objects->pending).attach(cb);
	}
	return right - calls;
}

unsigned long cpp_any(struct plain_objects *objects, unsigned long n)
{
	/* Fences, not views, as programs have them. */
	auto &many = *reinterpret_cast<lf::fence(*)[PLAIN_MANY]>(objects->many);
	unsigned long right = 0;

	while (n--) {
		auto index = lf::wait_any(many);

		right += index && *index == PLAIN_MANY - 1;
	}
	return right;
}
