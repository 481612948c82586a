#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The explorer has to find the faults that are made on purpose.

mutants.py BUILD engine [NAME...]
	Break one file of the engine at a time, as the files of broken/ say. Then
	reduction.py, shards.py, complete.py, same.py, test-known.py or a scenario has
	to fail.

mutants.py BUILD core [NAME...] [--seconds N] [--files FILE,...]
	Break the core, as the files of ../stress/mutants say. Then a scenario has to
	fail. The mutants of the file not-races are tried too, and have to pass. With
	--files, only the scenarios of these files are tried: what do they find alone?
	One that is caught by "explorer SCENARIO" has to be found by this scenario.

mutants.py BUILD shim [NAME...] [--seconds N] [--others]
	Break the shim, as the files of ../mutants/shim say, if that breaks an order
	of its threads: see is_race(). Then a scenario of those that FIRST has for the
	file has to fail, or the one that "explorer SCENARIO" names. The file shim-not-races has those that none shows, and why:
	they are not tried. With --others, all other mutants of these files are tried
	instead, those of shim-not-races too, which must not be found: has a new
	scenario made the list too long?

mutants.py BUILD plain [NAME...] [--seconds N]
	Break the plain face, as those files of ../mutants/plain say that are caught by
	"explorer SCENARIO". This scenario has to fail.

BUILD is a build directory with tests/explore/explore-fibers. A NAME may be that of
a source file. A file is compiled with the build's own command, and the programs that contain
it are linked again. The format of a mutant is that of ../stress/mutants, with other
catchers in broken/:
	Caught by: reduction SCENARIO
	Caught by: shards SCENARIO
	Caught by: complete SCENARIO
	Caught by: same FILE
	Caught by: known CHECK
	Caught by: scenario SCENARIO
	Not caught by: ...
