#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# run-kernel.sh SOURCE: which arguments "run kernel" refuses before it builds anything,
# that paths are the caller's, and which build directory a tree has. Meson and Ninja are
# scripts that only note how they are called. Prints TAP.
set -eu
source=$1
tmp=$(realpath "$(mktemp -d)")
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0
unset BUILD_DIR SANITIZE CORE OLDPWD

mkdir -p "$tmp/bin" "$tmp/libfence" "$tmp/a" "$tmp/b" "$tmp/old"
cp "$source/run" "$tmp/libfence"
ln -s "$source/tests" "$source/compat" "$tmp/libfence"
for tree in a b; do
	printf 'VERSION = 7\nPATCHLEVEL = 3\n' >"$tmp/$tree/Makefile"
done
printf 'VERSION = 6\nPATCHLEVEL = 1\n' >"$tmp/old/Makefile"
touch "$tmp/mine.c"
cat >"$tmp/bin/meson" <<'END'
#!/bin/sh
[ "$*" != "test --help" ] || { echo "usage: meson test [--list] [--test-args TEST_ARGS]"; exit; }
echo "meson $*" >>../calls
END
cat >"$tmp/bin/ninja" <<'END'
#!/bin/sh
echo "ninja $*" >>../calls
END
# Not a script that finds Python, which may take longer than the rest.
ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$tmp/bin/python3"
# No package is missing, which takes long to find out.
for program in pkg-config cc c++ xz; do
	printf '#!/bin/sh\n' >"$tmp/bin/$program"
done
(cd "$tmp/bin" && chmod +x meson ninja pkg-config cc c++ xz)
PATH=$tmp/bin:$PATH
cd "$tmp"

# is_of DIRECTORY TREE: this build directory is configured with that tree.
is_of() {
	mkdir -p "libfence/$1/meson-info"
	touch "libfence/$1/build.ninja"
	cat >"libfence/$1/meson-info/intro-buildoptions.json" <<-END
		[{"name": "kernel_tree", "value": "$2"}, {"name": "tests", "value": true},
		 {"name": "core", "value": "kernel"}, {"name": "b_sanitize", "value": "none"}]
	END
}
# kernel ARGUMENT...: the output is in $tmp/out.
kernel() {
	: >calls
	libfence/run kernel "$@" >out 2>&1
}
# It fails, says this, and has not called Meson or Ninja.
refused() { says=$1; shift; ! kernel "$@" && grep -qFe "$says" out && [ ! -s calls ]; }
# Ninja was called for this directory.
built() { grep -q "^ninja -C $1 " calls; }

# result NAME COMMAND: the command is one argument.
result() {
	n=$((n + 1))
	if eval "$2"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		{ echo "$2"; tail -n 20 out; cat calls; } | sed 's/^/# /'
		failed=1
	fi
}

result "a misspelt option" 'refused "there is no option --flie" a --flie mine.c'
result "the beginning of an option" 'refused "there is no option --test-arg" a --test-arg x'
result "an option that Meson has" 'kernel a --list; grep -q "^meson setup" calls'
result "a misspelt option beside --file" 'refused "unrecognized arguments: --tets" a --file mine.c --tets x.c'
result "an option without its value" 'refused "argument --test: expected one argument" a --file mine.c --test'
result "--test without --file" 'refused "--test needs --file" a --test mine.c'
result "a file that does not exist" 'refused "there is no drivers/x.c, neither in $tmp/a nor here" a --file drivers/x.c'
result "a test that does not exist" 'refused "--test: there is no x.c, neither in $tmp/a nor here" a --file mine.c --test x.c'
touch a/suite.c
result "a test of the tree" 'kernel a --file mine.c --test suite.c; built build-kernel-7.3'
rm -rf libfence/build-*
result "a folder that does not exist" 'refused "--include: there is no folder /nonexistent" a --file mine.c --include /nonexistent'
result "a file as a folder" 'refused "--include: there is no folder mine.c" a --file mine.c --include mine.c'
result "a tree and a file, from the caller's directory" 'kernel a --file mine.c; built build-kernel-7.3'
is_of build-kernel-7.3 "$tmp/a"
result "the same tree again" 'kernel ./a --file mine.c; built build-kernel-7.3 && ! grep ^meson calls'
result "another tree of the version has another build directory" \
	'kernel b --file mine.c; built "build-kernel-7.3-[0-9]*" && grep -q "build-kernel-7.3 is that of $tmp/a, another tree of 7.3" out'
result "a tree of another version" 'kernel old --file mine.c; built build-kernel-6.1'
result "a directory of the caller's choice is not changed" 'BUILD_DIR=build-kernel-7.3 kernel b --file mine.c; built build-kernel-7.3'
is_of build-kernel-7.3 "$tmp/gone"
result "a tree that is gone has none" 'kernel b --file mine.c; built build-kernel-7.3'

echo "1..$n"
exit $failed
