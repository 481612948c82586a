#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# compile-fail.sh SOURCE BUILD CXX...: for CXX and the other installed C++ compilers,
# and each standard that they have:
# - every header compiles by itself, and cpp.cpp without exceptions;
# - the mistakes in compile-fail.cpp do not compile. Each is in a "#if MISTAKE == N",
#   with a comment "EXPECT: extended regular expression", which the first error
#   matches. Without a mistake, the file compiles.
# Prints TAP.
set -eu
source=$1 build=$2
shift 2
dir=$source/tests/cpp
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C
n=0 failed=0
flags="-Wall -Wextra -Wpedantic -Werror -fsyntax-only -I$source/include -I$build/include"

result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		head -n 20 "$tmp/log" | sed 's/^/# /'
		failed=1
	fi
}

# compile ARGUMENT...: with the compiler $cxx, which may be several words.
compile() {
	# shellcheck disable=SC2086
	$cxx $std $flags "$@" >"$tmp/log" 2>&1
}

# The first error is that which is expected.
mistake() {
	if compile -include "$tmp/pre/pre.hpp" -DMISTAKE="$1" "$dir/compile-fail.cpp"; then
		echo "it compiles" >"$tmp/log"
		return 1
	fi
	grep -m 1 -E '(error|warning):' "$tmp/log" >"$tmp/first" || return 1
	grep -qE "$2" "$tmp/first" && return 0
	echo "not /$2/: $(cat "$tmp/first")" >"$tmp/log"
	return 1
}

awk '/EXPECT: / { sub(/.*EXPECT: /, ""); sub(/ \*\/$/, ""); expect = $0 }
	/^#(el)?if MISTAKE == / { print $4 "\t" expect }' "$dir/compile-fail.cpp" |
	sed 's/^[^0-9]*//' >"$tmp/mistakes"
[ "$(wc -l <"$tmp/mistakes")" -ge 15 ] || { echo "Bail out! few mistakes"; exit 1; }

ours=$*
seen='' last=''
for cxx in "$ours" g++ clang++; do
	# shellcheck disable=SC2086
	version=$($cxx --version 2>/dev/null | head -n 1 | sed 's/^[^ ]* //') || continue
	case "$seen" in *"[$version]"*) continue ;; esac
	[ -n "$version" ] || continue
	seen="$seen[$version]"
	for std in -std=c++17 -std=c++20 -std=c++23 -std=c++2b; do
		echo 'int main() {}' >"$tmp/empty.cpp"
		compile "$tmp/empty.cpp" || continue
		[ "$std" != -std=c++2b ] || [ "$last" != -std=c++23 ] || continue
		last=$std
		name="${cxx##*/} $std"
		compile -DNDEBUG -fno-exceptions -fno-rtti "$dir/cpp.cpp" && err=0 || err=1
		result $err "the test without exceptions, RTTI and assert(), $name"
		case $std in
		-std=c++17) ;;
		-std=c++20)
			# A coroutine needs an executor. clang 14 has no coroutines.
			echo '#include <libfence/libfence.hpp>
			#ifndef LIBFENCE_CPP_COROUTINES
			#error none
			#endif' >"$tmp/coroutines.cpp"
			if compile "$tmp/coroutines.cpp"; then
				compile "$dir/coroutine-fail.cpp" && err=0 || err=1
				result $err "a coroutine with an executor, $name"
				compile -DMISTAKE "$dir/coroutine-fail.cpp" && err=1 || err=0
				grep -q 'needs a promise with executor()' "$tmp/log" || err=1
				result $err "a coroutine without an executor, $name"
			fi
			continue ;;
		*) continue ;;
		esac
		# Compiled in advance, which takes most of the time.
		mkdir -p "$tmp/pre"
		sed -n '/^#include/p' "$dir/compile-fail.cpp" >"$tmp/pre/pre.hpp"
		rm -f "$tmp/pre/pre.hpp.gch"
		# shellcheck disable=SC2086
		$cxx $std ${flags%-fsyntax-only*} -I"$source/include" -I"$build/include" \
			-x c++-header -o "$tmp/pre/pre.hpp.gch" "$tmp/pre/pre.hpp" >"$tmp/log" 2>&1 &&
			err=0 || err=1
		result $err "the headers, $name"
		while IFS="$(printf '\t')" read -r number expect; do
			mistake "$number" "$expect" && err=0 || err=1
			result $err "mistake $number, $name"
		done <"$tmp/mistakes"
		compile "$dir/compile-fail.cpp" && err=0 || err=1
		result $err "no mistake, $name"
	done
	[ "$cxx" = "$ours" ] || continue
	std=-std=c++17
	for header in "$source"/include/libfence/libfence.hpp "$source"/include/libfence/cpp/*.hpp; do
		header=libfence/${header##*/include/libfence/}
		printf '#include <%s>\n' "$header" "$header" >"$tmp/header.cpp"
		compile "$tmp/header.cpp" && err=0 || err=1
		result $err "<$header> by itself, ${cxx##*/}"
	done
done
# The headers say so if the standard is too old.
cxx=$ours std=-std=c++14
compile "$dir/compile-fail.cpp" && err=1 || err=0
grep -q 'needs C++17' "$tmp/log" || err=1
result $err "C++14 is too old, and the message says so"
echo "1..$n"
exit $failed
