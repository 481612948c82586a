#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""test-usage.py EXPLORE: what the explorer does with its command line, and how it shows a failure.

Prints TAP.
"""
import json
import os
import re
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
    for schedule in ('x', '6s', '6s2,', '6q2', '', '6s2/', '6s2+', '6s2+8', '6s2+8x0', '6s2+8x9999',
                     '6s2+8x2x2', '/6s2', '6s2/9s1+8x4000'):
        refused([f'--replay {schedule}: not a schedule'], '--replay', schedule,
                'fixed-two-steps')
    # Steps that the run does not come to.
    for schedule in ('99s2', '1s2,99s1', '9c1'):
        refused([f'--replay {schedule}', 'has ended before'], '--replay', schedule,
                'fixed-two-steps')
    # Threads and choices that are not there.
    for schedule, words in (('0s7', 'thread 7 cannot run at step 0'),
                            ('0s99', 'thread 99 cannot run at step 0')):
        refused([words], '--replay', schedule, 'fixed-two-steps')
    refused(['1c9 is not possible'], '--replay', '1c9', 'order-choice')
    refused(['name of one scenario'], '--replay', '6s2')
    refused(['name of one scenario'], '--replay', '6s2', 'fault-two-steps',
            'fixed-two-steps')


def own_program(directory, name, text):
    """A program with the scenarios of this text."""
    path = os.path.join(directory, name + '.c')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return explore.build_own(BUILD, explore.program_of(BUILD), [path], directory)


# In a thread of the scenario itself, such a loop waits for a write.
POLLER = '''#include <explore.h>
#include <linux/kthread.h>
#include <linux/sched.h>
static int flag;
static struct task_struct *poller;
static int poll(void *unused)
{
	while (!READ_ONCE(flag))
		schedule_timeout_uninterruptible(1);
	return 0;
}
static void set(void)
{
	poller = kthread_run(poll, NULL, "poller");
	get_task_struct(poller);
	WRITE_ONCE(flag, 1);
}
static void stop(void)
{
	kthread_stop(poller);
	put_task_struct(poller);
}
LFX_SCENARIO(s) = { .name = "s", .threads = { { "setter", set } }, .check = stop };
'''


def in_a_loop(check):
    """Call it with a function that runs the scenario above: it never ends."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        program = own_program(directory, 'poller', POLLER)
        check(lambda *args: run('--steps', '2000', *args, program=program).stdout)


def a_loop_has_a_short_schedule():
    """And it is a schedule, with the same output each time, as that with all its steps."""
    in_a_loop(compare_schedules)


def compare_schedules(loop):
    first = loop()
    short = re.search(r'livelock, after .* --replay (.*)$', first, re.M)
    if not short or len(short[1]) > 80 or '+' not in short[1]:
        raise Wrong(first[:500])
    long = []
    for item in short[1].split(','):
        part, _, more = item.partition('+')
        period, times = more.split('x') if more else (0, 1)
        long += [f'{int(step) + n * int(period)}{rest}' for n in range(int(times))
                 for step, rest in re.findall(r'(\d+)(\w+)', part)]
    if len(long) < 100:
        raise Wrong(short[1])
    outputs = {loop('--replay', schedule) for schedule in (short[1], short[1], ','.join(long))}
    if len(outputs) != 1 or not outputs.pop().startswith('s: livelock'):
        raise Wrong(str(outputs)[:2000])
    # A part of two decisions, after some that are not repeated.
    first, second, third = [int(re.match('[0-9]+', item)[0]) for item in long[-6:-3]]
    outputs = {loop('--replay', ','.join(long[:-6] + [end])) for end in (
        ','.join(long[-6:]), f'{long[-6]}/{long[-5]}+{third - first}x3')}
    if len(outputs) != 1 or second - first != third - second:
        raise Wrong('\n'.join(outputs)[:2000])


LOGGER = '''#include <explore.h>
#include <linux/printk.h>
static int flag;
static void talk(void)
{
	pr_warn("hello %d\\n", 5);
	WRITE_ONCE(flag, 1);
	pr_info("a message that is longer than a line of a trace: its end is in another line\\n");
}
static void look(void)
{
	lfx_assert(!READ_ONCE(flag) || LOOKS);
}
LFX_SCENARIO(s) = { .name = "s", .threads = { { "talker", talk }, { "looker", look } } };
'''


