#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# rules.sh SOURCE: checks rules of the source tree that a script can check. Prints
# TAP.
set -u
cd "$1" || exit 1
n=0 failed=0

# result NAME OUTPUT: the check fails if there is any output, which is printed.
result() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "$2" | sed 's/^/# /'
		failed=1
	fi
}

# A list that is empty would let a rule pass that looks at nothing.
listed() { find "$@" | grep . || echo "no-such-file:$*"; }

sources() { find lib include compat tests bench docs -name '*.[ch]' "$@"; }
cpp_sources() { listed include tests bench docs -name '*.[ch]pp'; }

result "every source file names the licence" \
	"$({ sources; cpp_sources; } | xargs grep -L 'SPDX-License-Identifier: GPL-2.0 OR MIT')"

core=$(listed lib/core -name '*.[ch]')
plain=$(listed lib/plain -name '*.[ch]')
share=$(listed lib/sync-file lib/tree -name '*.[ch]')
shim=$(listed compat -name '*.[ch]' ! -path 'compat/host/*' ! -path 'compat/include/*')
host=$(listed compat/host -name '*.[ch]')
fence_headers=$(listed include/linux include/trace -name '*.h')

# without_comments FILE...: as grep -n prints, code only.
code() { grep -nE "$@" | grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)'; }

result "the core includes kernel-named headers only" \
	"$(grep -nE '^#[[:space:]]*include' $core $fence_headers |
	   grep -vE '#[[:space:]]*include <(uapi/linux|linux|trace)/[a-z0-9_/-]+\.h>|^lib/core/[a-z-]+\.c:[0-9]+:#include "[a-z-]+\.h"')"

result "the core does not know userspace" \
	"$(grep -nE '^#[[:space:]]*(if|ifdef|ifndef|elif)' $core $plain lib/sync-file/sync_file.c include/linux/*.h |
	   grep -vE 'CONFIG_|#ifndef _*[A-Z_]+_H_?$')"

result "only compat/host/sys.c asks the host for threads, futexes, clocks, memory and the environment" \
	"$(code '\b(pthread_[a-z_]+|syscall|clock_gettime|nanosleep|sched_yield|malloc|calloc|free|posix_memalign|aligned_alloc|malloc_usable_size|getenv|backtrace[a-z_]*) ?\(' \
		$core $plain $share $shim)"

# Calls of the host's functions, found by their names.
result "only compat/host/fd.c asks the host for descriptors" \
	"$(code '\b(socket|socketpair|bind|connect|(get|set)sockopt|getsockname|send|recv|(send|recv)m?msg|shutdown|epoll_(create1?|ctl|p?wait)|eventfd|ioctl|fcntl|fstat|close|dup[23]?|pipe2?|read|write|process_vm_(read|write)v|p?poll) ?\(' \
		$core $plain $share $shim | grep -v -- '->poll(')"

# <urcu/call-rcu.h> includes liburcu's header, for programs that include both.
result "only compat/host/urcu.c sees liburcu" \
	"$(grep -lE 'include(_next)? <urcu' $core $plain $share $shim $host compat/include/*/*.h include/*/*.h |
	   grep -vxE 'compat/host/urcu.c|compat/include/urcu/call-rcu.h')"

# Exceptions: the compiler's own headers, which include no header of the kernel.
result "a header of the shim includes the host's headers after <lfshim/host-begin.h>" \
	"$(grep -rlE '#[[:space:]]*include' compat/include | while read -r f; do
		awk '/host-begin\.h/ { host = 1 } /host-end\.h/ { host = 0 }
		/^#[[:space:]]*include/ && !host { print FILENAME ": " $0 }' "$f"; done |
	   grep -vE 'include(_next)? (<(linux|asm|drm|kunit|trace|uapi|lfshim|urcu|libfence)/|<std(arg|bool|def)\.h>|"(abi|compiler-detect|hb)\.h"|LFSHIM_TRACE_HEADER|TRACE)')"

# These test threads that the program makes itself.
result "tests use the shim's threads" \
	"$(grep -nE '\b(pthread_(create|mutex|cond|barrier|rwlock)[a-z_]*|sem_wait|sem_post) ?\(' -r tests --include='*.[ch]' |
	   grep -vE '^tests/(sanitizers/|explore/engine/fiber-threads\.c:|compat/(foreign\.h|host(-[a-z]+)?\.c|service\.c|threads\.h|warn\.c):)')"

