#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# compile-fail.sh SOURCE KIND COMPILER...: the compiler finds the mistakes in
# compile-fail/. KIND is gcc, clang, g++ or clang++. Each file has one line that
# contains WRONG, and in its first comment, for each KIND, one of
#
#	EXPECT-KIND: an extended regular expression that the diagnostic matches
#	NOT-C++, NOT-C: the reason why the file is left out for that language
#
# With the wrong line, all diagnostics match and are at that line. Without it
# there is no diagnostic. Prints TAP.
set -eu
source=$1 kind=$2
shift 2
dir=$source/tests/driver-fence/compile-fail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C
n=0 failed=0
case $kind in
*++) language="-x c++ -std=c++11" ;;
*) language="-x c -std=c99" ;;
esac
label=EXPECT-$(echo "$kind" | tr '[:lower:]' '[:upper:]')

# -S, not -fsyntax-only: gcc finds unused results only after parsing.
compile() {
	# shellcheck disable=SC2086
	"$@" $language -pedantic -Wall -Wextra -Werror -I"$source/include" \
		-I"$dir" -S -o "$tmp/out.s" "$tmp/case.c" \
		>"$tmp/log" 2>&1
}

# Prints the diagnostics that do not match $1 or are not at line $2. A diagnostic
# in a header counts as at the line if gcc notes after it that it comes from the
# expansion of a macro there.
elsewhere() {
	awk -v expect="$1" -v here="$tmp/case.c:$2:" '
	function check() {
		if (text != "" && !(at_line && text ~ expect)) print text
		text = ""
	}
	/: (fatal )?(error|warning): / {
		check(); text = $0; at_line = index($0, here) == 1; found = 1
	}
	/: note: in expansion of macro / && index($0, here) == 1 { at_line = 1 }
	END { check(); if (!found) print "no diagnostic" }' "$tmp/log"
}

# Prints the fault of the result for file $1, or nothing.
complaint() {
	expect=$(sed -n "s/^ \* $label: //p" "$1")
	line=$(grep -n WRONG "$1" | cut -d: -f1)
	case $line in
	''|*[!0-9]*) echo "not exactly one line is marked WRONG"; return ;;
	esac
	[ -n "$expect" ] || { echo "no $label"; return; }
	shift
	sed "${line}s/.*//" "$file" >"$tmp/case.c"
	compile "$@" ||
		{ echo "does not compile without the wrong line:"; cat "$tmp/log"; return; }
	# Remove the mark, so that the compiler does not quote it.
	sed "${line}s|/\* WRONG \*/||" "$file" >"$tmp/case.c"
	! compile "$@" || { echo "compiles with the wrong line"; return; }
	wrong=$(elsewhere "$expect" "$line")
	[ -z "$wrong" ] ||
		{ echo "not /$expect/ at line $line: $wrong"; cat "$tmp/log"; }
}

for file in "$dir"/*.c; do
	n=$((n + 1))
	name="$(basename "$file" .c) with $kind"
	why_not=
	case $kind in *++) not=C++ ;; *) not=C ;; esac
	why_not=$(sed -n "s/^ \* NOT-$not: //p" "$file")
	if [ -n "$why_not" ]; then
		echo "ok $n - $name # SKIP $why_not"
		continue
	fi
	why=$(complaint "$file" "$@")
	if [ -z "$why" ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "$why" | head -n 20 | sed 's/^/# /'
		failed=1
	fi
done
[ $n -gt 0 ] || { echo "Bail out! no files in $dir"; exit 1; }
echo "1..$n"
exit $failed
