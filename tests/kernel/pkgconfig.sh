#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# pkgconfig.sh FILE VERSION COMPILER...: a program compiles with the flags that
# pkg-config prints for FILE, and runs on the core of a tree of that VERSION.
set -eu
PKG_CONFIG_PATH=$(dirname "$1")
export PKG_CONFIG_PATH
version=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/prog.c" <<EOF
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/version.h>
/* Only in front of a tree's headers. */
#include <lfshim/tree/config.h>

_Static_assert(LINUX_VERSION_MAJOR == ${version%.*}, "the major version");
_Static_assert(LINUX_VERSION_PATCHLEVEL == ${version#*.}, "the minor version");
_Static_assert(LINUX_VERSION_CODE >> 8 == (${version%.*} << 8 | ${version#*.}), "the code");

int main(void)
{
	struct dma_fence *fence = dma_fence_get_stub();
	bool signalled = dma_fence_is_signaled(fence);

	dma_fence_put(fence);
	return !signalled;
}
EOF
"$@" "$dir/prog.c" -o "$dir/prog" $(pkg-config --cflags --libs libfence-kernel)
"$dir/prog"
