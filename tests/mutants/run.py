#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Break one source file of the library at a time: a test must fail.

run.py sources DIRECTORY
	Print the source files that the mutants of DIRECTORY break, one a line.

run.py run BUILD DIRECTORY [NAME...] [--checks] [--jobs N]
	Try the mutants of DIRECTORY that are named, or that break a source file
	which is named, or all. The library and the tests must be built. Prints TAP.

run.py compile BUILD DIRECTORY [NAME...] [--checks] [--jobs N]
	Only compile these mutants: each has to be valid C, so that a test fails for
	the right reason. Prints TAP.

A mutant is compiled with the build's own command. Then the file that contains the
object is linked again: the library, which the test finds by LD_LIBRARY_PATH, or
the test program itself if it contains the object. If the source file is a header,
the objects of the test program that include it are compiled with the broken one;
the library keeps the right one. The format of a mutant is that
of tests/stress/mutants, see tests/stress/README.md. PROGRAM is a program of
tests/compat, or one of tests/sync-file with "sync-file-" in front, or one of
tests/several with "several-" in front. A mutant with
"Needs: checks", and each of compat/checks, runs with --checks only; the others
run without it only.

MUTANTS_PERCENT=N in the environment tries N of 100 mutants, chosen by chance, and
at least one; MUTANTS_SEED repeats a choice.
"""
import argparse
import concurrent.futures
import json
import os
import random
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
STRESS = os.path.join(ROOT, 'tests', 'stress')


class Mutant:
    def __init__(self, directory, name):
        self.name = name
        self.path = os.path.abspath(os.path.join(directory, name))
        self.source, self.ends, self.needs = None, 'fails', ''
        self.catchers, self.explored = [], []
        with open(self.path, encoding='utf-8') as file:
            for line in file:
                if line.startswith('---'):
                    break
                key, _, value = line.strip().partition(': ')
                if key == 'File':
                    self.source = value
                elif key == 'Ends':
                    self.ends = value
                elif key == 'Needs':
                    self.needs = value
                elif key in ('Caught by', 'Not caught by'):
                    kind, *rest = value.split(' ')
                    if kind == 'explorer':
                        self.explored += rest
                    else:
                        self.catchers.append((kind, *rest))
                    if key == 'Not caught by':
                        self.ends = 'passes'
        if self.source.startswith('compat/checks/'):
            self.needs = 'checks'


def mutants_of(directory):
    return [Mutant(directory, name) for name in sorted(os.listdir(directory))]


def sample_of(mutants):
    """The part of the mutants that the environment asks for."""
    percent = int(os.environ.get('MUTANTS_PERCENT', 100))
    if percent >= 100:
        return mutants
    seed = os.environ.get('MUTANTS_SEED', str(random.randrange(1 << 32)))
    number = max(1, len(mutants) * percent // 100)
    chosen = random.Random(seed).sample(mutants, number)
    print(f'# MUTANTS_SEED={seed}: {number} of {len(mutants)} mutants')
    return sorted(chosen, key=lambda mutant: mutant.name)


def output_of(*command, **options):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE, **options).stdout


class Build:
    """The commands of a build directory."""
    def __init__(self, directory):
        self.directory = os.path.abspath(directory)
        self.ninja = shutil.which('ninja') or shutil.which('ninja-build')
        with open(os.path.join(directory, 'compile_commands.json'),
                  encoding='utf-8') as file:
            commands = json.load(file)
        self.compiles = {}
        for entry in commands:
            source = os.path.relpath(
                os.path.realpath(os.path.join(self.directory, entry['file'])),
                os.path.realpath(ROOT))
            self.compiles.setdefault(source, []).append(entry)
        targets = output_of(self.ninja, '-C', self.directory, '-t', 'targets',
                            'all').split('\n')
        self.targets = [line.split(':')[0] for line in targets
                        if line.endswith((': c_LINKER', ': cpp_LINKER'))]
        self.libraries = [target for target in self.targets
                          if target.startswith('lib/libfence')]
        self.links, self.dependencies = {}, {}
        self.entries = {entry['output']: entry for entry in commands}

    def link(self, target):
        """The command that links @target."""
        if target not in self.links:
            commands = output_of(self.ninja, '-C', self.directory, '-t',
                                 'commands', target)
            self.links[target] = shlex.split(commands.strip().split('\n')[-1])
        return self.links[target]

    def includes(self, object_, header):
        """Whether @object_ was compiled with @header."""
        if object_ not in self.dependencies:
            lines = output_of(self.ninja, '-C', self.directory, '-t', 'deps',
                              object_).split('\n')
            self.dependencies[object_] = {
                os.path.realpath(os.path.join(self.directory, line.strip()))
                for line in lines[1:] if line}
        return os.path.realpath(os.path.join(ROOT, header)) in \
            self.dependencies[object_]

    def objects(self, source, program):
        """The objects that have to be compiled again if @source is broken."""
        if source.endswith('.h'):
            return [part for part in self.link(program)
                    if part.endswith('.o') and self.includes(part, source)]
        return [entry['output'] for entry in self.compiles.get(source, [])]

    def program(self, name):
        if name.startswith('sync-file-'):
            return 'tests/sync-file/test-' + name
        if name.startswith('several-'):
            return 'tests/several/test-' + name
        return 'tests/compat/test-' + name

    def containers(self, program, objects):
        """Pairs of an object and the files that have to be linked with its replacement."""
        link = self.link(program)
        for target in [program] + self.libraries:
            if target != program and target not in link:
                continue
            for object_ in objects:
                if object_ in self.link(target):
                    yield object_, target


def run_or_explain(command, **options):
    # A broken program may print anything.
    result = subprocess.run(command, text=True, errors='replace',
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            **options)
    if result.returncode == 0:
        return None
    return result.stdout or f'{command[0]} failed, and printed nothing'


class Trial:
    """One mutant in a build."""
    def __init__(self, build, mutant):
        self.build, self.mutant = build, mutant
        self.work = os.path.join(build.directory, 'tests', 'mutants',
                                 mutant.name)
        self.compiled = set()

    def broken_source(self):
        """Write the broken source. Returns its path, and why that failed."""
        if self.mutant.source.endswith('.h'):
            # Under the name by which it is included.
            name = self.mutant.source.partition('include/')[2]
            broken = os.path.join(self.work, 'include', name)
        else:
            broken = os.path.join(self.work, os.path.basename(self.mutant.source))
        os.makedirs(os.path.dirname(broken), exist_ok=True)
        return broken, run_or_explain(
            ['sh', os.path.join(STRESS, 'mutate.sh'), self.mutant.path,
             self.mutant.source, broken], cwd=ROOT)

    def compile(self, object_, *more):
        """Compile the broken source to replace @object_."""
        if object_ in self.compiled:
            return None
        entry = self.build.entries[object_]
        broken, why = self.broken_source()
        if why:
            return why
        command = shlex.split(entry['command'])
        if self.mutant.source.endswith('.h'):
            first = next(i for i, arg in enumerate(command)
                         if arg.startswith('-I'))
            command.insert(first, '-I' + os.path.join(self.work, 'include'))
        else:
            command[command.index(entry['file'])] = broken
            command.insert(-4, '-I' + os.path.join(
                ROOT, os.path.dirname(self.mutant.source)))
        command[command.index('-o') + 1] = self.replacement(object_)
        if '-MF' in command:
            command[command.index('-MF') + 1] = self.replacement(object_) + '.d'
        # Neither speed nor warnings about unused functions matter.
        command[-4:-4] = ['-w', *more]
        self.compiled.add(object_)
        return run_or_explain(command, cwd=self.build.directory)

    def replacement(self, object_):
        return os.path.join(self.work, object_.replace('/', '_'))

    def link(self, object_, target):
        """Link @target again. Returns its path, and why that failed."""
        command = list(self.build.link(target))
        name = os.path.basename(target)
        for arg in command:
            if arg.startswith('-Wl,-soname,'):
                name = arg[len('-Wl,-soname,'):]
        path = os.path.join(self.work, name)
        command[command.index('-o') + 1] = path
        command = [self.replacement(object_) if arg == object_ else arg
                   for arg in command]
        return path, run_or_explain(command, cwd=self.build.directory)

    def prepare(self, program):
        """Returns the path of the program to run, and why it failed."""
        path = os.path.join(self.build.directory, program)
        if program not in self.build.targets:
            return None, f'this build has no {program}'
        objects = self.build.objects(self.mutant.source, program)
        found = False
        for object_, target in self.build.containers(program, objects):
            found = True
            why = self.compile(object_)
            if why:
                return None, why
            linked, why = self.link(object_, target)
            if why:
                return None, why
            if target == program:
                path = linked
        if not found:
            return None, (f'{program} does not contain '
                          f'{self.mutant.source}, nor do its libraries')
        return path, None

    def check(self):
        """Compile it only. Returns a pair of its name and an error."""
        self.clear()
        why = 'no test of this build catches it'
        for name, _ in self.mutant.catchers:
            program = self.build.program(name)
            objects = self.build.objects(self.mutant.source, program) \
                if program in self.build.targets else []
            if objects:
                why = self.compile(objects[0], '-fsyntax-only')
                break
        if not why:
            shutil.rmtree(self.work, ignore_errors=True)
        return [(self.mutant.name, why)]

    def clear(self):
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)

    def run(self):
        """Try all catchers. Returns pairs of a description and an error."""
        results = []
        self.clear()
        # A test that hangs ends itself after three times its patience.
        environment = {'TEST_PATIENCE_S': '3', 'CAUGHT_SECONDS': '12'}
        environment.update(os.environ)
        environment['LD_LIBRARY_PATH'] = os.pathsep.join(
            [self.work, os.path.join(self.build.directory, 'lib')])
        for name, test in self.mutant.catchers:
            path, why = self.prepare(self.build.program(name))
            if not why:
                why = run_or_explain(['sh', os.path.join(STRESS, 'caught.sh'),
                                      self.mutant.ends, path, test],
                                     env=environment,
                                     cwd=self.build.directory)
            results.append((f'{self.mutant.name} {name} {test}', why))
        if not any(why for _, why in results):
            shutil.rmtree(self.work, ignore_errors=True)
        return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    commands = parser.add_subparsers(dest='command', required=True)
    sources = commands.add_parser('sources')
    sources.add_argument('directory')
    for name in ('run', 'compile'):
        command = commands.add_parser(name)
        command.add_argument('build')
        command.add_argument('directory')
        command.add_argument('--checks', action='store_true')
        command.add_argument('--jobs', type=int, default=os.cpu_count())
        command.add_argument('names', nargs='*')
    args = parser.parse_args()
    mutants = mutants_of(args.directory)
    if args.command == 'sources':
        print('\n'.join(sorted({m.source for m in mutants})))
        return 0

    for name in args.names:
        if not any(name in (m.name, m.source) for m in mutants):
            sys.exit(f'{name}: neither a mutant of {args.directory} nor a '
                     'source file that one breaks')
    mutants = [m for m in mutants
               if not args.names or {m.name, m.source} & set(args.names)]
    chosen = [m for m in mutants if (m.needs == 'checks') == args.checks]
    if not chosen:
        print('1..0 # SKIP these mutants run in a build with' +
              ('out' if args.checks else '') + ' -Dchecks=true')
        return 0
    build = Build(args.build)
    number, failed = 0, 0
    if args.command == 'compile':
        # One that only the explorer catches has no program here.
        chosen = [m for m in chosen if m.catchers]
        print(f'1..{len(chosen)}')
        attempt = Trial.check
    else:
        chosen = sample_of(chosen)
        print(f'1..{sum(len(m.catchers) for m in chosen)}')
        attempt = Trial.run
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for results in pool.map(lambda m: attempt(Trial(build, m)), chosen):
            for what, why in results:
                number += 1
                failed += bool(why)
                print(('not ok' if why else 'ok'), number, '-', what,
                      flush=True)
                if why:
                    print('\n'.join('# ' + line
                                    for line in why.rstrip().split('\n')))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
