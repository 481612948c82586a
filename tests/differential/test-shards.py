#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""A test of run.py --shard and --merge: with programs that write down which sequences
they run, and differ where they are told to. Prints TAP."""
import functools
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tap import check, run_checks

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.py")
# SEED FIRST COUNT: a line for each sequence. Some numbers have another hash.
PROGRAM = """#!/bin/sh
case $1 in
-g)	echo operation ;;
-p)	echo {name} ;;
*)	number=$2
	while [ $number -lt $(($2 + $3)) ]; do
		echo $number >>{log}
		case " {differences} " in
		*" $number "*) hash=$((number + {salt})) ;;
		*) hash=$number ;;
		esac
		printf '%d %016x\\n' $number $hash
		number=$((number + 1))
	done ;;
esac
"""


class Case:
    """Two programs, and their runs."""
    def __init__(self, directory, differences):
        self.directory = directory
        self.log = os.path.join(directory, "log")
        self.programs = []
        for salt, name in enumerate(("own", "tree")):
            path = os.path.join(directory, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(PROGRAM.format(name=name, log=self.log, salt=salt,
                                          differences=" ".join(map(str, differences))))
            os.chmod(path, 0o755)
            self.programs.append(path)

    def run(self, *args):
        """The exit code, the output, and the sequences that were run, those of one program."""
        with open(self.log, "w", encoding="utf-8"):
            pass
        done = subprocess.run([sys.executable, RUN, *args, *self.programs], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open(self.log, encoding="utf-8") as file:
            numbers = sorted(map(int, file.read().split()))
        check(numbers[::2] == numbers[1::2], f"the programs ran {numbers}")
        return done.returncode, done.stdout, numbers[::2]

    def parts(self, of, *args):
        """The files of all parts, their exit codes, and the sequences that they ran."""
        files, codes, numbers = [], [], []
        for index in range(1, of + 1):
            code, out, ran = self.run("--shard", f"{index}/{of}", *args)
            codes.append(code)
            numbers += ran
            files.append(os.path.join(self.directory, f"{index}-{of}.json"))
            with open(files[-1], "w", encoding="utf-8") as file:
                file.write(out)
        return files, codes, numbers


def merge(*files):
    done = subprocess.run([sys.executable, RUN, "--merge", *files], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def same(directory):
    """The parts together run the sequences of one process, each once."""
    case = Case(directory, [])
    args = ["--sequences", "4", "--first", "7"]
    code, out, one = case.run(*args)
    check(code == 0 and one == list(range(7, 11)), f"{code}: {out} {one}")
    for of in (1, 3, 5):
        files, codes, numbers = case.parts(of, *args)
        check(numbers == one, f"{of} parts: {numbers}")
        check(not any(codes), str(codes))
        code, out = merge(*reversed(files))
        check(code == 0 and "sequences 7 to 10" in out and "no differences" in out, out)


def differences(directory):
    case = Case(directory, [3, 4, 30])
    code, out, _ = case.run("--sequences", "40")
    check(code == 1 and ": 3 differences" in out, out)
    files, codes, _ = case.parts(3, "--sequences", "40")
    check(codes == [1, 0, 1], str(codes))
    code, out = merge(*files)
    check(code == 1 and ": 3 differences" in out and "differ: 3, 4, 30\n" in out, out)
    # One difference is wanted.
    files, codes, _ = case.parts(3, "--sequences", "40", "--found")
    check(not any(codes), str(codes))
    code, out = merge(*files)
    check(code == 0 and ": 2 differences" in out, out)
    files, codes, _ = case.parts(2, "--sequences", "3", "--found")
    code, out = merge(*files)
    check(code == 1 and "no differences" in out, out)


def refused(directory):
    case = Case(directory, [])
    one, two = case.parts(2, "--sequences", "10")[0]

    def edited(**values):
        with open(two, encoding="utf-8") as file:
            result = json.load(file)
        result.update(values)
        path = os.path.join(directory, "-".join(values) + ".json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(result, file)
        return path

    half = os.path.join(directory, "half.json")
    with open(half, "w", encoding="utf-8") as file:
        file.write('{"index": 1, "of"')
    for files, text in (([one], "part 2 of 2 is missing"), ([one, two, two], "part 2 is there twice"),
                        ([one, edited(seed=2)], "other seed"), ([one, edited(sequences=11)], "other sequences"),
                        ([one, edited(of=3)], "other of"), ([one, edited(programs=[])], "other programs"),
                        ([half, two], "was it stopped"), ([one, two + ".gone"], "No such file"), ([], "")):
        code, out = merge(*files)
        check(code == 3 and text in out, f"{code}, not {text}: {out}")
    for part in ("0/2", "3/2", "1"):
        code, out, _ = case.run("--shard", part)
        check(code == 2, f"{part}: {code}")


def in_directory(function):
    with tempfile.TemporaryDirectory() as directory:
        function(directory)


def main():
    return run_checks([(function.__name__, functools.partial(in_directory, function))
                       for function in (same, differences, refused)])


if __name__ == "__main__":
    sys.exit(main())
