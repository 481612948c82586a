#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# headers.sh SOURCE BUILD CC [CXX]: every header compiles by itself, and the
# plain face is plain. Prints TAP.
set -eu
source=$1
build=$2
cc=$3
cxx=${4:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0
flags="-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-sign-compare
	-Wno-unused-parameter -Wno-missing-field-initializers -Wno-pointer-sign
	-Wno-format -fno-strict-aliasing -fwrapv -fsyntax-only"
kernel="-I$source/include -I$source/compat/include -I$build/include -I$build/compat/include"
plain="-I$source/include -I$build/include"

check() {
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		head -n 20 "$tmp/out" | sed 's/^/# /'
		failed=1
	fi
}

for header in $(cd "$source/include" && find linux trace -name '*.h') \
	      $(cd "$source/compat/include" && find linux asm kunit trace -name '*.h'); do
	echo "#include <$header>" >"$tmp/h.c"
	# Twice: the guard.
	echo "#include <$header>" >>"$tmp/h.c"
	# shellcheck disable=SC2086
	check "<$header> by itself" $cc $flags $kernel "$tmp/h.c"
done

echo '#include <libfence/libfence.h>' >"$tmp/plain.c"
# shellcheck disable=SC2086
check "<libfence/libfence.h> in strict C99" \
	$cc -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only $plain "$tmp/plain.c"
if [ -n "$cxx" ]; then
	cp "$tmp/plain.c" "$tmp/plain.cc"
	# shellcheck disable=SC2086
	check "<libfence/libfence.h> in C++" \
		$cxx -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only $plain "$tmp/plain.cc"
fi
# No header of the kernel-named face, and none of its names.
no_kernel_name() {
	# shellcheck disable=SC2086
	$cc -E $plain "$tmp/plain.c" >"$tmp/plain.i"
	! grep -nE "^# [0-9]+ \"$source/(include/linux|compat)/" "$tmp/plain.i" &&
		! grep -nwE 'dma_fence|spinlock_t|list_head|rcu_head|kref|ktime_t' "$tmp/plain.i"
}
check "<libfence/libfence.h> pulls in no kernel name" no_kernel_name

echo "1..$n"
exit $failed
