#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# hints.sh CHECK DISPATCH SHIM: lib/tree/check.py reports the names that the shim lacks.
# It understands the messages of each installed compiler. Uses an invented tree. Prints
# TAP.
set -u
check=$1
# The host has headers of these names, too.
dispatch="-I$2 -I$3"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tree=$dir/tree
mkdir -p "$tree/include/linux" "$tree/drivers/dma-buf" "$dir/shim/linux"
source=$tree/drivers/dma-buf/dma-fence.c
cat >"$tree/include/linux/frob.h" <<EOF
struct frob {
	int nr;
};
typedef unsigned int frob_t;
enum {
	FROB_FIRST,
	FROB_LAST = 7 /* and no more */
};
#define FROB_MASK	0xf
#define frob_is_odd(f)	((f)->nr & 1)
int frob_it(struct frob *f);
static inline struct frob *
frob_get(struct frob *f) { return f; }
EOF
n=0 failed=0

# run [TEXT]: run CHECK on the source TEXT; $out gets its output.
run() {
	printf '%s\n' "$1" >"$source"
	rm -f "$dir/stamp"
	out=$("$check" "$tree" "$dir/stamp" "$dir/depfile" "$source" $compiler -std=gnu11 $dispatch -I"$dir/shim")
	status=$?
}

# result NAME CONDITION...: the condition is a command.
result() {
	n=$((n + 1))
	name=$1
	shift
	if "$@"; then
		echo "ok $n - $compiler: $name"
	else
		echo "not ok $n - $compiler: $name"
		echo "$out" | sed 's/^/# /'
		failed=1
	fi
}

says() { [ $status = 1 ] && [ ! -e "$dir/stamp" ] && echo "$out" | grep -qF -- "$1" && [ "$(echo "$out" | wc -l)" -le 8 ]; }
lacks() { says "the name $1 is missing, which the tree has in <linux/frob.h>: it would go to compat/include/linux/frob.h"; }
is_silent() { [ $status = 0 ] && [ -z "$out" ] && [ -e "$dir/stamp" ] && grep -q "^$dir/stamp: *\\\\\?" "$dir/depfile"; }

for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	run 'int f(void) { return 0; }'
	result "nothing is missing" is_silent
	run '#include <linux/frob.h>'
	result "a header" says "the header <linux/frob.h> is missing: it would be compat/include/linux/frob.h"
	run '#include <linux/futex.h>'
	result "a header that the host has, and the shim does not" says "the header <linux/futex.h> is missing: it would be compat/include/linux/futex.h"
	run 'struct frob; int f(struct frob *p) { return frob_it(p); }'
	result "a function" lacks frob_it
	run 'int f(void *p) { return frob_is_odd(p); }'
	result "a macro with arguments" lacks frob_is_odd
	run 'int f(void) { return FROB_MASK; }'
	result "a macro" lacks FROB_MASK
	run 'int f(void) { return FROB_FIRST; }'
	result "a constant" lacks FROB_FIRST
	run 'int f(void) { return FROB_LAST; }'
	result "the last constant" lacks FROB_LAST
	run 'frob_t f(void);'
	result "a type" lacks frob_t
	run 'struct frob f;'
	result "a structure as a variable" lacks frob
	run 'int f(void) { struct frob f; return 0; }'
	result "a structure as a local variable" lacks frob
	run 'struct s { struct frob f; };'
	result "a structure as a member" lacks frob
	run 'int f(struct frob *p) { return p->nr; }'
	result "a member of a structure" lacks frob
	run 'unsigned long f(void) { return sizeof(struct frob); }'
	result "the size of a structure" lacks frob
	run 'int f(void) { return GRATE_MASK; }'
	result "a name that the tree does not have" says "the name GRATE_MASK is missing; no header in the include/ of the tree seems to declare it"
	run 'int f(void) { return 1 +; }'
	result "something else" says "No name seems to be missing; the compiler says:"
	run "$(i=0; while [ $i -lt 40 ]; do i=$((i + 1)); echo "int f$i(void) { return FROB_MASK + frob_it($i); }"; done)"
	result "a repeated message is printed once" says " more"
	mv "$tree/include/linux/frob.h" "$dir"
	run 'int f(void) { return FROB_MASK; }'
	result "a tree without that header, as get-tree keeps them" says "the name FROB_MASK is missing; no header in the include/"
	mv "$dir/frob.h" "$tree/include/linux"
done

echo "1..$n"
exit $failed
