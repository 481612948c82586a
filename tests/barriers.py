#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""barriers.py [--breaches] SOURCE

Checks the comments of memory barriers in lib/, compat/ and include/. Each ordered
access has a comment in the lines above it:

    /* A1: acquire. Pairs with R1 in reader(). Without it, ... */

The letter is A for acquire, R for release, F for a full barrier; the number is unique
in the file. Both ends name each other, and "Without it" says what breaks. An access
whose order is not needed says "Relaxed: why"; one without a labelled partner, such as a
primitive whose partner is in the caller's code, says "No partner: why".

Also checks that every function that a comment of these files names exists.

With --breaches, the script tests itself, in memory: it removes each label, renames each
label and each partner, one at a time, and fails if one of these faults is not found."""
import functools
import pathlib
import re
import sys

# How far above an access its comment may end.
REACH = 12
TOPS = ["lib", "compat", "include"]
# The definitions of the primitives: all of them are for the caller to pair.
PRIMITIVES = {
    "compat/include/asm/barrier.h", "compat/include/linux/atomic.h",
    "compat/include/linux/bitops.h", "compat/include/lfshim/hb.h",
}
ACCESS = re.compile(
    r"\b(smp_(mb|rmb|wmb|load_acquire|store_release|store_mb|mb__\w+)|__ATOMIC_(ACQUIRE|RELEASE|ACQ_REL|SEQ_CST)"
    r"|(try_)?(cmp)?xchg(_acquire|_release)?|set_current_state|lfshim_full_fence|__atomic_thread_fence"
    r"|atomic\w*_(acquire|release)|test_and_(set|clear|change)_bit(_lock)?|clear_bit_unlock)\b")
LABEL = re.compile(r"\b([ARF]\d+): (?:an? )?(acquire|release|full barrier)")
KINDS = {"A": "acquire", "R": "release", "F": "full barrier"}
PARTNER = re.compile(r"\b([ARF]\d+) in (\w+)\(\)")
EXEMPT = re.compile(r"\b(Relaxed|No partner): \w")
# Functions of libc and the host's kernel that comments name.
FOREIGN_NAMES = {"dlopen", "membarrier"}


def flat(comment):
    return re.sub(r"\s*\n\s*\*?\s*", " ", comment)


class File:
    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        # Comments: (first line, last line, text).
        self.comments = []
        for m in re.finditer(r"/\*.*?\*/|//[^\n]*", text, re.S):
            first = text.count("\n", 0, m.start())
            self.comments.append((first, first + m[0].count("\n"), flat(m[0])))
        # The code without comments and strings, on the same lines.
        blank = lambda m: re.sub(r"[^\n]", " ", m[0])
        self.code = re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", blank, text, flags=re.S).split("\n")
        self.functions = list(self.find_functions())

    def find_functions(self):
        """(first line, last line, name) of each function and macro."""
        code = "\n".join(self.code)
        for m in re.finditer(r"^#\s*define\s+(\w+)(?:.*\\\n)*.*", code, re.M):
            first = code.count("\n", 0, m.start())
            yield first, first + m[0].count("\n"), m[1]
        for m in re.finditer(r"^[A-Za-z_][^;{}#=]*?\b(\w+)\s*\(([^;{}]*)\)[^;{}()]*\n\{", code, re.M):
            first = code.count("\n", 0, m.start())
            end = code.find("\n}", m.end())
            yield first, code.count("\n", 0, end) + 1, m[1]

    # Once for each file, because a fault changes one file.
    @functools.cached_property
    def accesses(self):
        """The number of ordered accesses, and the errors of those without a label."""
        found = 0
        errors = []
        if self.path in PRIMITIVES:
            return found, errors
        for i, line in enumerate(self.code):
            if not ACCESS.search(line) or line.lstrip().startswith("#"):
                continue
            # The definition of a function of that name, not a use.
            if re.match(r"\S.*\b(xchg|cmpxchg)\b.*\)$", line):
                continue
            found += 1
            above = [c for first, last, c in self.comments if i - REACH <= last and first <= i]
            if not any(LABEL.search(c) or EXEMPT.search(c) for c in above):
                errors.append(f"{self.path}:{i + 1}: no label: {self.lines[i].strip()}")
        return found, errors

    @functools.cached_property
    def labels(self):
        """(first line, last line, comment, match) of each label."""
        return [(first, last, comment, m) for first, last, comment in self.comments
                for m in LABEL.finditer(comment)]

    def enclosing(self, line):
        names = [f for f in self.functions if f[0] <= line <= f[1]]
        return max(names, default=(0, 0, None))[2]


def read(top):
    files = {}
    for name in TOPS:
        for path in sorted(top.joinpath(name).rglob("*.[ch]")):
            rel = str(path.relative_to(top))
            files[rel] = File(rel, path.read_text())
    return files


def check_pairs(files):
    """The errors of the labels; the numbers of ordered accesses and of partners."""
    bodies = {}
    for f in files.values():
        for first, last, name in f.functions:
            bodies.setdefault(name, []).append((f, first, last))

    errors = []
    accesses = 0
    for f in files.values():
        found, unlabelled = f.accesses
        accesses += found
        errors += unlabelled

    pairs = 0
    for f in files.values():
        seen = {}
        for first, last, comment, m in f.labels:
            label, kind = m[1], m[2]
            rest = comment[m.end():]
            following = LABEL.search(rest)
            mine = rest[:following.start()] if following else rest
            where = f"{f.path}:{first + 1}: {label}"
            if KINDS[label[0]] != kind:
                errors.append(f"{where} is called {kind}")
            if label in seen:
                errors.append(f"{where} is in line {seen[label]}, too")
            seen[label] = first + 1
            me = f.enclosing(last) or f.enclosing(last + 1)
            sentence = re.search(r"\b[Pp]airs? with .*?\.(?=\s|$)", mine)
            partners = PARTNER.findall(sentence[0]) if sentence else []
            if not partners and not EXEMPT.search(mine):
                errors.append(f"{where} names no partner")
            if partners and not re.search(r"Without (it|them|this|either)\b|Otherwise\b", mine):
                errors.append(f"{where} does not say what breaks: Without it, ...")
            for other, function in partners:
                pairs += 1
                labels = [c for g, start, end in bodies.get(function, ())
                          for a, b, c in g.comments if start - 1 <= b and a <= end]
                if function not in bodies:
                    errors.append(f"{where}: there is no {function}()")
                elif not any(re.search(rf"\b{other}: ", c) for c in labels):
                    errors.append(f"{where}: {function}() has no {other}")
                elif not any(re.search(rf"\b{other}: .*\b{label} in {me}\(\)", c) for c in labels):
                    errors.append(f"{where}: {other} in {function}() does not name {label} in {me}()")

    return errors, accesses, pairs


def check_names(top, files):
    """The errors of the functions that comments name."""
    errors = []
    defined = set()
    for f in files.values():
        defined.update(re.findall(r"\b(\w+)\s*\(", "\n".join(f.code)))
        defined.update(re.findall(r"\(\*\s*(\w+)\)", "\n".join(f.code)))
        defined.update("lfshim_" + n for n in re.findall(r"LFSHIM\((\w+)\)", f.text))
    for path in [*top.joinpath("tests").rglob("*.[ch]"), *top.joinpath("bench").rglob("*.[ch]")]:
        defined.update(re.findall(r"\b(\w+)\s*\(", path.read_text()))
    for f in files.values():
        for first, last, comment in f.comments:
            # The top of a header says what it leaves out of the kernel's.
            if first == 1 and f.path.startswith("compat/include/"):
                continue
            for name in re.findall(r"(?<![\w>.-])([a-z_]\w*)\(\)", comment):
                if name not in defined and name not in FOREIGN_NAMES:
                    errors.append(f"{f.path}:{first + 1}: there is no {name}()")
    return errors


def faults(f):
    """Copies of a file with one fault each."""
    for m in re.finditer(r"\b[ARF]\d+(?=: | in \w+\(\))", f.text):
        for by in "", m[0][0] + "99":
            yield f"line {f.text.count(chr(10), 0, m.start()) + 1}, {m[0]} -> {by or 'nothing'}", \
                File(f.path, f.text[:m.start()] + by + f.text[m.end():])


def check_breaches(files):
    planted = missed = 0
    before = set(check_pairs(files)[0])
    for path, f in files.items():
        for what, broken in faults(f):
            planted += 1
            if not set(check_pairs({**files, path: broken})[0]) - before:
                print(f"not reported: {path}, {what}")
                missed += 1
    print(f"{planted} planted, {missed} of them not reported")
    sys.exit(bool(missed or planted < 100))


def main():
    top = pathlib.Path(sys.argv[-1])
    files = read(top)
    if "--breaches" in sys.argv:
        check_breaches(files)
    errors, accesses, pairs = check_pairs(files)
    errors += check_names(top, files)
    for error in sorted(set(errors)):
        print(error)
    print(f"{accesses} ordered accesses, {pairs} partners named, {len(set(errors))} errors")
    # A check that finds nothing to check has failed.
    sys.exit(bool(errors or accesses < 50 or pairs < 50))


if __name__ == "__main__":
    main()
