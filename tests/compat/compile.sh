#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# compile.sh COMPILER...: programs that have to compile against the shim's headers, and
# programs that must not. The command has the include path. Prints TAP.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

# Compile the standard input with optimisation, as kernel code is.
compile() {
	"$@" -O2 -Werror=implicit-function-declaration -c -o "$tmp/out.o" \
		-x c - >"$tmp/log" 2>&1
}

result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$tmp/log"
		failed=1
	fi
}

# compiles NAME TEXT COMPILER...
compiles() {
	name=$1 text=$2
	shift 2
	printf '%s\n' "$text" | compile "$@"
	result $? "$name"
}

# refuses NAME MESSAGE TEXT COMPILER...: the diagnostic contains MESSAGE
refuses() {
	name=$1 message=$2 text=$3
	shift 3
	printf '%s\n' "$text" | compile "$@"
	[ $? != 0 ] && grep -qF "$message" "$tmp/log"
	result $? "$name"
}

# header NAME HEADER TEXT COMPILER...: TEXT needs that header only
header() {
	name=$1 text="#include <linux/$2>
$3"
	shift 3
	compiles "$name" "$text" "$@"
}

header mutex_h_brings_errno_names mutex.h \
	'int f(void) { return -EINTR; }' "$@"
header ww_mutex_h_brings_errno_names ww_mutex.h \
	'int f(void) { return -EDEADLK; }' "$@"
header cleanup_h_brings_err_ptr cleanup.h \
	'void *f(void) { return ERR_PTR(-ENOMEM); }' "$@"
header slab_h_brings_work_struct slab.h \
	'struct a { struct work_struct work; };' "$@"
header slab_h_brings_container_of slab.h 'struct a { struct list_head l; };
struct a *f(struct list_head *p) { return container_of(p, struct a, l); }' "$@"
header rcupdate_h_brings_container_of rcupdate.h 'struct a { struct rcu_head r; };
struct a *f(struct rcu_head *p) { return container_of(p, struct a, r); }' "$@"
header rcupdate_h_brings_lists_and_atomics rcupdate.h \
	'struct list_head l; atomic_t a;
void f(struct rcu_head *p) { INIT_LIST_HEAD(&l); atomic_inc(&a); }' "$@"
header limits_h_has_the_limits_of_c_and_of_the_kernel limits.h \
	'int a = INT_MAX, b = INT_MIN; unsigned long c = ULONG_MAX;
long long d = S64_MIN; u64 e = U64_MAX; s8 f = S8_MIN; size_t g = SIZE_MAX;' "$@"
header refcount_h_brings_limits_and_spinlocks refcount.h \
	'int a = INT_MAX; spinlock_t l;' "$@"
header jiffies_h_brings_limits_and_arithmetic jiffies.h \
	'long f(u64 n) { return min(LONG_MAX, 5L) + div_u64(n, 3); }' "$@"
header string_h_brings_errors_and_sizes string.h \
	'void *f(int n) { return size_mul(n, 2) ? ERR_PTR(-EINVAL) : NULL; }' "$@"
header fs_h_brings_what_files_are_made_of fs.h \
	'struct mutex m; struct xarray x; struct rb_root r; wait_queue_head_t q;
void *f(void) { return kmalloc(8, GFP_KERNEL); }' "$@"
header spinlock_h_brings_its_guards spinlock.h 'static DEFINE_SPINLOCK(l);
void f(void) { guard(spinlock)(&l); }
void g(void) { guard(spinlock_irq)(&l); }
void h(void) { guard(spinlock_irqsave)(&l); }' "$@"

header errno_is_a_name_of_the_program err.h 'int f(int errno) { return errno; }
_Static_assert(__builtin_types_compatible_p(__typeof__(f), int(int)), "");' "$@"

