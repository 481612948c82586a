#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""same.py PROGRAM [OTHER] [--file FILE]: are the explorer's results always the same?

Runs the scenarios that show a fault, and repeats the replay of each failure: each time
the output has to be the same, byte by byte, and mark the two accesses of a race. With
OTHER, the explorer with another kind of threads, both have to find the same with the
same numbers of runs. --file chooses the scenarios of one file. Prints TAP.
"""
import argparse
import json
import os
import re
import subprocess
import sys

FILES = ['faults', 'faults-memory', 'faults-orders', 'faults-time', 'loops', 'orders', 'races',
         'fence-life', 'model-late-effect', 'model-lost-addition',
         'model-lost-addition-alone', 'model-lost-wake-up']
REPEATS = 4


def output(*command, **environment):
    return subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          env={**os.environ, **environment}).stdout


def results(program, files, seconds):
    """The verdicts by name, without times."""
    found = {}
    for line in output(program, '--json', '--seconds', seconds, *files).split('\n'):
        if not line.startswith('{'):
            continue
        result = json.loads(line)
        failure = result.get('failure', {})
        found[result['scenario']] = {
            'verdict': result['verdict'], 'executions': result['executions'],
            'kind': failure.get('kind'),
            'text': failure.get('text'), 'replay': failure.get('replay')}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('program')
    parser.add_argument('other', nargs='?')
    parser.add_argument('--file', action='append')
    args = parser.parse_args()
    program, other = args.program, args.other
    # Two programs have the same numbers of runs only if the time is not up.
    seconds = '60' if other else '2'
    found = results(program, args.file or FILES, seconds)
    others = results(other, args.file or FILES, seconds) if other else {}
    failed = 0
    print(f'1..{len(found)}')
    for number, (name, result) in enumerate(found.items(), 1):
        why = None
        if other and result != others.get(name):
            why = f'{result} and {others.get(name)}'
        elif result['replay']:
            # The size of the environment moves the stack of the host.
            outputs = {output(program, '--replay', result['replay'], name,
                              PADDING='x' * (37 * i))
                       for i in range(REPEATS)}
            if len(outputs) != 1:
                why = f'{len(outputs)} outputs of --replay {result["replay"]}'
            elif result['kind'] in ('data race', 'use after free'):
                marked = re.findall(r'^ *\d+ \* ', outputs.pop(), re.M)
                if len(marked) != 2:
                    why = f'the trace marks {len(marked)} accesses'
        failed += bool(why)
        print('not ok' if why else 'ok', number, '-', name, flush=True)
        if why:
            print('#', why)
    return 1 if failed or not found else 0


if __name__ == '__main__':
    sys.exit(main())
