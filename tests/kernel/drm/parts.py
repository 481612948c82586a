#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""parts.py DIRECTORY FILE...: prints the parts of a directory's files, a line each.
The FILEs are shell patterns.

	source PATH		a source file
	case SUITE CASE NAME	a KUnit case in one of the files, with a name that no
				other case has: CASE, or SUITE.CASE"""
import collections
import pathlib
import re
import sys

directory, *patterns = sys.argv[1:]
sources = sorted({path for pattern in patterns
                  for path in pathlib.Path(directory).glob(pattern)})
cases = []
for source in sources:
    print("source", source)
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", source.read_text(), flags=re.S)
    arrays = {name: re.findall(r"\bKUNIT_CASE\w*\(\s*(\w+)", body) for name, body in
              re.findall(r"struct kunit_case (\w+)\[\] = \{(.*?)\n\};", text, re.S)}
    for body in re.findall(r"struct kunit_suite \w+ = \{(.*?)\n\};", text, re.S):
        suite = re.search(r'\.name = "([^"]*)"', body)[1]
        array = re.search(r"\.test_cases = (\w+)", body)[1]
        cases += [(suite, case) for case in arrays[array]]
times = collections.Counter(case for _, case in cases)
for suite, case in cases:
    print("case", suite, case, case if times[case] == 1 else f"{suite}.{case}")
