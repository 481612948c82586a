#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# run.sh SOURCE BUILD DETECTOR CC PROGRAM: compiles a program as a user does, and
# links it with the ordinary libfence.so of BUILD. The detector must report nothing
# for a correct case; it must report every mistake, with its location. Prints TAP.
#
# DETECTOR is a sanitizer that CC compiles in (thread or address) or one of
# Valgrind's tools (memcheck, helgrind or drd).
set -eu
source=$1 build=$2 detector=$3 cc=$4 program=$5
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
here=$source/tests/sanitizers

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

flags="-g -O1 -Wall -Wno-unknown-warning-option -Wno-tsan -I$source/include -I$build/include"
if [ "$program" != plain ]; then
	flags="-I$build/compat/dispatch/include $flags -I$source/compat/include -I$build/compat/include -D_GNU_SOURCE
		-fno-strict-aliasing -fwrapv -fno-delete-null-pointer-checks"
fi
link="-L$build/lib -Wl,-rpath,$build/lib -lfence -lpthread"

# $finds: prefixes of the mistakes that this detector finds. Others are left out.
command= finds= report=
export TSAN_OPTIONS=exitcode=66 ASAN_OPTIONS=exitcode=66 LSAN_OPTIONS=exitcode=66
case $detector in
thread)
	flags="$flags -fsanitize=thread"
	finds="race- freed-" report='WARNING: ThreadSanitizer'
	;;
address)
	flags="$flags -fsanitize=address"
	finds="freed-" report='ERROR: AddressSanitizer'
	;;
memcheck)
	command="valgrind -q --error-exitcode=66 --fair-sched=yes --leak-check=full"
	finds="freed-" report='Invalid read'
	;;
helgrind|drd)
	# Without a recent header the library has no annotations for them.
	grep -q LFSHIM_VALGRIND "$build/build.ninja" ||
		skip "the library was built without Valgrind's headers"
	command="valgrind -q --error-exitcode=66 --fair-sched=yes --tool=$detector
		--suppressions=$source/compat/libfence.supp"
	flags="$flags -DLFSHIM_ANNOTATE"
	finds="race-" report='Possible data race|Conflicting'
	;;
esac
if [ -n "$command" ]; then
	command -v valgrind >/dev/null || skip "there is no valgrind"
	valgrind --tool="$detector" -q /bin/true 2>/dev/null ||
		skip "valgrind does not run here"
else
	echo 'int main(void) { return 0; }' >"$tmp/empty.c"
	# shellcheck disable=SC2086
	{ $cc -fsanitize="$detector" "$tmp/empty.c" -o "$tmp/empty" && "$tmp/empty"; } \
		>/dev/null 2>&1 || skip "$cc cannot make programs with -fsanitize=$detector that run"
fi

# shellcheck disable=SC2086
$cc $flags "$here/$program.c" -o "$tmp/$program" $link || { echo "Bail out! $program.c"; exit 1; }

n=0 failed=0
for name in $("$tmp/$program" --list); do
	case $name in
	race-*|freed-*)
		case " $finds" in
		*" ${name%%-*}-"*) ;;
		*) continue ;;
		esac
		# These two tools do not treat free() as an access.
		case $detector,$name in
		helgrind,race-rcu-kfree|drd,race-rcu-kfree) continue ;;
		esac
		;;
	esac
	status=0
	# shellcheck disable=SC2086
	$command "$tmp/$program" "$name" >"$tmp/out" 2>&1 || status=$?
	n=$((n + 1))
	ok=ok
	case $name in
	race-*|freed-*)
		# The report must be about the data of the test.
		[ "$status" = 66 ] && grep -qE "$report" "$tmp/out" &&
			grep -qE 'data_(write|sum)|job_release|object_release|free_object|conf_destroy|run_freed' "$tmp/out" ||
			ok="not ok"
		;;
	*)
		[ "$status" = 0 ] && [ ! -s "$tmp/out" ] || ok="not ok"
		;;
	esac
	echo "$ok $n - $name"
	[ "$ok" = ok ] || {
		failed=1
		echo "# exit status $status"
		head -n 60 "$tmp/out" | sed 's/^/# /'
	}
done
[ "$n" -gt 0 ] || { echo "Bail out! no cases"; exit 1; }
echo "1..$n"
exit $failed
