#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# chroot.sh SUITE [PART...]       run README's commands on a bare Debian SUITE
#                                 (bookworm, trixie, sid)
# chroot.sh SUITE -- COMMAND...   run one command there, in a clone of this checkout
#
# PART is "commands" (the three commands) or "install" (install with README's lines,
# then link and run programs, shared and static, in C, C++ and with CMake); the default
# is both. The commands are taken from README.md. Each prints a line with its result; a
# warning of a compiler or of Meson is a failure. Uncommitted changes are not tested.
#
# Needs root, for chroot, and debootstrap, which fetches the suite from the mirror that
# apt is set up with. Environment:
#   LIBFENCE_CHROOTS   the directory of bare systems and fetched kernel trees
#                      ($XDG_CACHE_HOME/libfence-chroots); each run has a copy
set -euo pipefail
self=$(realpath "$0")
top=$(realpath "$(dirname "$0")/../..")
cache=${LIBFENCE_CHROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/libfence-chroots}

die() { echo "chroot.sh: $*" >&2; exit 1; }

suite=${1-}
[[ -n $suite ]] || { sed -nE '/^# chroot/,/^set/{/^#/s/^# ?//p}' "$self" >&2; exit 2; }
[[ $(id -u) = 0 ]] || die "it needs root: chroot, mount and debootstrap do"
# A mount namespace of its own leaves no mount behind, however the script ends.
if [[ -z ${LIBFENCE_CHROOT_NAMESPACE-} ]]; then
	LIBFENCE_CHROOT_NAMESPACE=1 exec unshare --mount --propagation private "$self" "$@"
fi
shift
command -v git >/dev/null || die "git is needed to clone the checkout"

# Make a bare system in $cache/$suite.
fetch_suite() {
	local mirror
	[[ -e $cache/$suite.done ]] && return
	command -v debootstrap >/dev/null || die "debootstrap is needed to fetch $suite"
	mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' |
		 grep -E '/debian/?$' | sort -u | head -n 1) || true
	[[ -n $mirror ]] || die "no Debian mirror in apt's sources"
	mkdir -p "$cache"
	rm -rf "${cache:?}/$suite"
	echo "chroot.sh: fetching $suite" >&2
	debootstrap --variant=minbase "$suite" "$cache/$suite" "$mirror" >"$cache/$suite.log" 2>&1 ||
		{ tail -n 5 "$cache/$suite.log" >&2; die "debootstrap failed: see $cache/$suite.log"; }
	touch "$cache/$suite.done"
}

root=
logs=$(mktemp -d)
remove() {
	[[ -n $root ]] || return 0
	! mountpoint -q "$root/proc" || umount -l "$root/proc"
	! mountpoint -q "$root/proc" || die "$root/proc is still mounted"
	rm -rf --one-file-system "$root"
	root=
}
trap 'remove; rm -rf "$logs"' EXIT
trap 'exit 1' INT TERM HUP

# Make a copy of the bare system, with /proc and a clone of this checkout in
# /srv/libfence.
fresh() {
	remove
	root=$(mktemp -d "$cache/.$suite.XXXXXX")
	cp -a --reflink=auto "$cache/$suite/." "$root"
	mount -t proc proc "$root/proc"
	mkdir -p "$root/srv/.cache/libfence" "$cache/trees"
	cp -a "$cache/trees/." "$root/srv/.cache/libfence"
	# Copy apt's settings: the way to the mirror, and the age that is accepted.
	apt-config dump | grep -E '^Acquire::(Check-Valid-Until|Check-Date|Retries|https?::)' \
		>"$root/etc/apt/apt.conf.d/99host" || true
	git clone -q --no-hardlinks "$top" "$root/srv/libfence"
}

inside() {
	chroot "$root" env -i HOME=/srv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		LC_ALL=C TERM=dumb bash -c "cd /srv/libfence && $1"
}

failed=0
# step NAME SCRIPT: run SCRIPT in the chroot, and print a line with the result.
step() {
	local log="$logs/log" status=0 started=$SECONDS
	inside "$2" </dev/null >"$log" 2>&1 || status=$?
	if [[ $status != 0 ]]; then
		echo "FAILED  $suite: $1 (status $status after $((SECONDS - started)) s)"
		# Tests that failed in Meson may be far above the end of the log.
		{ grep -E ' (FAIL|ERROR|TIMEOUT) ' "$log" | sort -u || true; tail -n 30 "$log"; } | sed 's/^/        /'
	elif grep -E '(: warning: |(^|: )WARNING: |^CMake Warning|^!!!)' "$log" >"$logs/warnings"; then
		echo "FAILED  $suite: $1 (warnings)"
		head -n 10 "$logs/warnings" | sed 's/^/        /'
	else
		echo "passed  $suite: $1 ($((SECONDS - started)) s)"
		sed -nE '/^Summary$/,$s/^  /          /p' "$log"
		return
	fi
	failed=1
}

readme() { awk -v sections="$1" -f "$top/tests/install/from-readme.awk" "$top/README.md"; }
listings() { awk -v listings=1 -v sections="$1" -f "$top/tests/install/from-readme.awk" "$top/README.md"; }

commands_part() {
	local line
	fresh
	while IFS= read -r line; do
		step "${line% || exit 1}" "$line"
	done < <(readme "Three commands")
	# For the next suite.
	cp -a --update "$root/srv/.cache/libfence/." "$cache/trees"
}

install_part() {
	local line
	fresh
	while IFS= read -r line; do
		step "${line% || exit 1}" "$line"
	done < <(readme "Install")
	step "the packages for cmake" "apt-get install -y -qq cmake"
	listings "Use it" >"$root/srv/listings"
	step "the examples of README" "sh -eu /srv/listings"
	while IFS= read -r line; do
		step "${line% || exit 1}" "$line"
	done < <(readme "Use it" | grep -E '^(cc|c\+\+|cmake) ')
	for section in "A prefix of your own" "A static library" "Without installing"; do
		readme "$section" >"$root/srv/script"
		step "$section" "sh -eu /srv/script"
	done
	readme "As a Meson subproject" >"$root/srv/script"
	step "As a Meson subproject" "mkdir -p /srv/parent/subprojects && cp example.c /srv/parent &&
		ln -s /srv/libfence /srv/parent/subprojects/libfence && cd /srv/parent &&
		sh -eu /srv/script && meson setup --wrap-mode=forcefallback build && ninja -C build && build/example"
}

main() {
	fetch_suite
	if [[ -n $(git -C "$top" status --porcelain --untracked-files=no) ]]; then
		echo "chroot.sh: uncommitted changes are not tested" >&2
	fi
	if [[ ${1-} = -- ]]; then
		shift
		fresh
		inside "$*"
		return
	fi
	(($#)) || set -- commands install
	for part; do
		case $part in
		commands | install) "${part}_part" ;;
		*) die "$part: commands or install" ;;
		esac
	done
	return $failed
}

# On one line: the script may change while it runs, and bash reads line by line.
main "$@"; exit
