#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""rust.py BUILD TREE [FILE|TEST...]: runs Rust code of a kernel tree, unmodified, on
libfence.so. "./run rust TREE" calls it. Without names: the documentation tests of all
modules that are taken, and our own tests of the tree's fences. Prints TAP.

FILE	a file of the tree, as rust/kernel/sync/arc.rs: its documentation tests. If it is in
	no module that is taken, it is tried: each name that it lacks is printed.
	Or any other file of Rust: your tests, functions with #[test]
TEST	as printed: sync/arc.rs:93 or fence::names; wildcards are allowed

	--list		print the tests, and those that cannot be run with the reason
	--work NAME	work in a folder of this name, for calls beside each other
	--timeout N	seconds for each test, by default 120

Environment: RUSTC, RUSTDOC, SERIES (a folder with files that the tree lacks, as
rust/kernel/dma_buf/dma_fence.rs). docs/rust.md shows how to use it.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import crate
import doctests
import kernel_crate
import toolchain

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWN = ROOT / "tests/rust"


def say(text):
    print(f"run: {text}", file=sys.stderr, flush=True)


class Test:
    def __init__(self, name, program, path, reason=None):
        self.name, self.program, self.path, self.reason = name, program, path, reason


class Names:
    """The user's choice: modules, files of tests, and patterns of tests."""
    def __init__(self, names, tree, series):
        self.modules, self.files, self.patterns = [], [], []
        for name in names:
            inside = self.in_crate(name, tree, series)
            if inside:
                self.modules.append(inside)
            elif name.endswith(".rs"):
                path = pathlib.Path(name)
                if not path.is_file():
                    raise toolchain.Failed(f"there is no {name}, neither in {tree} nor here")
                self.files.append(path.resolve())
            else:
                self.patterns.append(name)

    @classmethod
    def one(cls, pattern):
        names = cls([], None, None)
        names.patterns = [pattern]
        return names

    @staticmethod
    def in_crate(name, tree, series):
        """The name in rust/kernel/ of a file of the tree or the series, or None."""
        path = pathlib.Path(name)
        for top in (series, tree):
            if not top:
                continue
            base = (top / "rust/kernel").resolve()
            for path in (top / name, base / name, pathlib.Path(name).resolve()):
                if path.is_file() and base in path.resolve().parents:
                    return str(path.resolve().relative_to(base))
        return None

    def extra(self):
        """The modules to add to the crate."""
        return [crate.module_of(name) for name in self.modules]

    def chosen(self, test):
        if not self.modules and not self.files and not self.patterns:
            return True
        return any(test.name.startswith(f"{m}:") for m in self.modules) or any(
            test.name == p or fnmatch.fnmatchcase(test.name, p) or
            test.name.startswith((p + "::", p + ":"))
                   for p in self.patterns)


