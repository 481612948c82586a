#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# boot.sh INIT TEST: boot a real kernel in qemu, with INIT as its first program
# and TEST, which prints TAP, for INIT to run. Prints what TEST printed. Where
# anything is missing the test is skipped.
# boot.sh --check: say what is missing, with exit status 1, if anything is.
#
# The kernel is that of $LIBFENCE_REAL_KERNEL, a directory as get-kernel makes
# them, or of the cache. Emulated, as it then runs in the same way everywhere.
set -euo pipefail
here=$(dirname "$0")

missing() {
	[[ $1 != --check ]] || { echo "${*:2}"; exit 1; }
	echo "SKIPPED: NO REAL KERNEL: ${*:2}" >&2
	echo "1..0 # SKIP ${*:2}"
	exit 0
}

hint='"./run real-kernel" gets what is needed'
[[ $(uname -m) = x86_64 ]] || missing "$1" "this machine is no x86-64"
command -v qemu-system-x86_64 >/dev/null || missing "$1" "no qemu-system-x86_64: $hint"
command -v cpio >/dev/null || missing "$1" "no cpio: $hint"
kernel=${LIBFENCE_REAL_KERNEL:-$("$here/get-kernel" --cached 2>/dev/null)} || missing "$1" "no kernel: $hint"
[[ $1 != --check ]] || exit 0
init=$1 test=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The modules, the programs, and all their libraries in one place.
root=$work/root
mkdir -p "$root"/{dev,proc,lib}
ln -s lib "$root/lib64"
cp -r "$kernel/modules" "$root"
cp "$init" "$root/init"
cp "$test" "$root/test"
ldd "$init" "$test" | sed -nE 's|.*[[:space:]](/.*) \(0x.*|\1|p' | sort -u |
	xargs -d '\n' cp -Lt "$root/lib"
(cd "$root" && find . | cpio --quiet -o -H newc) >"$work/initramfs"

# What the kernel does not know goes to the first program's environment.
: >"$work/output"
timeout 300 qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 512 \
	-nodefaults -no-user-config -display none -no-reboot \
	-serial "file:$work/console" -serial "file:$work/output" \
	-kernel "$kernel/vmlinuz" -initrd "$work/initramfs" \
	-append "console=ttyS0 panic=-1 LD_LIBRARY_PATH=/lib CMOCKA_MESSAGE_OUTPUT=TAP" \
	</dev/null >&2 || echo "qemu ended with status $?" >&2

cat "$work/output"
grep -qx '# /test ended with status 0' "$work/output" && exit 0
grep -q '^# /test ended with status' "$work/output" ||
	printf '\nBail out! The guest did not get to the end\n'
echo "The end of what is on the guest's console:" >&2
tail -n 40 "$work/console" >&2
exit 1
