#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# mutate.sh MUTANT SOURCE OUTPUT: write SOURCE to OUTPUT with the replacements of
# a mutant.
#
# A mutant has one or more blocks
#	--- replace
#	text
#	--- by
#	other text
#	--- end
# Each text consists of whole lines and must be in SOURCE exactly once. Otherwise
# the code has changed since, and the mutant must be adapted.
set -e
awk -v mutant="$1" -v source="$2" '
function complain(why) {
	printf "%s: %s in %s: adapt the mutant to the code\n%s", \
		mutant, why, source, from > "/dev/stderr"
	bad = 1
	exit 1
}
function count(hay, needle,    n, at) {
	for (n = 0; (at = index(hay, needle)); n++)
		hay = substr(hay, at + 1)
	return n
}
FILENAME == source { text = text $0 "\n"; next }
/^--- replace$/ { part = "from"; from = to = ""; next }
/^--- by$/ { part = "to"; next }
/^--- end$/ { olds[++blocks] = from; news[blocks] = to; part = ""; next }
part == "from" { from = from $0 "\n" }
part == "to" { to = to $0 "\n" }
END {
	if (bad)
		exit 1
	from = ""
	if (!blocks)
		complain("nothing to replace")
	text = "\n" text
	for (i = 1; i <= blocks; i++) {
		from = olds[i]
		n = count(text, "\n" from)
		if (n != 1)
			complain("text found " n " times, not once,")
		at = index(text, "\n" from)
		text = substr(text, 1, at) news[i] \
			substr(text, at + 1 + length(from))
	}
	printf "%s", substr(text, 2)
}' "$2" "$1" > "$3.tmp"
mv "$3.tmp" "$3"
