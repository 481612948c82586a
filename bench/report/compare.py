#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""compare.py [--rounds N] [--seconds N] OURS THEIRS [NAME]...

Compares two builds of fence-bench; the second has the core of a kernel tree. They
take turns, so that a disturbance of the machine affects both. Each round gives a ratio
for each case. The table has the medians of all rounds, and the least and the greatest
ratio."""

import argparse
import json
import statistics
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--seconds", type=int, default=10, help="for each program in each round")
parser.add_argument("--tree", default="theirs", help="the name of the second")
parser.add_argument("ours")
parser.add_argument("theirs")
parser.add_argument("names", nargs="*")
args = parser.parse_intermixed_args()
if args.rounds < 1:
    parser.error("at least one round")


def measure(program):
    run = subprocess.run([program, "--seconds", str(args.seconds), "--json", "-", *args.names],
                         stdout=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"{program}: exit status {run.returncode}")
    return json.loads(run.stdout)


rounds = []
for n in range(args.rounds):
    print(f"round {n + 1} of {args.rounds}", end="\r", file=sys.stderr, flush=True)
    # They take turns in being the first, which may have the warmer or the colder CPU.
    order = (args.ours, args.theirs) if n % 2 == 0 else (args.theirs, args.ours)
    reports = {program: measure(program) for program in order}
    rounds.append([{case["name"]: case["median"] for case in reports[program]["cases"] if not case["not_run"]}
                   for program in (args.ours, args.theirs)])
print(" " * 20, end="\r", file=sys.stderr)

header = reports[args.ours]["header"]
print(f"libfence {header['libfence']}, {header['compiler']}, {header['cpu']}, {header['kernel']}, {header['date']}")
print(f"{args.rounds} rounds of {args.seconds} s, in turns; medians\n")
print(f"{'case':24}{'ours':>12}{args.tree:>14}{'ours / ' + args.tree:>18}{'from':>8}{'to':>8}")
for name in rounds[0][0]:
    pairs = [(ours[name], theirs[name]) for ours, theirs in rounds if name in ours and name in theirs]
    if not pairs:
        continue
    ratios = [ours / theirs for ours, theirs in pairs]
    print(f"{name:24}{statistics.median(o for o, _ in pairs):9.4g} ns{statistics.median(t for _, t in pairs):11.4g} ns"
          f"{statistics.median(ratios):18.2f}{min(ratios):8.2f}{max(ratios):8.2f}")
