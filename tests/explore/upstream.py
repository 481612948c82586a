#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""upstream.py: the races of a kernel tree's own core, which upstream-races lists.

upstream.py run PROGRAM TREE [ARGUMENT...]
	Run the explorer PROGRAM, which has the core of TREE. What the list has for it
	is no failure, and has to be found. Prints TAP.

upstream.py table
	The list as the table of docs/explore.md.

upstream.py check PAGE
	Print the lines in which the table of the page differs from the list.
"""
import json
import os
import re
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, 'upstream-races')
HEAD = ['| trees | place, or scenario and failure | why |', '|---|---|---|']


class Entry:
    """A line of the list, with its reason."""
    def __init__(self, kind, trees, text, reason):
        self.kind, self.trees, self.text, self.reason = kind, trees, text, reason


def entries(path=LIST):
    found, reason = [], []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip('\n')
            entry = re.fullmatch(r'(race|fails) ([0-9. ]+): (\S.*)', line)
            if line.startswith('#'):
                reason.append(line[1:].strip())
            elif not line:
                reason = []
            elif entry and reason:
                found.append(Entry(entry[1], entry[2].split(), entry[3],
                                   ' '.join(reason)))
            else:
                sys.exit(f'{path}:{number}: neither an entry with a reason nor a '
                         f'comment: {line}')
    return found


def number_of(version):
    return [int(part) for part in version.split('.')]


def version_of(tree):
    with open(os.path.join(tree, 'Makefile'), encoding='utf-8') as file:
        text = file.read(400)
    return '.'.join(re.search(rf'^{key} = (\d+)', text, re.M)[1]
                    for key in ('VERSION', 'PATCHLEVEL'))


def listed_version(version, listed):
    """The version whose entries are for this one."""
    known = sorted({t for e in listed for t in e.trees}, key=number_of)
    before = [t for t in known if number_of(t) <= number_of(version)]
    return before[-1] if before else known[0]


def tree_of(build):
    """The kernel tree whose core the build has, or None."""
    with open(os.path.join(build, 'meson-info', 'intro-buildoptions.json'),
              encoding='utf-8') as file:
        options = {o['name']: o['value'] for o in json.load(file)}
    return options['kernel_tree'] if options['core'] == 'kernel' else None


def options(tree):
    """The explorer's options for the core of this tree."""
    listed = entries()
    version = listed_version(version_of(tree), listed)
    result = []
    for entry in listed:
        if version in entry.trees:
            result += ['--known-race' if entry.kind == 'race' else
                       '--known-failure', entry.text]
    return result


def table():
    lines = list(HEAD)
    last = None
    for entry in entries():
        if entry.kind == 'race':
            first, second, what = entry.text.split()
            where = f'`{first}()`, `{second}()`, `{what}`: data race'
        else:
            scenario, what = entry.text.split(': ')
            where = f'`{scenario}`: {what}'
        # The same reason for several lines.
        reason = '"' if entry.reason == last else entry.reason
        last = entry.reason
        lines.append(f'| {", ".join(entry.trees)} | {where} | {reason} |')
    return lines


def check(page):
    """Lines that only one of the two has."""
    with open(page, encoding='utf-8') as file:
        text = file.read().split('\n')
    ours, theirs = table(), []
    if HEAD[0] in text:
        begin = text.index(HEAD[0])
        end = next(i for i in range(begin, len(text)) if not text[i])
        theirs = text[begin:end]
    for line in ours:
        if line not in theirs:
            print('missing: ' + line)
    for line in theirs:
        if line not in ours:
            print('not in the list: ' + line)
    if sorted(ours) == sorted(theirs) and ours != theirs:
        print('another order')


def main():
    args = sys.argv[1:]
    if args[:1] == ['run'] and len(args) > 2:
        program, tree = os.path.abspath(args[1]), args[2]
        # Of another version, not everything has to be there.
        version = version_of(tree)
        exact = listed_version(version, entries()) == version
        os.execv(program, ['explore', '--tap'] +
                 (['--check-known'] if exact else []) + options(tree) + args[3:])
    elif args == ['table']:
        print('\n'.join(table()))
    elif args[:1] == ['check'] and len(args) == 2:
        check(args[1])
    else:
        sys.exit(textwrap.dedent(__doc__))


if __name__ == '__main__':
    main()
