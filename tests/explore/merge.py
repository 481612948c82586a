#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""merge.py [--json] FILE...: one verdict from the results of shards.

The files have the lines that the explorer printed with --shard I/N. All shards of a
search are needed, each once, of the same program with the same options. Then a line
says for each scenario what all of them have reached, as the explorer does for a search
in one process. With --json, it is a line of JSON.

Exit code: 0 all interleavings, no failure; 1 failure; 2 not all; 3 the files are not
the shards of one search.
"""
import argparse
import json
import re
import sys

# The values that are the same in all shards, and how to say that it is not.
SAME = {'of': 'another number of shards', 'program': 'another program',
        'options': 'other options'}


class NotOneSearch(Exception):
    """The results do not belong together."""


def read(files):
    """The results by scenario, in the order of the first file."""
    scenarios = {}
    for path in files:
        try:
            with open(path, encoding='utf-8') as file:
                lines = file.read().splitlines()
        except OSError as error:
            raise NotOneSearch(f'{path}: {error.strerror}') from error
        found = 0
        for number, line in enumerate(lines, 1):
            if not line.startswith('{'):
                continue
            try:
                result = json.loads(line)
            except ValueError as error:
                raise NotOneSearch(
                    f'{path}, line {number}: not JSON: was the shard '
                    'stopped?') from error
            if 'shard' not in result:
                raise NotOneSearch(f'{path}, line {number}: no result of a '
                                   'shard: it needs --shard I/N')
            found += 1
            scenarios.setdefault(result['scenario'], []).append((path, result))
        if not found:
            raise NotOneSearch(f'{path}: it has no result')
    return scenarios


def check_whole(scenarios):
    """Each scenario has all shards of one search, each once."""
    first_path, first = next(iter(scenarios.values()))[0]
    for name, results in scenarios.items():
        seen = {}
        for path, result in results:
            shard = result['shard']
            for key, text in SAME.items():
                if shard[key] != first['shard'][key]:
                    raise NotOneSearch(
                        f'{path}: {text} than {first_path}: {shard[key]}, not '
                        f'{first["shard"][key]}')
            if shard['index'] in seen:
                raise NotOneSearch(
                    f'{name}: shard {shard["index"]}/{shard["of"]} is there '
                    f'twice: {seen[shard["index"]]} and {path}')
            seen[shard['index']] = path
        missing = [str(i) for i in range(1, first['shard']['of'] + 1)
                   if i not in seen]
        if missing:
            raise NotOneSearch(f'{name}: shard {", ".join(missing)} of '
                               f'{first["shard"]["of"]} is missing')


def check_division(name, results):
    """Shards that are complete have to have gone through all prefixes."""
    shards = [r['shard'] for r in results]
    digests = {s['digest']: s['index'] for s in shards}
    if len(digests) > 1:
        raise NotOneSearch(
            f'{name}: shards {" and ".join(map(str, digests.values()))} have '
            'divided the search in different ways: one has learned of more '
            'memory that threads share. Run all shards again with more runs to '
            'learn from (--learn), or the search in one process')
    if sum(s['own'] for s in shards) != shards[0]['prefixes']:
        raise NotOneSearch(f'{name}: the shards have {shards[0]["prefixes"]} '
                           f'prefixes, but went through '
                           f'{sum(s["own"] for s in shards)}')


def reached(results):
    """What all shards have reached, in words."""
    number = sum(r['interleavings'] for r in results)
    races = len({race for r in results for race in r.get('listed_races', [])})
    end = f', and {races} listed race{"s" * (races > 1)}' if races else ''
    if all(r['complete'] for r in results):
        # The rest of "all 12 interleavings with at most 2 preemptions".
        rest = re.split('interleavings?', results[0]['verdict'], maxsplit=1)[1]
        whole = f'all {number:,} interleavings' if number != 1 else 'the only interleaving'
        return f'{whole}{rest.partition(", and ")[0]}{end}'
    number = sum(r['executions'] for r in results)
    return f'sampled {number:,} interleaving{"s" * (number != 1)}{end}'


def merge(name, results):
    """One result, like that of one process, for one scenario."""
    results = sorted((r for _, r in results), key=lambda r: r['shard']['index'])
    failed = [r for r in results if 'failure' in r]
    fails = results[0].get('fails')
    whole = [r for r in results if 'failure' not in r]
    complete = not failed and all(r['complete'] for r in results)
    if complete:
        check_division(name, results)
    merged = {
        'scenario': name,
        'verdict': failed[0]['failure']['kind'] if failed else reached(results),
        'complete': complete,
        'shards': len(results),
        'shards_complete': sum(r['complete'] for r in whole),
        'executions': sum(r['executions'] for r in results),
        'interleavings': sum(r['interleavings'] for r in results),
        'seconds': max(r['seconds'] for r in results),
        'cpu_seconds': round(sum(r['cpu_seconds'] for r in results), 6)}
    if all('classes' in r for r in results):
        merged['classes'] = sum(r['classes'] for r in results)
        for key in ('class_sum', 'order_sum'):
            merged[key] = f'{sum(int(r[key], 16) for r in results) % 2**64:016x}'
    if fails:
        merged['fails'] = fails
    if failed:
        # The scenario may expect one kind: another one is the news.
        news = [r for r in failed if r['failure']['kind'] != fails] or failed
        merged['failure'] = news[0]['failure']
        merged['verdict'] = merged['failure']['kind']
        merged['failed_shards'] = [r['shard']['index'] for r in failed]
    kind = merged.get('failure', {}).get('kind')
    merged['good'] = kind == fails
    return merged


def print_merged(merged):
    failure = merged.get('failure')
    shards = merged['shards']
    if failure:
        print(f'{merged["scenario"]}: {failure["kind"]}, in shard '
              f'{", ".join(map(str, merged["failed_shards"]))} of {shards}: '
              f'--replay {failure["replay"]}')
        print('  ' + failure['text'])
        if not merged['good'] and 'fails' in merged:
            print(f'  expected "{merged["fails"]}", found "{failure["kind"]}"')
        if not merged['good'] and 'schedule' in failure:
            print(failure['schedule'].rstrip())
        return
    absent = '' if merged['good'] else f'no "{merged["fails"]}" in '
    text = f'{merged["scenario"]}: {absent}{merged["verdict"]} ({shards} shards'
    if not merged['complete']:
        text += f', {merged["shards_complete"]} of them complete'
    print(f'{text}, {merged["cpu_seconds"]:.2f} CPU seconds)')


def main():
    parser = argparse.ArgumentParser(
        prog='merge', description=__doc__.split('\n', maxsplit=1)[0],
        epilog=__doc__.split('\n', maxsplit=2)[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--json', action='store_true')
    parser.add_argument('files', nargs='+', metavar='FILE')
    args = parser.parse_args()
    try:
        scenarios = read(args.files)
        check_whole(scenarios)
    except NotOneSearch as error:
        print(f'merge: {error}', file=sys.stderr)
        return 3
    merged, errors = [], []
    for item in scenarios.items():
        try:
            merged.append(merge(*item))
        except NotOneSearch as error:
            errors.append(error)
    for result in merged:
        if args.json:
            print(json.dumps(result))
        else:
            print_merged(result)
    # The others have a verdict.
    for error in errors:
        print(f'merge: {error}', file=sys.stderr)
    if errors:
        return 3
    if not all(r['good'] for r in merged):
        return 1
    return 0 if all(r['complete'] or 'failure' in r for r in merged) else 2


if __name__ == '__main__':
    sys.exit(main())