MUTANTS_PERCENT and MUTANTS_SEED choose some mutants, as for tests/mutants/run.py.
Prints TAP.
"""
import argparse
import collections
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, 'tests', 'mutants'))
from run import (Build, STRESS, Trial,  # pylint: disable=wrong-import-position
                 mutants_of, output_of, run_or_explain, sample_of)

PROGRAM = 'tests/explore/explore-fibers'
ENGINE = 'tests/explore/liblfx-fibers.so'

# The scenarios of these files are tried first.
FIRST = {
    'lib/core/dma-fence.c': ['fence', 'fence-enable', 'fence-life',
                             'fence-ops', 'fence-waits', 'models-fence'],
    'include/linux/dma-fence.h': ['fence', 'fence-enable', 'fence-life',
                                  'fence-ops', 'driver-fence'],
    'lib/core/dma-fence-array.c': ['array'],
    'lib/core/dma-fence-chain.c': ['chain'],
    'lib/core/dma-fence-unwrap.c': ['merge'],
    'lib/core/dma-resv.c': ['resv', 'resv-cursors', 'models-resv'],
    'lib/core/dma-resv-hazard.c': ['resv-cursors', 'resv'],
    'lib/plain/driver-fence.c': ['driver-fence', 'driver-context', 'driver-data',
                                 'driver-consumer'],
    'lib/plain/fence.c': ['driver-consumer', 'driver-fence'],
    'lib/plain/rcu-box.c': ['box'],
    'lib/plain/timeline.c': ['timeline'],
    'compat/irq_work.c': ['deferred', 'interrupts', 'array', 'chain'],
    'compat/workqueue.c': ['workers', 'deferred'],
    'compat/kernel/worker.c': ['workers', 'deferred'],
    'compat/kernel/kthread_worker.c': ['workers'],
    'compat/kernel/defer.c': ['files', 'sync-file'],
    'compat/kernel/service.c': ['deferred', 'timers'],
    'compat/kthread.c': ['shim', 'waits', 'workers'],
    'compat/timer.c': ['timers', 'deferred', 'interrupts'],
    'compat/hrtimer.c': ['timers', 'deferred', 'interrupts'],
    'compat/wait.c': ['shim', 'waits', 'signals', 'fence-waits'],
    'compat/wait_bit.c': ['shim', 'waits'],
    'compat/completion.c': ['shim', 'waits', 'signals'],
    'compat/mutex.c': ['shim', 'waits', 'signals', 'locks'],
    'compat/ww_mutex.c': ['ww-mutex', 'signals', 'resv'],
    'compat/sched.c': ['shim', 'waits', 'signals', 'fence-waits'],
    'compat/signal.c': ['signals', 'shim', 'waits'],
    'compat/rwsem.c': ['locks'],
    'compat/rwlock.c': ['locks'],
    'compat/srcu.c': ['locks'],
    'compat/llist.c': ['locks'],
    'compat/notifier.c': ['locks'],
    'compat/xarray.c': ['waits'],
    'compat/file.c': ['sync-file'],
    'lib/sync-file/sync_file.c': ['sync-file'],
}
# The words of a line that other threads matter to.
ORDER = re.compile(
    r'\bspin_(un|try)?lock|\bmutex_(un)?lock|\bsmp_|\b(READ|WRITE)_ONCE|\batomic_|'
    r'__atomic_|xchg|barrier\(|wake|set_current_state|__state|complete\(|'
    r'\brcu_|call_rcu|kfree_rcu|synchronize_rcu|refcount_|'
    r'\b(get|put)_task|wait|schedule\(|flush|_sync\(|grab|'
    r'\blocal_irq|\birqs_|\btest_and|list_(add|del|move)|_running\b|pending|\bdone\b')
# They do not use the core.
NEVER = ['faults', 'faults-memory', 'faults-orders', 'faults-time', 'litmus',
         'litmus-kernel', 'litmus-threads', 'loops', 'models-faults', 'orders',
         'orders-counts', 'races']
# Some mutants help the tests of ../stress. The explorer needs no help.
NO_HOOKS = ['-Dstress_point(where,what,nr)=((void)0)']
# How long all scenarios of a round may take.
PATIENCE_S = 600


def is_race(mutant):
    """A line about other threads is added, removed, or in another place."""
    with open(mutant.path, encoding='utf-8') as file:
        text = file.read()
    for old, new in re.findall(r'^--- replace\n(.*?)^--- by\n(.*?)^--- end', text,
                               re.MULTILINE | re.DOTALL):
        old, new = [collections.Counter(line.strip() for line in part.split('\n'))
                    for part in (old, new)]
        changed = list((old - new) + (new - old))
        if not changed or any(ORDER.search(line) for line in changed):
            return True
    return False


def mutants_of_shim(others):
    mutants = mutants_of(os.path.join(ROOT, 'tests', 'mutants', 'shim'))
    silent = not_races('shim-not-races')
    unknown = silent - {m.name for m in mutants}
    if unknown:
        sys.exit('shim-not-races: there is no mutant ' + ' '.join(sorted(unknown)))
    return [m for m in mutants
            if m.source in FIRST and not m.needs and
            others != (m.name not in silent and
                       (m.ends == 'passes' or m.explored or is_race(m)))]


def not_races(name):
    """Names of mutants that no interleaving shows."""
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        return {line.split(':')[0] for line in file
                if re.match(r'[a-z0-9-]+: ', line)}


class Explorer(Build):
    """A build with the explorer."""
    def __init__(self, directory):
        super().__init__(directory)
        self.files = sorted(
            os.path.splitext(os.path.basename(source))[0]
            for source, entries in self.compiles.items()
            if source.startswith('tests/explore/scenarios/') and
            any(e['output'] in self.link(PROGRAM) for e in entries))
        self.dependencies, self.scenarios = {}, {}

    def learn_scenarios(self, mutants, rest_too):
        """The scenarios of each file that are as they should without a mutant."""
        program = os.path.join(self.directory, PROGRAM)
        first = {name for m in mutants for name in FIRST.get(m.source, [])}
        names = [name for name in self.files if name in first or
                 (rest_too and name not in NEVER)]
        out, _ = run_for(PATIENCE_S, [program, '--tap' if rest_too else '--json',
                                      '--quiet', '--seconds', '0.2'] + names)
        bad = set(re.findall('^not ok - ([^:]+):', out, re.MULTILINE))
        if bad:
            print('# these fail without a mutant:', ' '.join(sorted(bad)))
        # Those that show a fault may need more runs than a short look.
        bad |= set(re.findall('^{"scenario":"([^"]+)".*"failure":', out,
                              re.MULTILINE))
        for name in names:
            listed = [line.split()[0] for line in output_of(
                program, '--list', name).split('\n') if line]
            self.scenarios[name] = [s for s in listed if s not in bad]

    def readers(self, header):
        """The compile commands of the program's objects that include it."""
        if not self.dependencies:
            object_ = None
            for line in output_of(self.ninja, '-C', self.directory, '-t',
                                  'deps').split('\n'):
                if line and not line.startswith(' '):
                    object_ = line.split(':')[0]
                elif line:
                    path = os.path.realpath(
                        os.path.join(self.directory, line.strip()))
                    self.dependencies.setdefault(path, set()).add(object_)
        objects = self.dependencies.get(
            os.path.realpath(os.path.join(ROOT, header)), set())
        return [entry for entries in self.compiles.values()
                for entry in entries if entry['output'] in objects and
                entry['output'] in self.link(PROGRAM)]


