#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# host-calls.sh [--some[=NAME]] ARCHIVE...: fails if an object calls the host's
# threads, clocks, memory, descriptors or liburcu, or has thread-local data other
# than lfshim_tls. With --some, fails if no object calls the host (or NAME).
set -eu
some=
case $1 in --some*) some=$1; shift ;; esac
nm=${NM:-nm}
calls='pthread_.*|sem_.*|thrd_.*|syscall|futex.*|clock_.*|gettimeofday|time|(nano|u)?sleep
sched_.*|gettid|fork|getenv|secure_getenv|prctl|sig(action|procmask|pending)|signal
malloc|calloc|realloc|free|posix_memalign|aligned_alloc|memalign|malloc_usable_size|mmap|munmap
socket.*|send|recv|epoll_.*|eventfd.*|poll|ppoll|ioctl|fcntl|close|dup[23]?|pipe2?|tee|splice|(__)?(read|write|open)(64|_chk|_2)?
f?statfs(64)?|[fl]?stat(at)?(64)?|futimens(64)?|(__)?readlink(at)?(_chk)?
process_vm_.*|dl_iterate_phdr|dladdr|dlsym|backtrace.*|urcu_.*'
pattern=$(echo "$calls" | tr '\n' '|' | sed 's/|$//')
case $some in *=*) pattern=${some#*=} ;; esac

defined=$("$nm" -g --defined-only "$@" | grep -c . || true)
[ "$defined" -gt 0 ] || { echo "nm finds no symbols in $*"; exit 2; }

found=$("$nm" -u "$@" | sed 's/^ *[Uw] //' | grep -xE "$pattern" | sort -u) || true
[ -z "$found" ] || echo "they call the host: $(echo "$found" | xargs)"
local=$("$nm" -f sysv "$@" | awk -F '|' '$4 ~ /TLS/ && $7 !~ /UND/ { gsub(/ /, "", $1); print $1 }' |
	grep -vx lfshim_tls | sort -u) || true
[ -z "$local" ] || echo "thread-local data: $(echo "$local" | xargs)"
if [ "$some" ]; then [ -n "$found" ]; else [ -z "$found$local" ]; fi
