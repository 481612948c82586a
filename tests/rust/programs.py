#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""programs.py SOURCE: checks how compat/rust/ prepares files of tests, and that a file of C with
a function that no header declares does not compile. Prints the faults."""
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/compat/rust")
import kernel_crate
import rust

MODULE = """//! A module.
module! {
    type: Mine,
    name: "my-driver",
    license: "GPL",
}
"""
LOGS = """//! Tests.
mod helper;
mod elsewhere;
pub(crate) mod other;
#[test]
fn one() { pr_info!("1\\n"); }
"""


def main():
    wrong = []

    def check(what, found):
        if not found:
            wrong.append(what)
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        work = top / "work"
        work.mkdir()
        (top / "helper.rs").write_text("")
        (top / "other").mkdir()
        (top / "other/mod.rs").write_text("")

        def prepared(text):
            (top / "file.rs").write_text(text)
            path, options = rust.prepared(top / "file.rs", "file", work)
            return path, path.read_text(), options
        path, text, options = prepared("#[test]\nfn one() {}\n")
        check("a plain file is compiled itself", path == top / "file.rs" and not options)
        path, text, options = prepared(MODULE)
        check("a module is loaded and unloaded", "__my_driver_init() -> i32" in text and "__my_driver_exit();" in text)
        check("its text comes first", text.startswith(MODULE))
        check("rustc calls it by its name", options == [f"--remap-path-prefix={path.parent}={top}"] and path.name == "file.rs")
        path, text, _ = prepared(MODULE + "#[test]\nfn one() {}\n")
        check("a module with tests is compiled itself", path == top / "file.rs")
        _, text, _ = prepared(LOGS)
        check("messages have a name", text.endswith('\nconst __LOG_PREFIX: &[u8] = b"file\\0";\n'))
        check("a module beside the file", f'\n#[path = "{top}/helper.rs"] mod helper;\n' in text)
        check("a module in a folder", f'\n#[path = "{top}/other/mod.rs"] pub(crate) mod other;\n' in text)
        check("a module that is not there", "\nmod elsewhere;\n" in text)
        path, _, _ = prepared(LOGS + 'const __LOG_PREFIX: &[u8] = b"mine\\0";\n')
        check("a name of one's own stays", path == top / "file.rs")

        # A test is a process, whose status and text count.
        (top / "test").write_text("#!/bin/sh\ncase $1 in warns) echo 'libfence: WARNING at a.rs:1 f(): x';; fails) exit 1;; esac\n")
        (top / "test").chmod(0o755)
        for name, passes in (("good", True), ("warns", False), ("fails", False)):
            check(f"the test {name}", rust.run_one(rust.Test(name, top / "test", name), {}, 10)[0] == passes)

        kernel = kernel_crate.Kernel.__new__(kernel_crate.Kernel)
        kernel.work, kernel.c = work, ["cc", "-std=gnu11"]
        (top / "good.c").write_text("int one(void) { return 1; }\n")
        (top / "bad.c").write_text("int one(void) { return two(); }\n")
        check("C compiles", kernel.compile_c(top / "good.c")[1] is None)
        check("a function that is not declared", "two" in (kernel.compile_c(top / "bad.c")[1] or ""))
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
