#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""contract.py [--breaches] SOURCE

Checks the tables that say which test shows what: tests/*/README.md and
tests/*/CONTRACT-*.md.

In a CONTRACT table, the last cell of each row has references in backticks:

    `timer/never_early`     a test of tests/*/timer.c (or timer.sh)
    `timer-cells/delete_*`  all tests whose names match the pattern
    `fidelity/timers`       a row of docs/fidelity.md that begins with "timers"

Each row has a reference, and each reference exists. In a README, each name with an
underscore in backticks is a word of the sources of tests/ and docs/.

With --breaches, the script tests itself, in memory: it misspells each reference, and
fails if one of these faults is not found."""
import fnmatch
import pathlib
import re
import sys

# TEST(), and the macros of some programs that add to it: MOCK_TEST(), CASE().
TEST = re.compile(r"\b(?:[A-Z]+_)?(?:TEST|CASE)\((\w+)\)")
# CELL(operation, state, ...) in a list makes a test operation_in_state.
CELL = re.compile(r"\b[A-Z_]+\((\w+), (\w+)[,)]")
SHELL = re.compile(r"^(?:header|compiles|refuses|mixed) (\w+)", re.M)
REFERENCE = re.compile(r"`([\w-]+)/([^`]+)`")
WORD = re.compile(r"`([a-z0-9]+_[a-z0-9_]+)`")


def tests_of(source):
    """The names of the tests of each program."""
    tests = {}
    for path in source.glob("tests/*/*.c"):
        text = path.read_text()
        names = set(TEST.findall(text))
        if "##_in_##" in text:
            names |= {f"{op}_in_{state}" for op, state in CELL.findall(text)}
        tests.setdefault(path.stem, set()).update(names)
    for path in source.glob("tests/*/*.sh"):
        tests.setdefault(path.stem, set()).update(SHELL.findall(path.read_text()))
    rows = re.findall(r"^\| ([^|]+?) \|", (source / "docs/fidelity.md").read_text(), re.M)
    tests["fidelity"] = {row.replace("`", "") for row in rows}
    return tests


def is_known(tests, program, name):
    """The test exists, or a row of docs/fidelity.md does."""
    if program == "fidelity":
        return any(row.startswith(name) for row in tests["fidelity"])
    return bool(fnmatch.filter(tests.get(program, ()), name))


def rows(text):
    """The line number and the last cell of each row, without headings."""
    for number, line in enumerate(text.splitlines(), 1):
        last = line.strip().strip("|").split("|")[-1].strip()
        if line.startswith("|") and not set(line) <= set("|- ") and last != "shown by":
            yield number, last


def faults_of_row(last, tests):
    """The references to tests that do not exist, or that there is none."""
    references = REFERENCE.findall(last)
    if not references:
        return [f"no reference: {last}"]
    return [f"no {program}/{test}" for program, test in references
            if not is_known(tests, program, test)]


def faults_of_contract(text, tests):
    """The faults of all rows, each with its line number."""
    return [f"{number}: {fault}" for number, last in rows(text)
            for fault in faults_of_row(last, tests)]


def breaches(text, tests):
    """The misspelled references that are not found."""
    return [f"{number}: {match[0]}, misspelled, is not found"
            for number, last in rows(text) for match in REFERENCE.finditer(last)
            if not faults_of_row(f"{last[:match.start(2)]}no_{last[match.start(2):]}", tests)]


def main():
    """Print TAP."""
    source = pathlib.Path(sys.argv[-1])
    tests = tests_of(source)
    faults = []
    tables = sorted(source.glob("tests/*/CONTRACT-*.md"))
    for path in tables:
        check = breaches if "--breaches" in sys.argv else faults_of_contract
        faults += [f"{path.relative_to(source)}:{fault}" for fault in check(path.read_text(), tests)]
    if not tables:
        faults.append("there is no table")
    words = set()
    for path in [*source.glob("tests/**/*.[ch]"), *source.glob("docs/**/*.[ch]")]:
        words.update(re.findall(r"\w+", path.read_text()))
    for path in sorted(source.glob("tests/*/README.md")):
        faults += [f"{path.relative_to(source)}: no {word}"
                   for word in sorted(set(WORD.findall(path.read_text())) - words)]
    print("not ok 1" if faults else "ok 1", "- every test that a table names exists")
    for fault in faults:
        print("#", fault)
    print("1..1")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