# A function or macro of the public fence headers needs a kernel-doc comment with
# its name, above its definition in lib/ or in the header itself.
undocumented() {
	{
		sed -nE 's/^[a-z].*[ *](_*dma_(fence|resv)_[a-z0-9_]+)\(.*/\1/p; s/^(_*dma_(fence|resv)_[a-z0-9_]+)\(.*/\1/p' include/linux/dma-*.h
		sed -nE 's/^#define (dma_(fence|resv)_[a-z0-9_]+).*/\1/p' include/linux/dma-*.h
	} | sort -u | while read -r name; do
		case $name in
		# Internal functions and an old name.
		__dma_fence_might_wait|__dma_fence_might_wait_at|dma_fence_enable_sw_signaling) continue ;;
		esac
		grep -qE "^ \* $name - " $core include/linux/*.h || echo "$name"
	done
}
result "every public fence function is documented" "$(undocumented)"

result "every function of the plain face is documented" \
	"$(sed -nE 's/^[a-z].*[ *](libfence_[a-z_]+)\(.*/\1/p; s/^(libfence_[a-z_]+)\(.*/\1/p; s/^#define (LIBFENCE_[A-Z_]*[A-Z])\(.*/\1/p' \
		include/libfence/*.h | grep -vxE 'LIBFENCE_(ENDED_BY|PASTE)' | sort -u |
	   while read -r name; do grep -qE "^ \* $name - " include/libfence/*.h || echo "$name"; done)"

result "docs/kernel-differences.md has the rows of the tests" \
	"$(tests/core/differences.py . | while IFS= read -r line; do
		[ -z "$line" ] || grep -qxF -- "$line" docs/kernel-differences.md || echo "$line"; done)"

result "docs/explore.md has the list of upstream's races" \
	"$(tests/explore/upstream.py check docs/explore.md)"

result "docs/museum.md is the output of museum.py page" \
	"$(tests/explore/museum.py page | diff docs/museum.md - 2>&1)"

# Except dma-fence.h, which contains the documentation of the core.
result "files are no longer than 900 lines, headers 500" \
	"$({ sources ! -name dma-fence.h; cpp_sources; } | while read -r f; do
		max=900; case $f in *.h|*.hpp) max=500 ;; esac
		lines=$(wc -l <"$f"); [ "$lines" -le $max ] || echo "$f: $lines lines"; done)"

# Spinlocks and mutexes, as "FILE: `NAME`" and "FILE: `MEMBER` of `struct TAG`".
locks() {
	awk '
	/^struct [a-z_0-9]+ \{/ { tag = $2 }
	/^\}/ { tag = "" }
	tag && /^[[:space:]]+(raw_)?spinlock_t [a-z_0-9]+;/ ||
	tag && /^[[:space:]]+struct (ww_)?mutex [a-z_0-9]+;/ {
		print FILENAME ": `" substr($NF, 1, length($NF) - 1) "` of `struct " tag "`"
	}
	/^[^#]*DEFINE_[A-Z_]*(LOCK|MUTEX)\(/ {
		sub(/.*DEFINE_[A-Z_]*(LOCK|MUTEX)\(/, ""); sub(/[,)].*/, "")
		print FILENAME ": `" $0 "`"
	}
	!tag && /^((static|const) )*((raw_)?spinlock_t|struct (ww_)?mutex) [a-z_0-9]+( =.*)?;/ {
		sub(/( =.*)?;.*/, ""); print FILENAME ": `" $NF "`"
	}' $(find lib compat include -name '*.[ch]')
}
# A ww_mutex is a mutex: their lock is one row.
result "docs/lock-order.md has every lock" \
	"$(locks | grep -vF ': `base` of `struct ww_mutex`' | while IFS= read -r line; do
		grep -qF -- "${line#*: }" docs/lock-order.md || echo "$line"; done)"

result "every file that docs/lock-order.md names exists" \
	"$(grep -oE '`[a-z_/-]+\.[ch]`' docs/lock-order.md | tr -d '`' | sort -u | while read -r f; do
		ls "$f" lib/*/"$f" compat/"$f" 2>/dev/null | grep -q . || echo "$f"; done)"

result ".clang-format has every macro that is a loop" \
	"$(sed -nE 's/^[[:space:]]*#[[:space:]]*define ([a-z_]*for_each[a-z_]*|scoped_guard)\(.*/\1/p' \
		$(find compat/include include -name '*.h') | sort -u | while read -r name; do
		grep -qxF "  - $name" .clang-format || echo "$name"; done)"