def messages_are_lines_of_the_trace():
    """And the runs of the search print none."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        good = own_program(directory, 'good', LOGGER.replace('LOOKS', '1'))
        out = run(program=good).stdout
        if out.count('\n') != 1 or 's: all' not in out:
            raise Wrong(out)
        bad = own_program(directory, 'bad', LOGGER.replace('LOOKS', '0'))
        for args in (), ('--replay', '-'):
            out = run(*args, program=bad).stdout
            lines = re.findall('-- log: (.*)', out)
            if len(lines) != 3 or not lines[0].startswith('hello 5 ') or not lines[2].split()[0] == 'line':
                raise Wrong(out)


UNION = '''#include <explore.h>
#include <linux/list.h>
static struct shared {
	int before;
	union {
		struct list_head list;
		struct { long count; };
		long when;
	};
} shared;
static void a(void)
{
	WRITE_ONCE(shared.when, 3);
	WRITE_ONCE(shared.count, 4);
	INIT_LIST_HEAD(&shared.list);
}
static void b(void)
{
	shared.when = 5;
}
LFX_SCENARIO(s) = { .name = "s", .threads = { { "a", a }, { "b", b } } };
'''


def members_of_unions_have_the_name_of_the_line():
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        out = run('--replay', '-', program=own_program(directory, 'union', UNION)).stdout
        for words in ('stores shared.when = 3', 'stores shared.count = 4',
                      'stores shared.list.next = &shared', 'writes shared.when',
                      'plain write of shared.when by b'):
            if words not in out:
                raise Wrong(f'no "{words}" in\n{out}')


def words_of_a_trace():
    out = run('--replay', '1s2', 'rcu-synchronize').stdout
    for words in ('begins a read-side section', 'leaves the read-side section',
                  'grace period is over for synchronize_rcu()', '(The other steps access memory'):
        if words not in out:
            raise Wrong(f'no "{words}" in\n{out}')
    # No step is left out.
    out = run('--replay', '-', 'fault-no-lock').stdout
    if 'reads count' not in out or '(The other steps' in out:
        raise Wrong(out)


TRACES = '''#include <explore.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
struct job {
	bool done;
	int result;
	struct rcu_head rcu;
};
static struct job *job;
static spinlock_t lock;
static int nr_jobs;
static struct completion never;
static struct timer_list timer;
static void setup(void)
{
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	spin_lock_init(&lock);
	init_completion(&never);
}
static void use(void)
{
	WRITE_ONCE(job->result, 1);
}
static void drop(void)
{
	kfree_rcu(job, rcu);
}
static void add(void)
{
	spin_lock(&lock);
	WRITE_ONCE(nr_jobs, 1);
	spin_unlock(&lock);
}
static void handle(void)
{
	spin_lock(&lock);
	WRITE_ONCE(nr_jobs, 2);
	spin_unlock(&lock);
}
static void choose(void)
{
	kfree(kzalloc(1, GFP_KERNEL));
	set_current_state(TASK_INTERRUPTIBLE);
	if (!signal_pending(current))
		schedule_timeout(1);
	__set_current_state(TASK_RUNNING);
	wait_for_completion_timeout(&never, 5);
	lfx_choose(3);
}
static void expired(struct timer_list *unused)
{
	WRITE_ONCE(nr_jobs, 3);
}
static void watch(void)
{
	timer_setup(&timer, expired, 0);
	mod_timer(&timer, jiffies + 5);
	wait_for_completion_timeout(&never, 10);
	lfx_assert(READ_ONCE(nr_jobs) != 3);
}
static void clean(void)
{
	kfree(job);
}
LFX_SCENARIO(a) = { .name = "freed", .setup = setup, .threads = { { "use", use }, { "drop", drop } } };
LFX_SCENARIO(b) = { .name = "handler", .setup = setup, .check = clean,
	.threads = { { "add", add }, { "irq", handle, LFX_ANY } } };
LFX_SCENARIO(c) = { .name = "choices", .setup = setup, .check = clean, .failing_allocations = 1, .signals = 1,
	.threads = { { "choose", choose } } };
LFX_SCENARIO(d) = { .name = "watched", .setup = setup, .check = clean, .threads = { { "watch", watch } } };
'''


def handler_and_lock(has, program):
    """@has runs the program and looks for words."""
    found = run('handler', program=program).stdout
    # With the checks, lockdep reports the fault without an interrupt.
    if re.match('handler: warning', found):
        return
    deadlock = re.match('handler: deadlock, .* --replay ([0-9]+s2),1c1\n', found)
    if not deadlock:
        raise Wrong(found)
    # The handler waits in its first turn.
    has(['--replay', deadlock[1], 'handler'], 'waits for lock +handle',
        'then irq runs until it waits for spinlock lock; then add goes on')
    # It cannot wait for the thread that it interrupts.
    replay = ['--replay', deadlock[1] + ',1c1', 'handler']
    has(replay, 'self-deadlock', 'locks lock .* add', 'waits for lock +handle',
        'then irq runs until it waits for spinlock lock; then no thread',
        r'add is interrupted:\n(.*\n)* *add\(\) traces.c', r'irq waits:\n(.*\n)* *handle\(\) traces.c',
        but=['add waits'])
    failure = json.loads(run('--json', *replay, program=program).stdout)['failure']
    if list(failure['waiting']) != ['irq'] or list(failure['interrupted']) != ['add']:
        raise Wrong(str(failure))


def traces_of_turns_and_choices():
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        program = own_program(directory, 'traces', TRACES)

        def has(args, *words, but=()):
            out = run(*args, program=program).stdout
            for word in words:
                if not re.search(word, out):
                    raise Wrong(f'{args}: no "{word}" in\n{out}')
            for word in but:
                if re.search(word, out):
                    raise Wrong(f'{args}: "{word}" in\n{out}')

        # RCU frees in the turn of the thread that has called kfree_rcu().
        has(['--replay', '-', 'freed'], 'free of job by rcu in .*, and marked write of job->result by use',
            r'\n *[1-9][0-9]* \* +frees job',
            'use runs to its end; then drop runs until it has called call_rcu.. for job in drop.*;'
            ' then rcu runs and frees job', but=['job->done'])
        handler_and_lock(has, program)
        # The choices of the explorer.
        has(['--replay', '1c1,2c1,3c2', 'choices'], 'the allocation fails +choose', 'a signal comes +choose',
            'times out on', r'lfx_choose\(3\) returns 2 +choose')
        # The timer's thread has steps of its own, and calls a function of the scenario.
        has(['--replay', '-', 'watched'], 'stores nr_jobs = 3', '--shim-steps', but=['reads timer_heap'])
        has(['--replay', '-', '--shim-steps', 'watched'], 'stores nr_jobs = 3', 'reads timer_heap',
            but=['--shim-steps'])


def the_help_has_all_options():
    """Those of the program, and those that the page names for ./run explore."""
    text = run('--help').stdout
    source = os.path.join(explore.HERE, 'engine', 'main.c')
    with open(source, encoding='utf-8') as file:
        options = set(re.findall(r'^\t\t{ "([a-z-]+)", (?:no|required)_argument', file.read(), re.M))
    options -= {'help'}
    with open(os.path.join(explore.TOP, 'docs', 'explore.md'), encoding='utf-8') as file:
        named = set(re.findall(r'\./run explore[^\n`]* --([a-z-]+)|`--([a-z-]+)', file.read()))
    # Options of other programs.
    options |= {a or b for a, b in named} - {'setup', 'suite', 'repeat', 'build', 'help'}
    missing = [o for o in sorted(options) if not re.search(rf'--{o}\b(?!-)', text)]
    if missing or len(options) < 20:
        raise Wrong(f'{missing} of {sorted(options)}')


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
            program = own_program(directory, str(number), text.replace(
                'static void fn', '__attribute__((unused)) static void fn'))
            refused([words], program=program)
        # A function and a scenario may have one name.
        program = own_program(
            directory, 'names', '#include <explore.h>\nstatic void put(void) {}\n'
            'LFX_SCENARIO(put) = { .name = "put", .threads = { { "one", put } } };\n')
        if run(program=program).returncode:
            raise Wrong('a function with the name of a scenario')
        program = own_program(
            directory, 'fails', '#include <explore.h>\nstatic void fn(void) { lfx_assert(0); }\n' +
            'LFX_SCENARIO(s) = { %s };\n' % ', '.join(fields.values()))
        if run('--list', program=program).stdout.strip() != 's':
            raise Wrong('--list with a scenario without a description')
        page = os.path.join(directory, 'page.html')
        done = run('--html', page, program=program)
        if done.returncode != 1 or not os.path.exists(page):
            raise Wrong(f'--html: exit code {done.returncode}\n{done.stdout}')


def scenarios_with_mistakes():
    """Otherwise the search would say "all" of something else."""
    seven = ', '.join('{ "t%d", fn }' % i for i in range(7))
    one = '.threads = { { "a", fn } }, '
    cases = {
        'has more than 6 threads': '.threads = { %s }' % seven,
        'has no function for thread 2': '.threads = { { "a", fn }, { "b" }, { "c", fn } }',
        'has no function for thread 1': '.threads = { { "a" }, { "b", fn } }',
        'has no name for thread 2': '.threads = { { "a", fn }, { NULL, fn } }',
        'has two threads with the name a': '.threads = { { "a", fn }, { "a", fn } }',
        'has LFX_ON(3), and no thread 3': '.threads = { { "a", fn }, { "i", fn, LFX_ON(3) } }',
        'has LFX_ON(9), and no thread 9': '.threads = { { "a", fn }, { "i", fn, LFX_ON(1) | LFX_ON(9) } }',
        'and thread 2 is an interrupt itself': '.threads = { { "a", fn }, { "i", fn, LFX_ON(2) } }',
        'has LFX_ON(4), and no thread 4': one + '.interrupts = LFX_ON(4)',
        None: one + '.interrupts = LFX_ANY',
    }
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        for number, (words, fields) in enumerate(cases.items()):
            program = own_program(
                directory, str(number), '#include <explore.h>\nstatic void fn(void) {}\n'
                'LFX_SCENARIO(s) = { .name = "s", %s };\n' % fields)
            if words:
                refused([words], program=program)
            elif run(program=program).returncode:
                raise Wrong(fields)


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


# Functions, and the scenarios below in the order of their names.
SEVERAL = '''#include <explore.h>
#include <linux/compiler.h>
static int x;
static void none(void) {}
static void add(void) { x++; }
static void set(void) { WRITE_ONCE(x, 1); }
LFX_SCENARIO(a) = { .name = "a", .threads = { { "t", none } } };
LFX_SCENARIO(b) = { .name = "b", .threads = { { "t", set }, { "u", set } } };
LFX_SCENARIO(c) = { .name = "c", .threads = { { "t", add }, { "u", add } }, .fails = "data race" };
LFX_SCENARIO(d) = { .name = "d", .threads = { { "t", add }, { "u", add } }, .fails = "data rcae" };
LFX_SCENARIO(e) = { .name = "e", .threads = { { "t", add }, { "u", add } }, .fails = "warning" };
LFX_SCENARIO(f) = { .name = "f", .threads = { { "t", set } }, .fails = "data rcae" };
'''


def pages_and_failures():
    """Scenarios come in the order of the file; --html says what it has written."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        program = own_program(directory, 'several', SEVERAL)
        names = [line.split()[0] for line in run('--list', program=program).stdout.splitlines()]
        if names != list('abcdef'):
            raise Wrong(f'the order is {names}')
        page = os.path.join(directory, 'page.html')
        for options in (), ('--json',), ('--tap',):
            out = run('--html', page, *options, 'a', 'b', program=program).stdout
            if os.path.exists(page) or f'{page} is not written: no failure was found\n' not in out:
                raise Wrong(out)
        for options in (), ('--json',), ('--tap',):
            out = run('--html', page, '--quiet', *options, 'c', 'e', program=program).stdout
            if not os.path.exists(page) or f'{page} is written: c, data race\n' not in out:
                raise Wrong(out)
            os.unlink(page)
        out = run('--html', page, '--replay', '-', 'b', program=program).stdout
        if f'{page} is written: b, no failure\n' not in out:
            raise Wrong(out)
        out = run('--html', page, 'a', program=program).stdout
        if 'no failure was found; the file that is there is older\n' not in out:
            raise Wrong(out)
        expected_and_found(program)


