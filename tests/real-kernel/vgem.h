/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Fences of the kernel's vgem driver, which needs no hardware: a program
 * attaches a fence to a buffer, and signals it when it likes.
 */
#ifndef TESTS_REAL_KERNEL_VGEM_H
#define TESTS_REAL_KERNEL_VGEM_H

#include <fcntl.h>
#include <sys/ioctl.h>

/*
 * The parts of the kernel's interface that are used here. <drm/drm.h> does not
 * come with the C library, and <linux/dma-buf.h> may be too old.
 */
struct vgem_dumb {
	u32 height, width, bpp, flags, handle, pitch;
	u64 size;
};

struct vgem_prime {
	u32 handle, flags;
	s32 fd;
};

struct vgem_attach {
	u32 handle, flags, fence, pad;
};

struct vgem_signal {
	u32 fence, flags;
};

struct vgem_export {
	u32 flags;
	s32 fd;
};

#define VGEM_CREATE_DUMB	_IOWR('d', 0xb2, struct vgem_dumb)
#define VGEM_PRIME		_IOWR('d', 0x2d, struct vgem_prime)
#define VGEM_ATTACH		_IOWR('d', 0x41, struct vgem_attach)
#define VGEM_SIGNAL		_IOW('d', 0x42, struct vgem_signal)
#define VGEM_EXPORT		_IOWR('b', 2, struct vgem_export)

/* Attach a write fence, and export the fences that a reader waits for. */
#define VGEM_FENCE_WRITE	1
#define VGEM_EXPORT_READ	1

static inline void vgem_ioctl(int fd, unsigned long request, void *arg)
{
	if (ioctl(fd, request, arg))
		fail_msg("ioctl %lx: %s", request, strerror(errno));
}

/* A dma-buf, and the device that made it. */
struct vgem {
	int dev, buf;
	u32 handle;
};

static inline struct vgem vgem_open(void)
{
	struct vgem_dumb dumb = { .height = 16, .width = 16, .bpp = 32 };
	struct vgem_prime prime = { .flags = O_CLOEXEC };
	struct vgem v;

	v.dev = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
	assert_true(v.dev >= 0);
	vgem_ioctl(v.dev, VGEM_CREATE_DUMB, &dumb);
	v.handle = prime.handle = dumb.handle;
	vgem_ioctl(v.dev, VGEM_PRIME, &prime);
	v.buf = prime.fd;
	return v;
}

/* Closing signals the fences that are still attached. */
static inline void vgem_close(struct vgem v)
{
	close(v.buf);
	close(v.dev);
}

/* A sync_file of all fences that a reader of the buffer waits for. */
static inline int vgem_sync_file(struct vgem v)
{
	struct vgem_export export = { .flags = VGEM_EXPORT_READ };

	vgem_ioctl(v.buf, VGEM_EXPORT, &export);
	return export.fd;
}

/* Only one at a time. The kernel signals it after 10 s. */
static inline u32 vgem_attach(struct vgem v)
{
	struct vgem_attach attach = {
		.handle = v.handle, .flags = VGEM_FENCE_WRITE,
	};

	vgem_ioctl(v.dev, VGEM_ATTACH, &attach);
	return attach.fence;
}

static inline void vgem_signal(struct vgem v, u32 fence)
{
	struct vgem_signal signal = { .fence = fence };

	vgem_ioctl(v.dev, VGEM_SIGNAL, &signal);
}

#endif
