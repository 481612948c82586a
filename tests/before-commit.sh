#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# before-commit.sh: checks the changes that are about to be committed. It runs
# - the rules of the source tree: rules.sh, names.py, barriers.py, layout.py, contract.py;
# - clang-format, on the changed lines of .c and .h files;
# - the suites core and compat, if ./build is configured.
# It stops at the first failure, and its last line says what failed. The suite rules is
# the same scripts, and their tests of themselves.
#
# The changed lines are those that are staged, or, if nothing is staged, all that differ
# from HEAD. Everything else looks at the working tree.
#
# Environment:
#   FORMAT=keep   show the changes of clang-format, but accept the lines as they are
#   BUILD_DIR     the build directory, instead of build
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
build=${BUILD_DIR:-build}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

failed() { echo "before-commit: $*" >&2; exit 1; }

# quietly COMMAND...: prints the output of the command only if it fails.
quietly() {
	"$@" >"$log" 2>&1 || { grep -v '^ok ' "$log" >&2; return 1; }
}

check_format() {
	local changes
	if ! command -v git-clang-format >/dev/null; then
		echo "before-commit: !!! THE FORMAT IS NOT CHECKED: git-clang-format is not installed (Debian: clang-format)" >&2
		return
	fi
	# The name of the option that compares with the index.
	git diff --cached --quiet && staged= || staged=--staged
	# The exit status differs between versions.
	changes=$(git clang-format --diff $staged --extensions c,h HEAD 2>&1) || true
	case $changes in
	'' | 'no modified files to format' | 'clang-format did not modify any files') return ;;
	esac
	echo "$changes" >&2
	[[ $changes = *'diff --git'* ]] || failed "git clang-format did not run, see above"
	[[ ${FORMAT-} = keep ]] ||
		failed "clang-format wants other lines, see above (\"git clang-format\" changes them, FORMAT=keep accepts yours)"
}

quietly tests/rules.sh . || failed "tests/rules.sh found a breach of a rule, see above"
for script in names barriers layout contract; do
	quietly python3 "tests/$script.py" . || failed "tests/$script.py found a breach of its rule, see above"
done
check_format

if [[ ! -f $build/build.ninja ]]; then
	echo "before-commit: !!! NO TESTS ARE RUN: $build is not configured (meson setup $build)" >&2
	exit 0
fi
# In a hook, these would make every git command of a test use this repository.
unset $(git rev-parse --local-env-vars)
# Only the needs of these suites are built.
quietly meson test -C "$build" --suite core --suite compat --print-errorlogs ||
	failed "the code does not build, or a test of the suites core and compat failed, see above"
# Now with the symbols that each folder uses.
quietly python3 tests/layout.py . "$build" || failed "tests/layout.py found a forbidden use of a symbol, see above"
echo "before-commit: no breach of a rule, and the suites core and compat pass"
