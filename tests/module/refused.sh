#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# refused.sh: mutants that name no file, or no test that finds them, are errors, and not
# skipped, also where there is no kernel. Prints TAP.
set -u
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0 failed=0

# refused NAME TEXT LINE...: a mutant of these lines ends with an error that has TEXT.
refused() {
	n=$((n + 1))
	name=$1 text=$2
	shift 2
	printf '%s\n' "$@" '--- replace' 'a' '--- by' 'b' '--- end' >"$dir/mutant"
	# Without a kernel: the fault is found before one is searched for.
	out=$(LIBFENCE_REAL_KERNEL=/nonexistent timeout 60 "$here/module.sh" x x "$dir/out" "$dir/mutant" 2>&1)
	status=$?
	if [ $status = 1 ] && echo "$out" | grep -q "^Bail out! .*$text"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		{ echo "status $status"; echo "$out"; } | sed 's/^/# /'
		failed=1
	fi
}

file='File: lib/core/dma-fence.c'
refused "no line that names a test" 'no "Caught by: PROGRAM TEST"' "$file"
refused "a program without a test" 'no "Caught by: PROGRAM TEST"' "$file" 'Caught by: core/dma-fence-wait'
refused "a program that does not exist" 'core/nothing is not in tests/module/programs' "$file" 'Caught by: core/nothing case'
refused "no line that names a file" 'no "File: "' 'Caught by: core/dma-fence-wait case'
refused "a file that does not exist" 'no "File: "' 'File: lib/core/nothing.c' 'Caught by: core/dma-fence-wait case'

echo "1..$n"
exit $failed
