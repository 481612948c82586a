#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# pkgconfig.sh BUILD CC [CXX]: install BUILD into an empty directory, then build and
# run programs outside of the tree, as a user does. Prints TAP.
set -eu
build=$1
cc=$2
cxx=${3:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
meson install -C "$build" --no-rebuild --destdir "$tmp/root" >"$tmp/log" 2>&1 ||
	{ sed 's/^/# /' "$tmp/log"; echo "Bail out! meson install failed"; exit 1; }
pcdir=$(dirname "$(find "$tmp/root" -name libfence.pc)")
libdir=$(dirname "$pcdir")
export PKG_CONFIG_PATH="$pcdir" PKG_CONFIG_SYSROOT_DIR="$tmp/root"
export LD_LIBRARY_PATH="$libdir"
cd "$tmp"
failed=0

cat >plain.c <<'END'
#include <libfence/libfence.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	printf("%s\n", libfence_version());
	return strcmp(libfence_version(), LIBFENCE_VERSION) || libfence_warn_count();
}
END
cat >kernel.c <<'END'
#include <linux/dma-fence.h>
#include <linux/slab.h>

static const char *name(struct dma_fence *f) { return "example"; }
static const struct dma_fence_ops ops = { .get_driver_name = name, .get_timeline_name = name };

int main(void)
{
	struct dma_fence *f = kmalloc_obj(*f);

	dma_fence_init(f, &ops, NULL, dma_fence_context_alloc(1), 1);
	dma_fence_signal(f);
	if (dma_fence_wait(f, false) || dma_fence_get_status(f) != 1)
		return 1;
	dma_fence_put(f);
	return 0;
}
END

# This program is both C and C++.
cat >driver.c <<'END'
#include <libfence/driver-fence.h>
#include <libfence/libfence.h>
#include <libfence/rcu-box.h>

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);
LIBFENCE_RCU_BOX(config, struct job);

static struct config_box *current_config;

int main(void)
{
	struct job initial = { 7 };
	struct libfence_context *ctx =
		libfence_context_create("example", "timeline", 1, NULL);
	struct job_prep *prep = job_prepare(&initial);
	struct config_box *box = config_box_create(&initial), *old;
	struct job_fence *fence;
	struct libfence *consumer;
	int failed = 0;

	if (!ctx || !prep || !box)
		return 1;
	fence = job_commit(ctx, &prep);
	consumer = job_fence_get(fence);
	failed |= libfence_status(consumer) != 0;
	failed |= job_fence_payload(fence)->id != 7;
	job_fence_signal(&fence, -5);
	failed |= libfence_wait(consumer, LIBFENCE_FOREVER) != 0;
	failed |= libfence_status(consumer) != -5;
	libfence_put(&consumer);
	libfence_context_destroy(&ctx);

	old = config_box_publish(&current_config, &box);
	config_box_drop(&old);
	libfence_rcu_read_lock();
	failed |= config_box_read_rcu(&current_config)->id != 7;
	libfence_rcu_read_unlock();
	old = config_box_publish(&current_config, &box);
	config_box_drop(&old);
	libfence_barrier();
	return failed || libfence_warn_count();
}
END
cp driver.c driver.cc
cat >cpp.cpp <<'END'
#include <libfence/libfence.hpp>

struct job {
	int id;
};

int main()
{
	namespace lf = libfence_cpp;
	auto ctx = lf::context::create("example", "timeline");
	auto prep = lf::prepare(job{7});

	if (!ctx || !prep)
		return 1;
	lf::producer<job> done = (*std::move(prep)).commit(*ctx);
	lf::fence fence = done.share();
	std::move(done).signal();
	return !fence.wait(std::chrono::milliseconds(1)) || !fence.status().ok();
}
END
cat >bridge.c <<'END'
#include <libfence/dma-fence.h>

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);
LIBFENCE_DEFINE_FREE(job)

