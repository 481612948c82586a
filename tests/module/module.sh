#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# module.sh INIT GUEST OUTPUT: build the modules in the directory OUTPUT, load them in the
# guest of boot.sh, and print the results of their tests as TAP. INIT is the guest's init,
# and GUEST loads the modules. The tests are skipped if something that they need is
# missing.
# module.sh INIT GUEST OUTPUT MUTANT: with the mutant of that file. Passes if the program
# and the test that "Caught by" names fail.
# module.sh --check: if something is missing, print it and exit with status 1.
#
# The kernel and its headers are those of tests/real-kernel/get-kernel --headers, or of
# the directory $LIBFENCE_REAL_KERNEL.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
boot=$here/../real-kernel/boot.sh

missing() {
	[[ $1 != --check ]] || { echo "${*:2}"; exit 1; }
	echo "SKIPPED: NO KERNEL MODULE: ${*:2}" >&2
	echo "1..0 # SKIP ${*:2}"
	exit 0
}

# A mutant that does not say which test it is for, and in which file, tests nothing. This
# is looked at first: also where there is no kernel.
if [[ -n ${4-} ]]; then
	file=$(sed -n 's/^File: //p' "$4")
	[[ -n $file && -f $here/../../$file ]] || { echo "Bail out! $4: no \"File: \" of the source tree"; exit 1; }
	read -r program test <<<"$(sed -n 's/^Caught by: //p' "$4")"
	[[ -n $program && -n $test ]] || { echo "Bail out! $4: no \"Caught by: PROGRAM TEST\""; exit 1; }
	grep -qE "^$program(:|\$)" "$here/programs" ||
		{ echo "Bail out! $4: $program is not in tests/module/programs"; exit 1; }
fi

hint='"./run module" fetches the missing files'
reason=$("$boot" --check) || missing "$1" "${reason/real-kernel/module}"
kernel=${LIBFENCE_REAL_KERNEL:-$("$here/../real-kernel/get-kernel" --cached --headers 2>/dev/null)} ||
	missing "$1" "no headers of the kernel: $hint"
headers=$kernel/headers/build
[[ -e $headers/Makefile ]] || missing "$1" "no headers in $kernel"
command -v make >/dev/null || missing "$1" "no make: $hint"
# The compiler of the kernel; the file also sets ARCH and KERNELRELEASE.
compiler=$(printf '%s\n' "-include $headers/.kernelvariables" 'all: ; @echo $(CC)' | make -s -f - 2>/dev/null) || true
[[ -z $compiler ]] || command -v $compiler >/dev/null || missing "$1" "no $compiler, which the kernel was compiled with"
for tool in objtool/objtool; do
	[[ ! -x $headers/tools/$tool ]] || ! ldd "$headers/tools/$tool" | grep -q 'not found' ||
		missing "$1" "no libelf1: $hint"
done
[[ $1 != --check ]] || exit 0
init=$(realpath "$1") guest=$(realpath "$2") out=$3/${kernel##*/} mutant=${4-}
export LIBFENCE_REAL_KERNEL=$kernel

# preempt=full: some tests have threads that spin. The allocator looks for uses of freed
# memory, and for stores beside it. The log is read by the tests: the console is slow.
export LIBFENCE_BOOT_ARGS="preempt=full slub_debug=FZPU loglevel=4"

started=$SECONDS
if [[ -z $mutant ]]; then
	"$here/build.sh" "$headers" "$out" || { echo "Bail out! The modules were not built"; exit 1; }
	echo "# built with the headers of ${kernel##*/} in $((SECONDS - started)) s"
	"$boot" "$init" "$guest" "$out"/{libfence,libfence-tests}.ko "$here/programs"
	exit
fi

# A directory for all mutants, in which only the mutated file is compiled again.
mkdir -p "$out"
"$here/../stress/mutate.sh" "$mutant" "$here/../../$file" "$out/mutant.c"
"$here/build.sh" "$headers" "$out" "$file=$out/mutant.c" || { echo "Bail out! The mutant was not built"; exit 1; }
echo "$program" >"$out/programs"
echo "1..1"
"$boot" "$init" "$guest" "$out"/{libfence,libfence-tests}.ko "$out/programs" >"$out/output" 2>&1 || true
if grep -qE "^not ok [0-9]+ - $program: $test\$" "$out/output" ||
   { [[ $test = stops ]] && grep -q '^Bail out! The guest stopped' "$out/output"; }; then
	echo "ok 1 - $program $test fails"
else
	sed 's/^/# /' "$out/output"
	echo "not ok 1 - $program $test fails"
	exit 1
fi