def expected_and_found(program):
    """Of an expected failure that has not come; and the numbers of one and of two."""
    with open(os.path.join(explore.TOP, 'docs', 'explore.md'), encoding='utf-8') as file:
        table = file.read().partition('| kind | meaning |')[2].partition('\n\n')[0]
    kinds = sorted(re.findall('`([a-z ]+)`', '\n'.join(
        line.split('|')[1] for line in table.splitlines() if line.startswith('| `'))))
    listed = f'; the kinds are {", ".join(kinds)}, and those of lfx_fail()'
    for name, words, others in (
            ('c', 'c: data race, ', 'expected'),
            ('d', f'  expected "data rcae", found "data race"{listed}\n', ' no failure'),
            ('e', '  expected "warning", found "data race"\n', 'the kinds are'),
            ('f', f'  expected "data rcae", found no failure{listed}\n', 'found "'),
            ('a', 'a: the only interleaving (', 'interleavings'),
            ('b', 'b: all 2 interleavings (', 'the only')):
        out = run('--quiet', name, program=program).stdout
        if words not in out or others in out:
            raise Wrong(f'no "{words}", or "{others}", in\n{out}')
    out = run('--strategy', 'pct', '--runs', '1', 'b', program=program).stdout
    if 'b: sampled 1 interleaving (' not in out:
        raise Wrong(out)


