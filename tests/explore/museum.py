#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The museum: races that upstream's kernel had or has, on the kernel's own code.

museum.py list
	The pieces, with their titles.

museum.py page
	docs/museum.md.

museum.py run TREE [PIECE...] --build DIR
	Find the fault of each piece in TREE, a Linux source tree, and show that its
	control is clean. Prints TAP. DIR is a build directory with core=kernel and
	this tree; it is set up if it does not exist.

A piece is a file of museum/, with a scenario of the same name with ".c". Its lines
are "Key: value", up to an empty line; a line that begins with a tab goes on with
the value. The rest is a description.

	Title		one line
	Hits		who meets it: the end of the sentence "It hits ..."
	Trees		the versions that it is known to run with
	Fault		SCENARIO: KIND. The explorer has to find a failure of this kind
	Control		SCENARIO, without the edits: no failure. All interleavings, or
			"SCENARIO: bound N" for all with at most N preemptions, or
			"SCENARIO: samples"
	Absent		as Control, but with the edits instead of the repairs
	Edit		FILE FUNCTION: OPERATION, for Fault and Absent; see cedit.py
	Repair		the same, for Control
	Both		the same, for all
	Compile		"tree": the scenario includes a file of the tree, so it is
			compiled as a file of the tree is
	Files		more files of the tree that the scenario includes
	Options		of the explorer
	Needs		what is missing: the piece is skipped

Nothing of the kernel's text is in a piece. The edited copies are in a temporary
directory.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

import cedit

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PIECES = os.path.join(HERE, 'museum')
# The program with fibers, or the one with threads.
PROGRAMS = ['tests/explore/explore-fibers', 'tests/explore/explore-threads']
# Of the reason of a failure.
MAX_LINES = 60
HEAD = '''# The museum of fence races

`tests/explore/museum.py page` has made this page of the pieces in `tests/explore/museum/`: races,
lost wake-ups, uses after free and deadlocks that upstream's fence code had, or has. Each is found on
the code of a kernel tree, and shown to be absent with its repair:

    tests/explore/museum.py run ~/linux-7.3 M06 --build build-museum --trace

The line of a fault has its `--replay` string, which is the same in each run on a tree, and `--trace`
prints the schedule. A and B are two threads. "Trees" are those with which a piece runs: in some of
them the fault is repaired, and put back for the piece. [The explorer](explore.md) says what the
failures mean, and [upstream-races.md](upstream-races.md) has the two that seem to be new.

| piece | failure | trees |
|---|---|---|
'''
KEYS = {'Title', 'Hits', 'Trees', 'Fault', 'Control', 'Absent', 'Edit', 'Repair',
        'Both', 'Files', 'Compile', 'Options', 'Needs', 'Since', 'Source'}


class Failure(Exception):
    """A piece whose results are not those of its text."""


class Edit:
    def __init__(self, text):
        m = re.fullmatch(r'(\S+) (\w+): (.*)', text)
        if not m:
            raise Failure(f'not an edit: {text}')
        self.file, self.function, self.operation = m.groups()


class Piece:
    def __init__(self, name):
        self.name = name
        self.path = os.path.join(PIECES, name)
        self.values, self.description = {}, ''
        key = None
        with open(self.path, encoding='utf-8') as file:
            for line in file:
                if not line.strip():
                    self.description = file.read()
                    break
                if line.startswith('\t'):
                    self.values[key][-1] += ' ' + line.strip()
                    continue
                if line.startswith('SPDX-'):
                    continue
                key, colon, value = line.strip().partition(': ')
                if not colon or key not in KEYS:
                    raise Failure(f'{name}: not a key: {line.strip()}')
                self.values.setdefault(key, []).append(value)
        self.edits = {key: [Edit(text) for text in self.all(key)]
                      for key in ('Edit', 'Repair', 'Both')}

    def all(self, key):
        return self.values.get(key, [])

    def one(self, key):
        return self.all(key)[0] if self.all(key) else ''

    def runs(self):
        """Pairs of a key and its value: what is run, in this order."""
        return [(key, value) for key in ('Fault', 'Control', 'Absent')
                for value in self.all(key)]

    def files(self):
        """The files of the tree that are copied, edited or not."""
        return sorted({e.file for edits in self.edits.values() for e in edits} |
                      set(self.one('Files').split()))


def pieces():
    return [Piece(name) for name in sorted(os.listdir(PIECES))
            if re.fullmatch(r'M\d\d-[a-z0-9-]+', name)]


