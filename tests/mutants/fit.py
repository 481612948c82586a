#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""fit.py ROOT DIRECTORY...: each text that a mutant replaces is in its source file exactly once.

A change of the source makes a mutant useless, and only a run of all mutants would tell.
tests/stress/mutate.sh describes the format. Prints TAP."""
import os
import re
import sys

BLOCK = re.compile(r'^--- replace\n(.*?)^--- by\n.*?^--- end$', re.M | re.S)


def faults(root, path):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    source = re.search(r'^File: (.*)$', text, re.M)
    if not source:
        return ['it names no file']
    try:
        with open(os.path.join(root, source.group(1)), encoding='utf-8') as file:
            code = '\n' + file.read()
    except OSError as error:
        return [str(error)]
    blocks = BLOCK.findall(text)
    if not blocks:
        return ['nothing to replace']
    return [f'found {code.count(chr(10) + block)} times in {source.group(1)}, not once: {block}'
            for block in blocks if code.count('\n' + block) != 1]


def main():
    root, *directories = sys.argv[1:]
    failed = False
    print(f'1..{len(directories)}')
    for number, directory in enumerate(directories, 1):
        names = sorted(os.listdir(os.path.join(root, directory)))
        found = [(name, fault) for name in names for fault in faults(root, os.path.join(root, directory, name))]
        bad = found or not names
        failed |= bool(bad)
        print(f'{"not ok" if bad else "ok"} {number} - {len(names)} mutants of {directory} fit their sources')
        for name, fault in found:
            print(f'# {name}: ' + fault.replace('\n', '\n#   '))
    return failed


if __name__ == '__main__':
    sys.exit(main())
