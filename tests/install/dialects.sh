#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# dialects.sh SOURCE BUILD CC: the kernel-named headers compile in all dialects of C
# that programs use, including strict ones, for CC and for the other installed
# compilers. With one compiler, each header is compiled by itself in the oldest
# dialect; all of them together in the others. A macro is compiled only where it is
# used, so the fence core and the tests of the core and the shim, which use all
# macros, are compiled as well. Prints TAP.
set -eu
source=$1
build=$2
cc=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0
flags="-D_GNU_SOURCE -Wall -Wextra -Werror -Wno-sign-compare
	-Wno-unused-parameter -Wno-missing-field-initializers -Wno-pointer-sign
	-Wno-format -fno-strict-aliasing -fwrapv -fsyntax-only
	-I$build/compat/dispatch/include -I$source/include -I$source/compat/include
	-I$build/include -I$build/compat/include"
suites="-I$source/tests/support -I$source/tests/core -DKUNIT_SAMPLE=\"\"
	$(pkg-config --cflags cmocka)"

# result NAME: passes if $tmp/errors is empty.
result() {
	n=$((n + 1))
	if [ -s "$tmp/errors" ]; then
		echo "not ok $n - $1"
		head -n 30 "$tmp/errors" | sed 's/^/# /'
		failed=1
	else
		echo "ok $n - $1"
	fi
}

# compile DIALECT NAME: compiles standard input, and adds to $tmp/errors.
compile() {
	cat >"$tmp/h.c"
	# shellcheck disable=SC2086
	$c -std="$1" $flags "$tmp/h.c" >"$tmp/out" 2>&1 ||
		{ echo "$2:"; cat "$tmp/out"; } >>"$tmp/errors"
}

# The installed compilers among the commands, each once.
compilers() {
	for command; do
		! command -v "$command" >/dev/null ||
			printf '%s %s\n' "$command" "$("$command" --version | head -n 1 | sed 's/^[^ ]* //')"
	done | sort -u -k 2 | cut -d ' ' -f 1
}

# The compiler's name for a dialect: C23 was "2x" at first.
dialect() {
	for name in $2; do
		! $1 -std="$name" -fsyntax-only -x c /dev/null 2>/dev/null || { echo "$name"; return; }
	done
}

headers=$(cd "$source/include" && find linux trace -name '*.h'
	  cd "$source/compat/include" && find linux asm drm kunit trace -name '*.h')
# Not those of the debug checks and of the shim's private functions, and two that
# need more headers in front.
programs=$(ls "$source"/lib/core/*.c "$source"/lib/plain/*.c "$source"/lib/sync-file/sync_file.c \
	"$source"/tests/core/*.c "$source"/tests/compat/*.c |
	   grep -vE '/(checks|defer|fork-locks|held|host-(calls|fds|pipes)|kthread-edges|lockdep(-[a-z]+)?|place|rcu-overlap|readers|workqueue-lockdep|dma-fence-(lockdep|trace))\.c$')

# The name of the test does not depend on the spelling of the dialect.
all=$(compilers "$cc" gcc clang)
first=${all%%[[:space:]]*}
for c in $all; do
	for names in c99 c11 c17 "c23 c2x" gnu11 gnu17 "gnu23 gnu2x"; do
		std=$(dialect "$c" "$names")
		if [ -z "$std" ]; then
			n=$((n + 1))
			echo "ok $n - $names, $(basename "$c") # SKIP the compiler does not have it"
			continue
		fi
		: >"$tmp/errors"
		# One by one with the first compiler only: it takes a minute.
		case $c:$std in
		"$first":c99)
			for header in $headers; do
				echo "#include <$header>" | compile "$std" "<$header>"
			done
			result "each kernel-named header in $std, $(basename "$c")" ;;
		*)
			# shellcheck disable=SC2086
			printf '#include <%s>\n' $headers | compile "$std" "all headers"
			result "all kernel-named headers in $std, $(basename "$c")" ;;
		esac
		# gnu11 is left out: the library itself is compiled in it.
		case $std in c11 | c2*) ;; *) continue ;; esac
		: >"$tmp/errors"
		for program in $programs; do
			# shellcheck disable=SC2086
			$c -std="$std" $flags $suites "$program" >"$tmp/out" 2>&1 ||
				cat "$tmp/out" >>"$tmp/errors"
		done
		result "their macros in $std, $(basename "$c")"
	done
done

echo "1..$n"
exit $failed
