#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# analyzer.sh SOURCE GCC...: run "gcc -fanalyzer" on the programs in analyzer/.
# With -DMISTAKE a program has a mistake: there must be a warning, and only of the
# kinds that the file lists after EXPECT. Without -DMISTAKE there must be no
# warning. Prints TAP.
set -eu
source=$1
shift
dir=$source/tests/driver-fence/analyzer
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C
n=0 failed=0

skip() {
	echo "1..0 # SKIP $*"
	exit 0
}
version=$("$@" -dumpversion | cut -d. -f1)
[ "$version" -ge 12 ] || skip "gcc is version $version; the analyzer is needed of 12 or later"
"$@" -fanalyzer -Werror -x c -c -o "$tmp/o" /dev/null 2>"$tmp/log" ||
	skip "$* has no -fanalyzer: $(head -n 1 "$tmp/log")"

analyze() {
	"$@" -std=c99 -Wall -Wextra -fanalyzer -I"$source/include" \
		-S -o "$tmp/out.s" "$file" >"$tmp/log" 2>&1
}

result() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "$2" | head -n 30 | sed 's/^/# /'
		failed=1
	fi
}

for file in "$dir"/*.c; do
	expected=$(sed -n 's/^ \* EXPECT: //p' "$file")
	for optimize in -O0 -O1 -O2; do
		name="$(basename "$file" .c) $optimize"
		why=
		analyze "$@" "$optimize" -Werror || why=$(cat "$tmp/log")
		result "$name: the correct program" "$why"

		[ -n "$expected" ] || continue
		why=
		analyze "$@" "$optimize" -DMISTAKE || why=$(cat "$tmp/log")
		[ -n "$why" ] || why=$(sed -nE 's/.*warning: .*\[(-W[^]]*)\]$/\1/p' \
			"$tmp/log" | sort -u | grep -vxFe "$expected" |
			sed 's/^/unexpected: /')
		grep -qE 'warning: ' "$tmp/log" || why="no warning; expected: $expected"
		result "$name: the mistake" "$why"
	done
done
[ $n -gt 0 ] || { echo "Bail out! no files in $dir"; exit 1; }
echo "1..$n"
exit $failed
