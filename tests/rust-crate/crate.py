#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""crate.py BUILD [--source DIR] [--lenient] [--only TEST]: the tests of the Rust crate libfence, on the
library of the build directory BUILD. DIR is the crate, by default include/libfence/rust.
Needs rustc 1.85 or newer, and nothing else of Rust. Prints TAP:

- the crate compiles without a warning (with --lenient, with warnings);
- its declarations of C are those of the headers, and its structs have C's layout (ffi.py);
- the examples of its documentation, as tests; docs/rust-userspace.md shows one of them;
- build.rs finds the library;
- tests.rs: basic.rs, races.rs, death.rs;
- races.rs under ThreadSanitizer, which has to report a planted race;
- each mistake of mistakes.rs does not compile.

With --only, runs that test of tests.rs alone, or one of the parts: "compile", "declarations",
"examples", "run" (tests.rs), "tsan", "mistakes"."""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "compat/rust")]
import ffi          # noqa: E402
import toolchain    # noqa: E402

SKIP = 77
# Never more than the machine of a small runner has.
JOBS = min(2, os.cpu_count() or 1)
PARTS = ("compile", "declarations", "examples", "run", "tsan", "mistakes")


class Crate:
    def __init__(self, build, source, work, lenient):
        # rustc's warnings are errors here, and not for users.
        self.lints = "-Awarnings" if lenient else "-Dwarnings"
        self.build, self.source, self.work = build.resolve(), source.resolve(), work
        self.library = self.build / "lib"
        self.rustc, self.rustdoc = toolchain.find("rustc"), toolchain.find("rustdoc")
        self.number, self.failed = 0, False
        self.env = {**os.environ, "LD_LIBRARY_PATH": str(self.library), "RUST_BACKTRACE": "0"}

    def result(self, passed, name, text=""):
        self.number += 1
        print(f"{'ok' if passed else 'not ok'} {self.number} - {name}", flush=True)
        if not passed:
            self.failed = True
            print("".join(f"# {line}\n" for line in text.splitlines()[-60:]), end="", flush=True)
        return passed

    def run(self, command, timeout=120, **env):
        try:
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, errors="replace",
                                  timeout=timeout, env={**self.env, **env})
        except subprocess.TimeoutExpired as expired:
            out, err = ((x or b"").decode(errors="replace") for x in (expired.stdout, expired.stderr))
            return 124, out, f"{err}\nnot finished after {timeout} s"
        return done.returncode, done.stdout, done.stderr

    def compile(self, source, kind, out, *options, **env):
        """rustc, with the crate from the folder @out."""
        command = [self.rustc, "--edition=2021", self.lints, f"--crate-type={kind}", "--out-dir", out, f"-L{out}",
                   f"-Lnative={self.library}", *options, source]
        if source != self.source / "src/lib.rs":
            command += ["--extern", "libfence"]
        return self.run(command, **env)

    def compile_crate(self, out, *options, **env):
        return self.compile(self.source / "src/lib.rs", "rlib", out, "--crate-name=libfence", *options, **env)

    def examples(self):
        # From edition 2024 on, rustdoc compiles all of them as one program, which takes a tenth
        # of the time. Nothing in them depends on the edition.
        code, out, err = self.run([
            self.rustdoc, "--test", "--edition=2024", "--crate-name=libfence", f"-L{self.work}",
            f"-Lnative={self.library}", "--extern", f"libfence={self.work}/liblibfence.rlib",
            f"--test-args=--test-threads={JOBS}", self.source / "src/lib.rs"])
        found = re.findall(r"^test (\S+ - .*?) \.\.\. (\w+)", out, re.M)
        for name, verdict in found:
            self.result(verdict == "ok", f"example {name.split('src/')[-1]}", out + err)
        self.result(code == 0 and len(found) >= 15, f"rustdoc ran {len(found)} examples", out + err)
        page = (ROOT / "docs/rust-userspace.md").read_text()
        shown = "".join(re.findall(r"```rust\n(.*?)```", page, re.S)[:1])
        text = re.sub(r"^//! ?", "", (self.source / "src/lib.rs").read_text(), flags=re.M)
        self.result("fn main" in shown and f"```\n{shown}```" in text,
                    "docs/rust-userspace.md shows the example of lib.rs", shown)

    def build_script(self):
        """What build.rs tells cargo, which is not needed here."""
        code, _, err = self.run([self.rustc, "--edition=2021", self.lints, "--crate-name=build_script", "--out-dir", self.work,
                                 self.source / "build.rs"])
        script = self.work / "build_script"
        for name, env, expect in (
                ("LIBFENCE_LIB_DIR", {"LIBFENCE_LIB_DIR": "/there"}, "/there"),
                ("pkg-config", {"PKG_CONFIG_PATH": str(self.build / "meson-uninstalled")}, str(self.library))):
            if code == 0 and name == "pkg-config" and not shutil.which("pkg-config"):
                self.skip("build.rs asks pkg-config", "there is no pkg-config")
                continue
            if name == "pkg-config" and not (self.build / "meson-uninstalled").is_dir():
                self.skip("build.rs asks pkg-config", "a library with a kernel's core is not installed")
                continue
            status, out, text = (code, "", err) if code else self.run([script], **env)
            self.result(status == 0 and f"cargo:rustc-link-search=native={expect}" in out.splitlines(),
                        f"build.rs finds the library through {name}", out + text)

    def tests(self, only):
        code, out, err = self.compile(HERE / "tests.rs", "bin", self.work)
        if not self.result(code == 0, "the tests compile", err):
            return
        program = self.work / "tests"
        if only:
            code, out, err = self.run([program, only], 60)
            self.result(code == 0, only, out + err)
            return
        names = self.run([program, "--list"])[1].split()
        code, out, err = self.run([program])
        verdicts = {name: verdict for verdict, name in re.findall(r"^((?:not )?ok) \d+ - (\S+)$", out, re.M)}
        for name in names:
            self.result(verdicts.get(name) == "ok", name, err if name in verdicts else f"it did not end\n{err}")
        self.result(code == 0 and len(names) >= 30, f"all {len(names)} tests ran", err)

    def tsan(self):
        """races.rs, with gcc's ThreadSanitizer and the ordinary library."""
        out = self.work / "tsan"
        out.mkdir()
        name = "ThreadSanitizer"
        if not shutil.which("gcc"):
            return self.skip(name, "there is no gcc, whose libtsan is used")
        if self.run(["gcc", "-fsanitize=thread", "-shared", "-o", out / "probe.so", "-x", "c", "/dev/null"])[0]:
            return self.skip(name, "gcc has no libtsan")
        if os.uname().machine not in ("x86_64", "aarch64"):
            return self.skip(name, "rustc has no ThreadSanitizer for this CPU")
        sanitize = ["-Zsanitizer=thread", "-Zexternal-clangrt", "-g"]
        minor = int(re.match(r"rustc 1\.(\d+)", self.run([self.rustc, "-V"])[1])[1])
        if minor >= 91:
            sanitize.append("-Cunsafe-allow-abi-mismatch=sanitizer")
        boot = {"RUSTC_BOOTSTRAP": "1"}
        code, _, err = self.run(["gcc", "-O1", "-c", "-o", out / "glue.o", ROOT / "compat/rust/tsan.c"])
        if code == 0:
            code, _, err = self.compile_crate(out, *sanitize, **boot)
        if code == 0:
            code, _, err = self.compile(HERE / "tests.rs", "bin", out, *sanitize, "-Clinker=gcc",
                                        "-Cdefault-linker-libraries=yes", "-Clink-arg=-fsanitize=thread",
                                        f"-Clink-arg={out}/glue.o", **boot)
        if not self.result(code == 0, f"the tests compile for {name}", err):
            return None
        options = "halt_on_error=0:exitcode=66:second_deadlock_stack=1"
        code, text, err = self.run([out / "tests", "--races", 40], TSAN_OPTIONS=options)
        races = re.findall(r"^ok \d+ - (\S+)$", text, re.M)
        self.result(code == 0 and "WARNING: ThreadSanitizer" not in err and len(races) >= 10,
                    f"{len(races)} races under {name}: no report", text + "\n".join(err.splitlines()[:60]))
        code, text, err = self.run([out / "tests", "child-planted-race"], TSAN_OPTIONS=options)
        self.result(code == 66 and "data race" in err and "death.rs" in err,
                    f"{name} reports a planted race, with its line", text + err)
        return None

    def skip(self, name, reason):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {reason}", flush=True)

    def mistakes(self):
        """Each mistake is a module. rustc finds errors in four phases, and does not begin one if the
        phase before has found any: so all mistakes of a phase are compiled at once."""
        text = (HERE / "mistakes.rs").read_text()
        head, *parts = re.split(r"^// ([a-z-]+) EXPECT: (.*)\n", text, flags=re.M)
        parts = list(zip(parts[::3], parts[1::3], parts[2::3]))

        def phase(expect):
            if expect in ("E0277", "E0308", "E0599"):
                return "types"
            return {"alignment": "code", "unused": "lints"}.get(expect.split()[0], "borrows")

        def compiled(name):
            """Compiles the mistakes of a phase, without their mistakes if there is no such phase.
            Returns the errors, and for each mistake its first line and the lines that are wrong."""
            lines, places = head.splitlines(), {}
            for title, expect, body in parts:
                if name and phase(expect) != name:
                    continue
                begin = len(lines) + 1
                wrong = set()
                for line in ["mod " + title.replace("-", "_") + " {", "use super::*;", *body.splitlines(), "}"]:
                    if "// MISTAKE" in line:
                        if not name:
                            continue
                        wrong.add(len(lines) + 1)
                    lines.append(line)
                places[title] = (begin, len(lines), wrong)
            lines.append("fn main() { " + " ".join(t.replace("-", "_") + "::mistake();" for t in places) + " }")
            path = self.work / f"mistakes-{name or 'none'}.rs"
            path.write_text("\n".join(lines) + "\n")
            err = self.run([
                self.rustc, "--edition=2021", f"-L{self.work}", f"-Lnative={self.library}", "--extern", "libfence", "-Aunused",
                "-Dunused_must_use", "--crate-name=mistakes", *(["--cfg", "mistake"] if name else []),
                "--check-cfg=cfg(mistake)", "--error-format=json", "--emit=" + ("obj" if name == "code" else "metadata"),
                "-o", self.work / "mistakes.out", path])[2]
            errors = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
            return [e for e in errors if e["level"] == "error" and e["spans"]], places

        errors, _ = compiled(None)
        self.result(not errors, "without the mistakes it compiles", "".join(e["rendered"] for e in errors))
        for name in ("types", "borrows", "code", "lints"):
            errors, places = compiled(name)
            for title, expect, _ in parts:
                if title not in places:
                    continue
                begin, end, wrong = places[title]
                # An error of generated code is in the crate. There is one such mistake.
                mine = [e for e in errors if name == "code" or any(begin <= line <= end for line in all_lines(e))]
                fits = [e for e in mine if expect == (e["code"] or {}).get("code") or " " in expect and expect in e["rendered"]]
                self.result(fits and len(fits) == len(mine) and (name == "code" or any(wrong & all_lines(e) for e in fits)), f"mistake {title}",
                            f"not one error {expect!r}, in lines {wrong}:\n" + "".join(e["rendered"] for e in mine))
        self.result(len(parts) >= 20, f"{len(parts)} mistakes were tried")

    def all(self, only):
        def wanted(part):
            return only in (None, part)
        code, _, err = self.compile_crate(self.work)
        if not self.result(code == 0, "the crate compiles", err) or only == "compile":
            return
        if wanted("declarations"):
            for passed, name, text in ffi.check(self):
                self.result(passed, name, text)
        if wanted("examples"):
            self.examples()
            self.build_script()
        if only is None or only == "run" or only not in PARTS:
            self.tests(only if only not in PARTS else None)
        if wanted("tsan"):
            self.tsan()
        if wanted("mistakes"):
            self.mistakes()


