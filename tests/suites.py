#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""suites.py BUILD... -- [ARGUMENT...]: runs "meson test" with the arguments in each
build directory. Prints a summary: how many tests passed, failed and were skipped, which
failed, and why tests were skipped.

It is an error if no build directory has a named test or suite, and if no test was run.
("meson test" reports success in both cases.) A name may have wildcards. If a directory
has none of the named tests, nothing is run there."""
import difflib
import fnmatch
import glob
import json
import os
import re
import subprocess
import sys

# The options of "meson test" whose value is the next argument.
WITH_VALUE = {"--suite", "--no-suite", "--logbase", "--setup", "--wrapper", "--repeat",
              "--num-processes", "--timeout-multiplier", "-t", "--test-args", "--maxfail",
              "--max-lines", "--gdb-path", "-j", "--slice"}
SUITES = {"--suite", "--no-suite"}
# A shell's exit status for a program that SIGINT ended.
INTERRUPTED = 130


def die(text):
    sys.exit(f"run: {text}")


def split(arguments):
    """The names of tests, the suites, and the options, which include the suites."""
    names, suites, options = [], [], []
    rest = iter(arguments)
    for argument in rest:
        option, equals, value = argument.partition("=")
        if not argument.startswith("-"):
            names.append(argument)
            continue
        options.append(argument)
        if option in WITH_VALUE and not equals:
            value = next(rest, None)
            if value is None:
                die(f"{option} needs a value")
            options.append(value)
        if option in SUITES:
            suites.append(value)
    return names, suites, options


def read_tests(build):
    """The tests of a build directory, as pairs of a name and its suites."""
    # Reconfigures if a meson.build changed, so that the list is up to date.
    subprocess.run(["ninja", "-C", build, "build.ninja"], stdout=subprocess.DEVNULL, check=True)
    with open(os.path.join(build, "meson-info", "intro-tests.json")) as intro:
        return [(test["name"], test["suite"]) for test in json.load(intro)]


def near(name, known):
    """The known names that are similar to a name."""
    like = [other for other in sorted(known) if name.lower() in other.lower()]
    like += difflib.get_close_matches(name, known, n=5, cutoff=0.5)
    return list(dict.fromkeys(like))[:8]


def unknown(kind, name, known):
    like = near(name, known)
    die(f"there is no {kind} \"{name}\"" +
        ("; similar names: " + ", ".join(like) if like else "") + "; --list prints all tests")


def known_suites(tests):
    """The suites under each of their names: core, libfence:core, libfence."""
    full = {suite for builds in tests.values() for _, suites in builds for suite in suites}
    return full | {part for suite in full for part in suite.split(":")}


def chosen(names, tests):
    """For each build directory, the tests that match the names."""
    known = {name for builds in tests.values() for name, _ in builds}
    choice = {build: [] for build in tests}
    for name in names:
        pattern = name.split(":", 1)[-1]
        if not fnmatch.filter(known, pattern):
            unknown("test", name, known)
        for build, of_build in tests.items():
            choice[build] += fnmatch.filter([test for test, _ in of_build], pattern)
    return choice


def reasons(test):
    """Pairs of a part of a test and the reason why it was skipped. The part is empty
    if that is the whole test."""
    text = test.get("stdout", "") + "\n" + test.get("stderr", "")
    found = re.findall(r"^SKIPPED: (.*)$", text, re.MULTILINE)
    found += re.findall(r"^1\.\.0 *# *skip\w* *:? *(.*)$", text, re.MULTILINE | re.IGNORECASE)
    if found:
        return [("", found[0].strip())]
    parts = re.findall(r"^ *ok \d+ *-? *(.*?) *# *skip\w* *:? *(.*)$", text,
                       re.MULTILINE | re.IGNORECASE)
    if parts:
        return [(f" ({part})", why.strip() or "no reason given") for part, why in parts]
    return [("", "no reason given")] if test["result"] == "SKIP" else []


class Results:
    """The results of a build directory."""
    def __init__(self, build, log, names):
        self.build = build
        self.passed = 0
        self.failed = []
        self.skipped = 0
        self.reasons = []
        self.ran = set()
        with open(log) as lines:
            for test in map(json.loads, lines):
                # The log has "project:suite / name"; since Meson 1.12 it has
                # "suite - project:name".
                full = test["name"]
                self.add(test, max(filter(full.endswith, names), key=len, default=full))

    def add(self, test, name):
        if test["result"] in ("OK", "EXPECTEDFAIL"):
            self.passed += 1
            self.ran.add(name)
        elif test["result"] == "SKIP":
            self.skipped += 1
        else:
            self.failed.append(f"{name}: {test['result']}, status {test['returncode']}"
                               f" after {test['duration']:.1f} s")
        self.reasons += [(why, name + part) for part, why in reasons(test)]

    def numbers(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {self.skipped} skipped"


def read_logs(build):
    """The JSON logs, each with the time of its last change."""
    found = glob.glob(os.path.join(glob.escape(build), "meson-logs", "*.json"))
    return {log: os.stat(log).st_mtime_ns for log in found}


def run(build, arguments, names):
    """Runs "meson test". Returns its status and its results, or None without a log."""
    before = read_logs(build)
    try:
        status = subprocess.run(["meson", "test", "-C", build, "--print-errorlogs", *arguments],
                                check=False).returncode
    except KeyboardInterrupt:
        status = INTERRUPTED
    new = dict(read_logs(build).items() - before.items())
    return status, Results(build, max(new, key=new.get), names) if new else None


def summary(results, without):
    print("\nSummary")
    width = max(len(build) for build in [r.build for r in results] + ["together"])
    for result in results:
        print(f"  {result.build:{width}}  {result.numbers()}")
    if len(results) > 1:
        print(f"  {'together':{width}}  {sum(r.passed for r in results)} passed,"
              f" {sum(len(r.failed) for r in results)} failed,"
              f" {sum(r.skipped for r in results)} skipped")
    for build, status in without.items():
        print(f"  FAILED in {build}: \"meson test\" ran no test, status {status}")
    for result in results:
        for failed in result.failed:
            print(f"  FAILED in {result.build}: {failed}")
    skipped = {}
    for result in results:
        for why, name in result.reasons:
            skipped.setdefault((why, result.build), []).append(name)
    for (why, build), names in skipped.items():
        others = [r.build for r in results if r.build != build and r.ran.issuperset(names)]
        where = f"{build}, but passed in {', '.join(others)}" if others else build
        print(f"  skipped in {where}: {', '.join(names)}: {why}")


def main():
    if "--" not in sys.argv:
        die("suites.py BUILD... -- [ARGUMENT...]")
    at = sys.argv.index("--")
    builds, arguments = sys.argv[1:at], sys.argv[at + 1:]
    if {"-h", "--help"} & set(arguments):
        sys.exit(subprocess.run(["meson", "test", "--help"], check=False).returncode)
    names, suites, options = split(arguments)
    tests = {build: read_tests(build) for build in builds}
    for suite in suites:
        if suite not in known_suites(tests):
            unknown("suite", suite, known_suites(tests))
    choice = chosen(names, tests)
    listing = "--list" in options
    failed = False
    results = []
    without = {}
    for build in builds:
        if names and not choice[build]:
            continue
        if len(builds) > 1:
            print(f"\n{build}:", flush=True)
        status, result = run(build, options + choice[build], [name for name, _ in tests[build]])
        failed |= status != 0
        if result:
            results.append(result)
        elif status and not listing:
            without[build] = status
        if status == INTERRUPTED:
            break
    if listing:
        sys.exit(failed)
    if not any(r.passed or r.failed or r.skipped for r in results):
        # Newer versions of Meson report that as a failure of their own.
        if names or suites:
            die("no test was run (mutants and the suite slow need --setup all)")
        if not without:
            die("no test was run")
    summary(results, without)
    sys.exit(INTERRUPTED if status == INTERRUPTED else failed)


if __name__ == "__main__":
    main()