class ExplorerTrial(Trial):
    """One mutant, of the engine or of the core."""
    def __init__(self, build, mutant):
        super().__init__(build, mutant)
        self.work = os.path.join(build.directory, 'tests', 'explore', 'mutants',
                                 mutant.name)

    def broken_copy(self):
        broken = os.path.join(self.work, os.path.basename(self.mutant.source))
        return broken, run_or_explain([
            'sh', os.path.join(STRESS, 'mutate.sh'), self.mutant.path,
            self.mutant.source, broken], cwd=ROOT)

    def compile_with(self, entry, header):
        """Compile a file with the broken header in front of it."""
        command = shlex.split(entry['command'])
        output = self.replacement(entry['output'])
        command[command.index('-o') + 1] = output
        command[command.index('-MF') + 1] = output + '.d'
        command[-4:-4] = ['-include', header, '-w']
        return run_or_explain(command, cwd=self.build.directory)

    def compile_copy(self, entry, broken):
        """Compile the broken copy of a source file."""
        command = shlex.split(entry['command'])
        output = self.replacement(entry['output'])
        command[command.index(entry['file'])] = broken
        command[command.index('-o') + 1] = output
        command[command.index('-MF') + 1] = output + '.d'
        command[-4:-4] = ['-I' + os.path.join(
            ROOT, os.path.dirname(self.mutant.source)), '-w'] + NO_HOOKS
        return run_or_explain(command, cwd=self.build.directory)

    def link_again(self, target, objects):
        command = [self.replacement(arg) if arg in objects else arg
                   for arg in self.build.link(target)]
        path = os.path.join(self.work, os.path.basename(target))
        command[command.index('-o') + 1] = path
        return path, run_or_explain(command, cwd=self.build.directory)

    def build_it(self, target):
        """Returns the path of @target with the mutant, and why that failed."""
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        source, objects = self.mutant.source, []
        broken, why = self.broken_copy()
        if source.endswith('.h'):
            entries = self.build.readers(source)
        else:
            entries = [e for e in self.build.compiles.get(source, [])
                       if e['output'] in self.build.link(target)]
        if not entries:
            return None, f'{target} does not contain {source}'
        for entry in entries:
            if why:
                break
            objects.append(entry['output'])
            if source.endswith('.h'):
                why = self.compile_with(entry, broken)
            else:
                why = self.compile_copy(entry, broken)
        if why:
            return None, why
        return self.link_again(target, objects)

    def clean(self):
        shutil.rmtree(self.work, ignore_errors=True)


