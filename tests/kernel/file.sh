#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# file.sh SOURCE BUILD: the messages of file.py about invented files of an invented
# tree, with each installed compiler, and that it compiles, links and runs. BUILD must
# have the library. Prints TAP.
set -u
source=$1 build=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Make and the compiler quote names with spaces.
tree="$dir/a tree"
driver=$tree/drivers/gpu/drm/frob
mkdir -p "$tree/include/linux" "$tree/include/drm" "$tree/include/uapi/linux" "$tree/include/uapi/drm" \
	"$driver/regs" "$tree/lib"
echo 'VERSION = 7' >"$tree/Makefile"
cat >"$tree/include/linux/frob.h" <<EOF
struct frob {
	int nr;
};
typedef unsigned int frob_t;
typedef unsigned long long u64;
enum frob_kind {
	FROB_FIRST,
	FROB_LAST = 7 /* and no more */
};
#define FROB_MASK	0xf
#define frob_is_odd(f)	((f)->nr & 1)
#define DEFINE_FROB(name)	struct frob name
int frob_it(struct frob *f);
__printf(2, 0) char *frob_print(struct frob *f,
				const char *fmt);
static inline struct frob *
frob_get(struct frob *f) { return f; }
extern int frob_level;
DEFINE_GUARD(frob, struct frob *, frob_lock(_T), frob_unlock(_T))
#define __frobdata	__section(".frob")
#define __free_frob(f)	((f)->nr)
context_lock_struct(frob_lock) {
	int word;
};
EOF
# A macro of this header makes seqcount_frob_t.
echo 'SEQCOUNT_LOCKNAME(frob, struct frob, true, frob)' >"$tree/include/linux/seqlock_types.h"
# A header that code gets through <linux/bitops.h>.
mkdir -p "$tree/include/asm-generic/bitops"
echo 'static inline int frob_bit(int nr) { return nr; }' >"$tree/include/asm-generic/bitops/frob.h"
# The shim's header of this name does not lead to the other one.
echo '#include <linux/rwlock_types.h>' >"$tree/include/linux/sizes.h"
echo 'typedef struct { int word; } rwlock_t;' >"$tree/include/linux/rwlock_types.h"
# The host has headers of these names, with other contents.
echo 'int memfd_of_the_kernel(void);' >"$tree/include/linux/memfd.h"
echo 'int dm_of_the_kernel(void);' >"$tree/include/linux/dm-ioctl.h"
echo '#define FUSE_OF_THE_TREE 5' >"$tree/include/uapi/linux/fuse.h"
echo '#define DRM_OF_THE_TREE 1' >"$tree/include/drm/drm_frob.h"
echo '#define UAPI_OF_THE_TREE 2' >"$tree/include/uapi/drm/frob_drm.h"
# grep takes a file with such a byte for no text.
printf '/* \000 */\n' >"$tree/lib/frob.c"
echo 'int frob_helper(int x) { return x; }' >>"$tree/lib/frob.c"
# The shim declares it, and has no definition.
printf 'struct vm_fault {\n\tint frob;\n};\n' >"$tree/include/linux/mm.h"
echo 'EXPORT_SYMBOL_GPL(frob_helper);' >>"$tree/lib/frob.c"
echo '#define REG_OF_THE_DRIVER 3' >"$driver/regs/frob_regs.h"
printf '#include <linux/list.h>\n#include "frob_regs.h"\n' >"$driver/frob_drv.h"
n=0 failed=0 done=

# The settings of the build, with another compiler.
mkdir -p "$dir/build/tests/kernel"
use() {
	sed "s,^compiler=.*,compiler=$compiler," "$build/tests/kernel/file.settings" >"$dir/build/tests/kernel/file.settings"
}