def print_page():
    """docs/museum.md"""
    print(HEAD, end='')
    for piece in pieces():
        kinds = sorted({value.partition(': ')[2] for value in piece.all('Fault')})
        title = f'{piece.name[:3]} {piece.one("Title")}'
        anchor = re.sub('[^a-z0-9 -]', '', title.lower()).replace(' ', '-')
        print(f'| [{title}](#{anchor}) | {", ".join(kinds)} | '
              f'{piece.one("Trees").replace(" ", ", ")} |')
    for piece in pieces():
        if not piece.all('Hits'):
            raise Failure(f'{piece.name} has no Hits')
        # A number begins a step of a list, which needs an empty line after it.
        text = re.sub(r'(?m)^(\d\. .*\n(?:   .*\n)*)(?=[^\d ])', r'\1\n',
                      piece.description)
        print(f'\n## {piece.name[:3]} {piece.one("Title")}\n\n{text}')
        print(f'- It hits {piece.one("Hits")}.')
        print(f'- Upstream: {piece.one("Since")}' +
              (f' ({piece.one("Source")})' if piece.all('Source') else ''))
        print(f'- Trees: {piece.one("Trees").replace(" ", ", ")}')
        print('- It is found as: ' + '; '.join(
            '`{}`, {}'.format(*value.split(': ')) for value in piece.all('Fault')))
        print(f'- `tests/explore/museum.py run TREE {piece.name[:3]} --build '
              'build-museum`')


def run(command, **options):
    """The output of a command, which has to succeed."""
    result = subprocess.run(command, text=True, errors='replace',
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            check=False, **options)
    if result.returncode:
        raise Failure(f'{" ".join(command[:3])} ...: exit code '
                      f'{result.returncode}\n{result.stdout}')
    return result.stdout


def version_of(tree):
    with open(os.path.join(tree, 'Makefile'), encoding='utf-8') as file:
        text = file.read(400)
    return '.'.join(re.search(rf'^{key} = (\d+)', text, re.M)[1]
                    for key in ('VERSION', 'PATCHLEVEL'))


class Build:
    """A build directory with the kernel's core."""
    def __init__(self, directory, tree):
        self.directory, self.tree = os.path.abspath(directory), tree
        self.ninja = shutil.which('ninja') or shutil.which('ninja-build')
        if not os.path.exists(os.path.join(directory, 'build.ninja')):
            run(['meson', 'setup', self.directory, ROOT, '-Dcore=kernel',
                 '-Dkernel_tree=' + tree, '-Dbench=false'])
        # The commands of a changed meson.build are other ones.
        run([self.ninja, '-C', self.directory, 'build.ninja'])
        with open(os.path.join(directory, 'compile_commands.json'),
                  encoding='utf-8') as file:
            self.compiles = {e['output']: e for e in json.load(file)}
        targets = run([self.ninja, '-C', self.directory, '-t', 'targets',
                       'all'])
        program = next((p for p in PROGRAMS if f'\n{p}: ' in targets), None)
        if not program:
            raise Failure(f'{directory} has no explorer')
        output = run([self.ninja, '-C', self.directory, '-t', 'commands',
                      program])
        self.link = shlex.split(output.strip().split('\n')[-1])
        self.objects = [arg for arg in self.link if arg.endswith('.o')]
        scenarios = [o for o in self.objects if o.startswith(program + '.p/')]
        self.link = [arg for arg in self.link if arg not in scenarios]
        self.scenario = next(self.compiles[o] for o in scenarios
                             if self.compiles[o]['file'].endswith('/fence.c'))
        self.core = self.compiles[self.object('drivers/dma-buf/dma-fence.c')]
        engine = next(arg for arg in self.link if arg.endswith('.so'))
        self.libraries = os.path.join(self.directory, os.path.dirname(engine))
        run([self.ninja, '-C', self.directory, engine] +
            [o for o in self.objects if o not in scenarios])

    def object(self, file):
        """The object of a file of the tree, or None."""
        path = os.path.join(self.tree, file)
        found = [o for o in self.objects
                 if os.path.join(self.directory,
                                 self.compiles[o]['file']) == path]
        if not found and file == 'drivers/dma-buf/dma-fence.c':
            raise Failure(f'{self.directory} is not a build of {self.tree}')
        return found[0] if found else None

    def compile(self, like, source, output, includes):
        """Compile a source with the command of another one."""
        command = shlex.split(like['command'])
        for option in ('-MQ', '-MF'):
            i = command.index(option)
            del command[i:i + 2]
        command.remove('-MD')
        command[command.index(like['file'])] = source
        command[command.index('-o') + 1] = output
        first = next(i for i, arg in enumerate(command)
                     if arg.startswith('-I'))
        command[first:first] = ['-I' + path for path in includes]
        command += ['-fdiagnostics-color=never', '-fmax-errors=3']
        run(command, cwd=self.directory)


