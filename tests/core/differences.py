#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""differences.py ROOT: prints the tables of docs/kernel-differences.md, from the
descriptions in CORE_BEFORE() and CORE_KERNEL() and the names in CORE_HAS()."""
import pathlib
import re
import sys

tests = pathlib.Path(sys.argv[1]) / "tests"
found = {}
for file in sorted(tests.rglob("*.[ch]")):
    text = file.read_text()
    # A macro names a description that several tests of a file use.
    names = dict(re.findall(r'#define (\w+)[ \t\\\n]+"((?:[^"\\]|\\.)*)"', text))
    for kind, before, how in re.findall(
            r'\bCORE_(?:(KERNEL)\(|BEFORE\((\d+), )("(?:[^"\\]|\\.)*"|[A-Z_]+)\)', text):
        how = names[how] if how in names else how[1:-1]
        if kind or before:
            # Sorted by version, those of all kernels last.
            found.setdefault((int(before or 10000), how.replace('\\"', '"')), set()).add(
                str(file.relative_to(tests)))

print("| Linux | what it does | tests |")
print("|---|---|---|")
for (before, how), files in sorted(found.items()):
    version = "all" if before == 10000 else f"before {before // 100}.{before % 100}"
    print(f"| {version} | {how} | {', '.join(f'`{f}`' for f in sorted(files))} |")

lacking = {}
for file in sorted(tests.rglob("*.[ch]")):
    for name in re.findall(r"\bCORE_HAS\((\w+)\)", file.read_text()):
        if name != "name":
            lacking.setdefault(name, set()).add(str(file.relative_to(tests)))

print()
print("| name | tests that need it |")
print("|---|---|")
for name, files in sorted(lacking.items()):
    print(f"| `{name}` | {', '.join(f'`{f}`' for f in sorted(files))} |")