int main(void)
{
	struct libfence_context *ctx __free(libfence_context) =
		libfence_context_create("example", "timeline", 1, NULL);
	struct job_prep *prep __free(job_prep) = job_prepare(NULL);
	struct job_fence *fence __free(job_fence) = NULL;
	struct libfence *consumer __free(libfence) = NULL;
	struct dma_fence *f;

	if (!ctx || !prep)
		return 1;
	fence = job_commit(ctx, &prep);
	consumer = job_fence_get(fence);
	f = libfence_to_dma_fence(consumer);
	if (dma_fence_is_signaled(f))
		return 1;
	job_fence_signal(&fence, 0);
	return dma_fence_get_status(f) != 1;
}
END

result() {
	if [ "$3" = 0 ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		sed 's/^/# /' log
		failed=1
	fi
}

# try NUMBER SOURCE MODULE COMPILER...
try() {
	number=$1 program=$2 module=$3
	shift 3
	status=0
	# shellcheck disable=SC2046
	"$@" -Werror "$program" -o program \
		$(pkg-config --cflags --libs "$module") >log 2>&1 &&
		./program >>log 2>&1 || status=1
	result "$number" "$program on $module compiles without a warning, links and runs" $status
}
try 1 plain.c libfence "$cc" -std=c99 -pedantic -Wall -Wextra
try 2 kernel.c libfence-kernel "$cc" -Wall
try 3 driver.c libfence "$cc" -std=c99 -pedantic -Wall -Wextra
if [ -n "$cxx" ]; then
	try 4 driver.cc libfence "$cxx" -std=c++11 -pedantic -Wall -Wextra
else
	echo "ok 4 - driver.cc # SKIP there is no C++ compiler"
fi
try 5 bridge.c libfence-kernel "$cc" -Wall

status=0
! pkg-config --cflags libfence 2>log | grep -q libfence-kernel || status=1
result 6 "the plain face does not see the kernel-named headers" $status

# Shows that the header itself is found: only the include is preprocessed.
finds() {
	# shellcheck disable=SC2046
	echo '#include <libfence/dma-fence.h>' |
		"$cc" -E - $(pkg-config --cflags "$1") >out 2>log
}
status=0
finds libfence-kernel || status=1
result 7 "<libfence/dma-fence.h> is found through libfence-kernel" $status
status=0
! finds libfence || { status=1; grep dma-fence.h out >log; }
grep -q "libfence/dma-fence.h: No such file\|'libfence/dma-fence.h' file not found" log || status=1
result 8 "<libfence/dma-fence.h> is not found through libfence alone" $status

try 9 kernel.c libfence-kernel "$cc" -std=c11 -Wall

if [ -n "$cxx" ]; then
	try 10 cpp.cpp libfence "$cxx" -std=c++17 -pedantic -Wall -Wextra
else
	echo "ok 10 - cpp.cpp # SKIP there is no C++ compiler"
fi

status=0
PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=bindings libfence >log 2>&1 &&
	[ -f "$tmp/root$(cat log)" ] || status=1
result 11 "the variable bindings of libfence.pc names the installed file" $status

# The commands of docs/rust-userspace.md, without cargo.
rustc=${RUSTC:-rustc}
minor=$("$rustc" -V 2>/dev/null | sed -nE 's/^rustc 1\.([0-9]+).*/\1/p') || minor=
if [ "${minor:-0}" -ge 85 ]; then
	cat >example.rs <<'END'
fn main() {
    let timeline = libfence::Timeline::new(c"timeline").unwrap();
    let fence = timeline.fence(1).unwrap();
    timeline.inc(1);
    assert_eq!(fence.wait(), Ok(()));
}
END
	crate=$(pkg-config --variable=rust libfence)
	status=0
	# shellcheck disable=SC2046
	"$rustc" --edition 2021 --crate-type rlib --crate-name libfence \
		"$crate/src/lib.rs" >log 2>&1 &&
		"$rustc" --edition 2021 -L . $(pkg-config --libs-only-L libfence) \
			example.rs --extern libfence >>log 2>&1 &&
		./example >>log 2>&1 && [ -f "$crate/Cargo.toml" ] &&
		[ -f "$crate/build.rs" ] || status=1
	result 12 "the Rust crate compiles, and a program of it links and runs" $status
else
	echo "ok 12 - the Rust crate # SKIP there is no rustc, 1.85 or newer"
fi

echo "1..12"
exit $failed