class Variant:
    """A program with the scenario of a piece, and some of its edits."""
    def __init__(self, build, piece, edits, work, patience):
        self.build, self.piece = build, piece
        self.edits, self.work, self.patience = edits, work, patience
        self.link = list(build.link)
        self.program = os.path.join(work, 'explore')

    def edited(self, file):
        path = os.path.join(self.build.tree, file)
        if not os.path.exists(path):
            raise Failure(f'the tree has no {file}')
        with open(path, encoding='utf-8') as source:
            text = source.read()
        for edit in self.edits:
            if edit.file != file:
                continue
            try:
                text = cedit.apply(text, edit.function, edit.operation)
            except cedit.EditError as error:
                raise Failure(f'does not apply: {edit.operation}\n{file}: '
                              f'{error}') from error
        return text

    def write(self, name, text):
        path = os.path.join(self.work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def copy(self, file):
        """Put the edited copy of a file where the scenario finds it."""
        text = self.edited(file)
        path = self.write(file, text)
        wrapper = os.path.join(self.build.directory, 'lib/tree', file)
        object_ = self.build.object(file)
        if object_:
            output = os.path.join(self.work, os.path.basename(file) + '.o')
            self.build.compile(self.build.compiles[object_], path, output,
                               self.includes())
            self.link[self.link.index(object_)] = output
        elif os.path.exists(wrapper):
            # A header of ours that includes the tree's by its path.
            with open(wrapper, encoding='utf-8') as header:
                text = header.read()
            original = os.path.join(self.build.tree, file)
            if original not in text:
                raise Failure(f'{wrapper} does not include {original}')
            self.write('wrapper' + file[len('include'):],
                       text.replace(original, path))

    def includes(self):
        directories = [os.path.join(self.work, 'wrapper'),
                       os.path.join(self.work, 'include'),
                       os.path.join(self.work, 'include/uapi')]
        for file in self.piece.files():
            directory = os.path.dirname(file)
            if file.endswith('.c'):
                directories.append(os.path.join(self.work, directory))
                directories.append(os.path.join(self.build.tree, directory))
        return directories

    def make(self):
        for file in self.piece.files():
            self.copy(file)
        output = os.path.join(self.work, 'scenario.o')
        like = (self.build.core if self.piece.one('Compile') == 'tree'
                else self.build.scenario)
        self.build.compile(like, self.piece.path + '.c', output,
                           self.includes())
        i = self.link.index('-o')
        self.link[i + 1:i + 2] = [self.program, output]
        run(self.link, cwd=self.build.directory)

    def explore(self, *args, **environment):
        """Run the explorer. Returns its output."""
        environment = dict(os.environ, **environment)
        environment['LD_LIBRARY_PATH'] = self.build.libraries
        # The explorer ends, even if this program is killed.
        result = subprocess.run(
            ['timeout', '-s', 'KILL', str(self.patience), self.program,
             *self.piece.one('Options').split(), *args],
            text=True, errors='replace', stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, env=environment,
            cwd=self.work)
        if result.returncode == -9:
            raise Failure(f'no end after {self.patience} s: {" ".join(args)}')
        return result.stdout

    def search(self, scenario, args):
        """Returns the result, and the same in words."""
        output = self.explore('--json', '--seconds', str(args.seconds),
                              scenario)
        try:
            result = json.loads(output)
        except ValueError as error:
            raise Failure(output) from error
        failure = result.get('failure')
        return result, '' if not failure else (
            f'{failure["kind"]}, --replay {failure["replay"]}: '
            f'{failure["text"]}\n{failure.get("schedule", "")}\n' +
            '\n'.join(failure.get('stack', [])))


def find_fault(variant, value, args):
    """The fault is found, and its replay is the same each time."""
    scenario, _, kind = value.partition(': ')
    result, text = variant.search(scenario, args)
    failure = result.get('failure')
    if not failure:
        raise Failure(f'no failure: {result["verdict"]}')
    if failure['kind'] != kind:
        raise Failure(f'not "{kind}"\n{text}')
    # The size of the environment moves the stack of the host.
    replays = {variant.explore('--replay', failure['replay'], scenario,
                               PADDING='x' * (37 * i))
               for i in range(args.repeat)}
    if len(replays) > 1:
        raise Failure(f'the replays of {failure["replay"]} differ\n' +
                      '\n'.join(replays))
    for replay in replays:
        if not replay.startswith(f'{scenario}: {kind}'):
            raise Failure(f'the replay of {failure["replay"]} is another run\n'
                          f'{replay}')
        if args.trace:
            print(re.sub('^', '# ', replay.rstrip(), flags=re.M))
    return (f'{kind}, after {result["executions"]} runs, '
            f'--replay {failure["replay"]}')


def be_clean(variant, value, args):
    """There is no failure in all interleavings, or within the bound."""
    scenario, _, expected = value.partition(': ')
    result, text = variant.search(scenario, args)
    if 'failure' in result:
        raise Failure(text)
    reached = result['verdict']
    bound = re.search(r'at most (\d+) preemption', reached)
    wanted = re.fullmatch(r'bound (\d+)', expected)
    if expected != 'samples' and (
            not reached.startswith(('all ', 'the only ')) or
            (bound and not (wanted and int(bound[1]) >= int(wanted[1])))):
        raise Failure(f'only {reached}')
    return reached


def show(piece, key, value, build, args):
    """Make and run the program of one line of a piece."""
    edits = piece.edits['Both'] + piece.edits[
        'Repair' if key == 'Control' else 'Edit']
    work = os.path.join(args.work, f'{piece.name}-{key}')
    variant = Variant(build, piece, edits, work, 2 * args.seconds + 20)
    if not os.path.exists(variant.program):
        os.makedirs(work, exist_ok=True)
        variant.make()
    return (find_fault if key == 'Fault' else be_clean)(variant, value, args)


def run_pieces(args):
    chosen = [p for p in pieces() if not args.pieces or
              any(p.name == n or p.name[:3] == n for n in args.pieces)]
    if not chosen:
        sys.exit('no such piece; see "museum.py list"')
    tree = os.path.abspath(args.tree)
    version = version_of(tree)
    try:
        build = Build(args.build, tree)
    except Failure as error:
        sys.exit(f'museum: {error}')
    print(f'1..{sum(len(p.runs()) or 1 for p in chosen)}')
    number, failed = 0, 0
    for piece in chosen:
        for key, value in piece.runs() or [('Fault', '')]:
            number += 1
            what = f'{piece.name} {key.lower()} {value.partition(":")[0]}'
            if piece.all('Needs'):
                print(f'ok {number} - {piece.name} # SKIP needs '
                      f'{piece.one("Needs")}')
                continue
            if not args.anyway and version not in piece.one('Trees').split():
                print(f'ok {number} - {what} # SKIP not for {version}')
                continue
            try:
                print(f'ok {number} - {what}: '
                      f'{show(piece, key, value, build, args)}', flush=True)
            except Failure as error:
                failed += 1
                print(f'not ok {number} - {what}')
                lines = str(error).rstrip().split('\n')
                if len(lines) > MAX_LINES:
                    lines[MAX_LINES // 2:-MAX_LINES // 2] = ['...']
                print('\n'.join('# ' + line for line in lines), flush=True)
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('list')
    commands.add_parser('page')
    runner = commands.add_parser('run')
    runner.add_argument('tree')
    runner.add_argument('pieces', nargs='*', metavar='PIECE')
    runner.add_argument('--build', required=True, metavar='DIR')
    runner.add_argument('--work', metavar='DIR',
                        help='keep the copies and programs in a new DIR')
    runner.add_argument('--seconds', type=float, default=20,
                        help='for each scenario (20)')
    runner.add_argument('--repeat', type=int, default=3,
                        help='replays of each fault that are compared (3)')
    runner.add_argument('--anyway', action='store_true',
                        help='also pieces that are not known to run with TREE')
    runner.add_argument('--trace', action='store_true',
                        help='print the trace of each fault')
    args = parser.parse_args()
    if args.command == 'list':
        for piece in pieces():
            print(f'{piece.name:32} {piece.one("Title")}' +
                  (f' [needs {piece.one("Needs")}]' if piece.one('Needs')
                   else ''))
        return 0
    if args.command == 'page':
        print_page()
        return 0
    if args.work:
        os.makedirs(args.work)
        args.work = os.path.abspath(args.work)
        return run_pieces(args)
    # The directory is removed when all.py stops this.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix='museum-') as args.work:
        return run_pieces(args)


if __name__ == '__main__':
    sys.exit(main())
