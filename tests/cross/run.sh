#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# run.sh TARGET [ARGUMENT...]        build libfence for another system, run its tests
# run.sh TARGET bench [ARGUMENT...]  the same with the benchmark
#
# TARGET is arm64, armhf, i386, or musl (this CPU with another libc). Arguments go
# to "meson test", as in "--suite core"; by default it is the suites in $suites,
# without the tests in the suite "once".
#
# arm64 and armhf run under qemu-user, i386 and musl on this CPU. If the kernel runs no
# programs for i386, they are built only, and the exit status is 77: under qemu-user, a
# thread for i386 that has handled a signal goes on with the thread-local storage of
# another one. Compilers and qemu are installed with apt. The libraries are unpacked
# below $XDG_CACHE_HOME/libfence: those of the release that this machine runs, from the
# mirror that apt is set up with; for musl, liburcu and CMocka are built from Debian's
# sources. dpkg gets no foreign architecture, and apt's configuration is not touched.
#
# Environment:
#   BUILD_DIR               build there instead (build-TARGET)
#   LIBFENCE_TEST_SLOWNESS  divides the work of the long tests (10 under qemu)
set -euo pipefail
cd "$(dirname "$0")/../.."
suites=(core driver-fence compat timeline stress sync-file examples)

die() { echo "run.sh: $*" >&2; exit 1; }

target=${1-}
qemu=
case $target in
arm64) triplet=aarch64-linux-gnu qemu=qemu-aarch64 ;;
armhf) triplet=arm-linux-gnueabihf qemu=qemu-arm ;;
i386) triplet=i686-linux-gnu ;;
musl) triplet= ;;
*) die "which target? run.sh arm64|armhf|i386|musl [ARGUMENT...]" ;;
esac
shift
build=${BUILD_DIR:-build-$target}

. /etc/os-release
command -v apt-get >/dev/null && [[ $ID = debian ]] ||
	die "the libraries for $target come from Debian's mirror, and this is ${PRETTY_NAME:-another system}"
[[ $(dpkg --print-architecture) = amd64 ]] || [[ -n $qemu ]] ||
	die "$target is for x86-64 machines"
release=${VERSION_CODENAME:-sid}
root=${XDG_CACHE_HOME:-$HOME/.cache}/libfence/sysroot-$release-$target
libs=$root/usr/lib/${triplet/i686/i386}

# The static build of qemu; the package has another name from Debian 13 on.
find_qemu() { command -v "$qemu-static" || command -v "$qemu"; }