def run_for(seconds, command, **options):
    """Returns the output and the exit code: None after so many seconds."""
    try:
        result = subprocess.run(command, text=True, errors='replace',
                                check=False, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=seconds,
                                **options)
        return result.stdout, result.returncode
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b'').decode(errors='replace'), None


def try_engine(build, mutant):
    """Returns a list of pairs: a description, and why it is not as it should."""
    trial = ExplorerTrial(build, mutant)
    program = os.path.join(build.directory, PROGRAM)
    _, why = trial.build_it(ENGINE)
    results = []
    for kind, scenario in mutant.catchers:
        what = f'{mutant.name}, {kind} {scenario}'
        if why:
            results.append((what, why))
            continue
        if kind in ('reduction', 'shards', 'complete'):
            command = [sys.executable, os.path.join(HERE, kind + '.py'),
                       program, scenario]
        elif kind == 'same':
            command = [sys.executable, os.path.join(HERE, 'same.py'), program,
                       '--file', scenario]
        elif kind == 'known':
            command = [sys.executable, os.path.join(HERE, 'test-known.py'),
                       program, scenario]
        else:
            command = [program, '--tap', '--quiet', '--seconds', '5', scenario]
        out, code = run_for(PATIENCE_S, command, env={
            **os.environ, 'LD_LIBRARY_PATH': trial.work})
        # A scenario that has no end any more is no success.
        caught = re.search('^not ok |: sampled | is not deterministic: ', out, re.MULTILINE)
        if bool(caught) == (mutant.ends == 'fails') and code is not None and \
                (caught or not code):
            results.append((what, None))
        else:
            results.append((what, f'exit code {code}\n{out}'))
    if not any(why for _, why in results):
        trial.clean()
    return results


class Found:
    """How a mutant of the core was found."""
    def __init__(self, result):
        failure = result.get('failure', {})
        self.scenario = result['scenario']
        self.executions = result['executions']
        self.seconds = result['seconds']
        self.kind = failure.get('kind', 'no failure any more')

    def __str__(self):
        return (f'{self.scenario}, {self.kind}, {self.executions} executions, '
                f'{self.seconds:.2f} s')


def explore(program, build, files, seconds):
    """Runs scenarios until one fails. Returns (Found or None, error or None)."""
    out, code = run_for(PATIENCE_S, [
        program, '--json', '--stop', '--seconds', str(seconds)] + files, env={
            **os.environ, 'LD_LIBRARY_PATH': os.path.dirname(
                os.path.join(build.directory, ENGINE))})
    if code in (0, 2):
        return None, None
    lines = out.strip().split('\n')
    if code == 1 and lines[-1].startswith('{'):
        return Found(json.loads(lines[-1])), None
    # It loops, or breaks before the first run: the last scenario is not complete.
    if code is not None and (code < 0 or 'livelock' in out):
        return Found({'scenario': lines[-1].split(':')[0], 'executions': 1,
                      'seconds': 0, 'failure': {'kind': 'it loops or crashes'}}), None
    return None, f'exit code {code}\n' + '\n'.join(
        line[:200] for line in lines[-5:])


def try_core(build, mutant, passes, seconds, rest_too=True):
    """Returns (Found or None, error or None)."""
    trial = ExplorerTrial(build, mutant)
    program, why = trial.build_it(PROGRAM)
    if why:
        return None, why
    files = [name for name in build.files if name not in NEVER]
    first = [name for name in FIRST.get(mutant.source, []) if name in files]
    found = None
    # FIRST has all scenarios that a file of the shim has to do with.
    rest = [name for name in files if rest_too and name not in first]
    # A short look at all, because some scenarios use all the time.
    rounds = [(first, min(1, seconds)), (rest, min(1, seconds))]
    if mutant.explored:
        rounds = []
        found, why = explore(program, build, mutant.explored, seconds)
    elif not rest_too:
        rounds.insert(0, (first, min(0.1, seconds)))
    if seconds > 1 and not passes and not mutant.explored:
        rounds += [(first, seconds), (rest, seconds)]
    for names, limit in rounds:
        names = [s for name in names for s in build.scenarios[name]]
        if names:
            found, why = explore(program, build, names, limit)
        if found or why:
            break
    if not why:
        trial.clean()
    return found, why


