#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# names.sh SOURCE TREE: compat/dispatch/names lists every header name that the kernel
# tree has both for itself and for programs. Prints TAP, and the missing names.
set -eu
names=$1/compat/dispatch/names
cd "$2"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
folders="linux drm sound rdma scsi video xen misc mtd fwctl"

headers() {
	# shellcheck disable=SC2086
	(cd "$1" && find $folders -name '*.h' 2>/dev/null | LC_ALL=C sort)
}
# The <asm/...> names of the headers in the given folders.
asm_headers() {
	find "$@" -maxdepth 1 -name '*.h' 2>/dev/null | sed 's,.*/,asm/,' | LC_ALL=C sort -u
}
headers include >"$tmp/kernel"
headers include/uapi >"$tmp/programs"
asm_headers include/asm-generic arch/x86/include/asm arch/arm64/include/asm arch/arm/include/asm >>"$tmp/kernel"
asm_headers include/uapi/asm-generic arch/x86/include/uapi/asm arch/arm64/include/uapi/asm \
	arch/arm/include/uapi/asm >>"$tmp/programs"
LC_ALL=C sort -u -o "$tmp/kernel" "$tmp/kernel"
LC_ALL=C sort -u -o "$tmp/programs" "$tmp/programs"
# The comment in the list says why <asm/ioctl.h> is left out.
LC_ALL=C comm -12 "$tmp/kernel" "$tmp/programs" | grep -vx asm/ioctl.h >"$tmp/both"
grep -v '^#' "$names" | LC_ALL=C sort -u >"$tmp/names"
LC_ALL=C comm -23 "$tmp/both" "$tmp/names" >"$tmp/missing"

# A complete tree has at least 275.
if [ "$(wc -l <"$tmp/both")" -lt 200 ]; then
	echo "1..0 # SKIP $2 does not have all of Linux's headers: get-tree keeps only those for fences"
	exit 0
fi
echo 1..1
if [ -s "$tmp/missing" ]; then
	echo "not ok 1 - compat/dispatch/names has them all"
	sed 's/^/# /' "$tmp/missing"
	exit 1
fi
echo "ok 1 - compat/dispatch/names has them all"
