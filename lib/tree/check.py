#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""check.py TREE STAMP DEPFILE SOURCE COMPILER...: checks whether SOURCE of a kernel
tree compiles on the shim. If it does not, prints which names the shim lacks and which
header they belong in, since the compiler's own messages are long."""
import os
import pathlib
import re
import subprocess
import sys

tree, stamp, depfile, source = map(pathlib.Path, sys.argv[1:5])
command = sys.argv[5:]


def shims(header):
    return f"compat/include/{header}"


def declared_in(name):
    """The headers of the tree that seem to define or declare a name."""
    found = subprocess.run(
        ["grep", "-rlE", rf"^#\s*define\s+{name}\b|^[a-z_].*\b{name}\(|^(struct|union|enum)\s+{name}\s*\{{"
         rf"|^\s+{name}\s*(=[^,]*)?,?\s*(/\*.*)?$|^typedef\b.*\b{name}\s*;",
         "--include=*.h", "linux", "asm-generic", "kunit"],
        cwd=tree / "include", capture_output=True, text=True).stdout.split()
    return sorted(found, key=lambda h: (h.count("/"), len(h)))[:3]


def hint(line):
    """A hint for an error message of gcc or clang, or None."""
    # The second message is for a header that the host has; see generate.py in
    # compat/dispatch.
    m = (re.search(r"'?([\w/.-]+\.h)'?(: No such file| file not found)", line) or
         re.search(r"libfence has no <([\w/.-]+\.h)>", line))
    if m:
        return f"the header <{m[1]}> is missing: it would be {shims(m[1])}"
    m = (re.search(r"implicit declaration of function '(\w+)'", line) or
         re.search(r"call to undeclared function '(\w+)'", line) or
         re.search(r"'(?:struct |union |enum )?(\w+)' undeclared", line) or
         re.search(r"use of undeclared identifier '(\w+)'", line) or
         re.search(r"unknown type name '(\w+)'", line) or
         re.search(r"(?:incomplete|undefined|definition of|definition has) type '(?:struct |union |enum )?(\w+)'", line))
    if not m and re.search(r"storage size of '\w+' isn't known|'\w+' has (an )?incomplete type", line):
        # The message does not name the type. It is in the source, before the column.
        file, row, column = line.split(":")[:3]
        text = pathlib.Path(file).read_text().splitlines()[int(row) - 1]
        m = re.match(r".*\b(?:struct|union|enum) (\w+)", text[:int(column)])
    if not m:
        return None
    headers = declared_in(m[1])
    if not headers:
        return f"the name {m[1]} is missing; no header in the include/ of the tree seems to declare it"
    return (f"the name {m[1]} is missing, which the tree has in "
            f"{' or '.join(f'<{h}>' for h in headers)}: it would go to {shims(headers[0])}")


result = subprocess.run(command + ["-fsyntax-only", "-Werror=implicit-function-declaration", "-MD", "-MF", depfile, "-MT", stamp, source],
                        capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
if result.returncode == 0:
    stamp.touch()
    sys.exit(0)

errors = [line for line in result.stderr.splitlines() if "error:" in line]
# Each hint once. Errors without a hint usually follow from the others.
hints = list(dict.fromkeys(filter(None, map(hint, errors))))
print(f"{source} does not compile on the shim.")
for h in hints or ["No name seems to be missing; the compiler says:"]:
    print(f"  {h}")
for line in errors[:3]:
    print(f"    {line}")
if len(errors) > 3:
    print(f"    and {len(errors) - 3} more")
print("If the tree's version is one that libfence knows (docs/kernel-core.md), this is a bug of libfence.")
sys.exit(1)