# BUILD_BUG_ON() of conditions that the optimiser can evaluate
header build_bug_on_of_an_inline_function build_bug.h '#include <linux/log2.h>
int f(void) { BUILD_BUG_ON(!is_power_of_2(8)); return 0; }' "$@"
header build_bug_that_is_never_reached build_bug.h \
	'int f(void) { if (sizeof(int) == 3) BUILD_BUG(); return 0; }' "$@"
refuses build_bug_on_of_what_is_true "BUILD_BUG_ON failed: !is_power_of_2(9)" \
	'#include <linux/log2.h>
#include <linux/build_bug.h>
int f(void) { BUILD_BUG_ON(!is_power_of_2(9)); return 0; }' "$@"
refuses build_bug_on_of_what_is_not_known "BUILD_BUG_ON failed: n" \
	'#include <linux/build_bug.h>
int f(int n) { BUILD_BUG_ON(n); return 0; }' "$@"

# Trace events of several arguments
header trace_event_with_several_arguments tracepoint.h \
	'TRACE_EVENT(three, TP_PROTO(int a, long b, void *c), TP_ARGS(a, b, c),
	TP_STRUCT__entry(__field(int, a) __field(long, b)),
	TP_fast_assign(__entry->a = a; __entry->b = b;),
	TP_printk("%d %ld", __entry->a, __entry->b));
DECLARE_EVENT_CLASS(pair, TP_PROTO(int a, int b), TP_ARGS(a, b),
	TP_STRUCT__entry(__field(int, a)), TP_fast_assign(__entry->a = a;),
	TP_printk("%d", __entry->a));
DEFINE_EVENT(pair, left, TP_PROTO(int a, int b), TP_ARGS(a, b));
void f(void) { trace_three(1, 2, 0); trace_left(3, 4); }' "$@"

# min(), max() and clamp() of signed and unsigned arguments
mixed() {
	name=$1 text="#include <linux/minmax.h>
long f(int n, long l, unsigned int u, unsigned long ul) { return $2; }"
	shift 2
	refuses "$name" "of signed and unsigned arguments" "$text" "$@"
}
mixed min_of_mixed_signs 'min(n, u)' "$@"
mixed max_of_mixed_signs 'max(ul, n)' "$@"
mixed max_of_a_size 'max(l, sizeof(int))' "$@"
mixed min_of_a_negative_constant 'min(u, -1)' "$@"
mixed min3_of_mixed_signs 'min3(n, n, u)' "$@"
mixed max3_of_mixed_signs 'max3(u, n, u)' "$@"
mixed clamp_to_unsigned_limits 'clamp(n, 0u, 5u)' "$@"
mixed clamp_val_of_mixed_signs 'min_not_zero(n, u)' "$@"
refuses clamp_to_reversed_limits "wrong order" '#include <linux/minmax.h>
int f(int n) { return clamp(n, 5, 1); }' "$@"
compiles arguments_that_compare_well '#include <linux/minmax.h>
#include <linux/types.h>
unsigned long f(int n, unsigned int u, size_t s, u8 b, u16 w, u64 q, bool t,
		char *p, const long c)
{
	int known = n & 7;

	p = min(p, p + 1);
	return min(n, 5) + min(u, 5) + max(s, 1) + max(b, n) + min(w, s) +
	       clamp(u, 1, 9) + min3(c, n, 7L) + max3(1, 2, 3) + max(t, 0) +
	       min(q, 10) + min(known, u) + umin(n, u) + min_t(int, n, u) +
	       clamp_val(s, 1, 100) + clamp_t(int, u, 0, 9) + (p != 0);
}' "$@"

refuses flush_of_a_system_queue "avoid flushing system-wide" '#include <linux/workqueue.h>
void f(void) { flush_workqueue(system_percpu_wq); }' "$@" -Werror
compiles flush_of_another_queue '#include <linux/workqueue.h>
void f(struct workqueue_struct *wq) { flush_workqueue(wq); }' "$@" -Werror

echo "1..$n"
exit $failed
