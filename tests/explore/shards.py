#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""shards.py EXPLORE [SCENARIO...]: do the shards of a search do all of it, once?

Runs scenarios with the program EXPLORE in one process and in 2 and in 3 shards, and
merges the results. With dpor and dfs, the shards have to reach the same orders as the
search that is not shared; with a bound, and by chance, the same as one shard of one. No
order may come twice with dpor, and each run has its order in a sum that has to be the
same. Then results that do not belong together: the merge has to refuse them. Without
names, some scenarios are chosen. Prints TAP.
"""
import functools
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from tap import Wrong, run_checks

MERGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'merge.py')
CHANCE = ['--seed', '3', '--runs', '2000']
# The strategy, its options, and the scenarios.
PARTS = [
    ('dpor', [], ['order-three-writers', 'order-choice', 'order-timeout',
                  'order-spin-two', 'signal-add-remove', 'wait-any',
                  'array-two-pollers', 'callback-signals-another',
                  'irq-work-sync-stale', 'seqlock', 'order-spin-limit', 'kthread-stop',
                  'wait-event']),
    ('dpor', ['--learn', '0'], ['late-word']),
    ('dfs', [], ['order-three-writers', 'signal-error']),
    ('bounded', ['--bound', '2'], ['order-four-writers', 'wait-any']),
    ('pct', CHANCE, ['wait-any', 'signal-wait']),
    ('random', CHANCE, ['array-wait']),
]
SECONDS = '60'
COUNTS = ['interleavings', 'order_sum']


class Shards:
    """The results of shards, in files."""
    def __init__(self, program, directory):
        self.program, self.directory = program, directory
        self.number = 0

    def explore(self, *args):
        """Run the explorer. Returns a file with its results."""
        self.number += 1
        path = os.path.join(self.directory, f'{self.number}.json')
        with open(path, 'w', encoding='utf-8') as file:
            subprocess.run([self.program, '--json', '--classes', '--seconds',
                            SECONDS, *args], stdout=file,
                           stderr=subprocess.STDOUT, check=False)
        return path

    def shards(self, of, *args):
        return [self.explore('--shard', f'{index}/{of}', *args)
                for index in range(1, of + 1)]


def result_of(path):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    try:
        return json.loads(text)
    except ValueError as error:
        raise Wrong(text) from error


def merge(*files):
    """Returns the exit code, and the result or the error."""
    done = subprocess.run([sys.executable, MERGE, '--json', *files], text=True,
                          check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode == 3 or not done.stdout:
        return done.returncode, done.stderr.strip()
    return done.returncode, json.loads(done.stdout)


def compare(shards, strategy, options, name):
    """Returns a description."""
    args = ['--strategy', strategy, *options, name]
    exact = strategy in ('dpor', 'dfs')
    one = result_of(shards.explore(*args) if exact else
                    shards.shards(1, *args)[0])
    by_chance = strategy in ('pct', 'random')
    counts = ['executions', 'order_sum'] if by_chance else COUNTS
    parts = []
    for of in (2, 3):
        files = shards.shards(of, *args)
        code, merged = merge(*files)
        if code != (2 if by_chance else 0):
            raise Wrong(f'exit code {code}: {merged}')
        parts.append([result_of(file)[counts[0]] for file in files])
        for key in counts:
            if merged[key] != one[key]:
                raise Wrong(f'{of} shards: {key} {merged[key]}, not {one[key]}: '
                            f'{parts[-1]}')
        # The numbers of different orders add up: no two shards have the same.
        if strategy == 'dpor' and merged['classes'] != one['classes']:
            raise Wrong(f'{of} shards: {merged["classes"]} different orders, not '
                        f'{one["classes"]}')
        if strategy == 'dpor' and merged['classes'] != merged['interleavings']:
            raise Wrong(f'{of} shards: an order came twice')
    return f'{one[counts[0]]} runs; in shards {parts}'


def find_failure(shards, program):
    """A failure in one shard is the verdict, and its replay shows it."""
    name = 'fault-section-between'
    for strategy, options in (('dpor', []), ('random', ['--runs', '1000'])):
        files = shards.shards(3, '--strategy', strategy, *options, name)
        code, merged = merge(*files)
        # The scenario expects it.
        if code or merged['verdict'] != 'assertion':
            raise Wrong(f'exit code {code}: {merged}')
        replay = subprocess.run(
            [program, '--quiet', '--replay', merged['failure']['replay'], name],
            text=True, check=False, stdout=subprocess.PIPE).stdout
        if replay.strip() != f'{name}: assertion':
            raise Wrong(replay)
    return 'found, and repeated'


def edit(shards, path, change):
    """A copy of a result with a change."""
    result = result_of(path)
    change(result)
    shards.number += 1
    path = os.path.join(shards.directory, f'{shards.number}.json')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(json.dumps(result) + '\n')
    return path


def refuse(shards):
    """Results that are not those of one search."""
    name = 'order-three-writers'
    one, two = shards.shards(2, name)
    other = shards.explore('--shard', '2/2', 'order-choice')
    bounded = shards.explore('--shard', '2/2', '--strategy', 'bounded', name)
    third = shards.explore('--shard', '3/3', name)
    rare = shards.shards(3, 'rare-word')
    plain = shards.explore(name)
    program = edit(shards, two, lambda r: r['shard'].update(program='0'))
    digest = edit(shards, two, lambda r: r['shard'].update(digest='0'))
    fewer = edit(shards, two, lambda r: r['shard'].update(
        own=r['shard']['own'] - 1))
    sampled = edit(shards, two, lambda r: r.update(complete=False))
    failed = edit(shards, two, lambda r: r.update(failure={
        'kind': 'warning', 'text': 'text', 'replay': '-'}))
    half = os.path.join(shards.directory, 'half.json')
    with open(one, encoding='utf-8') as file, \
            open(half, 'w', encoding='utf-8') as out:
        out.write(file.read()[:100])
    empty = os.path.join(shards.directory, 'empty.json')
    with open(empty, 'w', encoding='utf-8'):
        pass
    for files, code, text in (
            ([one, two], 0, ''),
            ([two, one], 0, ''),
            ([one, sampled], 2, ''),
            ([one, failed], 1, ''),
            ([one], 3, 'shard 2 of 2 is missing'),
            ([one, two, one], 3, 'shard 1/2 is there twice'),
            ([one, other], 3, 'is missing'),
            ([one, bounded], 3, 'other options'),
            ([one, third], 3, 'another number of shards'),
            ([one, plain], 3, 'no result of a shard'),
            ([one, program], 3, 'another program'),
            ([one, digest], 3, 'in different ways'),
            (rare, 3, 'in different ways'),
            ([one, fewer], 3, 'went through'),
            ([half, two], 3, 'not JSON'),
            ([one, empty], 3, 'has no result'),
            ([one, one + '.gone'], 3, 'No such file')):
        got, result = merge(*files)
        if got != code or (text and text not in result):
            raise Wrong(f'exit code {got}, not {code} ("{text}"): {result}')
    for args in (['--shard', '0/2'], ['--shard', '3/2'], ['--shard', '1'],
                 ['--shard', '1/2', '--tap'], ['--shard', '1/2', '--replay', '-']):
        got = subprocess.run([shards.program, *args, name], check=False,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL).returncode
        if got != 3:
            raise Wrong(f'exit code {got}: {args}')
    return 'refused'


def main():
    program, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    listed = subprocess.run([program, '--list'], text=True, check=True,
                            stdout=subprocess.PIPE).stdout.split('\n')
    listed = {line.split()[0] for line in listed if line}
    with tempfile.TemporaryDirectory(prefix='shards-') as directory:
        shards = Shards(program, directory)
        checks = [(f'{strategy} {name}', functools.partial(
            compare, shards, strategy, options, name))
                  for strategy, options, chosen in PARTS
                  for name in chosen if name in listed and
                  (not names or name in names)]
        if not names:
            checks += [('a failure', functools.partial(find_failure, shards, program)),
                       ('merge', functools.partial(refuse, shards))]
        return run_checks(checks)


if __name__ == '__main__':
    sys.exit(main())
