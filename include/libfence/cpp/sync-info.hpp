/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The ioctls of sync_files. Part of <libfence/libfence.hpp>. <libfence/libsync.h> has
 * the functions of libsync, which also work in C++; their names are not in a namespace.
 */
#ifndef LIBFENCE_CPP_SYNC_INFO_HPP
#define LIBFENCE_CPP_SYNC_INFO_HPP

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <libfence/cpp/fence.hpp>
#include <libfence/sync-uapi.h>

LIBFENCE_CPP_BEGIN_

/**
 * class sync_info - the state of a descriptor, and of the fences that it consists of
 *
 *	auto info = lf::sync_info::of(fd.get());
 *	if (info)
 *		for (const sync_fence_info &one : *info)
 *			std::puts(one.driver_name);
 */
class sync_info {
public:
	sync_info() noexcept = default;

	/* SYNC_IOC_FILE_INFO of libfence_sync_ioctl(): the caller keeps @fd. */
	[[nodiscard]] static result<sync_info> of(int fd) noexcept
	{
		sync_info made;
		int err = libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, &made.file_);

		if (err)
			return detail::failed(err);
		made.fences_.reset(new (std::nothrow)
					   ::sync_fence_info[made.file_.num_fences]());
		if (!made.fences_)
			return detail::failed(-ENOMEM);
		made.file_.sync_fence_info =
			reinterpret_cast<std::uintptr_t>(made.fences_.get());
		err = libfence_sync_ioctl(fd, SYNC_IOC_FILE_INFO, &made.file_);
		if (err)
			return detail::failed(err);
		return made;
	}

	const char *name() const noexcept { return file_.name; }
	/* The status of all fences together. */
	libfence_cpp::status status() const noexcept
	{
		return libfence_cpp::status(file_.status);
	}
	const ::sync_fence_info *begin() const noexcept { return fences_.get(); }
	const ::sync_fence_info *end() const noexcept
	{
		return fences_.get() + file_.num_fences;
	}
	std::size_t size() const noexcept { return file_.num_fences; }

private:
	::sync_file_info file_{};
	std::unique_ptr<::sync_fence_info[]> fences_;
};

/* SYNC_IOC_MERGE: a descriptor for two fences together. The caller keeps both. */
[[nodiscard]] inline result<unique_fd> merge_fds(int first, int second,
						 const char *name = "") noexcept
{
	::sync_merge_data data{};
	int err;

	std::memcpy(data.name, name, std::min(std::strlen(name), sizeof(data.name) - 1));
	data.fd2 = second;
	err = libfence_sync_ioctl(first, SYNC_IOC_MERGE, &data);
	if (err)
		return detail::failed(err);
	return unique_fd(data.fence);
}

LIBFENCE_CPP_END_

#endif
