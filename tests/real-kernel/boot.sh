#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# boot.sh INIT TEST [FILE...]: boot a real kernel in qemu. INIT is the guest's init and
# runs TEST, which prints TAP. Prints the output of TEST. The test is skipped if
# something that it needs is missing. With FILEs, the guest has them in /files, and does
# not load the modules of the kernel's package.
# boot.sh --check: if something is missing, print it and exit with status 1.
#
# The kernel comes from the directory $LIBFENCE_REAL_KERNEL, laid out as get-kernel
# does, or from get-kernel's cache. qemu emulates, so that every machine behaves
# alike. $LIBFENCE_BOOT_ARGS is added to the kernel's command line.
set -euo pipefail
here=$(dirname "$0")

missing() {
	[[ $1 != --check ]] || { echo "${*:2}"; exit 1; }
	echo "SKIPPED: NO REAL KERNEL: ${*:2}" >&2
	echo "1..0 # SKIP ${*:2}"
	exit 0
}

hint='"./run real-kernel" fetches the missing files'
[[ $(uname -m) = x86_64 ]] || missing "$1" "this machine is not an x86-64"
command -v qemu-system-x86_64 >/dev/null || missing "$1" "no qemu-system-x86_64: $hint"
command -v cpio >/dev/null || missing "$1" "no cpio: $hint"
kernel=${LIBFENCE_REAL_KERNEL:-$("$here/get-kernel" --cached 2>/dev/null)} || missing "$1" "no kernel: $hint"
[[ $1 != --check ]] || exit 0
init=$1 test=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The modules, the programs, and all their libraries in one place.
root=$work/root
mkdir -p "$root"/{dev,proc,lib,modules,files}
ln -s lib "$root/lib64"
if (($#)); then
	cp "$@" "$root/files"
else
	cp "$kernel"/modules/* "$root/modules"
fi
cp "$init" "$root/init"
cp "$test" "$root/test"
ldd "$init" "$test" | sed -nE 's|.*[[:space:]](/.*) \(0x.*|\1|p' | sort -u |
	xargs -d '\n' cp -Lt "$root/lib"
(cd "$root" && find . | cpio --quiet -o -H newc) >"$work/initramfs"

# The kernel passes variables that it does not know to init's environment.
: >"$work/output"
timeout 300 qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 1536 \
	-nodefaults -no-user-config -display none -no-reboot \
	-serial "file:$work/console" -serial "file:$work/output" \
	-kernel "$kernel/vmlinuz" -initrd "$work/initramfs" \
	-append "console=ttyS0 panic=-1 log_buf_len=4M ${LIBFENCE_BOOT_ARGS-} LD_LIBRARY_PATH=/lib CMOCKA_MESSAGE_OUTPUT=TAP" \
	</dev/null >&2 || echo "qemu ended with status $?" >&2

cat "$work/output"
grep -qx '# /test ended with status 0' "$work/output" && exit 0
grep -q '^# /test ended with status' "$work/output" ||
	printf '\nBail out! The guest stopped before the end of the test\n'
echo "The last lines of the guest's console:" >&2
tail -n 40 "$work/console" >&2
exit 1
