#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# run.sh SOURCE CC: the messages of "run" about tests that do not exist, that are
# skipped and that fail, in a project with one of each and two build directories; and
# "run bench" in a build without the benchmark. Prints TAP.
set -eu
source=$1
cc=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

mkdir "$tmp/project"
cat >"$tmp/project/meson.build" <<'END'
project('sample', meson_version: '>= 1.0.0')
sh = find_program('sh')
add_test_setup('default', is_default: true, exclude_suites: ['mutants'])
test('passes', sh, args: ['-c', 'exit 0'], suite: 'good')
test('fails', sh, args: ['-c', 'exit @0@'.format(get_option('fails'))], suite: 'bad')
test('absent', sh, args: ['-c', 'echo SKIPPED: it is Sunday >&2; exit 77'], suite: 'bad')
test('silent', sh, args: ['-c', 'exit 77'], suite: 'bad')
test('tap', sh, protocol: 'tap', suite: 'good',
  args: ['-c', 'echo "ok 1 - one"; echo "ok 2 - two # SKIP no moon"; echo 1..2'])
test('mutant', sh, args: ['-c', 'exit 0'], suite: 'mutants')
if get_option('more')
  test('only-here', sh, args: ['-c', 'exit 0'], suite: 'good')
endif
END
cat >"$tmp/project/meson_options.txt" <<'END'
option('fails', type: 'integer', value: 0)
option('more', type: 'boolean', value: false)
END
cd "$tmp"
meson setup one project >log 2>&1 && meson setup two project -Dmore=true >>log 2>&1 ||
	{ sed 's/^/# /' log; echo "Bail out! the project cannot be configured"; exit 1; }

# suites STATUS ARGUMENT...: run suites.py on both directories; passes if it exits with
# STATUS. Its output is in $tmp/out.
suites() {
	want=$1
	shift
	status=0
	"$source/tests/suites.py" one two -- "$@" >out 2>&1 || status=$?
	[ $status = "$want" ]
}
says() { grep -q -- "$1" out; }
not() { ! "$@"; }

# result NAME COMMAND...: passes if all commands do. Each argument is one command.
result() {
	n=$((n + 1))
	name=$1
	shift
	for command; do
		if ! eval "$command"; then
			echo "not ok $n - $name"
			{ echo "$command"; tail -n 30 out; } | sed 's/^/# /'
			failed=1
			return
		fi
	done
	echo "ok $n - $name"
}

result "all: passes, and sums up both directories" 'suites 0' \
	'says "one  *3 passed, 0 failed, 2 skipped"' 'says "two  *4 passed, 0 failed, 2 skipped"' \
	'says "together  *7 passed, 0 failed, 4 skipped"'
result "skipped tests, and parts of tests, have their reasons" \
	'says "skipped in one: absent: it is Sunday"' 'says "skipped in two: absent: it is Sunday"' \
	'says "skipped in one: silent: no reason given"' 'says "skipped in one: tap (two): no moon"'
result "a test of one directory is run there only" 'suites 0 only-here' \
	'says "two  *1 passed"' 'not says "one  *[0-9]"'
result "wildcards" 'suites 0 "pass*"' 'says "together  *2 passed, 0 failed, 0 skipped"'
result "a mistyped name fails, and similar ones are named" 'suites 1 passed' \
	'says "there is no test .passed.; similar names: passes"' 'not says Summary'
result "a mistyped name beside a right one fails" 'suites 1 passes tab' 'says "no test .tab.; similar names: .*tap"' 'not says Summary'
result "a mistyped suite fails" 'suites 1 --suite goods' 'says "no suite .goods.; similar names: good"'
result "a suite by its name, and with the project's name" 'suites 0 --suite good' 'suites 0 --suite=sample:good'
result "test names are distinguished from the values of options" 'suites 0 --repeat 2 --logbase other passes' 'says "one  *2 passed"'
result "a run of no test fails" 'suites 1 mutant' 'says "no test was run"'
result "--list" 'suites 0 --list' 'says only-here' 'not says Summary'
meson configure two -Dfails=3 >log
result "one failure in one of them is a failure" 'suites 1' \
	'says "FAILED in two: fails: FAIL, status 3"' 'says "together  *6 passed, 1 failed, 4 skipped"'

CC=$cc meson setup off "$source" -Dbench=false -Dtests=false >out 2>&1
result "run bench, in a build directory without the benchmark" \
	'BUILD_DIR=$tmp/off "$source/run" bench --help >out 2>&1' 'says "[Uu]sage"'

echo "1..$n"
exit $failed
