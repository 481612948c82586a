#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# listings-cpp.sh SOURCE BUILD CXX...: the program in docs/cpp.md compiles without a
# warning, and compositor.cpp has no kernel name and at most 150 lines. Prints TAP.
set -u
source=$1 build=$2
shift 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

result() {
	if [ "$2" = 0 ]; then
		echo "ok $1 - $3"
	else
		echo "not ok $1 - $3"
		sed 's/^/# /' "$tmp/out"
		failed=1
	fi
}

awk '/^```cpp$/ { on = 1; text = ""; next }
	/^```$/ && on { on = 0; if (text ~ /int main\(/) printf "%s", text }
	on { text = text $0 "\n" }' "$source/docs/cpp.md" >"$tmp/page.cpp"
grep -q 'int main' "$tmp/page.cpp" || { echo "Bail out! no program in docs/cpp.md"; exit 1; }
"$@" -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
	-I"$source/include" -I"$build/include" "$tmp/page.cpp" >"$tmp/out" 2>&1
result 1 $? "the program in docs/cpp.md compiles without a warning"

{
	grep -nwE '(__)?dma_[a-z_]*|lfshim_[a-z_]+|spinlock_t|u64' "$source/docs/examples/compositor.cpp"
	[ "$(wc -l <"$source/docs/examples/compositor.cpp")" -le 150 ] || echo "too long"
} >"$tmp/out"
result 2 "$(wc -l <"$tmp/out")" "compositor.cpp is short, and has no kernel name"
echo "1..2"
exit $failed
