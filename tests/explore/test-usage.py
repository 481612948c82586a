#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""test-usage.py EXPLORE: what the explorer does with its command line, and how it shows a failure.

Prints TAP.
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from tap import Wrong, run_checks

import explore

PROGRAM = os.path.abspath(sys.argv[1])
BUILD = os.path.dirname(os.path.dirname(os.path.dirname(PROGRAM)))


def run(*args, program=PROGRAM):
    return subprocess.run([program, *args], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def refused(words, *args, program=PROGRAM):
    """Exit code 3, and a message with these words."""
    done = run(*args, program=program)
    if done.returncode != 3 or not all(word in done.stdout for word in words):
        raise Wrong(f'{args}: exit code {done.returncode}\n{done.stdout}')


def contains(text, *args):
    out = run(*args).stdout
    if text not in out:
        raise Wrong(f'{args}: no "{text}" in\n{out}')


def wrong_numbers():
    for option, value in (('seconds', 'abc'), ('seconds', '-1'), ('seconds', '1s'),
                          ('seconds', 'nan'), ('bound', 'x'), ('bound', '-1'),
                          ('seed', 'zz'), ('runs', '3x'), ('stale', ''),
                          ('steps', '99999999999'), ('times', '-2'),
                          ('learn', '1.5'), ('programs', 'many')):
        refused(['--' + option, value, 'not a number'], '--' + option, value,
                'fixed-two-steps')


def wrong_schedules():
    for schedule in ('x', '6s', '6s2,', '6q2', ''):
        refused([f'--replay {schedule}: not a schedule'], '--replay', schedule,
                'fixed-two-steps')
    # Steps that the run does not come to.
    for schedule in ('99s2', '1s2,99s1', '9c1'):
        refused([f'--replay {schedule}', 'has ended before'], '--replay', schedule,
                'fixed-two-steps')
    refused(['name of one scenario'], '--replay', '6s2')
    refused(['name of one scenario'], '--replay', '6s2', 'fault-two-steps',
            'fixed-two-steps')


def a_bound_is_enough():
    contains('with at most 1 preemption', '--bound', '1', 'fixed-two-steps')


def the_call_rcu_is_shown():
    contains('called call_rcu() for it:\n    replace_freely()', '--replay', '1s2',
             'fault-kfree-rcu')
    found = json.loads(run('--json', 'fault-kfree-rcu').stdout)['failure']['object']
    if 'replace_freely()' not in found['call_rcu'][0]:
        raise Wrong(str(found))
    with tempfile.NamedTemporaryFile(suffix='.html') as page:
        run('--html', page.name, 'fault-kfree-rcu')
        text = page.read().decode()
    if '</b> called call_rcu() for it<pre>replace_freely()' not in text:
        raise Wrong(text)


def files_without_scenario():
    """A scenario needs a name and threads. Its description may be missing."""
    whole = ('#include <explore.h>\nstatic void fn(void) {}\n'
             'LFX_SCENARIO(s) = { %s };\n')
    fields = {'name': '.name = "s"', 'threads': '.threads = { { "one", fn } }'}
    texts = {'there is no scenario': 'int unused;\n'}
    for left_out in fields:
        texts['has no .' + left_out] = whole % ', '.join(
            text for field, text in fields.items() if field != left_out)
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        for number, (words, text) in enumerate(texts.items()):
            path = os.path.join(directory, f'{number}.c')
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text.replace('static void fn', '__attribute__((unused)) static void fn'))
            program = explore.build_own(BUILD, explore.program_of(BUILD), [path],
                                        directory)
            refused([words], program=program)
        path = os.path.join(directory, 'fails.c')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('#include <explore.h>\nstatic void fn(void) { lfx_assert(0); }\n' +
                       'LFX_SCENARIO(s) = { %s };\n' % ', '.join(fields.values()))
        program = explore.build_own(BUILD, explore.program_of(BUILD), [path], directory)
        if run('--list', program=program).stdout.strip() != 's':
            raise Wrong('--list with a scenario without a description')
        page = os.path.join(directory, 'page.html')
        done = run('--html', page, program=program)
        if done.returncode != 1 or not os.path.exists(page):
            raise Wrong(f'--html: exit code {done.returncode}\n{done.stdout}')


def files_of_the_caller():
    command = os.path.join(explore.TOP, 'tests', 'explore', 'explore.py')
    with tempfile.TemporaryDirectory(prefix='usage-') as directory:
        done = subprocess.run([command, BUILD, 'missing.c'], text=True, check=False, cwd=directory,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 3 or 'missing.c does not exist' not in done.stdout:
            raise Wrong(f'exit code {done.returncode}\n{done.stdout}')
        done = subprocess.run([command, BUILD, '--html', 'page.html', 'fault-no-lock'], text=True,
                              check=False, cwd=directory, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if not os.path.exists(os.path.join(directory, 'page.html')):
            raise Wrong(f'--html: exit code {done.returncode}\n{done.stdout}')


def main():
    return run_checks([wrong_numbers, wrong_schedules, a_bound_is_enough,
                       the_call_rcu_is_shown, files_without_scenario,
                       files_of_the_caller])


if __name__ == '__main__':
    sys.exit(main())
