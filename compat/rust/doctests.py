# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Makes one program of the documentation tests of the crate "kernel": rustdoc finds them,
each becomes a module, and rustc compiles all at once. A test that does not compile is taken
out, and its reason is kept."""
import json
import pathlib
import re
import shutil
import subprocess

import kernel_crate
import toolchain
from crate import write

# rustdoc gives the source of a test to this, in place of rustc. It only keeps it.
BUILDER = """#!/bin/sh
exec cat >"%s/$(date +%%s%%N)-$$"
"""
ROUNDS = 8
HEAD = """// Made by compat/rust/doctests.py from the documentation of the kernel tree.
#![allow(unused, dead_code, non_snake_case, non_camel_case_types, unreachable_code)]
extern crate ffi;
extern crate fence_test;
const __LOG_PREFIX: &[u8] = b"doctest\\0";
// As those of the kernel's tests: without Debug.
macro_rules! assert_eq {
    ($left:expr, $right:expr $(,)?) => { assert!($left == $right) };
}
"""


class DocTest:
    """A documentation test: file as in rust/kernel/, line of its opening fence."""
    def __init__(self, file, line, source):
        self.file, self.line, self.source = file, line, source
        self.module = re.sub(r"\W", "_", f"{file}_{line}")
        self.reason = None

    @property
    def name(self):
        return f"{self.file}:{self.line}"


def extract(kernel):
    """The documentation tests of the crate, in order."""
    tools, work = kernel.tools, kernel.work
    raw = work / "doctests.raw"
    files = kernel.crate.files()
    key = toolchain.digest(tools.version, *[f"{n}" for n in sorted(files)], *[files[n] for n in sorted(files)],
                           (work / "bindings.stamp"))
    stamp = work / "doctests.key"
    if not (raw.is_dir() and stamp.exists() and stamp.read_text() == key):
        if not tools.rustdoc:
            raise toolchain.Failed("there is no rustdoc, which finds the documentation tests: it belongs to rustc's package")
        shutil.rmtree(raw, ignore_errors=True)
        raw.mkdir()
        builder = work / "doctest-builder"
        builder.write_text(BUILDER % raw)
        builder.chmod(0o755)
        externs = [a for name in ("ffi", "pin_init", "build_error", "macros", "bindings", "uapi", "zerocopy", "zerocopy_derive")
                   for a in ("--extern", name)]
        done = subprocess.run(
            [tools.rustdoc, "--test", "--crate-name", "kernel", "--edition=2021", "-Zunstable-options", "--no-run",
             "--test-builder", builder, f"-L{work}", f"-L{tools.macros}", *tools.cfg, *tools.sanitize, *toolchain.QUIET, *externs,
             "lib.rs"], cwd=work / "kernel", env=tools.env, capture_output=True, text=True)
        if not any(raw.iterdir()):
            raise toolchain.Failed(f"rustdoc found no documentation tests:\n{done.stdout}{done.stderr}")
        stamp.write_text(key)
    tests = {}
    names = {re.sub(r"\W", "_", n): n for n in files}
    for path in raw.iterdir():
        source = path.read_text()
        found = re.search(r"fn _doctest_main_(\w+?)_(\d+)_\d+\(", source)
        if found and found.group(1) in names:
            one = DocTest(names[found.group(1)], int(found.group(2)), source)
            tests[one.name] = one
        # A test with a main() of its own has no name: rustdoc gives its place to nobody.
    lines = {n: p.read_text().split("\n") for n, p in files.items()}
    for one in tests.values():
        fence = lines[one.file][one.line - 1] if one.line <= len(lines[one.file]) else ""
        if "compile_fail" in fence:
            one.reason = "has not to compile, which is not checked"
    return sorted(tests.values(), key=lambda t: (t.file, t.line))


def module(test):
    """The source of the module of a test."""
    # Attributes of the crate, and the crate's name, are given once.
    lines = [l for l in test.source.split("\n") if not re.match(r"#!\[|extern crate r?#?kernel;", l)]
    # Two globs have a macro of this name.
    return (f"use kernel::prelude::*;\nuse kernel::dbg;\nconst __LOG_PREFIX: &[u8] = b\"{test.module}\\0\";\n" + "\n".join(lines) +
            "\n#[test]\nfn doc() {\n    main()\n}\n")


def all_spans(message):
    """The places of a message, and the uses of the macros that they are in."""
    for span in message.get("spans", []):
        while span:
            yield span
            span = (span.get("expansion") or {}).get("span")


def build(kernel, wanted=None):
    """Builds the program. Returns it and all tests; those with a reason are not in it.
    wanted: names of files; without it, all."""
    tools, work = kernel.tools, kernel.work
    tests = extract(kernel)
    folder = work / "doctests"
    folder.mkdir(exist_ok=True)
    known = folder / "reasons.json"
    key = toolchain.digest(*[module(t) for t in tests], HEAD, work / "kernel.stamp")
    reasons = {}
    if known.exists():
        kept = json.loads(known.read_text())
        if kept["key"] == key:
            reasons = kept["reasons"]
    for one in tests:
        one.reason = one.reason or reasons.get(one.name)
    by_file = {f"{t.module}.rs": t for t in tests}
    for one in tests:
        write(folder / f"{one.module}.rs", module(one))
    for _ in range(ROUNDS):
        text = HEAD + "".join(f"mod {t.module};\n" for t in tests if not t.reason)
        write(folder / "main.rs", text)
        try:
            kernel.program("doctests_kernel", folder / "main.rs", [folder / f"{t.module}.rs" for t in tests if not t.reason])
            break
        except toolchain.CompileError as error:
            bad = {}
            for message in error.messages:
                if message.get("level") != "error":
                    continue
                for span in all_spans(message):
                    one = by_file.get(pathlib.Path(span["file_name"]).name)
                    if one and not one.reason:
                        bad.setdefault(one.name, (one, message))
                        break
            if not bad:
                raise toolchain.Failed(f"the documentation tests do not compile:\n{error.text[:3000]}") from None
            for one, message in bad.values():
                one.reason = kernel_crate.lacks(message) or message["message"].split("\n")[0]
                if kernel_crate.lacks(message):
                    one.reason = "needs " + one.reason
    else:
        raise toolchain.Failed("the documentation tests do not compile")
    known.write_text(json.dumps({"key": key, "reasons": {t.name: t.reason for t in tests if t.reason}}))
    return work / "doctests_kernel", tests
