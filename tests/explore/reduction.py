#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""reduction.py EXPLORE [SCENARIO...]: is the reduced search right?

Runs scenarios twice with the program EXPLORE: with dpor, which tries one schedule for
each order of dependent operations, and with dfs, which tries every schedule. Both have
to be complete and to reach the same orders. Without names, these are the scenarios of
orders.c and some with fences. Prints TAP. --dpor=STRATEGY compares another strategy.
"""
import re
import subprocess
import sys

INTERRUPTS = ['interrupt-irqsave', 'interrupt-context', 'interrupt-whole', 'interrupt-two',
              'interrupt-disabled', 'interrupt-completes', 'interrupt-remove']
FENCES = ['signal-error', 'signal-timestamp', 'signal-add-remove', 'rcu-call-barrier',
          'kref-two-puts', 'put-is-signaled']
SECONDS = '60'


def classes(program, strategy, scenario):
    """Returns the orders: how many, and a number made of them; or an error."""
    out = subprocess.run([program, '--classes', '--quiet', '--strategy', strategy,
                          '--seconds', SECONDS, scenario], text=True, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    found = re.search(r': (all [0-9,]+ interleavings|the only interleaving).* '
                      r'([0-9]+) classes ([0-9a-f]+)', out)
    if not found:
        return None, f'{strategy}: {out.strip()}'
    return (found[2], found[3]), f'{strategy}: {found[1]}, {found[2]} orders'


def main():
    args = sys.argv[1:]
    reduced = 'dpor'
    if args and args[0].startswith('--dpor='):
        reduced = args.pop(0).split('=')[1]
    program, names = args[0], args[1:]
    if not names:
        listed = subprocess.run([program, '--list'], text=True, check=True,
                                stdout=subprocess.PIPE).stdout.split('\n')
        listed = [line.split()[0] for line in listed if line]
        names = [n for n in listed if n.startswith('order-')] + \
                [n for n in FENCES + INTERRUPTS if n in listed]
    print(f'1..{len(names)}')
    failed = 0
    for number, name in enumerate(names, 1):
        one, one_text = classes(program, reduced, name)
        all_, all_text = classes(program, 'dfs', name)
        good = one is not None and one == all_
        failed += not good
        print('ok' if good else 'not ok', number, '-', name, flush=True)
        print(f'# {one_text}; {all_text}', flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
