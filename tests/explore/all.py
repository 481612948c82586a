#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""all.py PROGRAM [--build DIR] [SCENARIO...]: the long form of the explorer.

Runs each scenario with a time limit of its own, several at a time. With a build
directory that has the core of a kernel tree, the museum comes last, with 100 replays of
each fault. A line tells how far it is: on a terminal it is written again and again,
otherwise there is one each --every seconds. Failures are printed when they are found.
At the end, or when it is stopped (Ctrl-C), a summary says what was reached.

Exit code: 0 all interleavings of all, no failure; 1 failure; 2 not all; 3 usage.
"""
import argparse
import collections
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time

from upstream import tree_of

HERE = os.path.dirname(os.path.abspath(__file__))
SLOWEST = 5
REPLAYS = 100
# The names of the verdicts, in the order of the summary.
KINDS = ['complete', 'bounded', 'sampled', 'fault found', 'failed']
PASSED_ON = ['strategy', 'bound', 'seed', 'runs', 'stale', 'steps']
LISTS = ['known-race', 'known-failure']
FLAGS = ['lkmm', 'no-races', 'no-leaks', 'no-timeouts']


class Result:
    """What a scenario has reached."""
    def __init__(self, name, output, code, seconds, cpu):
        self.name, self.seconds, self.cpu = name, seconds, cpu
        self.code, self.text = code, ''
        try:
            # A model has a line for each of its programs. The last one has failed.
            lines = [json.loads(line) for line in output.strip().split('\n')]
        except ValueError:
            lines = [{}]
        self.json = lines[-1]
        # Of all strategies that were tried.
        self.runs = sum(line.get('runs', 0) for line in lines)
        failure = self.json.get('failure')
        if code not in (0, 2) or not self.json:
            self.kind = 'failed'
            self.code = 1
            self.text = self.describe(failure) if failure else (
                self.json.get('verdict') or output.strip() or f'exit code {code}')
        elif failure:
            self.kind = 'fault found'
        elif code == 2:
            self.kind = 'sampled'
        elif any('preemption' in line['verdict'] for line in lines):
            self.kind = 'bounded'
        else:
            self.kind = 'complete'

    def describe(self, failure):
        return (f'{failure["kind"]}, after {self.json["executions"]:,} runs: '
                f'--replay '
                f'{failure["replay"]}\n  {failure["text"]}\n' +
                failure.get('schedule', '').rstrip()).rstrip()


class Runner:
    """Runs the scenarios in threads, and prints how far it is."""
    def __init__(self, args, names):
        self.args, self.names = args, names
        self.waiting = queue.SimpleQueue()
        self.done = queue.SimpleQueue()
        self.running, self.lock = {}, threading.Lock()
        self.results, self.stopped = [], False
        self.museum, self.museum_cpu = collections.Counter(), 0
        self.begin = self.last_line = time.monotonic()
        self.terminal = sys.stdout.isatty()
        self.width = 0

    # In the threads

    def start(self, what, command):
        """Returns the process, or None if it has been stopped."""
        with self.lock:
            if self.stopped:
                return None
            # Ctrl-C is for this program only.
            process = subprocess.Popen(
                command, text=True, errors='replace', stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True)
            self.running[what] = process
            return process

    def end(self, what, process):
        """It has closed its output. Returns the exit code and the CPU time."""
        with self.lock:
            del self.running[what]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, usage.ru_utime + usage.ru_stime

    def work(self):
        while True:
            try:
                name = self.waiting.get_nowait()
            except queue.Empty:
                break
            begin = time.monotonic()
            process = self.start(name, self.command(name))
            if not process:
                break
            output = process.stdout.read()
            code, cpu = self.end(name, process)
            if not self.stopped:
                self.done.put(Result(name, output, code,
                                     time.monotonic() - begin, cpu))
        self.done.put(None)

    def command(self, name):
        command = [self.args.program, '--json', '--seconds',
                   str(self.args.seconds)]
        values = vars(self.args)
        for option in PASSED_ON:
            if values[option] is not None:
                command += ['--' + option, values[option]]
        for option in LISTS:
            for value in values[option.replace('-', '_')]:
                command += ['--' + option, value]
        for option in FLAGS:
            if values[option.replace('-', '_')]:
                command.append('--' + option)
        return command + [name]

    def visit_museum(self, tree):
        process = self.start('the museum', [
            sys.executable, os.path.join(HERE, 'museum.py'), 'run', tree,
            '--build', self.args.build, '--seconds', str(self.args.seconds),
            '--repeat', str(self.args.replays)])
        if process:
            for line in process.stdout:
                self.done.put(line.rstrip())
            code, self.museum_cpu = self.end('the museum', process)
            if code not in (0, 1) and not self.stopped:
                self.done.put(f'not ok - the museum: exit code {code}')
        self.done.put(None)

    # In the main thread

    def say(self, text):
        """Print lines; the line that tells how far it is goes away."""
        if self.width:
            print('\r' + ' ' * self.width + '\r', end='')
            self.width = 0
        print(text, flush=True)

    def tell(self):
        now = time.monotonic()
        if now - self.last_line < (0.5 if self.terminal else self.args.every):
            return
        self.last_line = now
        with self.lock:
            running = ', '.join(self.running)
        runs = sum(r.runs for r in self.results)
        text = (f'[{len(self.results)}/{len(self.names)}] {now - self.begin:.0f} '
                f's, {runs:,} runs; {running}')
        if not self.terminal:
            print(text, flush=True)
            return
        text = text[:os.get_terminal_size(sys.stdout.fileno()).columns - 1]
        print('\r' + text.ljust(self.width), end='', flush=True)
        self.width = len(text)

    def take(self, result):
        if isinstance(result, Result):
            self.results.append(result)
            if result.kind == 'failed':
                self.say(f'{result.name}: {result.text}')
        elif re.match(r'(not )?ok ', result):
            kind = ('skipped' if '# SKIP' in result else
                    'failed' if result.startswith('not') else 'shown')
            self.museum[kind] += 1
            if kind == 'failed':
                self.say('museum: ' + result)
        elif not re.match(r'1\.\.', result):
            self.say('museum: ' + result)

    def wait_for(self, threads):
        for thread in threads:
            thread.start()
        left = len(threads)
        while left:
            try:
                result = self.done.get(timeout=0.1)
                if result is None:
                    left -= 1
                else:
                    self.take(result)
            except queue.Empty:
                pass
            self.tell()

    def run(self, tree):
        for name in self.names:
            self.waiting.put(name)
        try:
            self.wait_for([threading.Thread(target=self.work, daemon=True)
                           for _ in range(self.args.jobs)])
            if tree:
                self.wait_for([threading.Thread(target=self.visit_museum,
                                                args=(tree,), daemon=True)])
        except KeyboardInterrupt:
            with self.lock:
                self.stopped = True
                # Each is the leader of a group of its own.
                for process in self.running.values():
                    os.killpg(process.pid, signal.SIGTERM)

    def counts(self, results):
        kinds = collections.Counter(r.kind for r in results)
        # No failure is a result, too.
        return ', '.join(f'{kinds[k]} {k}' for k in KINDS
                         if kinds[k] or k == 'failed')

    def summary(self, core):
        seconds = time.monotonic() - self.begin
        litmus = [r for r in self.results if r.name.startswith('litmus-')]
        others = [r for r in self.results if not r.name.startswith('litmus-')]
        self.say('')
        if self.stopped:
            self.say(f'stopped: {len(self.results)} of {len(self.names)} '
                     'scenarios have ended')
        self.say(f'{len(others)} scenarios on {core}: {self.counts(others)}')
        if litmus:
            self.say(f'{len(litmus)} litmus tests of weak memory: '
                     f'{self.counts(litmus)}')
        if self.museum:
            self.say(f'museum: {self.museum["shown"]} shown, '
                     f'{self.museum["skipped"]} skipped, '
                     f'{self.museum["failed"]} failed; {self.args.replays} '
                     'replays of each fault')
        self.say(f'{sum(r.runs for r in self.results):,} runs, {seconds:.0f} s, '
                 f'{sum(r.cpu for r in self.results) + self.museum_cpu:.1f} s '
                 'of CPU time')
        slow = sorted(self.results, key=lambda r: -r.seconds)[:SLOWEST]
        if slow:
            self.say('the slowest: ' + ', '.join(
                f'{r.name} {r.seconds:.1f} s' for r in slow))
        for kind in ('bounded', 'sampled', 'failed'):
            names = [r.name for r in self.results if r.kind == kind]
            if names:
                self.say(f'{kind}: ' + ', '.join(names))

    def exit_code(self):
        if self.museum['failed'] or any(r.code == 1 for r in self.results):
            return 1
        return 2 if self.stopped or any(r.code == 2 for r in self.results) else 0


def parse():
    parser = argparse.ArgumentParser(
        prog='explore --all', epilog=__doc__.split('\n', maxsplit=2)[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program', help=argparse.SUPPRESS)
    parser.add_argument('names', nargs='*', metavar='SCENARIO')
    parser.add_argument('--build', help=argparse.SUPPRESS)
    parser.add_argument('--seconds', type=float, default=300,
                        help='for each scenario (300)')
    parser.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)),
                        help='scenarios at a time (one for each CPU)')
    parser.add_argument('--every', type=float, default=30, metavar='SECONDS',
                        help='between the lines that tell how far it is (30)')
    parser.add_argument('--replays', type=int, default=REPLAYS,
                        help=f'of each fault of the museum ({REPLAYS})')
    for option in PASSED_ON:
        parser.add_argument('--' + option, metavar='X', help='see --help')
    for option in LISTS:
        parser.add_argument('--' + option, metavar='X', action='append',
                            default=[], help='see --help')
    for option in FLAGS:
        parser.add_argument('--' + option, action='store_true',
                            help='see --help')
    return parser


def stop(_number, _frame):
    raise KeyboardInterrupt


def main():
    parser = parse()
    try:
        args = parser.parse_intermixed_args()
    except SystemExit as error:
        return 3 if error.code else 0
    args.program = os.path.abspath(args.program)
    listed = subprocess.run([args.program, '--list', *args.names], text=True,
                            check=False, stdout=subprocess.PIPE)
    names = [line.split()[0] for line in listed.stdout.split('\n') if line]
    # The programs of a model that is named share one time limit.
    names = list(dict.fromkeys(
        name.split(':')[0] if name.split(':')[0] in args.names else name
        for name in names))
    if listed.returncode or not names or args.jobs < 1:
        return 3
    tree = tree_of(args.build) if args.build else None
    signal.signal(signal.SIGTERM, stop)
    runner = Runner(args, names)
    runner.run(tree if not args.names else None)
    runner.summary(f'the core of {tree}' if tree else "libfence's core")
    return runner.exit_code()


if __name__ == '__main__':
    sys.exit(main())
