#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# readme.sh SOURCE BUILD CC [CXX]: run the commands of README.md, unchanged, in a copy
# of the source: a private prefix; a program in C, in C++ and with CMake; a static
# library; the library in its build directory; a Meson subproject. The commands that
# install into /usr/local need a system of their own: see chroot.sh. Prints TAP.
set -eu
source=$1
build=$2
cc=$3
cxx=${4:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

mkdir "$tmp/bin" "$tmp/src" "$tmp/home"
ln -s "$(command -v "$cc")" "$tmp/bin/cc"
[ -z "$cxx" ] || ln -s "$(command -v "$cxx")" "$tmp/bin/c++"
export PATH="$tmp/bin:$PATH" HOME="$tmp/home"
unset PKG_CONFIG_PATH LD_LIBRARY_PATH DESTDIR CFLAGS CXXFLAGS LDFLAGS CC CXX
(cd "$source" && tar -cf - --exclude='./build*' --exclude=./.git .) | tar -xf - -C "$tmp/src"
cd "$tmp/src"
ln -s "$build" build

section() { awk -v sections="$1" -f "$source/tests/install/from-readme.awk" "$source/README.md"; }

# passes NAME SCRIPT: SCRIPT succeeds, and prints no warning.
passes() {
	n=$((n + 1))
	printf '%s\n' "$2" >"$tmp/script"
	if sh -eu "$tmp/script" >"$tmp/out" 2>&1 && ! grep -i 'warning' "$tmp/out" >"$tmp/warnings"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		{ cat "$tmp/script"; tail -n 30 "$tmp/out"; } | sed 's/^/# /'
		failed=1
	fi
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

awk -v listings=1 -v sections="Use it" -f "$source/tests/install/from-readme.awk" \
	"$source/README.md" >"$tmp/listings"
sh -eu "$tmp/listings"
[ -s example.c ] && [ -s kernel-example.c ] && [ -s CMakeLists.txt ] ||
	{ echo "Bail out! README.md does not have the examples"; exit 1; }

passes "a prefix of your own" "$(section "A prefix of your own")"

export PKG_CONFIG_PATH="$HOME/.local/lib/pkgconfig" LD_LIBRARY_PATH="$HOME/.local/lib"
passes "a program in C" "$(section "Use it" | grep -vE '^(c\+\+|cmake) ')"
if [ -n "$cxx" ]; then
	passes "a program in C++" "$(section "Use it" | grep '^c++ ')"
else
	skip "a program in C++" "there is no C++ compiler"
fi
# CMake stores the path of the library in the program.
unset LD_LIBRARY_PATH
if command -v cmake >/dev/null; then
	passes "a program with CMake" "$(section "Use it" | grep '^cmake ')"
else
	skip "a program with CMake" "there is no cmake"
fi
unset PKG_CONFIG_PATH

HOME=$tmp/home2
if [ -e "$(pkg-config --variable=libdir liburcu-bp)/liburcu-bp.a" ]; then
	passes "a program without shared libraries" "$(section "A static library")"
else
	skip "a program without shared libraries" "there is no liburcu-bp.a"
fi
# As with -Ddefault_library=static. Only liburcu is loaded dynamically.
if [ -d "$HOME/.local/lib" ]; then
	rm -f "$HOME"/.local/lib/libfence.so*
	passes "a program with libfence.a and liburcu.so" "$(cat <<'END'
export PKG_CONFIG_PATH="$HOME/.local/lib/pkgconfig"
cc example.c $(pkg-config --static --cflags --libs libfence) && ./a.out || exit 1
cc kernel-example.c $(pkg-config --static --cflags --libs libfence-kernel) && ./a.out || exit 1
! readelf -d a.out | grep 'NEEDED.*libfence' || exit 1
readelf -d a.out | grep 'NEEDED.*liburcu' || exit 1
END
)"
	# The program may define functions of these names itself.
	passes "libfence.a takes no kernel's name from the program" "$(cat <<'END'
nm "$HOME/.local/lib/libfence.a" | awk 'NF == 3 && $2 ~ /[A-TV-Z]/ { print $3 }' | sort -u >names
[ "$(wc -l <names)" -ge 100 ] || exit 1
! grep -vE '^(__)?dma_fence_|^dma_resv_|^resv_hazard_|^reservation_ww_class$|^(libfence|lfshim|lfpriv|lfhost|sync_file)_' names || exit 1
END
)"
fi

passes "the library where it was built" "$(section "Without installing"; cat <<'END'
# The kernel-named face.
cc kernel-example.c $(pkg-config --cflags --libs libfence-kernel) && ./a.out || exit 1
# The plain face has no header with a kernel name.
! echo "#include <linux/dma-fence.h>" | cc -E $(pkg-config --cflags libfence) - || exit 1
END
)"

# The subproject must be used even if the library is installed.
mkdir -p "$tmp/parent/subprojects"
ln -s "$tmp/src" "$tmp/parent/subprojects/libfence"
cp example.c "$tmp/parent"
cd "$tmp/parent"
subproject() {
	section "As a Meson subproject"
	[ "$1" = c ] || cat <<'END'
sed -i "s/'c'/'cpp'/; s/example\.c/example.cc/" meson.build
cp example.c example.cc
END
	cat <<END
meson setup --wrap-mode=forcefallback build-$1 || exit 1
ninja -C build-$1 || exit 1
./build-$1/example || exit 1
! meson introspect --targets build-$1 | grep -E '"(fence-bench|test-[a-z-]+)"' || exit 1
[ "\$(meson introspect --tests build-$1)" = "[]" ] || exit 1
END
}
passes "a subproject of a program in C, without tests" "$(subproject c)"
if [ -n "$cxx" ]; then
	passes "a subproject of a program in C++, without tests" "$(subproject c++)"
else
	skip "a subproject of a program in C++, without tests" "there is no C++ compiler"
fi

echo "1..$n"
exit $failed
