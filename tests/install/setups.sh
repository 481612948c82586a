#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# setups.sh SOURCE: the options "tests" and "bench", with and without CMocka, and
# Meson's messages about them. Nothing is built. Prints TAP.
set -eu
source=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0
unset PKG_CONFIG_PATH CC CXX CFLAGS LDFLAGS

# A system without CMocka: pkg-config finds only liburcu, and there is no CMake.
mkdir "$tmp/pc"
cp "$(pkg-config --variable=pcfiledir liburcu-bp 2>/dev/null || true)"/liburcu*.pc "$tmp/pc" 2>/dev/null || {
	echo "1..0 # SKIP pkg-config does not say where liburcu-bp.pc is"
	exit 0
}
printf "[binaries]\ncmake = '%s'\n" "$tmp/no-cmake" >"$tmp/native"

# configure CMOCKA OPTION...: run meson setup; sets $status, writes $tmp/log.
configure() {
	with=$1
	shift
	rm -rf "$tmp/build"
	status=0
	if [ "$with" = without ]; then
		PKG_CONFIG_LIBDIR="$tmp/pc" meson setup "$tmp/build" "$source" \
			--native-file "$tmp/native" "$@" >"$tmp/log" 2>&1 || status=$?
	else
		meson setup "$tmp/build" "$source" "$@" >"$tmp/log" 2>&1 || status=$?
	fi
}

# result NAME COMMAND...
result() {
	n=$((n + 1))
	name=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 15 "$tmp/log" "$tmp/out" | sed 's/^/# /'
		failed=1
	fi
}

tests() { meson introspect --tests "$tmp/build" | grep -oE '"name": "[^"]*"' | sort -u; }
without_tests() { [ $status = 0 ] && ! tests | grep -qE '"(slab|rules)"'; }
with_tests() { [ $status = 0 ] && tests | grep -q '"slab"' && tests | grep -q '"rules"'; }
says_so() { [ "$(grep -c 'The tests are off.*CMocka' "$tmp/log")" = 1 ]; }
says_nothing() { ! says_so; }
fails() { [ $status != 0 ] && grep -q 'ERROR: Dependency "cmocka" not found' "$tmp/log"; }
bench() { meson introspect --targets "$tmp/build" | grep -q '"fence-bench"'; }
no_bench() { ! bench; }

configure without
result "without CMocka, there are no tests" without_tests
result "without CMocka, Meson prints a line that says so" says_so
result "without CMocka, there is a benchmark" bench
configure without -Dtests=true
result "without CMocka, -Dtests=true fails" fails
configure without -Dtests=false -Dbench=false
result "-Dtests=false: there are no tests" without_tests
result "-Dtests=false: Meson prints nothing about it" says_nothing
result "-Dbench=false: there is no benchmark" no_bench
configure with
result "with CMocka, there are tests" with_tests
result "with CMocka, there is a benchmark" bench
configure with -Dtests=true -Dbench=true
result "-Dtests=true: there are tests" with_tests

echo "1..$n"
exit $failed
