#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# listings.sh SOURCE BUILD CC: checks that the programs in README.md and in the
# pages compile without a warning, that the program in driver-fences.md is
# identical to ten-minutes.c, and that some programs of the plain face have no
# kernel name. Prints TAP.
set -u
source=$1 build=$2 cc=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$tmp/out"
		failed=1
	fi
}

# Write each listing that has a main() to a file.
for page in README.md docs/driver-fences.md docs/sync-file.md; do
	awk -v out="$tmp/$(basename "$page" .md)" '
		/^```c$/ { on = 1; text = ""; next }
		/^```$/ && on {
			on = 0
			if (text ~ /int main\(/)
				printf "%s", text > (out "-" ++nr ".c")
		}
		on { text = text $0 "\n" }' "$source/$page"
done

for listing in "$tmp"/*.c; do
	$cc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter \
		-Werror -fsyntax-only \
		-I"$build/compat/dispatch/include" -I"$source/include" -I"$source/compat/include" \
		-I"$build/include" -I"$build/compat/include" \
		"$listing" >"$tmp/out" 2>&1
	result $? "$(basename "$listing" .c) compiles without a warning"
done
[ "$n" -ge 4 ] || { echo "Bail out! only $n listings found"; exit 1; }

awk '/^#include/ { on = 1 } on' "$source/docs/examples/ten-minutes.c" |
	diff -u - "$tmp/driver-fences-1.c" >"$tmp/out" 2>&1
result $? "the page shows ten-minutes.c"

# plain NAME FILE...: these programs have no kernel name.
plain() {
	for file; do
		[ -e "$source/docs/examples/$file" ] || echo "$file: no such file"
		grep -nwE '(__)?dma_[a-z_]*|lfshim_[a-z_]+|spinlock_t|u64|linux' \
			"$source/docs/examples/$file"
	done >"$tmp/out" 2>&1
	[ ! -s "$tmp/out" ]
}
plain compositor.c vk-sync.h vk-sync.c vk-queue.h vk-queue.c vk-test.c
result $? "the compositor and vk-sync have no kernel name"
lines=$(wc -l <"$source/docs/examples/compositor.c")
echo "$lines lines" >"$tmp/out"
[ "$lines" -le 155 ]
result $? "compositor.c is short"

echo "1..$n"
exit $failed
