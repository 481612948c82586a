#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""mutants.py BUILD TREE [NAME...]: breaks copies of the series' dma_fence.rs, which TREE or
the folder SERIES has, and checks that a test of fence.rs finds each fault. Prints TAP."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = "rust/kernel/dma_buf/dma_fence.rs"

# Name: the text to replace (a regular expression), its replacement, and the test that has to fail.
MUTANTS = {
    "unregister-skips-the-removal": (
        r"bindings::dma_fence_remove_callback\(self\.fence\.as_raw\(\), self\.callback_foreign\.get\(\)\)",
        "bindings::dma_fence_test_signaled_flag(self.fence.as_raw()) || "
        "bindings::dma_fence_remove_callback(self.fence.as_raw(), self.callback_foreign.get())",
        "unregister_waits_for_the_callback"),
    "is-signaled-without-the-lock": (r"let _ = self\.lock\(\);", "", "is_signaled_comes_after_the_callbacks"),
    "drop-without-an-error": (
        r"unsafe \{ bindings::dma_fence_set_error\(guard\.as_raw\(\), ECANCELED\.to_errno\(\)\) \};", "",
        "dropped_fence_is_cancelled"),
    "signal-loses-the-error": (
        r"unsafe \{ bindings::dma_fence_set_error\(fence\.as_raw\(\), err\.to_errno\(\)\) \};", "let _ = err;",
        "error_is_kept"),
    "data-is-never-dropped": (r"unsafe \{ drop_in_place\(&raw mut \(\*fence_data\)\.data\) \};", "",
                              "context_drop_against_consumers"),
    "data-is-dropped-at-once": (
        r"bindings::call_rcu\(rcu_head_ptr, Some\(drop_driver_fence_data::<T>\)\)",
        "drop_driver_fence_data::<T>(rcu_head_ptr)", "names_against_context_drop"),
    "context-does-not-wait": (r"\n\s*rcu_barrier\(\);", "", "context_drop_against_consumers"),
    "forgotten-fences-are-ignored": (r"nr_of_unsignaled_fences\.load\(Relaxed\) != 0", "nr_of_unsignaled_fences.load(Relaxed) == usize::MAX",
                                     "forgotten_fence_stops_the_context"),
    "seqno-stands-still": (r"self\.seqno\.fetch_add\(1, Relaxed\)", "self.seqno.fetch_add(0, Relaxed)",
                           "seqnos_rise_from_the_first"),
    "refused-callback-is-an-error": (r"if e == ENOENT \{", "if e == EINVAL {", "refused_callback_comes_back"),
    "callback-is-not-dropped": (r"unsafe \{ ManuallyDrop::<T>::drop\(self\.project\(\)\.callback\) \};", "",
                                "registration_drops_its_callback"),
}


def run(build, tree, series, *names):
    done = subprocess.run([ROOT / "compat/rust/rust.py", build, tree, "--work", "mutant", "--timeout", "60", *names],
                          env={**os.environ, "SERIES": str(series), "RUST_BACKTRACE": "0"}, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def main():
    build, tree = map(pathlib.Path, sys.argv[1:3])
    series = pathlib.Path(os.environ.get("SERIES") or tree)
    original = series / FILE
    if not original.exists():
        print(f"1..0 # SKIP {series} has no {FILE}")
        return 0
    names = sys.argv[3:] or list(MUTANTS)
    copy = build.resolve() / "rust-mutant"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(original.parent, copy / "rust/kernel/dma_buf")
    (copy / "rust/helpers").mkdir()
    for helper in (series / "rust/helpers").glob("dma_fence.c"):
        shutil.copy(helper, copy / "rust/helpers")
    text = original.read_text()
    print(f"1..{len(names) + 1}")
    # The sound copy passes all that the broken ones fail.
    code, out, err = run(build, tree, copy, *[f"fence::{m[2]}" for m in MUTANTS.values()])
    print(f"{'ok' if code == 0 else 'not ok'} 1 - sound", flush=True)
    failed = code != 0
    if failed:
        print("".join(f"# {line}\n" for line in (out + err).splitlines()))
    for number, name in enumerate(names, 2):
        pattern, by, test = MUTANTS[name]
        broken, count = re.subn(pattern, lambda _: by, text)
        problem = None
        if count != 1:
            problem = f"the place to break is there {count} times"
        else:
            (copy / FILE).write_text(broken)
            code, out, err = run(build, tree, copy, f"fence::{test}")
            if not re.search(rf"^not ok \d+ - fence::{test}$", out, re.M):
                problem = f"{test} did not find it:\n{out}{err}"
        failed |= problem is not None
        print(f"{'not ok' if problem else 'ok'} {number} - {name}", flush=True)
        if problem:
            print("".join(f"# {line}\n" for line in problem.splitlines()), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
