#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""explore.py BUILD [FILE.c...] [ARGUMENT...]: build the explorer and run it.

BUILD is a configured build directory. The explorer gets the arguments. With files, it
has the scenarios of these files instead of its own: they are compiled like those in
tests/explore/scenarios/, and linked with the same objects. With --all, all.py runs it, and
with --gdb a debugger.
With the core of a kernel tree, the explorer gets the list of upstream's races, unless
there is --no-list: see upstream.py.
"""
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

import upstream

NINJA = shutil.which('ninja') or shutil.which('ninja-build')
EXAMPLE = 'scenarios_fence.c.o'
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
ALL = os.path.join(HERE, 'all.py')


def fail(text):
    """With the explorer's exit code for wrong arguments."""
    print('explore: ' + text, file=sys.stderr)
    sys.exit(3)


def ninja(build, *args):
    """Run ninja. Its output is shown only if it fails."""
    done = subprocess.run([NINJA, '-C', build, *args], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.stderr.write(done.stdout)
        fail('the build has failed')
    return done.stdout


def program_of(build):
    """The program with fibers, if this machine has them."""
    with open(os.path.join(build, 'meson-info', 'intro-targets.json'),
              encoding='utf-8') as file:
        names = {t['name'] for t in json.load(file)}
    for name in ('explore-fibers', 'explore-threads'):
        if name in names:
            return 'tests/explore/' + name
    return fail(f'{build} has no explorer: it needs tests, 64-bit addresses and '
                'no sanitizer')


def without_colour(command):
    """Only a terminal gets colours: Meson asks for them always."""
    if sys.stderr.isatty():
        return command
    return [arg for arg in command
            if arg not in ('-fdiagnostics-color=always', '-fcolor-diagnostics')]


def compile_file(build, program, source, obj):
    """Compile a scenario like one of ours, as @obj."""
    with open(os.path.join(build, 'compile_commands.json'),
              encoding='utf-8') as file:
        entry = next(e for e in json.load(file)
                     if e['output'] == f'{program}.p/{EXAMPLE}')
    command = shlex.split(entry['command'])
    command[command.index(entry['file'])] = source
    command[command.index('-o') + 1] = obj
    for option in ('-MF', '-MQ'):
        if option in command:
            command[command.index(option) + 1] = obj + '.d'
    command.insert(1 if 'ccache' not in command[0] else 2,
                   '-I' + os.path.dirname(source))
    if subprocess.run(without_colour(command), cwd=build, check=False).returncode:
        fail(f'{source} does not compile')


def link(build, program, objects, path):
    """Link @objects instead of our scenarios, as @path."""
    last = ninja(build, '-t', 'commands', program).strip().split('\n')[-1]
    command = [arg for arg in shlex.split(last)
               if f'{program}.p/scenarios_' not in arg]
    at = command.index('-o') + 1
    command[at] = path
    command[at + 1:at + 1] = objects + [
        '-Wl,-rpath,' + os.path.join(build, 'tests', 'explore')]
    if subprocess.run(without_colour(command), cwd=build, check=False).returncode:
        fail('the files do not link')


def build_own(build, program, files, where=None):
    """The program with the scenarios of @files. Others may build it, too, as shards."""
    name = hashlib.sha256('\0'.join(files).encode()).hexdigest()[:12]
    out = os.path.join(where or os.path.join(build, 'tests', 'explore'),
                       'own-' + name)
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, os.path.basename(program))
    with tempfile.TemporaryDirectory(dir=out) as work:
        objects = []
        # Two files of different directories may have one name.
        for number, file in enumerate(files):
            objects.append(os.path.join(work, f'{number}.o'))
            compile_file(build, program, file, objects[-1])
        whole = os.path.join(work, 'program')
        link(build, program, objects, whole)
        os.replace(whole, path)
    return path


def debug(path, args):
    """Run it in a debugger."""
    gdb = shutil.which('gdb')
    if not gdb:
        fail('--gdb needs gdb')
    os.execv(gdb, [gdb, '--args', path] + args)


def find_file(name):
    """Files are named from the directory of the caller, or from that of the project."""
    for directory in ('', TOP):
        path = os.path.abspath(os.path.join(directory, name))
        if os.path.isfile(path):
            return path
        if os.path.exists(path):
            fail(f'{name} is not a file')
    return fail(f'{name} does not exist')


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = os.path.abspath(sys.argv[1])
    files = [find_file(a) for a in sys.argv[2:] if a.endswith('.c')]
    args = [a for a in sys.argv[2:] if not a.endswith('.c')]
    program = program_of(build)
    ninja(build, program)
    path = os.path.join(build, program)
    if files:
        path = build_own(build, program, files)
    tree = upstream.tree_of(build)
    listed = [] if '--no-list' in args or not tree else upstream.options(tree)
    args = listed + [a for a in args if a != '--no-list']
    if '--all' in args:
        args.remove('--all')
        os.execv(sys.executable, [sys.executable, ALL, path, '--build', build] + args)
    if '--gdb' in args:
        args.remove('--gdb')
        debug(path, args)
    os.execv(path, ['explore'] + args)


if __name__ == '__main__':
    main()
