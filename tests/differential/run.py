#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Run the same random sequences of operations on two cores, and compare their
logs. The first sequences that differ are minimised (while they still differ), and
shown with their seed and both logs.

With --shard I/N, only one of N parts of the sequences is run. Standard output then has
one line of JSON; differences are shown on standard error. --merge FILE... makes one
verdict from the lines of all parts, with the exit code of one run: 0 as wished, 1 not;
3 the files are not the parts of one run."""
import argparse
import contextlib
import difflib
import hashlib
import json
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
    """Return the program's output and, if it failed, how it ended."""
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


def part(args):
    """The first sequence of the part, and how many it has. The parts have no gaps."""
    if not args.shard:
        return args.first, args.sequences
    index, of = args.shard
    begin = args.sequences * (index - 1) // of
    return args.first + begin, args.sequences * index // of - begin


def shard(text):
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"not a part such as 2/3: {text}")
    return int(match[1]), int(match[2])


def digest(program):
    with open(program, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:16]


def print_part(args, numbers, begin, count, seconds):
    """Prints the data that a merge needs."""
    print(json.dumps({
        "index": args.shard[0], "of": args.shard[1], "seed": args.seed, "first": args.first,
        "sequences": args.sequences, "found": args.found, "begin": begin, "count": count,
        "length": LENGTH, "programs": [digest(program) for program in args.programs],
        "differences": numbers, "ended_early": len(numbers) == ENOUGH, "seconds": round(seconds, 1)}))


class NotOneRun(Exception):
    """The results do not belong together."""


def read_parts(files):
    """The parts in their order: all of them, each once."""
    parts = {}
    for path in files:
        try:
            with open(path, encoding="utf-8") as file:
                found = json.loads(file.read())
            index = found["index"]
        except OSError as error:
            raise NotOneRun(f"{path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise NotOneRun(f"{path}: not the result of a part: was it stopped?") from error
        if index in parts:
            raise NotOneRun(f"{path}: part {index} is there twice")
        parts[index] = found
        one = next(iter(parts.values()))
        for key in ("of", "seed", "first", "sequences", "found", "length", "programs"):
            if found[key] != one[key]:
                raise NotOneRun(f"{path}: other {key} than {files[0]}: {found[key]}, not {one[key]}")
    missing = [str(i) for i in range(1, one["of"] + 1) if i not in parts]
    if missing:
        raise NotOneRun(f"part {', '.join(missing)} of {one['of']} is missing")
    return [parts[index] for index in sorted(parts)]


def merge(files):
    """Print the verdict of all parts, and return the exit code."""
    try:
        parts = read_parts(files)
    except NotOneRun as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 3
    numbers = [number for p in parts for number in p["differences"]]
    one = parts[0]
    if numbers:
        print(f"these sequences differ: {', '.join(map(str, numbers))}")
    print_verdict(one["sequences"], one["seed"], one["first"], sum(p["seconds"] for p in parts),
                  len(numbers), any(p["ended_early"] for p in parts), f" in {len(parts)} parts")
    return int((not numbers) == one["found"])


def print_verdict(sequences, seed, first, seconds, found, ended_early, how=""):
    print(f"{sequences * LENGTH} operations on each core, seed {seed}, sequences "
          f"{first} to {first + sequences - 1}, {seconds:.1f} s{how}: "
          f"{f'at least {found}' if ended_early else found or 'no'} differences")


def main():
    if sys.argv[1:2] == ["--merge"]:
        return merge(sys.argv[2:]) if sys.argv[2:] else 3
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=400, help=f"how many, of {LENGTH} operations each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first sequence")
    parser.add_argument("--show", type=int, default=3, help="how many differences to show")
    parser.add_argument("--found", action="store_true", help="pass if there is a difference")
    parser.add_argument("--shard", type=shard, metavar="I/N", help="only the I-th of N parts")
    parser.add_argument("programs", nargs=2, metavar="PROGRAM")
    args = parser.parse_args()
    # Absolute, so that PATH is not searched: they are in a build directory.
    args.programs = [os.path.abspath(program) for program in args.programs]

    started = time.monotonic()
    found = []
    begin, count = part(args)
    with contextlib.redirect_stdout(sys.stderr if args.shard else sys.stdout):
        for number in compare(args.programs, args.seed, begin, count):
            found.append(number)
            if len(found) <= args.show:
                show(args.programs, args.seed, number)
                sys.stdout.flush()
            if args.found or len(found) == ENOUGH:
                break
    if args.shard:
        print_part(args, found, begin, count, time.monotonic() - started)
        # With --found, another part may have the difference.
        return bool(found) and not args.found
    print_verdict(args.sequences, args.seed, args.first, time.monotonic() - started, len(found),
                  len(found) == ENOUGH)
    return (not found) == args.found


if __name__ == "__main__":
    sys.exit(main())
