#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""complete.py PROGRAM [NAME...] [--write]: how many interleavings has each scenario?

docs/explore-scenarios.md has the numbers, and if there was a bound. This reads them and
runs the scenarios without a bound on preemptions again with the program PROGRAM: the
search has to complete, and may not have more than twice as many interleavings. So it is
seen if the reduction gets worse. (There are more or less with another compiler, if it puts
variables of two threads into the same eight bytes.) Each scenario has to be in the page, and no other. Prints
TAP.

With --write, it writes the page: each scenario has --seconds N (20).
"""
import argparse
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, 'docs', 'explore-scenarios.md')
SCENARIOS = os.path.join(ROOT, 'tests', 'explore', 'scenarios')
# A scenario with more is not run again: it would take too long for each test.
MOST = 15000
PATIENCE = '120'
HEAD = '''# How many interleavings each scenario has

`tests/explore/complete.py PROGRAM --write` has written this page, with the explorer on our core.
Without a bound, "interleavings" are all orders of the operations that depend on each other. With a
bound, they are those with at most so many preemptions. [The explorer](explore.md) says what that
means. A scenario that shows a fault ends when the fault is found. Models have many programs each:
see [their page](explore-models.md).

The test `explore-complete` searches those without a bound again.
'''


def output(*command):
    """The output of a program. Its exit code says what it has found."""
    return subprocess.run(command, text=True, check=False,
                          stdout=subprocess.PIPE).stdout


def results(program, names, *options):
    """The results of these scenarios by name."""
    found = {}
    for line in output(program, '--json', *options, *names).split('\n'):
        if line.startswith('{'):
            result = json.loads(line)
            found[result['scenario']] = result
    return found


def listed(program, *files):
    """Pairs of a name and a description, in the order of their names, without models."""
    lines = output(program, '--list', *files).strip().split('\n')
    return sorted(line.split(None, 1) for line in lines
                  if not line.endswith(': programs of its operations'))


def files_of(program):
    """The names of the files that the program has scenarios of."""
    names = sorted(os.path.splitext(name)[0] for name in os.listdir(SCENARIOS)
                   if name.endswith('.c'))
    return [name for name in names if subprocess.run(
        [program, '--list', name], check=False, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode == 0]


def counted(verdict):
    """How many interleavings a verdict has, or None; and the bound, or None."""
    found = re.fullmatch('(?:all ([0-9,]+) interleavings|the only interleaving)'
                         '(?: with at most (.*))?', verdict)
    if not found:
        return None, None
    return int((found[1] or '1').replace(',', '')), found[2]


def columns(result):
    """How many interleavings, and the bound, as the page has them."""
    number, bound = counted(result['verdict'])
    if not number:
        kind = result['verdict']
        return ('-', 'sampled') if kind.startswith('sampled') else ('-', kind)
    return f'{number:,}', bound or 'none'


def write(program, seconds):
    """Write the page."""
    with open(PAGE, 'w', encoding='utf-8') as page:
        page.write(HEAD)
        for file in files_of(program):
            if not listed(program, file):
                continue
            found = results(program, [file], '--seconds', seconds)
            page.write(f'\n## {file}.c\n\n| scenario | of | interleavings | bound |\n'
                       '|---|---|---:|---|\n')
            for name, what in listed(program, file):
                number, bound = columns(found[name])
                page.write(f'| `{name}` | {what} | {number} | {bound} |\n')
            print(file, flush=True)


def read():
    """The numbers of the page by name: None with fewer orders, or with a fault."""
    with open(PAGE, encoding='utf-8') as page:
        rows = re.findall(r'^\| `(.*?)` \| .* \| (.*?) \| (.*?) \|$', page.read(), re.M)
    return {name: int(number.replace(',', ''))
            if bound == 'none' or 'stale' in bound and 'preempt' not in bound else None
            for name, number, bound in rows}


def check(program, chosen):
    """Compare the page with the program. Returns the number of failures."""
    page = read()
    names = {name for name, _ in listed(program)}
    runs = [name for name, number in page.items()
            if name in names and number is not None and number <= MOST and
            (not chosen or name in chosen)]
    lines = [(name not in page, f'{name} is in the page') for name in names - set(page)]
    lines += [(True, f'{name}, which the page has, is a scenario')
              for name in set(page) - names]
    found = results(program, runs, '--strategy', 'dpor', '--seconds', PATIENCE)
    for name in runs:
        verdict = found[name]['verdict'] if name in found else 'no result'
        number, _ = counted(verdict)
        good = number is not None and number <= page[name] * 2 + 10
        lines.append((not good, f'{name}: {verdict}; the page: {page[name]:,}'))
    print(f'1..{len(lines)}')
    for number, (bad, what) in enumerate(lines, 1):
        print('not ok' if bad else 'ok', number, '-', what)
    return sum(bad for bad, _ in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('program')
    parser.add_argument('names', nargs='*')
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--seconds', default='20')
    args = parser.parse_intermixed_args()
    if args.write:
        write(args.program, args.seconds)
        return 0
    return 1 if check(args.program, args.names) else 0


if __name__ == '__main__':
    sys.exit(main())
