#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# host-headers.sh SOURCE BUILD CC [CXX]: the host's headers and the kernel-named ones
# in one program. A header of the host never includes one of the shim's. Both compile
# in either order. Kernel code that includes a header that the shim lacks does not get
# the host's instead. For CC and CXX, and for the other installed compilers. Prints
# TAP.
set -eu
source=$1
build=$2
cc=$3
cxx=${4:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0
warnings="-Wall -Wextra -Werror -Wno-sign-compare -Wno-unused-parameter
	-Wno-missing-field-initializers -Wno-pointer-sign -Wno-format"
kernel="-I$build/compat/dispatch/include -I$source/include -I$build/include
	-I$source/compat/include -I$build/compat/include"

# Headers of libc, of the kernel for programs, and of libraries.
candidates="aio.h arpa/inet.h assert.h complex.h ctype.h dirent.h dlfcn.h elf.h
	endian.h errno.h execinfo.h fcntl.h fenv.h fnmatch.h ftw.h getopt.h glob.h
	ifaddrs.h inttypes.h limits.h link.h locale.h malloc.h math.h mqueue.h net/if.h
	netdb.h netinet/in.h netinet/tcp.h poll.h pthread.h pwd.h regex.h sched.h
	search.h semaphore.h setjmp.h signal.h spawn.h stdarg.h stdatomic.h stdbool.h
	stddef.h stdint.h stdio.h stdlib.h string.h strings.h sys/epoll.h sys/eventfd.h
	sys/fanotify.h sys/file.h sys/inotify.h sys/ioctl.h sys/ipc.h sys/mman.h
	sys/mount.h sys/param.h sys/personality.h sys/pidfd.h sys/prctl.h sys/ptrace.h
	sys/queue.h sys/quota.h sys/random.h sys/reboot.h sys/resource.h sys/rseq.h
	sys/select.h sys/sem.h sys/sendfile.h sys/shm.h sys/signalfd.h sys/socket.h
	sys/stat.h sys/statfs.h sys/statvfs.h sys/swap.h sys/syscall.h sys/sysinfo.h
	sys/sysmacros.h sys/time.h sys/timerfd.h sys/times.h sys/timex.h sys/types.h
	sys/ucontext.h sys/uio.h sys/un.h sys/user.h sys/utsname.h sys/vfs.h sys/wait.h
	sys/xattr.h syslog.h termios.h threads.h time.h ucontext.h uchar.h unistd.h
	utime.h wchar.h wctype.h wordexp.h
	linux/ioctl.h linux/membarrier.h linux/udmabuf.h drm/drm.h libdrm/drm.h
	libdrm/drm_mode.h liburing.h sys/sdt.h
	urcu/urcu-bp.h urcu/urcu-memb.h urcu/list.h urcu/uatomic.h urcu/wfcqueue.h"
# Each defines kernel names as macros of its own, so they are included one by one.
flavours="urcu-bp.h urcu.h urcu-qsbr.h"
cxx_candidates="algorithm atomic chrono condition_variable filesystem future
	iostream map memory mutex random shared_mutex string system_error thread
	vector pthread.h sched.h sys/sysinfo.h"

# check NAME COMMAND...: show the output of COMMAND if it fails.
check() {
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		head -n 20 "$tmp/out" | sed 's/^/# /'
		failed=1
	fi
}

# The installed compilers among the commands, each once.
installed() {
	for command; do
		! command -v "$command" >/dev/null ||
			printf '%s %s\n' "$command" "$("$command" --version | head -n 1 | sed 's/^[^ ]* //')"
	done | sort -u -k 2 | cut -d ' ' -f 1
}
ccs=$(installed "$cc" gcc clang)
cxxs=$(installed ${cxx:+"$cxx"} g++ clang++)

# The names on standard input that the host has.
there() {
	tr -s ' \t\n' '\n' | while read -r header; do
		[ -n "$header" ] || continue
		if echo "#include <$header>" | $cc -D_GNU_SOURCE -E - >/dev/null 2>&1; then
			echo "$header"
		else
			echo "# not on this host: <$header>" >&2
		fi
	done
}
hosts=$(echo "$candidates" | there)
flavours=$(echo "$flavours" | there)
nr=$(echo "$hosts" | wc -l)
check "the host has at least thirty of these headers, $nr" [ "$nr" -ge 30 ]
# shellcheck disable=SC2086
printf '#include <%s>\n' $hosts >"$tmp/hosts.h"
ours=$(cd "$source/include" && find linux trace libfence uapi -name '*.h'
	cd "$source/compat/include" && find linux asm drm kunit trace -name '*.h')
all_ours() {
	for header in $ours; do
		echo "#include <$header>"
	done
}

compiles() {
	# shellcheck disable=SC2086
	$c -std=gnu11 -D_GNU_SOURCE $warnings $kernel $1 -fsyntax-only "$tmp/a.c"
}

# compile_all: compile every file $tmp/a.N.c; print the names of those that fail.
compile_all() {
	all=0
	for file in "$tmp"/a.*.c; do
		mv "$file" "$tmp/a.c"
		compiles "" >"$tmp/errors" 2>&1 || { all=1; tail -n 1 "$tmp/a.c"; cat "$tmp/errors"; }
	done
	return $all
}

# Kernel names that the program uses for its own purposes.
own_names='struct list_head { int own; }; struct rcu_head { int own; };
typedef struct { int own; } u64, s64, atomic_t, ktime_t, spinlock_t, gfp_t;
int min, max, current, jiffies, swap;'
with_own_names() {
	i=0
	for header in $hosts; do
		i=$((i + 1))
		case $header in
		# These have a struct rcu_head, and a swap(), of their own.
		urcu*) continue ;;
		esac
		printf '%s\n' "#include <$header>" "$own_names" >"$tmp/a.$i.c"
	done
	compile_all
}
# All of ours in one file: one by one, it takes minutes.
host_first() {
	{ echo '#include "hosts.h"'; all_ours; } >"$tmp/a.all.c"
	compile_all
}
host_last() {
	{ all_ours; echo '#include "hosts.h"'; } >"$tmp/a.all.c"
	compile_all
}
one_by_one() {
	i=0
	for header in $hosts $flavours; do
		i=$((i + 1))
		{ echo "#include <$header>"; all_ours; } >"$tmp/a.$i.first.c"
	done
	compile_all
}
# -M lists every included file: none may belong to the shim.
sees_nothing_of_ours() {
	for header in $hosts $flavours; do
		echo "#include <$header>" >"$tmp/a.c"
		# shellcheck disable=SC2086
		$c -std=gnu11 -D_GNU_SOURCE $kernel -M "$tmp/a.c" >"$tmp/deps" || return 1
		! tr -s ' \\' '\n' <"$tmp/deps" | grep -E "^$source/(include|compat/include)/" |
			grep -vE '/compat/include/(lfshim/side\.h|urcu/call-rcu\.h)$' || return 1
	done
}
for c in $ccs; do
	check "host headers leave the kernel's names to the program, $c" with_own_names
	check "host headers see no header of the shim's, $c" sees_nothing_of_ours
	check "host headers before ours, $c" host_first
	check "host headers after ours, $c" host_last
