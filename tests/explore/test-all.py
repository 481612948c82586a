#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""test-all.py EXPLORE: a test of all.py, and of options of the explorer. Prints TAP."""
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from tap import check, run_checks

PROGRAM = os.path.abspath(sys.argv[1])
BUILD = os.path.dirname(os.path.dirname(os.path.dirname(PROGRAM)))
EXPLORE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'explore.py')
OWN = '''#include <explore.h>
static void nothing(void) {}
LFX_SCENARIO(own) = { .name = "NAME", .threads = { { "one", nothing } } };
'''
ALL = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'all.py')
# No strategy comes to an end with it in the time of this test.
ENDLESS = ['--strategy', 'random', 'signal-wait']


def run(*args):
    return subprocess.run([sys.executable, ALL, PROGRAM, *args], text=True,
                          check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def explore(*args):
    return subprocess.run([PROGRAM, *args], text=True, check=False,
                          stdout=subprocess.PIPE).stdout


def summary():
    """What is complete, and faults that were expected."""
    done = run('--seconds', '20', 'order-three-writers', 'order-two-readers',
               'fault-no-lock', 'litmus-MP', 'litmus-CoRR')
    check(done.returncode == 0, done.stdout)
    for line in (r"3 scenarios on libfence's core: 2 complete, 1 fault found, 0 "
                 'failed',
                 '2 litmus tests of weak memory: 1 complete, 1 fault found, 0 '
                 'failed',
                 r'[0-9,]+ runs, \d+ s, \d+\.\d s of CPU time',
                 r'the slowest: \S+ \d+\.\d s, .*'):
        check(re.search(f'^{line}$', done.stdout, re.M), done.stdout)
    results = [json.loads(line) for line in explore(
        '--json', 'order-three-writers', 'order-two-readers', 'fault-no-lock',
        'litmus-MP', 'litmus-CoRR').splitlines()]
    check(all(r['runs'] == r['executions'] for r in results), str(results))
    total = sum(r['runs'] for r in results)
    check(f'{total:,} runs, ' in done.stdout, f'{total}: {done.stdout}')


def not_all():
    # The runs of all strategies, of which the verdict has the last one. A busy machine
    # may leave the first ones no time.
    for seconds in ('0.4', '2', '10'):
        result = json.loads(explore('--json', '--seconds', seconds, 'ww-three-two'))
        if result['runs'] > result['executions'] + 100:
            break
    else:
        check(False, str(result))
    done = run('--seconds', '0.2', *ENDLESS)
    check(done.returncode == 2, done.stdout)
    check('1 sampled, 0 failed' in done.stdout, done.stdout)
    check('\nsampled: signal-wait\n' in done.stdout, done.stdout)
    done = run('--seconds', '20', '--strategy', 'bounded', '--bound', '1',
               'order-three-writers')
    check(done.returncode == 0, done.stdout)
    check('1 bounded, 0 failed' in done.stdout, done.stdout)


def failures():
    done = run('--steps', '2', 'order-three-writers', 'order-two-readers')
    check(done.returncode == 1, done.stdout)
    check('order-three-writers: livelock, after 1 runs: --replay -\n' in done.stdout,
          done.stdout)
    check('2 failed' in done.stdout, done.stdout)
    # The scenario expects a fault, and there is none.
    done = run('--strategy', 'bounded', '--bound', '0', 'fault-two-steps')
    check(done.returncode == 1, done.stdout)
    check('fault-two-steps: all ' in done.stdout, done.stdout)


def models():
    """A model is one scenario, whose programs share its time."""
    done = run('--seconds', '1', 'model-completion', 'model-lost-addition')
    check(done.returncode in (0, 2), done.stdout)
    check(re.search(r'\n2 scenarios on .*: 1 (complete|bounded|sampled), 1 fault found, '
                    '0 failed\n', done.stdout), done.stdout)


def usage():
    for args in (['--no-such-option'], ['no-such-scenario'], ['--jobs', '0'],
                 ['--seconds', 'x']):
        done = run(*args)
        check(done.returncode == 3, f'{args}: {done.stdout}')


def stopped():
    """Ctrl-C: a summary of the part that has run. There was a line meanwhile."""
    process = subprocess.Popen(
        [sys.executable, ALL, PROGRAM, '--seconds', '60', '--every', '0.3',
         '--jobs', '2', '--strategy', 'dfs', 'order-three-writers', 'signal-wait'],
        text=True,
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT,
                                         signal.default_int_handler))
    line = process.stdout.readline()
    while not re.fullmatch(r'\[1/2\] \d+ s, [0-9,]+ runs; signal-wait\n', line):
        check(line.startswith('[0/2]'), f'not a line: {line}')
        line = process.stdout.readline()
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    text = process.communicate(timeout=30)[0]
    check(time.monotonic() - begin < 20, 'it does not stop')
    check(process.returncode == 2, text)
    check('stopped: 1 of 2 scenarios have ended\n' in text, text)
    check("1 scenarios on libfence's core: 1 complete, 0 failed" in text, text)


def on_terminal(seconds):
    """The output on a terminal."""
    pid, fd = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, ALL, PROGRAM, '--seconds',
                                  seconds, *ENDLESS])
    text = b''
    while True:
        try:
            part = os.read(fd, 4096)
        except OSError:
            break
        if not part:
            break
        text += part
    os.waitpid(pid, 0)
    return text.decode()


def terminal():
    """On a terminal, there is one line, which is written again."""
    # A busy machine may write it once only in a short time.
    for seconds in ('1.5', '6'):
        text = on_terminal(seconds)
        lines = text.split('\n')
        if lines[0].count('[0/1]') >= 2:
            break
    check('\r[0/1] ' in text, text)
    check(lines[0].count('[0/1]') >= 2, text)
    # The line is removed before the summary.
    check(re.search(r'\r +\r\r?$', lines[0]), repr(lines[0]))


def options():
    """Verdicts, and the numbers of runs."""
    text = explore('--no-races', 'order-three-writers')
    check(re.search(r': all \d+ interleavings of marked accesses \(plain accesses '
                    r'are no points\) \(', text), text)
    check('plain' not in explore('order-three-writers'), 'plain accesses')
    lines = explore('--strategy', 'pct', '--runs', '50', '--times', '3', '--json',
                    'order-three-writers').splitlines()
    check([json.loads(line)['executions'] for line in lines] == [50] * 3,
          str(lines))


def own_files():
    """Files of two directories may have one name, their scenarios may not."""
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for name in ('first', 'second', 'first'):
            files.append(os.path.join(directory, str(len(files)), 'own.c'))
            os.mkdir(os.path.dirname(files[-1]))
            with open(files[-1], 'w', encoding='utf-8') as file:
                file.write(OWN.replace('NAME', name))
        for number, code, words in ((2, 0, ['first: the only', 'second: the only']),
                                    (3, 3, ['two scenarios have the name first'])):
            done = subprocess.run([sys.executable, EXPLORE, BUILD, *files[:number]],
                                  text=True, check=False, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            check(done.returncode == code and all(w in done.stdout for w in words),
                  f'{done.returncode}: {done.stdout}')


def main():
    return run_checks([summary, not_all, failures, models, usage, stopped, terminal,
                       options, own_files])


if __name__ == '__main__':
    sys.exit(main())
