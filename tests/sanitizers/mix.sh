#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# mix.sh SOURCE CC...: a library with ThreadSanitizer in a program without it. The
# message comes from compat/host/hb.c, which is built as a library of its own here.
# Prints TAP.
set -eu
source=$1
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0
sentence='^libfence: this library was built with -fsanitize=thread and the program was not'

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

cat >"$tmp/program.c" <<'END'
#include <pthread.h>
void lfshim_tell_release(const volatile void *p);
static int word;
static void *thread(void *arg)
{
	lfshim_tell_release(&word);
	return arg;
}
int main(void)
{
	pthread_t t;

	return pthread_create(&t, 0, thread, 0) || pthread_join(t, 0);
}
END

for cc; do
	name=$(basename "$cc")
	echo 'int main(void) { return 0; }' >"$tmp/empty.c"
	{ "$cc" -fsanitize=thread "$tmp/empty.c" -o "$tmp/empty" && "$tmp/empty"; } >/dev/null 2>&1 || {
		n=$((n + 1))
		echo "ok $n - $name # SKIP cannot make programs with -fsanitize=thread that run"
		continue
	}
	"$cc" -fsanitize=thread -D_GNU_SOURCE -I"$source/compat/include" -I"$tmp" \
		-shared -fPIC "$source/compat/host/hb.c" -o "$tmp/libhb.so"

	status=0
	"$cc" -fsanitize=thread "$tmp/program.c" -o "$tmp/program" -L"$tmp" -lhb -Wl,-rpath,"$tmp" \
		>"$tmp/out" 2>&1 && "$tmp/program" >"$tmp/out" 2>&1 || status=$?
	result "$status" "$name: both with -fsanitize=thread: the program runs"

	status=0
	if "$cc" "$tmp/program.c" -o "$tmp/program" -L"$tmp" -lhb -Wl,-rpath,"$tmp" >"$tmp/out" 2>&1; then
		"$tmp/program" >"$tmp/out" 2>&1 || status=$?
		{ [ "$status" = 1 ] && grep -q "$sentence" "$tmp/out" && [ "$(wc -l <"$tmp/out")" = 1 ]; } &&
			status=0 || status=1
		result "$status" "$name: only the library: one line is printed, and no crash"
	else
		grep -q 'undefined reference to .__tsan_' "$tmp/out" || status=1
		result "$status" "$name: only the library: the linker reports the missing names"
	fi
done
echo "1..$n"
exit $failed