def try_plain(build, mutant, scenario, seconds):
    """Returns (Found or None, error or None)."""
    trial = ExplorerTrial(build, mutant)
    program, why = trial.build_it(PROGRAM)
    found = None
    if not why:
        found, why = explore(program, build, [scenario], seconds)
    if not why:
        trial.clean()
    return found, why


def report(number, what, why):
    print('not ok' if why else 'ok', number, '-', what, flush=True)
    for line in (why or '').rstrip().split('\n')[:20] if why else []:
        print('# ' + line[:200], flush=True)


def run_engine(build, mutants):
    print(f'1..{sum(len(m.catchers) for m in mutants)}', flush=True)
    number = failed = 0
    for mutant in mutants:
        for what, why in try_engine(build, mutant):
            number += 1
            failed += bool(why)
            report(number, what, why)
    return failed


def run_core(build, mutants, seconds, what, others=False):
    print(f'1..{len(mutants)}', flush=True)
    silent = not_races('shim-not-races' if others else 'not-races')
    all_found, failed = [], 0
    build.learn_scenarios(mutants, what == 'core')
    for number, mutant in enumerate(mutants, 1):
        passes = mutant.ends == 'passes' or mutant.name in silent
        found, why = try_core(build, mutant, passes, seconds, what == 'core')
        if found:
            all_found.append(found)
        if not why and passes and found:
            why = 'it has to pass'
        elif not why and not passes and not found and not others:
            why = 'no scenario fails'
        failed += bool(why)
        report(number, f'{mutant.name}: {found or "no failure"}', why)
    if all_found:
        print(f'# {len(all_found)} found; the median: '
              f'{statistics.median(f.executions for f in all_found):g} '
              'executions, '
              f'{statistics.median(f.seconds for f in all_found):.2f} s')
    return failed


def run_plain(build, mutants, seconds):
    print(f'1..{sum(len(m.explored) for m in mutants)}', flush=True)
    number = failed = 0
    for mutant in mutants:
        passes = mutant.ends == 'passes'
        for scenario in mutant.explored:
            number += 1
            found, why = try_plain(build, mutant, scenario, seconds)
            if not why and passes == bool(found):
                why = 'it has to pass' if passes else f'{scenario} does not fail'
            failed += bool(why)
            report(number, f'{mutant.name}: {found or "no failure"}', why)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('build')
    parser.add_argument('what', choices=['engine', 'core', 'shim', 'plain'])
    parser.add_argument('names', nargs='*')
    parser.add_argument('--seconds', type=float, default=5)
    parser.add_argument('--files', type=lambda text: text.split(','))
    parser.add_argument('--others', action='store_true')
    args = parser.parse_intermixed_args()
    if args.what == 'shim':
        mutants = mutants_of_shim(args.others)
    elif args.what == 'plain':
        mutants = [m for m in mutants_of(os.path.join(ROOT, 'tests', 'mutants', 'plain'))
                   if m.explored]
    else:
        mutants = mutants_of(os.path.join(HERE, 'broken') if args.what == 'engine'
                             else os.path.join(STRESS, 'mutants'))
    for name in args.names:
        if not any(name in (m.name, m.source) for m in mutants):
            sys.exit(f'{name}: neither a mutant nor a source file of one')
    mutants = [m for m in mutants
               if not args.names or {m.name, m.source} & set(args.names)]
    build = Explorer(args.build)
    if args.files:
        build.files = [name for name in build.files if name in args.files]
    if args.what == 'engine':
        failed = run_engine(build, sample_of(mutants))
    elif args.what == 'plain':
        failed = run_plain(build, sample_of(mutants), args.seconds)
    else:
        failed = run_core(build, sample_of(mutants), args.seconds, args.what,
                          args.others)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