install_missing() {
	local packages=() sudo=
	command -v meson >/dev/null || packages+=(meson)
	command -v ninja >/dev/null || packages+=(ninja-build)
	command -v pkg-config >/dev/null || packages+=(pkg-config)
	if [[ $target = musl ]]; then
		command -v musl-gcc >/dev/null || packages+=(musl-tools)
		command -v cc >/dev/null || packages+=(gcc libc6-dev)
		command -v make >/dev/null || packages+=(make)
		command -v bzip2 >/dev/null || packages+=(bzip2)
		command -v xz >/dev/null || packages+=(xz-utils)
	else
		command -v "$triplet-gcc" >/dev/null || packages+=("gcc-$triplet")
		if [[ -n $qemu ]] && ! find_qemu >/dev/null; then
			((${VERSION_ID-99} > 12)) && packages+=(qemu-user) || packages+=(qemu-user-static)
		fi
	fi
	((${#packages[@]})) || return 0
	if [[ $(id -u) != 0 ]]; then
		command -v sudo >/dev/null || die "needed: apt-get install ${packages[*]}"
		sudo=sudo
	fi
	$sudo apt-get update -qq
	echo "run.sh: installing ${packages[*]}" >&2
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

# apt with a state of its own in $work; $1 is "deb" or "deb-src".
own_apt() {
	local mirror keys=/usr/share/keyrings/debian-archive-keyring
	mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' |
		 grep -E '/debian/?$' | sort -u | head -n 1) || true
	[[ -n $mirror ]] || die "no Debian mirror in apt's sources"
	[[ -f $keys.gpg ]] && keys=$keys.gpg || keys=$keys.pgp
	mkdir -p "$work"/state/lists/partial "$work"/cache/archives/partial "$work"/parts
	: >"$work/status"
	echo "$1 [signed-by=$keys] $mirror $release main" >"$work/sources.list"
	apt=(-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts="$work/parts"
	     -o Dir::State="$work/state" -o Dir::State::status="$work/status"
	     -o Dir::Cache="$work/cache" -o APT::Sandbox::User= -o Acquire::Languages=none
	     -o Acquire::Retries=1)
	[[ $1 = deb-src ]] || apt+=(-o APT::Architecture="$target" -o APT::Architectures="$target")
	apt-get "${apt[@]}" -qq update >&2
}

# A compiler that finds the libraries by itself: some tests call it on their own.
compiler() {
	mkdir "$work/root/bin"
	printf '#!/bin/sh\nexec %s\n' "$1" >"$work/root/bin/cc"
	chmod +x "$work/root/bin/cc"
}

# The packages, with all that they depend on, unpacked and not installed.
debian_root() {
	local deb
	echo "run.sh: fetching the libraries of $release for $target" >&2
	own_apt deb
	apt-get "${apt[@]}" -qq -y --no-install-recommends --download-only install \
		libc6-dev liburcu-dev libcmocka-dev >/dev/null ||
		die "$release's packages for $target could not be downloaded"
	# /lib is a link there, as on a system of today.
	mkdir -p "$work/root/usr/lib"
	ln -s usr/lib "$work/root/lib"
	for deb in "$work"/cache/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/root" --keep-directory-symlink
	done
	compiler "$triplet-gcc --sysroot='$root' \"\$@\""
}

# liburcu and CMocka, built with musl; and the kernel's headers, which musl lacks.
musl_root() {
	local src=$work/src
	echo "run.sh: building liburcu and CMocka for musl" >&2
	own_apt deb-src
	mkdir -p "$src" "$work"/root/{include,lib/pkgconfig}
	(cd "$src" && apt-get "${apt[@]}" -qq source --download-only liburcu cmocka >/dev/null) ||
		die "$release's sources of liburcu and CMocka could not be downloaded"
	ln -s /usr/include/linux /usr/include/asm-generic "$work/root/include"
	ln -s "/usr/include/$(gcc -print-multiarch)/asm" "$work/root/include"
	compiler "musl-gcc \"\$@\" -idirafter '$root/include'"
	mkdir "$src/urcu" "$src/cmocka"
	tar -xf "$src"/liburcu_*.orig.tar.bz2 -C "$src/urcu" --strip-components=1
	tar -xf "$src"/cmocka_*.orig.tar.xz -C "$src/cmocka" --strip-components=1
	(cd "$src/urcu" && ./configure -q CC=musl-gcc CPPFLAGS="-idirafter $work/root/include" \
		--prefix="$root" --disable-static &&
		for dir in include src; do make -s -j2 -C "$dir" && make -s -C "$dir" install DESTDIR="$work/dest"; done &&
		make -s install-data-am DESTDIR="$work/dest") >"$work/log" 2>&1 ||
		{ tail -n 20 "$work/log" >&2; die "liburcu could not be built with musl"; }
	cp -a "$work/dest/$root/." "$work/root"
	musl-gcc -O2 -shared -fPIC -Wl,-soname,libcmocka.so -I"$src/cmocka/include" \
		-DHAVE_{MALLOC,INTTYPES,SETJMP,SIGNAL,STDINT,STRINGS,TIME,UNISTD}_H -DHAVE_STRUCT_TIMESPEC \
		-DHAVE_CLOCK_{GETTIME,REALTIME} -DHAVE_GCC_THREAD_LOCAL_STORAGE -DHAVE_{SNPRINTF,VSNPRINTF,STRSIGNAL} \
		"$src/cmocka/src/cmocka.c" -o "$work/root/lib/libcmocka.so"
	cp "$src"/cmocka/include/*.h "$work/root/include"
	printf 'Name: cmocka\nDescription: CMocka\nVersion: 1.1.5\nLibs: -L%s/lib -lcmocka\nCflags: -I%s/include\n' \
		"$root" "$root" >"$work/root/lib/pkgconfig/cmocka.pc"
}

make_root() {
	[[ ! -f $root/.complete ]] || return 0
	mkdir -p "${root%/*}"
	work=$(mktemp -d "${root%/*}/.sysroot.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	if [[ $target = musl ]]; then musl_root; else debian_root; fi
	touch "$work/root/.complete"
	mv -T "$work/root" "$root" 2>/dev/null || [[ -f $root/.complete ]] || die "$root is in the way"
	rm -rf "$work"
}

# The settings that only this machine knows, beside tests/cross/TARGET.ini.
machine_file() {
	local link=() pc=$libs/pkgconfig
	printf "[binaries]\nc = '%s'\n" "$root/bin/cc"
	if [[ $target = musl ]]; then
		link=("'-Wl,-rpath,$root/lib'") pc=$root/lib/pkgconfig
	fi
	if [[ -n $qemu ]]; then
		echo "exe_wrapper = ['$(find_qemu)', '-L', '$root']"
	elif [[ $target = i386 ]]; then
		# Nothing wraps them: they have to find the loader themselves.
		link+=("'-Wl,--dynamic-linker=$root/lib/ld-linux.so.2'" "'-Wl,--disable-new-dtags'"
		       "'-Wl,-rpath,$libs'")
	fi
	local IFS=,
	printf '[built-in options]\nc_link_args = [%s]\n' "${link[*]}"
	printf "[properties]\npkg_config_libdir = '%s'\n" "$pc"
	[[ $target = musl ]] || echo "sys_root = '$root'"
	[[ -n $qemu ]] || echo "needs_exe_wrapper = false"
}

not_run() { echo "!!! NOT RUN for $target: $*"; }

install_missing
make_root
# Left alone where it is right: Meson would configure again.
machine=$(machine_file)
[[ -f $root/machine.ini && $(<"$root/machine.ini") = "$machine" ]] || echo "$machine" >"$root/machine.ini"
[[ -f $build/build.ninja ]] ||
	meson setup "$build" -Dwerror=true --cross-file "tests/cross/$target.ini" --cross-file "$root/machine.ini"

if [[ $target = i386 ]] && ! "$root/lib/ld-linux.so.2" --version >/dev/null 2>&1; then
	ninja -C "$build"
	not_run "all tests: this kernel runs no programs for i386. They were built"
	exit 77
fi
if [[ ${1-} = bench ]]; then
	shift
	ninja -C "$build" bench/fence-bench >&2
	[[ -z $qemu ]] || echo "!!! The figures are an emulator's, and not a $target CPU's."
	if [[ -n $qemu ]]; then
		exec "$(find_qemu)" -L "$root" "$build/bench/fence-bench" "$@"
	fi
	exec "$build/bench/fence-bench" "$@"
fi

[[ -z $qemu ]] || export LIBFENCE_TEST_SLOWNESS=${LIBFENCE_TEST_SLOWNESS:-10}
if (($# == 0)); then
	for suite in "${suites[@]}"; do set -- "$@" --suite "$suite"; done
	# The other system makes no difference to the tests in "once".
	set -- "$@" --no-suite once
fi
status=0
log=$build/meson-logs/testlog.txt
rm -f "$log"
tests/suites.py "$build" -- "$@" || status=$?
[[ -f $log ]] || exit "$status"
not_run "the debug checks, the sanitizers, Valgrind, the broken variants of the core, the kernel's own tests, the suites differential, install, real-kernel and module"
[[ -z $qemu ]] || not_run "anything on weakly ordered memory: qemu has this machine's order"
# The messages of single tests about cases that they left out.
{ grep -ohE '^# not run without .*' "$log" || true; } | sort -u |
	sed -E 's/^# not run //' | while read -r line; do not_run "$line"; done
exit "$status"
