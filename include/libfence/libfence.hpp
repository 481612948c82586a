/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The plain face for C++17 and later. Header only: the functions of the plain face
 * do the work, and the costs are theirs.
 *
 *	namespace lf = libfence_cpp;
 *	struct job { int id; };
 *
 *	auto ctx = lf::context::create("driver", "ring 0");
 *	auto prep = lf::prepare(job{7});
 *	if (!ctx || !prep)
 *		...
 *	lf::producer<job> done = std::move(*prep).commit(*ctx);
 *	lf::fence fence = done.share();
 *	...
 *	std::move(done).signal();
 *	...
 *	if (fence.wait(5ms) && fence.status().ok())
 *
 * The namespace is libfence_cpp because struct libfence has the other name. No
 * function throws, except those that return a std::string or a std::future. The
 * headers work with -fno-exceptions -fno-rtti.
 *
 * docs/cpp.md describes all of it.
 */
#ifndef LIBFENCE_LIBFENCE_HPP
#define LIBFENCE_LIBFENCE_HPP

#include <libfence/libfence.h>
#include <libfence/cpp/result.hpp>
#include <libfence/cpp/time.hpp>
#include <libfence/cpp/fence.hpp>
#include <libfence/cpp/several.hpp>
#include <libfence/cpp/callback.hpp>
#include <libfence/cpp/producer.hpp>
#include <libfence/cpp/reservation.hpp>
#include <libfence/cpp/box.hpp>
#include <libfence/cpp/sync-info.hpp>
#include <libfence/cpp/future.hpp>
#include <libfence/cpp/coroutine.hpp>

#endif
