#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""mutants.py BUILD [NAME...]: breaks copies of the Rust crate, one fault each, and checks that the
test of crate.py that is named here finds it. MUTANTS_PERCENT=N in the
environment tries N of 100, chosen by chance; MUTANTS_SEED repeats a choice. Prints TAP."""
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "include/libfence/rust"

# Name: the file, what is replaced (a regular expression), by what, and the test that has to fail.
MUTANTS = {
    "signal-loses-the-error": ("driver_fence", r"\|error\| error\.to_errno\(\), \|\(\)\| 0", "|_| 0, |()| 0", "results_are_kept"),
    "status-loses-the-error": ("fence", r"\|\| Error::check\(status\)\.map\(drop\)", "|| Ok(())", "results_are_kept"),
    "signal-drops-the-fence-too": ("driver_fence", r"let fence = ManuallyDrop::new\(self\);", "let fence = self;", "results_are_kept"),
    "payload-is-never-dropped": ("driver_fence", r"if needs_drop::<T::FenceDataType>\(\)", "if false", "payload_is_dropped_once"),
    "refused-payload-is-leaked": ("driver_fence", r"drop\(ManuallyDrop::into_inner\(data\)\);", "let _ = &data;",
                                  "each_allocation_may_fail"),
    "allocation-frees-its-fence": ("driver_fence", r"let prep = ManuallyDrop::new\(self\);", "let prep = self;", "results_are_kept"),
    "ops-are-always-called": ("driver_fence", r"if T::HAS_OPS", "if true", "no_ops_if_there_are_none"),
    "context-without-a-section": ("driver_fence", r"let guard = ReadGuard::new\(\);", "let guard = ();",
                                  "context_drop_waits_for_readers_of_its_data"),
    "context-data-is-never-dropped": ("context", r"destroy: Some\(Self::destroy\)", "destroy: None", "context_data_is_dropped_once"),
    "refused-data-is-leaked": ("context", r"drop\(ManuallyDrop::into_inner\(data\)\);", "let _ = &data;", "context_data_is_dropped_once"),
    "clone-takes-no-reference": ("fence", r"ffi::libfence_get_raw\(self\.raw\(\)\)", "self.raw()", "signal_against_callbacks_and_waits"),
    "parts-are-not-references": ("fence", r"all\.push\(\(\*unsafe \{ Self::borrow\(part\) \}\)\.clone\(\)\);",
                                 "all.push(unsafe { Self::adopt(part.cast_mut(), code::ENOMEM) }.unwrap());", "several_fences"),
    "long-names-are-cut": ("fence", r"buf\.resize\(len \+ 1, 0\);", "return String::from_utf8_lossy(&buf).into_owned();", "seqnos_and_names"),
    "registration-is-not-ended": ("callback", r"(impl<C: FenceCallback> Drop for .*?)unsafe \{ self\.registration\.unregister\(\) \};",
                                  r"\1", "callback_is_not_called_after_its_drop"),
    "registered-callback-can-be-used": ("callback", r"if self\.registration\.fence\(\)\.is_some\(\) \{\n            return None;\n        \}",
                                        "", "callback_runs_once_for_each_registration"),
    "registered-twice": ("callback", r"if self\.fence\(\)\.is_some\(\) \{\n            return Err\(code::EBUSY\);\n        \}", "",
                         "callback_runs_once_for_each_registration"),
    "callback-is-dropped-twice": ("callback", r"let this = core::mem::ManuallyDrop::new\(self\);", "let this = self;",
                                  "refused_callback_comes_back"),
    "panic-is-swallowed": ("callback", r"        callback\.on_signal\(&fence\);",
                           "let _ = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| callback.on_signal(&fence)));",
                           "panic_in_a_callback_aborts"),
    "future-keeps-its-first-waker": ("future", r"is_some_and\(\|waker\| waker\.will_wake\(cx\.waker\(\)\)\)", "is_some()",
                                     "futures_wake_the_last_waker"),
    "future-is-not-ended": ("future", r"(impl Drop for FenceFuture .*?)unsafe \{ self\.registration\.unregister\(\) \};", r"\1",
                            "dropped_future_wakes_nobody"),
    "future-changes-the-waker-while-it-is-registered": ("future", r"            this\.registration\.unregister\(\);\n(.*)\n", r"\1\n",
                                                        "futures_wake_the_last_waker"),
    "future-loses-the-error": ("future", r"self\.fence\.status_racy\(\)\.unwrap_or\(Ok\(\(\)\)\)", "Ok(())", "futures_wake_the_last_waker"),
    "wait-is-not-interruptible": ("fence", r"self\.wait_flags\(limit\.into\(\), ffi::LIBFENCE_INTERRUPTIBLE\)",
                                  "self.wait_flags(limit.into(), 0)", "signal_handler_ends_a_wait"),
    "any-waits-for-all": ("fence", r"wait_many\(fences, ffi::LIBFENCE_ANY,", "wait_many(fences, ffi::LIBFENCE_ALL,", "several_fences"),
    "fence-of-another-reservation": ("reservation", r"if !self\.objects\.iter\(\)\.any", "if false && self.objects.iter().any",
                                     "reservations_check_their_locks"),
    "locked-reservation-is-freed": ("reservation", r"if !\*self\.locked\.get_mut\(\)", "if true", "forgotten_locks_keep_their_reservation"),
    "unlocked-reservation-is-leaked": ("reservation", r"object\.locked\.store\(false, Relaxed\)", "()", "reservations_drop_their_fences"),
    "locks-are-never-released": ("reservation", r"unsafe \{ ffi::libfence_locks_release_raw\(self\.raw\) \}", "", "reservations_in_both_orders"),
    "times-are-cut": ("time", r"unwrap_or\(ffi::LIBFENCE_FOREVER\);", "unwrap_or(0);", "times_and_instants"),
    "payload-need-not-be-send": ("context", r"type FenceDataType: Send \+ Sync", "type FenceDataType: Sync", "mistakes"),
    "payload-need-not-be-sync": ("context", r"type FenceDataType: Send \+ Sync", "type FenceDataType: Send", "mistakes"),
    "data-need-not-be-sync": ("context", r"FenceContextOps: Send \+ Sync", "FenceContextOps: Send", "mistakes"),
    "callback-need-not-be-send": ("callback", r"(FenceCallback for F|FnMut\(&Fence\)) \+ Send|FenceCallback: Send \+ 'static",
                                  lambda m: m[1] or "FenceCallback: 'static", "mistakes"),
    "callback-may-borrow": ("callback", r"FenceCallback: Send \+ 'static|\+ Send \+ 'static>",
                            lambda m: "FenceCallback: Send" if m[0][0] == "F" else "+ Send>", "mistakes"),
    "any-alignment": ("driver_fence", r"assert!\(align <= 16", "assert!(align <= 64", "mistakes"),
    "registration-may-move": ("callback", r"use core::marker::PhantomPinned;", "struct PhantomPinned;", "mistakes"),
    "locks-are-send": ("reservation", r"impl Locks<'_> \{", "unsafe impl Send for Locks<'_> {}\nimpl Locks<'_> {", "mistakes"),
    "section-is-send": ("context", r"pub struct SignallingGuard\(ffi::libfence_signalling, PhantomData<\*const \(\)>\)",
                        "pub struct SignallingGuard(ffi::libfence_signalling, PhantomData<()>)", "mistakes"),
    "wrong-argument": ("ffi", r"(fn libfence_reservation_wait.*flags): c_uint", r"\1: u64", "declarations"),
    "wrong-result": ("ffi", r"fn libfence_warn_count\(\) -> c_ulong", "fn libfence_warn_count() -> c_uint", "declarations"),
    "wrong-const": ("ffi", r"libfence_set_deadline\(fence: \*const", "libfence_set_deadline(fence: *mut", "declarations"),
    "wrong-order-of-members": ("ffi", r"    pub data: \*mut c_void,\n    pub fence: \*mut libfence,", "    pub fence: *mut libfence,\n    pub data: *mut c_void,",
                               "declarations"),
    "wrong-size": ("ffi", r"#\[repr\(C\)\]\npub struct libfence_parts", "#[repr(C, align(16))]\npub struct libfence_parts", "declarations"),
    "wrong-value": ("ffi", r"LIBFENCE_DESTROY: c_uint = 8", "LIBFENCE_DESTROY: c_uint = 16", "declarations"),
}


def run(build, source, test):
    done = subprocess.run([HERE / "crate.py", build, "--source", source, "--lenient", "--only", test], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def main():
    build = pathlib.Path(sys.argv[1])
    names = sys.argv[2:] or list(MUTANTS)
    percent = int(os.environ.get("MUTANTS_PERCENT", 100))
    if percent < 100 and not sys.argv[2:]:
        seed = os.environ.get("MUTANTS_SEED", str(random.randrange(1 << 32)))
        names = random.Random(seed).sample(names, max(1, len(names) * percent // 100))
        print(f"# MUTANTS_SEED={seed}: {len(names)} of {len(MUTANTS)} mutants")
    code, text = run(build, SOURCE, "compile")
    if code == 77:
        print(text, file=sys.stderr)
        return code
    print(f"1..{len(names)}")
    failed = False
    for number, name in enumerate(names, 1):
        file, pattern, by, test = MUTANTS[name]
        with tempfile.TemporaryDirectory() as copy:
            path = pathlib.Path(copy, "src", f"{file}.rs")
            shutil.copytree(SOURCE, copy, dirs_exist_ok=True)
            broken, count = re.subn(pattern, by, path.read_text(), flags=re.S if "Drop" in pattern else 0)
            path.write_text(broken)
            code, text = run(build, copy, test)
        problem = None
        if not count:
            problem = "the place to break is not there"
        elif code == 0:
            problem = f"{test} did not find it:\n{text}"
        elif test != "compile" and ("ok 1 - the crate compiles" not in text or "not ok 1 - " in text or "not ok 2 - the tests compile" in text):
            problem = f"it does not compile:\n{text}"
        failed |= problem is not None
        print(f"{'not ok' if problem else 'ok'} {number} - {name}", flush=True)
        if problem:
            print("".join(f"# {line}\n" for line in problem.splitlines()), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
