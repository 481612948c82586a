#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# build.sh HEADERS OUTPUT [FILE=REPLACEMENT...]: build the modules libfence.ko (the
# fences) and libfence-tests.ko (their tests) in the directory OUTPUT. HEADERS is the
# directory that Kbuild is run with: headers/build of the path that get-kernel --headers
# prints. Instead of FILE, which is a file of lib/ or tests/module/, REPLACEMENT is
# compiled. Prints warnings, and fails if there is one.
#
# OUTPUT/symbols has the names that are renamed because the running kernel has its own.
# Unchanged files are not compiled again.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
top=$(realpath "$here/../..")
headers=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
shift 2

cd "$top"
core=$(echo lib/core/*.c)
# A kernel before 6.8 has another eventfd_signal(). No language binding needs a module.
plain=$(ls lib/plain/*.c | grep -vxE "lib/plain/(hooks|eventfd|out-of-line.*).c")
tests=$(sed -nE 's|^([a-z/-]+)$|tests/\1.c|p' tests/module/programs)
for source in tests/{core,driver-fence,timeline}/*.c; do
	program=${source#tests/}
	program=${program%.c}
	[[ $program = core/mock ]] || grep -qE "^$program(:|\$)" tests/module/programs ||
		{ echo "build.sh: $program is not in tests/module/programs" >&2; exit 1; }
done

# write FILE: a file that is not touched if it does not change.
write() {
	mkdir -p "$(dirname "$out/$1")"
	cat >"$out/$1.new"
	if cmp -s "$out/$1.new" "$out/$1"; then rm "$out/$1.new"; else mv "$out/$1.new" "$out/$1"; fi
}

# link FILE NAME: a link that is not touched if it does not change. make sees the time of
# FILE, which may be older than an object of another file.
link() {
	[[ $(readlink "$out/$2") != "$1" ]] || return 0
	mkdir -p "$(dirname "$out/$2")"
	ln -sfn "$1" "$out/$2"
	rm -f "$out/${2%.c}.o"
}

link "$top/include" libfence
write Kbuild <tests/module/Kbuild
for file in $core $plain lib/{core,plain}/*.h $tests tests/core/mock.[ch] tests/core/resv.h \
	tests/driver-fence/{helpers,fixture}.h tests/compat/start.h tests/module/{names,support,context}.h \
	tests/module/{module,runner}.c; do
	link "$top/$file" "$file"
done
for replacement; do
	link "$(realpath "${replacement#*=}")" "${replacement%%=*}"
done
# The headers of tests/support/, and those of the C library that the tests include.
link "$top/tests/support/versions.h" include/versions.h
for file in tests/module/{support,context}.h tests/module/include/*.h; do
	link "$top/$file" "include/${file##*/}"
done

# The public functions and variables of the core, and those that its files share.
{
	sed -nE 's/^EXPORT_SYMBOL\((.*)\);$/\1/p' $core
	sed -nE 's/^[a-z].*[ *]([a-z_]+)\(.*/\1/p' lib/core/*.h
	printf '%s\n' __dma_fence_might_wait __dma_fence_might_wait_at
} | sort -u | write symbols
sed 's/.*/#define & libfence_&/' "$out/symbols" | write rename.h
sed -nE 's/^subsys_initcall\((.*)\);$/INIT(\1)/p' $core | write inits.h
for file in $tests; do
	program=${file#tests/}
	program=${program%.c}
	echo "PROGRAM(${program//[\/-]/_}, \"$program\")"
done | write programs.h
sed "s/@version@/$(sed -nE "s/^  version: '(.*)',/\1/p" meson.build)/" \
	include/libfence/version.h.in | write include/libfence/version.h
# The trace events do nothing: the kernel has events of these names itself.
{
	printf '%s\n' '#pragma once' 'struct dma_fence;' \
		'#undef EXPORT_TRACEPOINT_SYMBOL' '#define EXPORT_TRACEPOINT_SYMBOL(name)'
	for event in $(sed -nE 's/^DEFINE_EVENT\([a-z_]+, ([a-z_]+),$/\1/p' include/trace/events/dma_fence.h); do
		echo "static inline void trace_$event(struct dma_fence *fence) { }"
		echo "static inline bool trace_${event}_enabled(void) { return false; }"
	done
} | write include/trace/events/dma_fence.h
# Headers that are newer than the kernel. Their definitions were elsewhere before.
common=$(sed -nE 's|^include (.*)/Makefile$|\1|p' "$headers/Makefile")
[[ -e ${common:-$headers}/include/linux/wordpart.h ]] ||
	echo '#include <linux/kernel.h>' | write include/linux/wordpart.h

# With W=1, Kbuild looks at kernel-doc comments with a script that needs all of perl.
documentation=()
perl -MPod::Usage -e 1 2>/dev/null || documentation=(cmd_checkdoc=)

objects() { echo "${@/%.c/.o}"; }
status=0
make -C "$headers" M="$out" W=1 -j"$(nproc)" LIBFENCE="$out" LIBFENCE_OBJECTS="$(objects $core $plain)" \
	LIBFENCE_TESTS="$(objects $tests)" "${documentation[@]}" modules >"$out/log" 2>&1 || status=$?
# Lines of the compiler, of objtool and of modpost.
if grep -E '(: warning:|^WARNING:|: error:|^ERROR:|^make.*\*\*\*)' "$out/log" >&2 || ((status)); then
	echo "build.sh: see $out/log" >&2
	exit 1
fi