done
c=$cc
check "each host header before ours, $c" one_by_one
# The check works: it fails without compat/dispatch.
without_dispatch() {
	kernel=$(echo "$kernel" | sed 's,-I[^ ]*/dispatch/include,,')
	! sees_nothing_of_ours >"$tmp/seen" 2>&1 && grep -q compat/include/linux "$tmp/seen"
}
check "without compat/dispatch, host headers do see the shim's" without_dispatch
kernel="-I$build/compat/dispatch/include $kernel"

# C++ cannot use the kernel-named headers, but gets their include path.
with_cxx() {
	for header in $(echo "$cxx_candidates" | there_cxx); do
		printf '#include <%s>\nstruct list_head { int own; };\n#include <libfence/driver-fence.h>\n#include <libfence/sync.h>\n' "$header" >"$tmp/a.cc"
		# shellcheck disable=SC2086
		$c -std=c++17 -D_GNU_SOURCE -Wall -Wextra -Werror $kernel -fsyntax-only "$tmp/a.cc" || return 1
		printf '#include <libfence/driver-fence.h>\n#include <libfence/sync.h>\n#include <%s>\nstruct list_head { int own; };\n' "$header" >"$tmp/a.cc"
		# shellcheck disable=SC2086
		$c -std=c++17 -D_GNU_SOURCE -Wall -Wextra -Werror $kernel -fsyntax-only "$tmp/a.cc" || return 1
	done
}
there_cxx() {
	tr -s ' \t\n' '\n' | grep .
}
for c in $cxxs; do
	check "C++ headers before and after the plain face, $c" with_cxx
done

