#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# pkgconfig.sh FILE COMPILER...: does a program compile and run on the core of a
# tree with what pkg-config says of FILE?
set -eu
PKG_CONFIG_PATH=$(dirname "$1")
export PKG_CONFIG_PATH
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/prog.c" <<EOF
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
/* Only in front of a tree's headers. */
#include <lfshim/tree/config.h>

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