def all_lines(message):
    """The lines that a message of rustc is about, also those in its notes."""
    spans = list(message["spans"]) + [s for child in message["children"] for s in child["spans"]]
    return {line for s in spans if "mistakes" in s["file_name"] for line in range(s["line_start"], s["line_end"] + 1)}


def why_not():
    """Why the tests cannot run, or None."""
    for name in ("rustc", "rustdoc"):
        found = toolchain.find(name)
        if not found or not shutil.which(found):
            return f"there is no {name}. {toolchain.HINT}"
    version = subprocess.run([toolchain.find("rustc"), "-V"], capture_output=True, text=True).stdout
    number = re.match(r"rustc 1\.(\d+)", version)
    if not number or int(number[1]) < toolchain.OLDEST:
        return f"rustc is {version.strip() or 'broken'}, and has to be 1.{toolchain.OLDEST} or newer. {toolchain.HINT}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--source", type=pathlib.Path, default=ROOT / "include/libfence/rust")
    parser.add_argument("--lenient", action="store_true")
    parser.add_argument("--only")
    args = parser.parse_args()
    reason = why_not()
    if reason:
        print(f"SKIPPED: the Rust crate is not tested: {reason}", file=sys.stderr)
        return SKIP
    with tempfile.TemporaryDirectory() as work:
        crate = Crate(args.build, args.source, pathlib.Path(work), args.lenient)
        crate.all(args.only)
        print(f"1..{crate.number}")
    return int(crate.failed)


if __name__ == "__main__":
    sys.exit(main())
