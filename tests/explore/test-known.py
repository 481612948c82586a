#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""test-known.py EXPLORE [CHECK...]: a test of the races and failures that are listed.

They are given with --known-race and --known-failure. Prints TAP.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from tap import check, run_checks

PROGRAM = sys.argv[1]
MERGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'merge.py')


def run(*args):
    return subprocess.run([PROGRAM, '--quiet', *args], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def race(text, scenario):
    """What is found with this race in the list."""
    return run('--known-race', text, scenario).stdout


def another_object():
    found = race('count_without_lock count_without_lock number', 'fault-no-lock')
    check(': data race, ' in found, found)


def another_function():
    for other in ('count_with_lock', 'lfx_main'):
        found = race(f'count_without_lock {other} count', 'fault-no-lock')
        check(': data race, ' in found, found)


def points():
    """The run goes on, and all orders of the accesses are tried."""
    found = race('count_without_lock count_without_lock count', 'fault-no-lock')
    check(': assertion, ' in found, found)
    # With the same list, the replay is the same run.
    replay = re.search(r'--replay (\S+)', found)[1]
    again = run('--known-race', 'count_without_lock count_without_lock count',
                '--replay', replay, 'fault-no-lock').stdout
    check(again == 'fault-no-lock: assertion\n', again)


def two_places():
    """A listed race hides no other one of the same word, before or after it."""
    for listed, other in (('look_first', 'look_again'),
                          ('look_again', 'look_first')):
        found = race(f'{listed} set_it looked_at', 'fault-two-places')
        check(': data race, ' in found and f'in {other}() ' in found, found)


def reduction():
    """As many orders of the listed accesses as in the search that leaves out none."""
    found = []
    for strategy in ('dfs', 'dpor'):
        result = json.loads(run(
            '--json', '--classes', '--seconds', '30', '--strategy', strategy,
            '--known-race', 'look_first set_it looked_at',
            '--known-race', 'look_again set_it looked_at',
            'fault-two-places').stdout)
        check(result['complete'] and 'failure' not in result, str(result))
        check('and 2 listed races' in result['verdict'], str(result))
        found.append((result['classes'], result['class_sum']))
    check(found[0] == found[1] and found[0][0] == 3, str(found))


def either_order():
    for text in ('read_data write_without_order data',
                 'write_without_order read_data data'):
        found = race(text, 'fault-no-release')
        check(re.search(r'no "data race" in all \d+ interleavings, and 1 listed '
                        r'race \(', found), found)


def shards():
    """What one of the parts has seen is seen, and the lists are the same."""
    text = 'look_first set_it looked_at', 'look_again set_it looked_at'

    def merged(*lists):
        with tempfile.TemporaryDirectory() as work:
            files = [os.path.join(work, str(i)) for i in range(len(lists))]
            for i, races in enumerate(lists):
                options = [o for race in races for o in ('--known-race', race)]
                with open(files[i], 'w', encoding='utf-8') as file:
                    file.write(run('--shard', f'{i + 1}/{len(lists)}', '--strategy',
                                   'dpor', *options, 'fault-two-places').stdout)
            return subprocess.run([MERGE, *files], text=True, check=False,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT).stdout

    found = merged(text, text)
    check('in all 3 interleavings, and 2 listed races (2 shards' in found, found)
    found = merged(text, text[::-1])
    check('other options' in found, found)


def stale():
    text = 'count_without_lock count_without_lock count'
    for scenario, code, end in (('fixed-no-lock', 1, 'no scenario has it'),
                                ('fault-no-lock', 0, 'found')):
        done = run('--tap', '--check-known', '--known-race', text,
                   '--known-failure', 'fault-no-lock: assertion', scenario)
        check(done.returncode == code, done.stdout)
        check(done.stdout.startswith('1..2\n'), done.stdout)
        check(f'ok - listed race {text}: {end}\n' in done.stdout, done.stdout)
    # Only if it is asked for.
    done = run('--known-race', text, 'fixed-no-lock')
    check(done.returncode == 0, done.stdout)


def failures():
    for scenario, text, good in (
            ('fault-no-lock', 'data race', True),
            ('fault-no-lock', 'leak', False),
            ('fixed-no-lock', 'data race', False),
            ('model-atomic', 'not linearizable', False)):
        done = run('--tap', '--seconds', '1', '--known-failure',
                   f'{scenario}: {text}', scenario)
        check((done.returncode == 0) == good, f'{scenario}: {done.stdout}')
    result = json.loads(run('--json', '--known-failure', 'fixed-no-lock: leak',
                            'fixed-no-lock').stdout)
    check(result['fails'] == 'leak', str(result))


def usage():
    for args in (['--known-race', 'a b'], ['--known-race', 'a b c d'],
                 ['--known-race', 'a  b'], ['--known-failure', 'leak'],
                 ['--known-failure', ': leak'],
                 ['--check-known', '--known-failure', 'no-such-scenario: leak']):
        done = run(*args, 'fixed-no-lock')
        check(done.returncode == 3, f'{args}: {done.stdout}')


def main():
    checks = [another_object, another_function, points, two_places, reduction,
              either_order, shards, stale, failures, usage]
    return run_checks([f for f in checks
                       if not sys.argv[2:] or f.__name__ in sys.argv[2:]])


if __name__ == '__main__':
    sys.exit(main())
