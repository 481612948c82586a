#!/bin/bash
# scratch build: build.sh OUT [scenario files]
set -e
top=$(cd "$(dirname "$0")/../.." && pwd); cd $top
out=$1; shift
O=$out.d; mkdir -p $O
CC=${CC:-gcc}
INC="-I$top/tests/explore -I$top/compat -I/var/tmp/w/b/gcc/compat/dispatch/include -I$top/include -I$top/compat/include -I/var/tmp/w/b/gcc/include -I/var/tmp/w/b/gcc/compat/include"
K="-std=gnu11 -D_GNU_SOURCE -fno-strict-aliasing -fwrapv -fno-delete-null-pointer-checks -fno-pie -g ${OPT:--O2} -fno-optimize-sibling-calls -fno-stack-protector -DLFSHIM_SEAM=1 -Wall -Wextra -Wno-sign-compare -Wno-unused-parameter -Wno-missing-field-initializers -Wno-pointer-sign -Wno-format -Wno-stringop-overflow -Wno-tsan $DEFS"
T="-fsanitize=thread"
c() { local o=$O/$(echo ${1#$top/} | tr / _).o; [ $o -nt $1 -a -z "$FORCE" ] || $CC $K $INC "${@:2}" -c $1 -o $o; objs="$objs $o"; }
objs=
seam="compat/rcupdate.c compat/spinlock.c compat/kernel/readers.c compat/kernel/sleep.c"
for f in compat/*.c compat/kernel/*.c $(test -n "$CHECKS" && echo compat/checks/*.c); do case " $seam " in *" $f "*) ;; *) c $f $T -DLFSHIM_INTERNAL;; esac; done
for f in lib/core/*.c lib/plain/*.c; do c $f $T; done
c tests/explore/shim/seam.c -DLFSHIM_INTERNAL
c tests/explore/shim/order.c
c tests/explore/shim/fd.c -DLFSHIM_INTERNAL
c tests/explore/shim/sleep.c -DLFSHIM_INTERNAL $T
for f in ${@:-tests/explore/scenarios/*.c}; do c $f $T; done
E=
for f in tests/explore/engine/*.c; do o=$O/engine_$(basename $f).o; [ $o -nt $f -a $o -nt tests/explore/engine/engine.h -a $o -nt tests/explore/engine/seam.h -a $o -nt tests/explore/engine/weak.h ] || gcc -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -fPIC -fvisibility=hidden -fno-stack-protector -DLFX_DWARF=1 -c $f -o $o; E="$E $o"; done
gcc -shared -o $O/liblfx.so $E -ldw -lelf
$CC -no-pie -g -Wl,-z,now -Wl,--wrap=memcpy -Wl,--wrap=memset -Wl,--wrap=memmove $objs -o $out -L$O -llfx -Wl,-rpath,$O
