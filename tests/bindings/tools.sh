#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# tools.sh TOOL SOURCE LIBRARY: TOOL (bindgen, cffi or swig) takes libfence-bindings.h as
# docs/bindings.md says, with all of its functions. Exits with 77 if there is no TOOL.
set -eu
tool=$1
header=$2/include/bindings/libfence-bindings.h
library=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

skip() { echo "SKIPPED: $*" >&2; exit 77; }

sed -nE '/^typedef/d; s/^[a-z].*[ *](libfence_[a-z_]+)\(.*/\1/p' "$header" | sort >"$tmp/functions"
[ "$(wc -l <"$tmp/functions")" -ge 90 ] || { cat "$tmp/functions"; exit 1; }

# every_function FILE: one function of FILE a line.
every_function() {
	if ! sort -u "$1" | diff "$tmp/functions" -; then
		echo "$tool does not have these functions (<), or has them besides (>)" >&2
		exit 1
	fi
}

case $tool in
bindgen)
	command -v bindgen >/dev/null || skip "bindgen is not installed (Debian: bindgen)"
	bindgen "$header" -- -include stdbool.h -include stddef.h -include stdint.h >"$tmp/bindings.rs"
	sed -nE 's/^ *pub fn (libfence_[a-z_]+)\(.*/\1/p' "$tmp/bindings.rs" >"$tmp/found"
	every_function "$tmp/found"
	grep -q 'LIBFENCE_FOREVER: u64 = 9223372036854775807' "$tmp/bindings.rs" ||
		{ echo "bindgen does not have the constants" >&2; exit 1; }
	# bindgen writes tests of the sizes and offsets.
	if command -v rustc >/dev/null; then
		rustc --test -A warnings -o "$tmp/tests" "$tmp/bindings.rs" -L "$(dirname "$library")" -l dylib=fence
		"$tmp/tests" --quiet
	fi
	;;
cffi)
	python3 -c 'import cffi' 2>"$tmp/err" || skip "Python's cffi is not installed (Debian: python3-cffi)"
	python3 - "$header" "$library" "$tmp/functions" <<-END
	import sys
	from cffi import FFI
	ffi = FFI()
	with open(sys.argv[1]) as f:
	    ffi.cdef(f.read())
	lib = ffi.dlopen(sys.argv[2])
	for name in open(sys.argv[3]):
	    getattr(lib, name.strip())
	fences = ffi.new("struct libfence *[]", [lib.libfence_create_signaled(0), lib.libfence_create_signaled(-5)])
	statuses = ffi.new("int []", 2)
	assert lib.libfence_wait_many(fences, 2, lib.LIBFENCE_ALL, lib.LIBFENCE_FOREVER, ffi.NULL, statuses) == 0
	assert list(statuses) == [1, -5]
	for i in range(2):
	    lib.libfence_put(fences + i)
	    assert fences[i] == ffi.NULL
	END
	;;
swig)
	command -v swig >/dev/null || skip "SWIG is not installed (Debian: swig)"
	cat >"$tmp/fence.i" <<-END
	%module fence
	%{
	#include <libfence/libfence.h>
	%}
	%include <stdint.i>
	%include "$header"
	END
	swig -w451 -Werror -python -outdir "$tmp" -o "$tmp/fence_wrap.c" "$tmp/fence.i"
	sed -nE 's/^def (libfence_[a-z_]+)\(.*/\1/p' "$tmp/fence.py" | grep -v '_swigregister$' >"$tmp/found"
	every_function "$tmp/found"
	grep -q '^LIBFENCE_INTERRUPTIBLE = ' "$tmp/fence.py" || { echo "SWIG does not have the constants" >&2; exit 1; }
	;;
*)
	echo "tools.sh: unknown tool $tool" >&2
	exit 1
	;;
esac
echo "$tool: $(wc -l <"$tmp/functions") functions"
