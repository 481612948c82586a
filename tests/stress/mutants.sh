#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# mutants.sh DIRECTORY: print the names of the mutants in DIRECTORY, sorted, one a
# line. Meson runs it when it configures. Every file there must be a mutant: a
# name of a-z, 0-9 and "-"; before the first block, the source file and the tests
# that catch it (or, for a control, do not); and a block for mutate.sh. Fails
# otherwise, with the reason.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 1
status=0

complain() {
	echo "$1: $2 is not a mutant: $3" >&2
	status=1
}

for name in *; do
	header=$(sed '/^---/,$d' "$name" 2>/dev/null)
	if [ -z "${name##*[!a-z0-9-]*}" ]; then
		complain "$1" "$name" 'its name is not of a-z, 0-9 and "-"'
	elif [ ! -f "$name" ]; then
		complain "$1" "$name" 'it is not a file'
	elif ! echo "$header" | grep -q '^File: .'; then
		complain "$1" "$name" 'it has no "File:" line'
	elif ! echo "$header" | grep -qE '^(Caught|Not caught) by: [^ ]+ [^ ]+$'; then
		complain "$1" "$name" 'it has no "Caught by: PROGRAM TEST" line'
	elif ! grep -q '^--- replace$' "$name"; then
		complain "$1" "$name" 'it has no "--- replace" block'
	else
		echo "$name"
	fi
done
exit $status
