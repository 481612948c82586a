#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# run.sh [SEEDS [NAME...]]: run tests that sleep at random places, as on a busy machine.
#
# Each test, also one that waits for another thread, has to pass whatever the scheduler
# does: a test that fails here fails by chance somewhere. SEEDS is a number or a range,
# such as 1-5 (1). The same seed sleeps at other places if the threads run in another
# order. NAME chooses tests, as for meson test; without it, these are the suites compat,
# core, driver-fence, sync-file, several and timeline. It takes some minutes for each seed.
#
# Environment: BUILD_DIR, instead of build-delays; OPTIONS, for meson setup (-Dchecks=true).
#
# These fail because of the sleeps themselves: tests in which only one system call is
# allowed, and tests that count or time much work, such as those of races, if there is not
# enough time. Look whether the test waits for a state or for a time.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD_DIR:-build-delays}
seeds=${1:-1}
shift || true

if [[ ! -f $build/build.ninja ]]; then
	# shellcheck disable=SC2086
	meson setup "$build" -Dc_args=-finstrument-functions -Dbench=false ${OPTIONS-}
fi
ninja -C "$build"
cc -O2 -Wall -fPIC -shared -o "$build/libdelay.so" tests/delays/delay.c
what=("$@")
((${#what[@]})) || what=(--suite compat --suite core --suite driver-fence
	--suite sync-file --suite several --suite timeline)
library=$(realpath "$build/libdelay.so")
status=0
for seed in $(seq "${seeds%-*}" "${seeds#*-}"); do
	echo "=== seed $seed"
	# Meson itself is not compiled with the option, and does not sleep.
	DELAY_SEED=$seed LIBFENCE_SEED=$seed LD_PRELOAD=$library meson test -C "$build" \
		--no-rebuild --timeout-multiplier 4 --logbase "seed-$seed" "${what[@]}" || status=1
done
exit $status
