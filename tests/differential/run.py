#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Run the same random sequences of operations on two cores, and compare their
logs. The first sequences that differ are minimised (while they still differ), and
shown with their seed and both logs."""
import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
import time

LENGTH = 60
# The time limit of one sequence: a program that takes longer has hung.
SECONDS = 10
# Stop after this number of differences.
ENOUGH = 100


def run(program, *args, timeout):
    """Return what the program printed and, if it failed, how it ended."""
    try:
        done = subprocess.run([program, *map(str, args)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors="replace", timeout=timeout)
        end = "" if done.returncode == 0 else f"ended with status {done.returncode}\n{done.stderr[-2000:]}"
        return done.stdout, end
    except subprocess.TimeoutExpired as e:
        return (e.stdout or b"").decode(errors="replace"), "hung\n"


def differ(programs, lines):
    """Return both logs of these operations if they differ, else None."""
    with tempfile.NamedTemporaryFile("w", suffix=".ops") as file:
        file.writelines(line + "\n" for line in lines)
        file.flush()
        said = [run(program, "-p", file.name, timeout=SECONDS) for program in programs]
    # Compare whether a program failed, but not the description of the failure.
    same = said[0][0] == said[1][0] and bool(said[0][1]) == bool(said[1][1])
    return None if same else ["".join(s) for s in said]


def minimised(programs, lines):
    """Delta debugging: remove ever smaller pieces while the logs still differ."""
    size = len(lines) // 2
    while size:
        at = 0
        while at < len(lines):
            shorter = lines[:at] + lines[at + size:]
            if differ(programs, shorter):
                lines = shorter
            else:
                at += size
        size //= 2
    return lines


def show(programs, seed, number):
    lines = run(programs[0], "-g", seed, number, timeout=SECONDS)[0].splitlines()
    if not differ(programs, lines):
        print(f"seed {seed}, sequence {number} differs, but not when it is run again, by itself")
        return
    lines = minimised(programs, lines)
    said = differ(programs, lines)
    print(f"seed {seed}, sequence {number} differs; the operations that are needed:")
    print(*("  " + line for line in lines), sep="\n")
    print("the logs, - of the first, + of the second:")
    for line in difflib.ndiff(*(s.splitlines() for s in said)):
        if not line.startswith("?"):
            print(" ", line.rstrip())


def compare(programs, seed, first, count):
    """Yield the numbers of the sequences that differ."""
    while count:
        said = []
        for program in programs:
            out, end = run(program, seed, first, count, timeout=max(60, count / 20))
            said.append((re.findall(r"^(\d+) (\w{16})$", out, re.M), end))
        if not said[0][1] and not said[1][1] and len(said[0][0]) == len(said[1][0]) == count:
            for own, tree in zip(said[0][0], said[1][0]):
                if own != tree:
                    yield int(own[0])
            return
        # If a program ended early, the sequence after its last line is the cause.
        for program, (_, end) in zip(programs, said):
            if end:
                print(f"{program} {end}", end="")
        done = min(len(s[0]) for s in said)
        for own, tree in zip(said[0][0][:done], said[1][0]):
            if own != tree:
                yield int(own[0])
        yield first + done
        first, count = first + done + 1, count - done - 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=400, help=f"how many, of {LENGTH} operations each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first sequence")
    parser.add_argument("--show", type=int, default=3, help="how many differences to show")
    parser.add_argument("--found", action="store_true", help="pass if there is a difference")
    parser.add_argument("programs", nargs=2, metavar="PROGRAM")
    args = parser.parse_args()
    # Absolute, so that PATH is not searched: they are in a build directory.
    args.programs = [os.path.abspath(program) for program in args.programs]

    started = time.monotonic()
    found = 0
    for number in compare(args.programs, args.seed, args.first, args.sequences):
        found += 1
        if found <= args.show:
            show(args.programs, args.seed, number)
            sys.stdout.flush()
        if args.found or found == ENOUGH:
            break
    print(f"{args.sequences * LENGTH} operations on each core, seed {args.seed}, sequences "
          f"{args.first} to {args.first + args.sequences - 1}, {time.monotonic() - started:.1f} s: "
          f"{f'at least {found}' if found == ENOUGH else found or 'no'} differences")
    return (found == 0) == args.found


if __name__ == "__main__":
    sys.exit(main())