file=drivers/gpu/drm/frob/frob_fence.c
# run TEXT [OPTION...]: run file.py on a file with this text; $out gets its output.
run() {
	printf '%s\n' "$1" >"$driver/frob_fence.c"
	shift
	out=$(python3 "$source/tests/kernel/file.py" "$dir/build" "$tree" \
		--file "$file" "$@" 2>&1)
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

says() { echo "$out" | grep -qF -- "$1"; }
# A missing name, and no message of the compiler.
lacks() { [ $status = 1 ] && says "<linux/frob.h>, for compat/include/linux/frob.h, a new file:" && says "    $1" && ! says error; }
lacks_header() { [ $status = 1 ] && says "<$1>, for compat/include/$1, a new file:"; }
compiles() { [ $status = 0 ] && says "frob_fence.c compiles." && [ "$(echo "$out" | wc -l)" = "$1" ]; }
short() { [ "$(echo "$out" | wc -l)" -le "$1" ]; }

for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	use
	run 'int frob_two(void) { return 2; }'
	result "nothing is missing" compiles 1
	run '#include <linux/frob.h>'
	result "a header of which nothing is used" lacks_header linux/frob.h
	result "it says that nothing is used" says "no name of it is used"
	run '#include <linux/frob.h>
int f(struct frob *p) { return frob_it(p); }'
	result "a function of a missing header" lacks "frob_it()"
	run 'struct frob; int f(struct frob *p) { return frob_it(p); }'
	result "a function" lacks "frob_it()"
	run 'struct frob; char *f(struct frob *p) { return frob_print(p, "x"); }'
	result "a function with an attribute in front" lacks "frob_print()"
	run '#include <linux/types.h>
FROB_UNKNOWN u64 f(void);
struct frob; int g(struct frob *p) { return frob_it(p); }'
	result "a word that is known is not missing" says "Missing: 1 name of 1 header."
	run 'int f(void) { return CONFIG_FROB_LEVEL; }'
	result "the value of an option" says "  CONFIG_FROB_LEVEL, whose value drivers/gpu/drm/frob/frob_fence.c uses: give one with --define CONFIG_FROB_LEVEL=VALUE"
	run 'int f(void *p) { return frob_is_odd(p) + FROB_MASK; }'
	result "macros" lacks "FROB_MASK, frob_is_odd"
	run 'int f(void) { return FROB_FIRST + FROB_LAST; }'
	result "constants" lacks "FROB_FIRST, FROB_LAST"
	run 'frob_t f(void);'
	result "a type" lacks frob_t
	run 'int f(void) { return frob_level; }'
	result "a variable" lacks frob_level
	run 'int f(struct frob_lock *l) { return l->word; }'
	result "the structure of a lock" lacks "struct frob_lock"
	run 'int f(void *p) { return __free_frob(p); }'
	result "a name that looks like a cleanup function" lacks __free_frob
	run 'seqcount_frob_t count;'
	result "a type that a macro makes" says "<linux/seqlock_types.h>, for compat/include/linux/seqlock_types.h, which exists:"
	run 'struct frob; int f(struct frob *p) { return frob_it(p) + frob_unheard_of(p); }'
	result "a name that the tree does not have" says "    frob_unheard_of, in $file:1"
	run 'static inline int known(void *p, int n) { return n; }
static int table[FROB_LAST + 1] = { [FROB_LAST] = "x" };
struct frob; int f(struct frob *p) { return frob_it(p) + known(p); }'
	result "other errors follow from it" test -z "$(echo "$out" | grep "compiler says")"
	result "and are not said" lacks "FROB_LAST, frob_it()"
	run 'struct s { struct frob f; }; unsigned long f(void) { return sizeof(struct s); }'
	result "a structure as a member" lacks "struct frob"
	run 'int f(struct frob *p) { return p->nr; }'
	result "a member of a structure" lacks "struct frob"
	run '#include <linux/cleanup.h>
struct frob; void f(struct frob *p) { guard(frob)(p); }'
	result "a guard" lacks "guard(frob)"
	run 'DEFINE_FROB(x);'
	result "a macro that defines" lacks DEFINE_FROB
	run '#include <linux/memfd.h>
#include <linux/frob.h>
#include "frob_drv.h"
struct s { struct frob f; frob_t t; struct list_head head; };
int g(struct s *s) { frob_t t = FROB_MASK; return t + frob_it(&s->f) + memfd_of_the_kernel() + REG_OF_THE_DRIVER; }'
	result "all of them at once" lacks "FROB_MASK, frob_it(), frob_t, struct frob"
	result "with a header that the host has, too" lacks_header linux/memfd.h
	result "which it says" says "The host has a header of this name, with other contents."
	result "and a name of it" says "memfd_of_the_kernel()"
	result "in a few lines" short 8
	run '#include <linux/dm-ioctl.h>
int f(void) { return dm_of_the_kernel() + DM_VERSION_MAJOR; }'
	result "a header that the host has, and that libfence does not know" lacks_header linux/dm-ioctl.h
	result "and the host's names are not there" says "dm_of_the_kernel()"
	run '#include <linux/fuse.h>
int f(void) { return FUSE_OF_THE_TREE; }'
	result "a header of programs is the tree's, not the host's" compiles 1
	run '#include <drm/drm_frob.h>
#include <drm/frob_drm.h>
#include <uapi/drm/frob_drm.h>
#include "frob_drv.h"
struct list_head head;
int f(void) { return DRM_OF_THE_TREE + UAPI_OF_THE_TREE + REG_OF_THE_DRIVER; }'
	result "headers of DRM and of the driver are the tree's" compiles 1
	run '#include "frob_generated.h"
int f(void) { return 1; }'
	result "a header that the tree does not have" says '"frob_generated.h", which drivers/gpu/drm/frob/frob_fence.c includes and the tree does not have'
	run 'rwlock_t lock;'
	result "a name whose header nobody includes" says "rwlock_t: the shim has it in <linux/rwlock.h>, but no header that is included here leads to that"
	run '#include <linux/sizes.h>
rwlock_t lock;'
	result "a name to which the tree leads" compiles 1
	run 'int f(void) { return frob_bit(1); }'
	result "a name of a header that others include" says "<linux/bitops.h>, for compat/include/linux/bitops.h, which exists:"
	run 'int f(void) { int frob_is_odd = 1; return frob_is_odd +; }'
	result "a variable with the name of a macro" says "No name seems to be missing."
	run 'static struct frob one = { .nr = 1 };
int f(void) { return one.nr; }'
	result "a member of a structure that is missing" test -z "$(echo "$out" | grep "the member")"
	result "is not missing itself" lacks "struct frob"
	run 'static int frob_cases[] __frobdata = { 1 };

int f(void) { return frob_cases[0]; }'
	result "what follows from a missing attribute" test -z "$(echo "$out" | grep "frob_cases")"
	result "is not said" lacks __frobdata
	run '#include <linux/types.h>
int g(u64 *p) { return p != 0; }
int f(uint64_t *p, __u64 *q) { return g(p) + g(q); }
#ifndef __KERNEL__
#error no kernel
#endif'
	result "types and __KERNEL__ are as in the kernel" compiles 1
	run '#include <linux/memfd.h>'
	result "the includer of a header with two meanings" says "no name of it is used; $file includes it"
	run 'int f(void) { return FROB_PART; }
#if IS_ENABLED(CONFIG_FROB_SELFTEST)
#include "selftests/part.c"
#endif'
	mkdir -p "$driver/selftests"
	echo 'int part(void) { return of_the_includer(); }' >"$driver/selftests/part.c"
	out=$(python3 "$source/tests/kernel/file.py" "$dir/build" "$tree" --file drivers/gpu/drm/frob/selftests/part.c 2>&1)
	result "a file that another one includes" says "  $file includes this file, which need not compile alone. Give that one with --file, and --config FROB_SELFTEST."
	run 'int f(void) { return 1 +; }'
	result "and one that no other includes" test -z "$(echo "$out" | grep "includes this file")"
	result "something else" says "No name seems to be missing. The compiler says:"
	# The rest does not depend on the compiler.
	[ -z "$done" ] || continue
	done=1
	run '#ifdef CONFIG_FROB
int f(void) { return FROB_MASK; }
#endif' --config FROB
	result "with a CONFIG_ option" lacks FROB_MASK
	run '#include <linux/frob.h>
#include <linux/memfd.h>
int f(void) { return FROB_MASK; }'
	result "headers of which nothing is used are counted apart" \
		says "Missing: 1 name of 1 header, and 1 header of which no name is used."
	for include in '#include <linux/mm.h>' ''; do
		run "$include
struct vm_fault; int f(struct vm_fault *d) { return d->frob; }"
		result "a structure that the shim only declares ($include)" says "<linux/mm.h>, for compat/include/linux/mm.h, which exists:"
	done
	mkdir -p "$dir/mine/linux"
	echo '#define FROB_OTHER 1' >"$dir/mine/linux/frob.h"
	run '#include <linux/frob.h>
int f(void) { return FROB_MASK; }' --include mine --from "$dir"
	result "a name for a header of the user's" says "  <linux/frob.h>, for mine/linux/frob.h, which exists:"
	echo '/* It has no FROB_MASK. */' >>"$dir/mine/linux/frob.h"
	run 'int f(void) { return FROB_MASK; }' --include mine --from "$dir"
	result "a name in a comment only" says "  <linux/frob.h>, for mine/linux/frob.h, which exists:"
	echo '#define FROB_MASK 1' >>"$dir/mine/linux/frob.h"
	run 'int f(void) { return FROB_MASK; }' --include mine --from "$dir"
	result "a name of a header of the user's that nothing includes" \
		says "  FROB_MASK: mine/linux/frob.h has it, but no header that is included here leads to that"
	echo '#define FROB_MASK 1' >"$dir/mine/frob_mine.h"
	run '#include "frob_mine.h"
int f(void) { return FROB_MASK; }' --include "$dir/mine"
	result "with a header of the user's" compiles 1
	mkdir -p "$dir/link"
	ln -sf "$driver/frob_fence.c" "$dir/link"
	echo '#define OF_THE_LINK 1' >"$dir/link/frob_drv.h"
	run '#include "frob_drv.h"
#include "frob_regs.h"
int f(void) { return OF_THE_LINK + REG_OF_THE_DRIVER; }' --file "$dir/link/frob_fence.c"
	result "beside a link, a header of the user's replaces the driver's" says "link/frob_fence.c compiles."
	touch "$tree/drivers/gpu/drm/drm_syncobj.c"
	run '#include <linux/frob.h>'
	result "a tree with parts of DRM, and without the headers of others" says "The tree is not complete"
	rm "$tree/drivers/gpu/drm/drm_syncobj.c"
	cat >"$dir/test.c" <<-EOF
	#include "frob_drv.h"
	#include "frob_regs.h"
	struct list_head of_the_driver;
	int main(void) { return REG_OF_THE_DRIVER - 3; }
	EOF
	mkdir -p "$dir/bare"
	ln -sf "$driver/frob_fence.c" "$dir/bare"
	file=bare/frob_fence.c
	run 'int f(void) { return 1; }' --test test.c --from "$dir"
	result "a test of a link includes headers of the driver" test "$status" = 0
	echo '#include <linux/list.h>' >>"$dir/link/frob_drv.h"
	echo 'int link_is_first[OF_THE_LINK];' >>"$dir/test.c"
	file=link/frob_fence.c
	run 'int f(void) { return 1; }' --test test.c --from "$dir"
	result "those beside the link are first, and paths may be relative" test "$status" = 0
	file=drivers/gpu/drm/frob/frob_fence.c
	printf '#include <linux/frob.h>\nint main(void) { return FROB_MASK + FROB_FIRST; }\n' >"$dir/test.c"
	run '#include <linux/frob.h>
int f(void) { return FROB_MASK; }' --test test.c --from "$dir"
	result "the names that a test lacks are printed" says "test.c does not compile on the shim."
	result "without the names that are listed already" says "  1 name of it is listed above."
	result "and a name that is not" says "    FROB_FIRST"
	run 'int f(void) { return 1; }' --test test.c --from "$dir"
	result "the names that only a test lacks" says "    FROB_FIRST, FROB_MASK"
	echo 'int main(void) { return 1 +; }' >"$dir/test.c"
	run 'int f(void) { return 1; }' --test test.c --from "$dir"
	result "another error of a test is the compiler's" says "test.c was not compiled"
	run 'int f(void) { return 1; }' --test test.c --include /nonexistent
	result "a folder that does not exist" says "--include: there is no folder /nonexistent"
	run 'int frob_helper(int x); int f(void) { return frob_helper(2); }'
	result "the functions that a test has to define" says "frob_helper: lib/frob.c of the tree has it"
	cat >"$dir/plain.c" <<-EOF
	#include <stdio.h>
	int frob_helper(int x) { return x; }
	int f(void);
	int main(int argc, char **argv) { printf("argument %s, f %d\n", argv[1], f()); return f() == 3; }
	EOF
	run 'int frob_helper(int x); int f(void) { return frob_helper(2); }' --test "$dir/plain.c" --run word
	result "a test that passes" says "argument word, f 2"
	result "it ends with 0" test $status = 0
	run 'int frob_helper(int x); int f(void) { return frob_helper(3); }' --test "$dir/plain.c"
	result "a test that fails" test $status = 1
	echo 'int f(void); int main(void) { return f(); }' >"$dir/plain.c"
	run 'int frob_helper(int x); int f(void) { return frob_helper(2); }' --test "$dir/plain.c"
	result "a name that nothing defines" says "The test does not link: nothing defines 1 name."
	result "and where the tree has it" says "frob_helper: lib/frob.c of the tree has it"
	cat >"$dir/kunit.c" <<-EOF
	#include <kunit/test.h>
	int f(void);
	static void f_is_two(struct kunit *test) { KUNIT_EXPECT_EQ(test, f(), 2); }
	static struct kunit_case cases[] = { KUNIT_CASE(f_is_two), {} };
	static struct kunit_suite suite = { .name = "frob", .test_cases = cases };
	kunit_test_suite(suite);
	EOF
	if grep -q '^kunit=.' "$build/tests/kernel/file.settings"; then
		run 'int f(void) { return 2; }' --test "$dir/kunit.c"
		result "a KUnit case that passes" says "ok 1 - frob.f_is_two"
		run 'int f(void) { return 3; }' --test "$dir/kunit.c"
		result "a KUnit case that fails" test $status != 0
		run '#include <kunit/test-bug.h>
int f(void) { kunit_fail_current_test("by the code, not by the case"); return 2; }' --test "$dir/kunit.c"
		result "code that is tested fails the case" says "by the code, not by the case"
		result "so the program fails" test $status != 0
		cp "$dir/kunit.c" "$driver/suite.c"
		run 'int f(void) { return 2; }' --test drivers/gpu/drm/frob/suite.c
		result "a KUnit suite of the tree" says "ok 1 - frob.f_is_two"
		run 'int f(void) { return 3; }' --file drivers/gpu/drm/frob/suite.c
		result "a suite among the files is run" says "not ok 1 - frob.f_is_two"
		run 'int g(void) { return 3; }' --file drivers/gpu/drm/frob/suite.c
		result "a suite among the files that lacks a name" says "have, 1 name:"
		run 'int frob_helper(int x); int f(void) { return 2; } int g(void) { return frob_helper(1); }' --test drivers/gpu/drm/frob/suite.c
		result "code that a test does not use may lack names" says "ok 1 - frob.f_is_two"
	fi
done

echo "1..$n"
exit $failed
