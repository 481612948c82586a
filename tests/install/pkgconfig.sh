#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# pkgconfig.sh BUILD CC: installs the build into an empty directory, and builds
# and runs two programs outside of the tree, as a user would. Prints TAP.
set -eu
build=$1
cc=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
meson install -C "$build" --no-rebuild --destdir "$tmp/root" >"$tmp/log" 2>&1 ||
	{ sed 's/^/# /' "$tmp/log"; echo "Bail out! meson install failed"; exit 1; }
pcdir=$(dirname "$(find "$tmp/root" -name libfence.pc)")
libdir=$(dirname "$(find "$tmp/root" -name libfence.so)")
export PKG_CONFIG_PATH="$pcdir" PKG_CONFIG_SYSROOT_DIR="$tmp/root"
export LD_LIBRARY_PATH="$libdir"
cd "$tmp"
failed=0

cat >plain.c <<'END'
#include <libfence/libfence.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	printf("%s\n", libfence_version());
	return strcmp(libfence_version(), LIBFENCE_VERSION) || libfence_warn_count();
}
END
cat >kernel.c <<'END'
#include <linux/dma-fence.h>
#include <linux/slab.h>

static const char *name(struct dma_fence *f) { return "example"; }
static const struct dma_fence_ops ops = { .get_driver_name = name, .get_timeline_name = name };

int main(void)
{
	struct dma_fence *f = kmalloc_obj(*f);

	dma_fence_init(f, &ops, NULL, dma_fence_context_alloc(1), 1);
	dma_fence_signal(f);
	if (dma_fence_wait(f, false) || dma_fence_get_status(f) != 1)
		return 1;
	dma_fence_put(f);
	return 0;
}
END

try() {
	if $cc -Wall -Werror "$2.c" -o "$2" $(pkg-config --cflags --libs "$3") >log 2>&1 &&
	   "./$2" >>log 2>&1; then
		echo "ok $1 - a program on $3 compiles, links and runs"
	else
		echo "not ok $1 - a program on $3 compiles, links and runs"
		sed 's/^/# /' log
		failed=1
	fi
}
try 1 plain libfence
try 2 kernel libfence-kernel

if pkg-config --cflags libfence | grep -q libfence-kernel; then
	echo "not ok 3 - the plain face does not see the kernel-named headers"
	failed=1
else
	echo "ok 3 - the plain face does not see the kernel-named headers"
fi
echo "1..3"
exit $failed
