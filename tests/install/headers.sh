#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# headers.sh SOURCE BUILD CC [CXX]: every header compiles by itself, the plain face
# includes nothing with a kernel name, and its macros compile without warnings in C
# and C++, for CC and CXX and for the other installed compilers. Prints TAP.
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
kernel="-I$build/compat/dispatch/include -I$source/include -I$source/compat/include -I$build/include -I$build/compat/include"
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

for header in $(cd "$source/include" && find linux trace libfence -name '*.h') \
	      $(cd "$source/compat/include" && find linux asm drm kunit trace -name '*.h'); do
	echo "#include <$header>" >"$tmp/h.c"
	# Included twice, to test the guard.
	echo "#include <$header>" >>"$tmp/h.c"
	# shellcheck disable=SC2086
	check "<$header> by itself" $cc $flags $kernel "$tmp/h.c"
	# First in a header of the program's own: it marks that file as kernel code.
	case $header in
	libfence/*) continue ;;
	# It is empty.
	trace/define_trace.h) continue ;;
	esac
	grep -qx "$header" "$source/compat/dispatch/names" && continue
	printf '#include "h.h"\nint kernel = LFSHIM_KERNEL_CODE;\n' >"$tmp/h.c"
	echo "#include <$header>" >"$tmp/h.h"
	# shellcheck disable=SC2086
	check "<$header> first in a header" $cc $flags $kernel "$tmp/h.c"
done

# Debian 12 defines it since a kernel security update; newer systems do, too.
printf '#define __counted_by(m)\n#include <linux/dma-fence-array.h>\n' >"$tmp/h.c"
# shellcheck disable=SC2086
check "after system headers that define __counted_by()" $cc $flags $kernel "$tmp/h.c"

# The plain face

plain_headers=$(cd "$source/include" && find libfence -name '*.h' ! -name dma-fence.h | sort)
warnings="-pedantic -Wall -Wextra -Werror"

# The installed compilers among the commands, each once.
installed() {
	for command; do
		! command -v "$command" >/dev/null ||
			printf '%s %s\n' "$command" "$("$command" --version | head -n 1 | sed 's/^[^ ]* //')"
	done | sort -u -k 2 | cut -d ' ' -f 1
}
ccs=$(installed "$cc" gcc clang)
cxxs=$(installed ${cxx:+"$cxx"} g++ clang++)

# each_compiler NAME FILE FLAGS: compile in the oldest supported dialects.
each_compiler() {
	for c in $ccs; do
		# shellcheck disable=SC2086
		check "$1 in strict C99, $(basename "$c")" \
			$c -x c -std=c99 $warnings $3 $plain "$2"
	done
	for c in $cxxs; do
		# shellcheck disable=SC2086
		check "$1 in strict C++11, $(basename "$c")" \
			$c -x c++ -std=c++11 $warnings $3 $plain "$2"
	done
}
for header in $plain_headers; do
	printf '#include <%s>\n' "$header" "$header" >"$tmp/h.h.c"
	each_compiler "<$header>" "$tmp/h.h.c" -fsyntax-only
done

# In a kernel module. A kernel has no headers of libc; these three stand in for
# its own. libsync.h is for programs.
mkdir -p "$tmp/kernel/linux"
cat >"$tmp/kernel/linux/types.h" <<EOF
typedef __SIZE_TYPE__ size_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __INT32_TYPE__ int32_t, __s32;
typedef __UINT32_TYPE__ uint32_t, __u32;
typedef __INT64_TYPE__ int64_t;
typedef __UINT64_TYPE__ uint64_t, __u64;
typedef _Bool bool;
#define NULL ((void *)0)
EOF
echo '#define S64_MAX ((int64_t)(~0ULL >> 1))' >"$tmp/kernel/linux/limits.h"
echo '#define _IOWR(type, nr, size) ((type) + (nr) + sizeof(size))
#define _IOW _IOWR' >"$tmp/kernel/linux/ioctl.h"
for header in $(echo "$plain_headers" | grep -v libsync); do
	# Macros count only where they are used.
	printf '#include <%s>\n' "$header" >"$tmp/h.c"
	cat >>"$tmp/h.c" <<EOF
#ifdef LIBFENCE_FOREVER
const long long forever = LIBFENCE_FOREVER;
#endif
#ifdef SYNC_IOC_MAGIC
const unsigned long requests[] = { SYNC_IOC_MERGE, SYNC_IOC_SET_DEADLINE };
#endif
EOF
	# shellcheck disable=SC2086
	check "<$header> in a kernel module" $cc -std=gnu11 -Wall -Wextra -Werror \
		-nostdinc -D__KERNEL__ -fsyntax-only -I"$tmp/kernel" $plain "$tmp/h.c"
done

# The expansions of the macros. Not -fsyntax-only: some warnings come later, and some
# only from the optimiser.
macros=$source/tests/install/plain-face.c
unused() {
	sed -nE 's/^	name##_([a-z_]+)\(.*/\1/p' "$source/include/libfence/payload.h" \
		"$source/include/libfence/rcu-box.h" "$source/include/libfence/context.h" | grep -vE '^payload_|_$' | sort -u >"$tmp/functions"
	[ "$(wc -l <"$tmp/functions")" -ge 20 ] || { cat "$tmp/functions"; return 1; }
	while read -r function; do
		grep -q "name##_$function(" "$macros" || echo "not in plain-face.c: $function"
	done <"$tmp/functions" >"$tmp/unused"
	cat "$tmp/unused"
	! [ -s "$tmp/unused" ]
}
check "every function that a macro defines is used below" unused
for use in "" -DUSED; do
	for optimize in -O0 -O2; do
		flags="$optimize $use"
		each_compiler "macros, $flags" "$macros" "$flags -S -o $tmp/out.s"
		for c in $ccs; do
			# shellcheck disable=SC2086
			check "macros, $flags in strict C11, $(basename "$c")" \
				$c -x c -std=c11 $warnings $flags $plain -S -o "$tmp/out.s" "$macros"
		done
		for c in $cxxs; do
			# shellcheck disable=SC2086
			check "macros, $flags in strict C++17, $(basename "$c")" \
				$c -x c++ -std=c++17 $warnings $flags $plain -S -o "$tmp/out.s" "$macros"
		done
	done
done

# The plain headers include no kernel-named header and define no kernel name.
# shellcheck disable=SC2086
printf '#include <%s>\n' $plain_headers >"$tmp/plain.c"
no_kernel_name() {
	# shellcheck disable=SC2086
	$cc -E $plain "$tmp/plain.c" >"$tmp/plain.i" || return 1
	! grep -nE "^# [0-9]+ \"$source/(include/linux|compat)/" "$tmp/plain.i" &&
		! grep -nwE '(__)?dma_fence[a-z_]*|lfshim_[a-z_]+|spinlock_t|list_head|rcu_head|kref|ktime_t|gfp_t|u64|EXPORT_SYMBOL' "$tmp/plain.i"
}
check "the plain headers pull in no kernel name" no_kernel_name
# The bridge header includes them, which shows that the check works.
kernel_name() {
	echo '#include <libfence/dma-fence.h>' >"$tmp/plain.c"
	plain=$kernel
	! no_kernel_name >/dev/null
}
check "the bridge between the faces pulls in kernel names" kernel_name

echo "1..$n"
exit $failed