result "no machine paths, no unowned TODO" \
	"$(grep -rnIE '\b(TODO|FIXME|XXX)\b|(^|[^[:alnum:]])/(work|root|home)/[a-z]' \
		lib include compat tests bench docs README.md run --include='*' | grep -v '^tests/rules.sh')"

# The macros write NAME_fence_signal() as name##_fence_signal(). A row of the code map
# has X for a part of a name.
unknown_names() {
	pages=$(listed README.md docs -maxdepth 1 -name '*.md')
	known=$(grep -rohE '\b(libfence|LIBFENCE|lf_sync|LF_SYNC)_[A-Za-z0-9_]+|\b_[a-z_]+' \
		include lib compat tests docs/examples bench meson.build | sort -u)
	{
		grep -ohE '\b(libfence|LIBFENCE|lf_sync|LF_SYNC)_[A-Za-z0-9_]*[A-Za-z0-9]\b' $pages |
			grep -vE '^libfence_([0-9]|cpp$)|_X$'
		grep -ohE '\bNAME_[a-z_]*[a-z]\b' $pages | sed 's/^NAME//'
	} | sort -u | grep -vxF "$known"
}
result "every name of the plain face in a page exists" "$(unknown_names)"

# Patterns of sentences that are hard to read: "who" and "what" as free relatives, and
# words that are not used for a thing (docs/glossary.md). One per line, extended regular
# expressions.
riddles='\b(for|by|to|from|of|with|and|than|that|or|as|in) who(m|ever)?\b
\bwho(m)?ever\b
(^|[/*#.] +)Who (is|has|does|wants|comes|waits|holds)\b
how-manieth
\bbut for (a|an|the|one|that|those|these|it|what)\b
\bnobody but\b
\bwhatever (it|they|the [a-z]+|that [a-z]+) (takes|needs|wants|has|owns|may)\b
\b(nobody|somebody|everybody)'"'"'s\b
\b(none of|no) .{0,20}\bbusiness\b
\bin the place of\b
\b(is|be|are|was|were) at it\b
\bto be had\b
\bsees? to it\b
\bso as\b
\bbe it so\b
\bjust so\b
[Gg]ets there\b
\bvictims?\b
\blet(s|ting)? go of\b'

# "What" that stands for a noun: the sentence can name the thing.
relatives='\b(not|to|may|must|can|and|or) (see|read|find|miss|use|free|repeat|avoid|own|keep|do|pass|drop|wait for|undo|release|repair|refuse)s? what\b
\b(consume|keep|free|drop|use|undoe|release|unlock|build|install|need|lack|get|give|refuse|accept|compile)s? (only |just )?what\b
\b(has|have|owns|fetch(es)?) (only |just )?what (is|was|it|they|the|a|this|that)\b
\b(for|of|with|from|in|to|at|on|by|and|than|before|after|like) what (is|was|were|are|has|had|it|they|this|that|the [a-z]+) (left|queued|pending|missing|needed|there|wrote|done|said|freed|used|locked|has|have|did|does|was|had)\b
\bwhat (it|this|that|they|the [a-z]+|a [a-z]+|this thread) (wrote|stored|returned|printed)\b
^[[:space:]]*(/\*|\*|#|//) What (is|was|are|a|an|the|this|it|they|comes|follows|fails)\b'

# sentences PATTERNS [TEST...]: the lines with a pattern, of files that pass the tests of find.
sentences() {
	patterns=$1
	shift
	find lib compat include tests bench docs run .ci ./*.md -type f \
		\( -name '*.[ch]' -o -name '*.[ch]pp' -o -name '*.sh' -o -name '*.py' -o -name '*.md' \
		   -o -name meson.build -o -name run -o -path '*/mutants/*' \) \
		! -path tests/rules.sh ! -name CHANGELOG.md ! -path docs/glossary.md "$@" \
		-exec grep -nE -e "$patterns" {} +
}
result "no sentence has a pattern that is hard to read" "$(sentences "$riddles")"

result "no sentence has \"what\" in place of a noun" "$(sentences "$relatives")"

echo "1..$n"
exit $failed
