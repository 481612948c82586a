#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""mutants.py DIRECTORY: prints the names of the mutants in DIRECTORY, sorted, one a line.
Meson runs it when it configures. Every file there must be a mutant: a name of a-z, 0-9
and "-"; before the first block, the source file and the tests that catch it (or, for a
control, do not); and a block for mutate.sh. Fails otherwise, with the reason."""

import os
import re
import sys


def fault(path):
    """Says why the file is not a mutant, or returns None."""
    if not re.fullmatch(r"[a-z0-9-]+", os.path.basename(path)):
        return 'its name is not of a-z, 0-9 and "-"'
    if not os.path.isfile(path):
        return "it is not a file"
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().split("\n")
    first = next((n for n, line in enumerate(lines) if line.startswith("---")), len(lines))
    header = lines[:first]
    if not any(re.match(r"File: .", line) for line in header):
        return 'it has no "File:" line'
    if not any(re.fullmatch(r"(Caught|Not caught) by: [^ ]+ [^ ]+", line) for line in header):
        return 'it has no "Caught by: PROGRAM TEST" line'
    if "--- replace" not in lines:
        return 'it has no "--- replace" block'
    return None


def main():
    failed = False
    for name in sorted(os.listdir(sys.argv[1])):
        reason = fault(os.path.join(sys.argv[1], name))
        if reason:
            print(f"{sys.argv[1]}: {name} is not a mutant: {reason}", file=sys.stderr)
            failed = True
        else:
            print(name)
    sys.exit(failed)


if __name__ == "__main__":
    main()