LARGE = '''#include <explore.h>
#include <linux/atomic.h>
static atomic_t x[3];
static void all(void)
{
	for (int i = 0; i < 12; i++)
		atomic_xchg(&x[i % 3], lfx_self());
}
LFX_SCENARIO(s) = { .name = "s", .threads = { { "a", all }, { "b", all }, { "c", all } } };
'''


def a_cut_search_says_so():
    """With a bound, or samples, after the time of the search for all was up."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        program = own_program(directory, 'large', LARGE)
        for seconds in '0.2', '3':
            out = run('--seconds', seconds, program=program).stdout
            if not re.search(r'^s: (all [\d,]+ interleavings with at most \d preemptions?|sampled [\d,]+ interleavings) '
                             r'\(.*\); the search without a bound was cut after [\d,]+ runs? and [\d.]+ s, '
                             f'half of --seconds {seconds}$', out, re.M):
                raise Wrong(out)
        found = json.loads(run('--seconds', '0.2', '--json', program=program).stdout)
        if not found['unbounded']['runs'] or not found['unbounded']['seconds']:
            raise Wrong(str(found))
        # A bound that was asked for cuts nothing.
        out = run('--bound', '0', program=program).stdout
        if 'cut' in out or 's: all 6 interleavings with at most 0 preemptions' not in out:
            raise Wrong(out)


def operands_that_are_nothing():
    """Exit code 3, and a reason, before anything is built."""
    command = os.path.join(explore.TOP, 'run')
    with tempfile.TemporaryDirectory(prefix='usage-') as directory:
        os.mkdir(os.path.join(directory, 'empty'))
        os.mkdir(os.path.join(directory, 'made'))
        with open(os.path.join(directory, 'made', 'Makefile'), 'w', encoding='utf-8') as file:
            file.write('all:\n')
        for name in './', 'empty', 'made':
            done = subprocess.run([command, 'explore', name], text=True, check=False, cwd=directory,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 3 or done.stdout != f'run: {name} is not a kernel tree: it has no ' \
                    'Makefile with a VERSION\n':
                raise Wrong(f'{name}: exit code {done.returncode}\n{done.stdout}')
        file = os.path.join(directory, 'made', 'Makefile')
        for name, words in ((directory, 'the directory of a kernel tree has to be the first'),
                            (file, 'has to end with .c'), (directory + '/x', 'no such file or directory'),
                            ('', 'no scenario ""; see --list')):
            refused([words], 'fixed-two-steps', name)


def output_without_colours():
    """If it is not a terminal's."""
    command = os.path.join(explore.TOP, 'tests', 'explore', 'explore.py')
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        path = os.path.join(directory, 'wrong.c')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('int one = two;\n')
        for name, words in ((path, 'wrong.c:1:'), (directory + '/none.c', 'does not exist')):
            done = subprocess.run([command, BUILD, name], text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 3 or words not in done.stdout or '\x1b' in done.stdout:
                raise Wrong(f'exit code {done.returncode}\n{done.stdout!r}')


def paths(value, path=''):
    """The fields of a JSON value, with those above, as the page has them."""
    found = set()
    for item in value if isinstance(value, list) else [value]:
        for name in item if isinstance(item, dict) else ():
            key = 'THREAD' if path in ('failure.waiting', 'failure.interrupted') else name
            where = f'{path}.{key}'.lstrip('.')
            found |= {where} | paths(item[name], where)
    return found


def printed(*args):
    """The fields that these arguments print."""
    out = subprocess.run([PROGRAM, '--json', *args], text=True, check=False,
                         stdout=subprocess.PIPE).stdout
    return set().union(*(paths(json.loads(line)) for line in out.splitlines()))


def the_page_has_all_fields():
    """And no others; each is printed by one of these commands."""
    with open(os.path.join(explore.TOP, 'docs', 'explore.md'), encoding='utf-8') as file:
        section = file.read().partition('## The fields of JSON\n')[2].partition('\n## ')[0]
    own, _, merged = section.partition('./run explore merge --json')
    two = 'look_first set_it looked_at', 'look_again set_it looked_at'
    seen = set()
    for args in (('--classes', '--strategy', 'dpor', '--known-race', two[0], '--known-race', two[1],
                  'fault-two-places'),
                 ('--seconds', '0.02', 'chain-two-walkers'), ('--bound', '1', 'fixed-two-steps'),
                 ('fault-abba', 'fault-kfree-rcu', 'fault-freed-twice', 'fault-no-grace-period',
                  'interrupt-deadlock'),
                 ('--seconds', '1', '--programs', '20', 'model-lost-addition'),
                 ('--replay', '-', 'cond-load')):
        seen |= printed(*args)
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for i in 1, 2:
            files.append(os.path.join(directory, str(i)))
            with open(files[-1], 'w', encoding='utf-8') as file:
                file.write(run('--shard', f'{i}/2', '--classes', 'fault-two-steps').stdout)
            with open(files[-1], encoding='utf-8') as file:
                seen |= paths(json.load(file))
        done = subprocess.run([os.path.join(explore.HERE, 'merge.py'), '--json', *files], text=True,
                              check=False, stdout=subprocess.PIPE)
    for where, fields in ((own, seen), (merged, set(json.loads(done.stdout)))):
        named = set(re.findall(r'^\| `([\w.]+)` \|', where, re.M))
        if 'failure.waiting' not in seen:
            # With the checks, lockdep finds these deadlocks before they happen.
            named = {name for name in named if not name.startswith(('failure.waiting', 'failure.interrupted'))}
        if where == merged:
            named |= set(re.findall('`([a-z_]+)`', merged.partition('| field')[0]))
            # A failure has no orders.
            fields |= {'classes', 'class_sum', 'order_sum'}
        if named != fields:
            raise Wrong(f'in the page only: {sorted(named - fields)}; '
                        f'printed only: {sorted(fields - named)}')


WARNS = '''#include <explore.h>
#include <linux/kref.h>
static struct kref kref;
static void release(struct kref *k) {}
static void setup(void) { kref_init(&kref); }
static void first(void) { kref_put(&kref, release); }
static void second(void)
{
	kref_put(&kref, release);
}
LFX_SCENARIO(s) = { .name = "s", .setup = setup, .threads = { { "first", first }, { "second", second } } };
'''


def a_warning_names_the_caller():
    """Not the file of the shim that has found it."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        out = run(program=own_program(directory, 'warns', WARNS)).stdout
        text = out.splitlines()[1]
        if not re.search(r'\((first|second)(\.cold)?\(\) warns\.c:\d+\)$', text):
            raise Wrong(out)
        # The stack has all of it.
        if 'refcount.c:' not in out:
            raise Wrong(out)


def a_deferred_free_has_a_place():
    """That of the kfree_rcu(): the RCU thread frees without a function of the program."""
    place = r'kfree_rcu\(\) of replace_freely\(\) \(faults-memory\.c:\d+\)'
    out = run('--replay', '1s2', 'fault-kfree-rcu').stdout
    for words in (f'free of .* by rcu in {place}, and ', f'\\* .* frees versioned +{place}\n',
                  f'frees versioned in {place}: use after free',
                  r'kfree_rcu\(\), called in\n +replace_freely\(\) faults-memory\.c:\d+\n',
                  r'\n +\(A step has its number when its thread comes to it\.'):
        if not re.search(words, out):
            raise Wrong(f'no "{words}" in\n{out}')
    # Here the numbers increase.
    out = run('--replay', '-', 'fault-no-lock').stdout
    if 'A step has its number' in out:
        raise Wrong(out)


def main():
    return run_checks([wrong_numbers, wrong_schedules, a_loop_has_a_short_schedule,
                       the_help_has_all_options, messages_are_lines_of_the_trace,
                       words_of_a_trace, traces_of_turns_and_choices, members_of_unions_have_the_name_of_the_line, a_bound_is_enough,
                       the_call_rcu_is_shown, files_without_scenario,
                       scenarios_with_mistakes, files_of_the_caller, pages_and_failures,
                       a_cut_search_says_so, operands_that_are_nothing, output_without_colours,
                       the_page_has_all_fields, a_warning_names_the_caller, a_deferred_free_has_a_place])


if __name__ == '__main__':
    sys.exit(main())
