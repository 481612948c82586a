#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# symbols.sh LIBRARY SOURCE: read the dynamic symbol table of libfence.so. It may
# contain only documented names and the shim's names with their prefix. It must
# contain every function of the public fence headers, and no libfence_ name that
# these do not declare. The inline functions of the plain face are there, too, for
# language bindings. Prints TAP.
set -eu
library=$1
source=$2
failed=0

result() {
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$3" | sed 's/^/# /'
		failed=1
	fi
}

exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' |
	   sed 's/@.*//' | sort -u)
[ -n "$exported" ] || { echo "Bail out! no symbols in $library"; exit 1; }

result 1 "only documented and prefixed names are exported" \
	"$(echo "$exported" | grep -vE '^(dma_fence_|__dma_fence_|dma_resv_|reservation_ww_class$|libfence_|lfshim_|sync_file_(create|from_file|get_fence|get_name|merge_with)$)' || true)"

# The prototypes, without inline functions and without those under CONFIG_LOCKDEP or
# CONFIG_DEBUG_MUTEXES.
wanted=$(cat "$source"/include/linux/dma-*.h "$source"/include/linux/sync_file.h \
	 "$source"/include/libfence/*.h |
	 awk '
	/^#ifdef CONFIG_(LOCKDEP|DEBUG_MUTEXES)/ { skip = 1 }
	/^#(else|endif)/ { skip = 0 }
	skip || /^#/ || /^[[:space:]]*\/?\*/ { next }
	# A prototype begins in the first column and ends with ";" before any "{".
	/^[a-z]/ && !/^(static|typedef|struct [a-z_]+ \{|enum|extern)/ { text = "" ; open = 1 }
	open { text = text " " $0 }
	open && /\{/ { open = 0 }
	open && /;/ { open = 0; print text }' |
	 sed -nE 's/^[^(]*[ *](_*(dma_fence|dma_resv|libfence|sync_file)_[a-z0-9_]+)\(.*;.*/\1/p' |
	 sort -u)
[ "$(echo "$wanted" | wc -l)" -ge 40 ] || { echo "Bail out! found only: $wanted"; exit 1; }
missing=$(printf '%s\n' $wanted dma_fence_array_ops dma_fence_chain_ops reservation_ww_class |
	  grep -vxF "$exported" || true)
result 2 "every public function is exported" "$missing"

# The inline functions of the plain face. Those of macros end with a backslash. The
# symbol of libsync's sync_X() is libfence_libsync_X.
inline=$(for header in "$source"/include/libfence/*.h; do
	case $header in */dma-fence.h) continue ;; esac
	awk '
	/^(LIBFENCE_INLINE_|static inline)/ { text = ""; open = 1 }
	open { text = text " " $0 }
	open && /\{/ { open = 0; print text }' "$header"
done | sed -nE 's/__attribute__\(\([^{]*\)\)//; s/^[^(]*[ *]([a-z][a-z0-9_]*)\(.*/\1/p' |
	grep -v '_$' | sed 's/^sync_/libfence_libsync_/' | sort -u)
[ "$(echo "$inline" | wc -l)" -ge 18 ] || { echo "Bail out! found only: $inline"; exit 1; }

# This also shows that all prototypes were found.
hidden=$(echo "$exported" | grep '^libfence_' | grep -vxF "$wanted
$inline" || true)
result 3 "every exported function of the plain face is declared in its headers" "$hidden"

# The program may define functions of these names itself.
clash=
for name in kfree kmalloc schedule printk _printk current sort msleep \
	    call_rcu synchronize_rcu kthread_stop wake_up_process; do
	! echo "$exported" | grep -qx "$name" || clash="$clash $name"
done
result 4 "kernel names stay out of the program's symbol table" "$clash"

missing=$(echo "$inline" | grep -vxF "$exported" || true)
result 5 "every inline function of the plain face is a symbol, too" "$missing"

echo "1..5"
exit $failed