def listed(program):
    done = subprocess.run([program, "--list"], capture_output=True, text=True)
    if done.returncode:
        raise toolchain.Failed(f"{program} --list fails:\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines()


MODULE_TEST = """
#[test]
fn init_and_exit() {{
    extern "C" {{
        fn __{name}_init() -> i32;
        fn __{name}_exit();
    }}
    // SAFETY: init is called once, and exit after it has succeeded.
    unsafe {{
        assert_eq!(__{name}_init(), 0, "the module's init() has failed");
        __{name}_exit();
    }}
}}
"""


def prepared(path, name, work):
    """The file of tests to compile: itself, or a copy with lines at its end, which rustc calls
    by the name of the file. A kernel module without tests gets one, that loads and unloads it. Other
    code has no name for its messages, which pr_info!() needs."""
    text = path.read_text()
    module = re.search(r'^module!\s*\{.*?\bname:\s*"([\w-]+)"', text, re.M | re.S)
    more = ""
    if module:
        more = "" if "#[test]" in text else MODULE_TEST.format(name=module.group(1).replace("-", "_"))
    elif re.search(r"\b(pr_\w+|dbg)!", text) and "__LOG_PREFIX" not in text:
        more = f'\nconst __LOG_PREFIX: &[u8] = b"{name}\\0";\n'
    if not more:
        return path, []
    # Its modules stay where they are.
    text = re.sub(r"^((?:pub(?:\([^)]*\))? )?mod (\w+);)", lambda m: module_line(path, *m.groups()), text, flags=re.M)
    copy = work / f"{name}.d" / path.name
    crate.write(copy, text + more)
    return copy, [f"--remap-path-prefix={copy.parent}={path.parent}"]


def module_line(path, line, name):
    file = next((f for f in (path.parent / f"{name}.rs", path.parent / name / "mod.rs") if f.exists()), None)
    return f'#[path = "{file}"] {line}' if file else line


def user_tests(kernel, path):
    name = re.sub(r"\W", "_", path.stem)
    source, options = prepared(path, name, kernel.work)
    try:
        # It may have modules, in files beside it.
        program = kernel.program(f"test_{name}", source, sorted(path.parent.glob("*.rs")) +
                                 sorted(path.parent.glob("*/*.rs")), options)
    except toolchain.CompileError as error:
        raise toolchain.Failed(f"{path} does not compile:\n{error.text}") from None
    paths = listed(program)
    if not paths:
        raise toolchain.Failed(f"{path} has no tests: mark functions with #[test]")
    return [Test(f"{name}::{p}", program, p) for p in paths]


def environment(kernel):
    env = dict(os.environ)
    env.setdefault("RUST_BACKTRACE", "0")
    if "address" in kernel.settings.sanitize:
        env["ASAN_OPTIONS"] = "detect_stack_use_after_return=0:" + env.get("ASAN_OPTIONS", "")
    return env


def readable(symbol):
    """The names in a symbol of rustc, in their order: gcc's sanitizers print symbols."""
    names, i = [], 2
    while i < len(symbol):
        length = re.match(r"(\d+)_?", symbol[i:])
        reference = re.match(r"[Bs][0-9a-zA-Z]*_", symbol[i:])
        if length and int(length.group(1)):
            i += length.end()
            names.append(symbol[i:i + int(length.group(1))])
            i += int(length.group(1))
        else:
            i += reference.end() if reference else 1
    return "::".join(names) or symbol


def run_one(test, env, timeout):
    """Runs a test in a process of its own: a fault ends no other test."""
    process = subprocess.Popen([test.program, test.path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, text=True,
                               errors="replace")
    try:
        text, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        text, _ = process.communicate()
        return False, text + f"\nIt did not end in {timeout} s.\n"
    if process.returncode < 0:
        text += f"\nIt was ended by {signal.Signals(-process.returncode).name}.\n"
    elif process.returncode:
        text += f"\nIts exit status is {process.returncode}.\n"
    warned = "libfence: WARNING at " in text
    if warned:
        text += "\nIt warned, which fails a test.\n"
    return process.returncode == 0 and not warned, re.sub(r"\b_R[\w]{6,}", lambda found: readable(found.group(0)), text)


def run_all(tests, kernel, timeout):
    env = environment(kernel)
    failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [None if t.reason else pool.submit(run_one, t, env, timeout) for t in tests]
        print(f"1..{len(tests)}")
        for number, (test, job) in enumerate(zip(tests, jobs), 1):
            if not job:
                skipped += 1
                print(f"ok {number} - {test.name} # SKIP {test.reason}", flush=True)
                continue
            passed, text = job.result()
            print(f"{'ok' if passed else 'not ok'} {number} - {test.name}", flush=True)
            if not passed:
                failed += 1
                print("".join(f"# {line}\n" for line in text.splitlines()), end="", flush=True)
    say(f"{len(tests) - failed - skipped} passed, {failed} failed, {skipped} cannot be run")
    return failed, skipped


def parse():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--work", default="work")
    parser.add_argument("--timeout", type=int, default=120)
    parser.add_argument("--help", action="store_true")
    args = parser.parse_intermixed_args()
    if args.help:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    return args


def main():
    args = parse()
    series = os.environ.get("SERIES")
    series = pathlib.Path(series).resolve() if series else None
    if series and not (series / "rust").is_dir():
        raise toolchain.Failed(f"SERIES={series} has no folder rust/")
    names = Names(args.names, args.tree, series)
    # A module that is tried is built beside the crate that works.
    new = crate.Crate(args.tree.resolve(), series, None).new_modules()
    extra = sorted({m for m in names.extra() if not crate.is_taken(m)} | set(new))
    work = "-".join([args.work, *(re.sub(r"\W", "_", m) for m in extra)])
    kernel = kernel_crate.Kernel(args.build.resolve(), args.tree, series, extra,
                                 args.build.resolve() / "compat/rust" / work, names.files, say)
    kernel.build()
    tests = []
    everything = not args.names
    fences = "dma_buf" in kernel.crate.modules
    # The names of ours, and of files of tests, have "::", which those of documentation have not.
    if everything or names.modules or any("::" not in p for p in names.patterns):
        program, found = doctests.build(kernel)
        tests += [Test(t.name, program, f"{t.module}::doc", t.reason) for t in found]
    for path in sorted(OWN.glob("*.rs")):
        named = any("::" in p and fnmatch.fnmatchcase(path.stem, p.split("::")[0]) for p in names.patterns)
        # The known faults fail: by name only.
        if not (named or everything and path.stem != "known"):
            continue
        if fences:
            tests += user_tests(kernel, path)
        else:
            say(f"THE TESTS OF {path.name} ARE NOT RUN: {args.tree} has no rust/kernel/dma_buf/, and SERIES gives none")
    tests = [t for t in tests if names.chosen(t)]
    for path in names.files:
        tests += user_tests(kernel, path)
    for name in names.modules:
        if not any(t.name.startswith(f"{name}:") for t in tests):
            say(f"rust/kernel/{name} compiles; it has no documentation tests")
    for pattern in names.patterns if fences else ():
        if not any(Names.one(pattern).chosen(t) for t in tests):
            raise toolchain.Failed(f"there is no test {pattern}: --list prints all")
    if args.list:
        for test in tests:
            print(test.name + (f"  # cannot be run: {test.reason}" if test.reason else ""))
        return 0
    if not tests:
        return 0
    failed, skipped = run_all(tests, kernel, args.timeout)
    if not failed and skipped == len(tests):
        say("NOTHING WAS RUN")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (toolchain.Failed, crate.Missing) as error:
        sys.exit(f"run: {error}")
    except toolchain.CompileError as error:
        sys.exit(f"run: the crate {error.crate} does not compile:\n{error.text}")
