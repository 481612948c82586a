#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# usdt.sh SOURCE BUILD CC: <lfshim/trace-usdt.h> makes a probe of every trace
# event, with as many arguments as the event has, for CC and for the other
# installed compilers. The probes are read back with readelf. Prints TAP.
set -eu
source=$1
build=$2
cc=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0
flags="-D_GNU_SOURCE -fno-strict-aliasing -fwrapv -Wall -Wextra -Werror
	-Wno-sign-compare -Wno-unused-parameter -Wno-pointer-sign
	-I$build/compat/dispatch/include -I$source/include -I$source/compat/include
	-I$build/include -I$build/compat/include"

echo '#include <sys/sdt.h>' >"$tmp/probe.c"
if ! $cc -fsyntax-only "$tmp/probe.c" 2>/dev/null; then
	echo "1..0 # SKIP there is no <sys/sdt.h> (Debian: systemtap-sdt-dev)"
	exit 0
fi

# The probes of an object: provider, name and number of arguments, a line each.
probes() {
	LC_ALL=C readelf -n "$1" | awk '
	/^ *Provider:/ { provider = $2 }
	/^ *Name:/ { name = $2 }
	/^ *Arguments:/ { print provider, name, NF - 1 }' | sort -u
}

# check NAME: passes if $tmp/wanted and $tmp/found are equal.
check() {
	n=$((n + 1))
	if [ -s "$tmp/wanted" ] && diff -u "$tmp/wanted" "$tmp/found" >"$tmp/diff"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		cat "$tmp/log" "$tmp/diff" | head -n 20 | sed 's/^/# /'
		failed=1
	fi
}

# A program that calls every event of fences.
events=$(sed -nE 's/^DEFINE_EVENT\([a-z_]+, *([a-z_]+),.*/\1/p' \
	"$source/include/trace/events/dma_fence.h")
{
	printf '#include <linux/dma-fence.h>\n#include <trace/events/dma_fence.h>\n'
	for event in $events; do
		printf 'void call_%s(struct dma_fence *f);\n' "$event"
		printf 'void call_%s(struct dma_fence *f) { trace_%s(f); }\n' "$event" "$event"
	done
} >"$tmp/events.c"
for event in $events; do
	echo "libfence $event 1"
done | sort >"$tmp/events.wanted"

# A program with events of its own, with every number of arguments.
{
	printf '#include <linux/tracepoint.h>\n'
	echo 'TRACE_EVENT(with_0, TP_PROTO(void), TP_ARGS(), , , );'
	echo 'void call_0(void); void call_0(void) { trace_with_0(); }'
	proto= args= values=
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		proto="${proto:+$proto, }long a$i"
		args="${args:+$args, }a$i"
		values="${values:+$values, }$i"
		echo "TRACE_EVENT(with_$i, TP_PROTO($proto), TP_ARGS($args), , , );"
		echo "void call_$i(void); void call_$i(void) { trace_with_$i($values); }"
	done
} >"$tmp/any.c"
for i in 0 1 2 3 4 5 6 7 8 9 10 11 12; do
	echo "libfence with_$i $i"
done | sort >"$tmp/any.wanted"

# The events that the core emits. Only programs emit dma_fence_emit.
grep -hoE '\btrace_dma_fence_[a-z_]+\(' "$source"/lib/core/*.c | sed -E 's/^trace_//; s/\($//' |
	grep -vE '_enabled$' | sort -u | sed 's/.*/libfence & 1/' >"$tmp/core.wanted"
cp "$source/lib/core/dma-fence.c" "$tmp/core.c"

for c in $cc $(command -v gcc) $(command -v clang); do
	printf '%s %s\n' "$c" "$("$c" --version | head -n 1 | sed 's/^[^ ]* //')"
done | sort -u -k 2 | cut -d ' ' -f 1 >"$tmp/compilers"
while read -r c; do
	for options in "-std=gnu11 -O2" "-std=gnu11 -O0" "-std=c11 -O2"; do
		for program in events any core; do
			cp "$tmp/$program.wanted" "$tmp/wanted"
			: >"$tmp/found"
			# shellcheck disable=SC2086
			if $c $options $flags "-DLFSHIM_TRACE_HEADER=<lfshim/trace-usdt.h>" \
				-c "$tmp/$program.c" -o "$tmp/$program.o" >"$tmp/log" 2>&1; then
				probes "$tmp/$program.o" >"$tmp/found"
			fi
			check "$program: a probe for each event, $options, $(basename "$c")"
		done
	done
done <"$tmp/compilers"

echo "1..$n"
exit $failed
