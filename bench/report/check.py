#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""check.py PROGRAM: check that fence-bench --quick measures every case and writes
valid JSON."""

import json
import math
import os
import subprocess
import sys

problems = []


def check(ok, message):
    if not ok:
        problems.append(message)


def run(*args):
    return subprocess.run([sys.argv[1], *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)


def positive(value):
    return (isinstance(value, (int, float)) and not isinstance(value, bool)
            and math.isfinite(value) and value > 0)


def check_series(where, series):
    check(positive(series["median"]), f"{where}: median {series['median']}")
    check(positive(series["min"]), f"{where}: min {series['min']}")
    check(series["min"] <= series["median"] <= series["max"],
          f"{where}: min, median and max are out of order")
    check(len(series["repeats"]) >= 3, f"{where}: fewer than 3 repeats")
    check(all(positive(v) for v in series["repeats"]),
          f"{where}: a repeat is no time")
    if "latency" in series:
        lat = series["latency"]
        check(0 < lat["p50"] <= lat["p99"] <= lat["p99_9"] <= lat["max"],
              f"{where}: the percentiles are out of order")


def check_not_run(what, cpus):
    check(what["not_run"] == "one CPU" and cpus < 2
          or what.get("kind") == "peer",
          f"{what['name']}: not run: {what['not_run']}")
    check("median" not in what, f"{what['name']}: a number, but not run")


def check_report(report, cases, cpus):
    got = [case["name"] for case in report["cases"] + report["explorer"]]
    check(got == cases, f"cases {got}, not {cases}")
    check(len(set(got)) == len(got), "two cases have one name")
    check(len(report["header"]["cpus"]) == min(cpus, 2), "wrong CPUs")
    for case in report["cases"]:
        name = case["name"]
        if case["not_run"]:
            check_not_run(case, cpus)
            continue
        check_series(name, case)
        check_series(f"{name}: limit", case["limit"])
        check(positive(case["ratio"]["median"]), f"{name}: no ratio")
        if case["target"] is not None:
            met = case["ratio"]["median"] <= case["target"]
            check(case["met"] == met, f"{name}: met is {case['met']}")
    for lane in report["lanes"]:
        if lane["not_run"]:
            check_not_run(lane, cpus)
        else:
            check_series(f"{lane['group']}: {lane['name']}", lane)
    for row in report["explorer"]:
        check_explorer(row)


def check_explorer(row):
    name = row["name"]
    if row["not_run"]:
        check("median" not in row, f"{name}: a number, but not run")
        built = os.path.exists(os.path.join(
            os.path.dirname(os.path.dirname(sys.argv[1])), "tests", "explore",
            "explore-" + row["threads"]))
        check(not built, f"{name}: not run: {row['not_run']}")
        return
    check_series(name, row)
    check(row["met"] == (row["median"] >= row["target"]), f"{name}: met is {row['met']}")


def check_usage():
    for args in (["--seconds", "x"], ["--seconds", "0"], ["--cpu", "one"],
                 ["--cpu", "0,0"], ["--cpu", "99999"], ["--no-such-option"],
                 ["no-such-case"], ["--json", "/no/such/directory/file"]):
        result = run(*args)
        check(result.returncode == 2, f"{args}: exit {result.returncode}")
        check(result.stderr, f"{args}: nothing is said")
        check(not result.stdout, f"{args}: output all the same")


def listed(*args):
    result = run("--list", *args)
    check(result.returncode == 0, "--list failed")
    return [line.split()[0] for line in result.stdout.splitlines()]


def measure(cpus, cases, *args):
    result = run("--quick", "--json", "-", *args)
    sys.stderr.write(result.stderr)
    check(result.returncode == 0, f"{args}: exit {result.returncode}")
    try:
        report = json.loads(result.stdout)
    except ValueError as error:
        problems.append(f"not JSON: {error}")
        return
    check_report(report, cases, cpus)


allowed = sorted(os.sched_getaffinity(0))
check_usage()
everything = listed()
check(len(everything) > 20, "--list is too short")
measure(len(allowed), everything)
# With one CPU, a case that needs two must say so instead of giving a number.
some = listed("get-*", "wake/*")
check(0 < len(some) < len(everything), "the patterns chose nothing, or all")
measure(1, some, "--seconds", "1", "--cpu", str(allowed[0]), "get-*", "wake/*")

for problem in problems:
    print(problem)
sys.exit(bool(problems))
