# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# awk -v sections="A|B" -f from-readme.awk README.md: print a shell script with the
# commands in those sections, in their order. A section ends at the next heading. A
# listing in C becomes the file that the next command names; a listing of CMake or
# Meson becomes CMakeLists.txt or meson.build. The script stops at the first command
# that fails. With -v listings=1, it makes only the files.
/^#+ / && !listing {
	name = $0
	sub(/^#+ /, "", name)
	on = index("|" sections "|", "|" name "|")
	if (on)
		found++
	next
}
!on { next }
/^```(c|cmake|meson)$/ {
	kind = substr($0, 4)
	listing = 1
	text = ""
	next
}
/^```$/ && listing {
	listing = 0
	if (kind == "cmake")
		save("CMakeLists.txt")
	if (kind == "meson")
		save("meson.build")
	if (kind == "c")
		pending = 1
	next
}
listing { text = text $0 "\n"; next }
/^    [^ ]/ {
	if (pending && match($0, /[a-z-]+\.c/))
		save(substr($0, RSTART, RLENGTH))
	sub(/ +# .*$/, "")
	if (!listings)
		print substr($0, 5) " || exit 1"
	commands++
}
function save(file) {
	printf "cat >%s <<'END'\n%sEND\n", file, text
	pending = 0
}
# A section that was renamed, or that has no command, is a failure.
END {
	if (found != split(sections, names, "|") || (!commands && kind == "")) {
		print "echo 'from-readme.awk: not in README.md: " sections "'; exit 1"
		exit 1
	}
}