# Uses something that only the kernel's header of that name has.
gets_the_kernels() {
	compiles ""
}
# says TEXT: the program must not compile, and the compiler must print TEXT.
says() {
	compiles "" >"$tmp/said" 2>&1 && { echo "it compiles"; return 1; }
	cat "$tmp/said"
	grep -q "$1" "$tmp/said"
}
mkdir "$tmp/system"
for c in $ccs; do
	printf '#include <linux/types.h>\nstruct list_head l; u32 x;\n' >"$tmp/a.c"
	check "a source file's <linux/types.h> is the kernel's, $c" gets_the_kernels
	printf '#include <pthread.h>\n#include <sys/sysinfo.h>\n#include <linux/kernel.h>\nstruct list_head l;\nint f(int x) { return max(x, 2); }\n' >"$tmp/a.c"
	check "the kernel's after the host's, $c" gets_the_kernels
	printf '#include <linux/list.h>\n#include "own.h"\n' >"$tmp/a.c"
	printf '#include <linux/sched.h>\nstruct task_struct *t; u32 x;\n' >"$tmp/own.h"
	check "a program's own header gets the kernel's, once there is one, $c" gets_the_kernels
	printf '#include "own.h"\n' >"$tmp/a.c"
	check "before that it is told that it gets the host's, $c" says "<linux/sched.h> is the host's here"
	printf '#define LIBFENCE_KERNEL_CODE\n#include "own.h"\n' >"$tmp/a.c"
	check "unless the program says that it is kernel code, $c" gets_the_kernels
	printf '#include <linux/types.h>\n__u32 x;\n' >"$tmp/own.h"
	printf '#define LIBFENCE_HOST_UAPI\n#include "own.h"\ntypedef struct { int own; } u32;\n' >"$tmp/a.c"
	check "or that it wants the host's, $c" gets_the_kernels

	printf '#define LIBFENCE_KERNEL_CODE\n#include <pthread.h>\n#include <fcntl.h>\n#include <sys/ioctl.h>\n#include <sys/stat.h>\n#include <sys/param.h>\n#include <linux/sched.h>\nstruct task_struct *t;\n' >"$tmp/a.c"
	check "kernel code may include the headers of libc, $c" gets_the_kernels
	printf '#define LIBFENCE_HOST_UAPI\n#include <linux/types.h>\n#include <linux/sched.h>\n#include <linux/sync_file.h>\nint min, current, x = SYNC_IOC_MERGE; struct list_head { int own; };\n' >"$tmp/a.c"
	check "a program of the host's side gets the host's, $c" gets_the_kernels
	printf '#include <uapi/linux/sched/types.h>\n#include <uapi/linux/futex.h>\nint x = FUTEX_WAKE;\n' >"$tmp/a.c"
	check "<uapi/linux/futex.h> is the host's, $c" gets_the_kernels
	printf '#include <drm.h>\nstruct list_head { int own; };\n' >"$tmp/a.c"
	if [ -e /usr/include/libdrm/drm.h ]; then
		check "libdrm's headers by its flags, $c" compiles "-I/usr/include/libdrm"
		printf '#include <linux/list.h>\n#include <drm.h>\n' >"$tmp/a.c"
		check "and after the kernel's, $c" compiles "-I/usr/include/libdrm"
	fi

	# The host has these headers, and the shim does not.
	for name in futex.h netlink.h if_ether.h input.h; do
		printf '#include <linux/%s>\n' "$name" >"$tmp/a.c"
		check "<linux/$name> is missing, $c" says "libfence has no <linux/$name>"
	done
	printf '#include <asm/param.h>\n' >"$tmp/a.c"
	check "<asm/param.h> is missing, $c" says "libfence has no <asm/param.h>"
	printf '#include <linux/futex.h>\n' >"$tmp/own.h"
	printf '#include <linux/list.h>\n#include "own.h"\n' >"$tmp/a.c"
	check "<linux/futex.h> is missing in a program's own header, $c" says "libfence has no <linux/futex.h>"
	printf '#define LIBFENCE_HOST_UAPI\n#include <linux/list.h>\n#include <linux/futex.h>\nint x = FUTEX_WAKE;\n' >"$tmp/a.c"
	check "the host's <linux/futex.h> with LIBFENCE_HOST_UAPI, $c" gets_the_kernels
	printf '#include <linux/futex.h>\n' >"$tmp/system/library.h"
	printf '#include <linux/list.h>\n#include <library.h>\nint x = FUTEX_WAKE;\n' >"$tmp/a.c"
	check "a library's header gets the host's <linux/futex.h>, $c" compiles "-isystem $tmp/system"

	printf '#include <linux/version.h>\n_Static_assert(LINUX_VERSION_CODE == KERNEL_VERSION(7, 3, 0), "");\n_Static_assert(LINUX_VERSION_MAJOR == 7 && LINUX_VERSION_PATCHLEVEL == 3, "");\n' >"$tmp/a.c"
	check "<linux/version.h> is 7.3's, $c" gets_the_kernels
	printf '#include <linux/version.h>\n' >"$tmp/system/library.h"
	printf '#include <library.h>\nint host = LINUX_VERSION_CODE;\n#include <linux/version.h>\n#include <library.h>\n_Static_assert(LINUX_VERSION_CODE == KERNEL_VERSION(7, 3, 0), "");\n' >"$tmp/a.c"
	check "and stays so after a library's header, $c" compiles "-isystem $tmp/system"
done

echo "1..$n"
exit $failed
