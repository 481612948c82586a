// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A coroutine whose promise has no executor cannot co_await a fence by itself. */
#include <libfence/libfence.hpp>

struct task {
	struct promise_type {
#ifndef MISTAKE
		libfence_cpp::run_queue &executor();
#endif
		task get_return_object() { return {}; }
		std::suspend_never initial_suspend() noexcept { return {}; }
		std::suspend_never final_suspend() noexcept { return {}; }
		void return_void() {}
		void unhandled_exception() {}
	};
};

task wait(libfence_cpp::fence fence);

task wait(libfence_cpp::fence fence)
{
	co_await fence;
}
