# SPDX-License-Identifier: GPL-2.0 OR MIT
"""rustc, and the crates that it builds from a tree without a kernel configuration: the
macros, which are built once and kept in the user's cache, and the crates that the crate
"kernel" uses."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

OLDEST = 85
# init/Kconfig of the tree: since which rustc.
SINCE = {"CONFIG_RUSTC_HAS_SPAN_FILE": 88, "CONFIG_RUSTC_HAS_UNNECESSARY_TRANSMUTES": 88,
         "CONFIG_RUSTC_HAS_FILE_WITH_NUL": 89, "CONFIG_RUSTC_HAS_FILE_AS_C_STR": 91,
         "CONFIG_RUSTC_HAS_SUSPICIOUS_RUNTIME_SYMBOL_DEFINITIONS": 98}
# CONFIG_UML: warn_on!() calls a function, with its file and line.
CONFIG = ["CONFIG_RUST", "CONFIG_ARCH_SUPPORTS_ATOMIC_RMW", "CONFIG_64BIT", "CONFIG_PRINTK", "CONFIG_SMP", "CONFIG_BUG",
          "CONFIG_UML"]
# The tree's code is not ours to lint.
QUIET = ["-Astable_features", "-Aunused_features", "-Aunknown_lints", "-Aunused", "-Amissing_docs",
         "-Ainternal_features", "-Aunexpected_cfgs"]

HINT = """Debian 13: apt-get install rustc
Debian 12: apt-get install rustc-web
or rustup's, in the PATH or in RUSTC"""


class Failed(Exception):
    """A message for the user."""


class CompileError(Exception):
    def __init__(self, crate, messages, text):
        super().__init__(crate)
        self.crate, self.messages, self.text = crate, messages, text


def find(name):
    """rustc or rustdoc: RUSTC or RUSTDOC, the PATH, or rustup's folder."""
    given = os.environ.get(name.upper())
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")) / "bin" / name
    return given or shutil.which(name) or (str(home) if home.exists() else None)


def digest(*parts):
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, pathlib.Path):
            total.update(part.read_bytes() if part.is_file() else b"-")
        else:
            total.update(str(part).encode())
        total.update(b"\0")
    return total.hexdigest()


class Toolchain:
    def __init__(self, tree, work, sanitize, checks):
        self.tree, self.work = tree.resolve(), work
        self.rustc, self.rustdoc = find("rustc"), find("rustdoc")
        if not self.rustc:
            raise Failed(f"there is no rustc. It has to be 1.{OLDEST} or newer.\n{HINT}")
        if not shutil.which(self.rustc):
            raise Failed(f"RUSTC={self.rustc} is not there, or no program")
        self.version = subprocess.run([self.rustc, "-vV"], capture_output=True, text=True).stdout
        number = re.match(r"rustc 1\.(\d+)", self.version)
        if not number:
            raise Failed(f"{self.rustc} does not work: rustc -vV prints {self.version!r}")
        self.minor = int(number.group(1))
        if self.minor < OLDEST:
            raise Failed(f"{self.rustc} is 1.{self.minor}. It has to be 1.{OLDEST} or newer.\n{HINT}")
        self.config = CONFIG + [c for c, since in SINCE.items() if self.minor >= since]
        if checks:
            # The second: might_sleep().
            self.config += ["CONFIG_LOCKDEP", "CONFIG_DEBUG_ATOMIC_SLEEP"]
        self.cfg = [a for c in self.config for a in ("--cfg", c)]
        self.sanitize = []
        if sanitize != "none":
            first = sanitize.split(",")[0]
            self.sanitize = [f"-Zsanitizer={first}", "-Zexternal-clangrt", "-Cunsafe-allow-abi-mismatch=sanitizer"]
            if self.minor < 91:
                self.sanitize.pop()
        self.env = {**os.environ, "RUSTC_BOOTSTRAP": "1", "OBJTREE": str(work), "RUST_MODFILE": "module"}
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
        self.built = 0
        self.macros = cache / "libfence/rust" / self.macros_key()[:16]

    def rust_file(self, name):
        path = self.tree / "rust" / name
        if not path.exists():
            raise Failed(f"{self.tree} has no rust/{name}: it has to be a kernel tree, 7.3 or newer, with its rust/ folder")
        return path

    def macros_key(self):
        """Of the rustc and of the sources of the macros."""
        parts = [self.version]
        for folder in ("proc-macro2", "quote", "syn", "zerocopy-derive", "macros", "pin-init/internal"):
            for path in sorted(self.rust_file(folder).rglob("*.rs")):
                state = path.stat()
                parts.append(f"{path.relative_to(self.tree)} {state.st_size}")
                if folder in ("macros", "pin-init/internal"):
                    parts.append(path)
        return digest(*parts)

    def compile(self, crate, kind, source, *options, out=None, deps=(), stdin=None, say=True, env=None):
        """Compiles a crate, unless nothing of it changed. deps: files that it depends on.
        Returns whether it was compiled."""
        out = out or self.work
        suffix = {"rlib": f"lib{crate}.rlib", "proc-macro": f"lib{crate}.so", "bin": crate}[kind]
        target = out / suffix
        command = [self.rustc, "--crate-name", crate, "--error-format=json", "--out-dir", str(out), f"-L{out}",
                   *(() if kind == "bin" else ("--crate-type", kind)), *map(str, options), str(source)]
        key = digest(self.version, *command, stdin or "", *sorted(deps))
        stamp = out / f"{crate}.stamp"
        if target.exists() and stamp.exists() and stamp.read_text() == key:
            return False
        if say:
            self.built += 1
        stamp.unlink(missing_ok=True)
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env={**self.env, **(env or {})})
        messages = []
        for line in done.stderr.splitlines():
            try:
                messages.append(json.loads(line))
            except ValueError:
                pass
        if done.returncode:
            text = "".join(m.get("rendered") or "" for m in messages if m.get("level") == "error") or done.stderr
            raise CompileError(crate, messages, text)
        stamp.write_text(key)
        return True

    def build_macros(self, say):
        """The procedural macros; in the cache."""
        out = self.macros
        if (out / "done").exists():
            return
        say("building the tree's macros, once")
        out.mkdir(parents=True, exist_ok=True)
        # They run at compile time: to optimise them costs more than it saves.
        common = ["-Copt-level=0", "-Cdebuginfo=0", "--cap-lints=allow", *QUIET]
        span = ["--cfg", "proc_macro_span_file", "--cfg", "proc_macro_span_location"] if self.minor >= 88 else []

        def feature(*names):
            return [a for n in names for a in ("--cfg", f'feature="{n}"')]
        self.compile("proc_macro2", "rlib", self.rust_file("proc-macro2/lib.rs"), "--edition=2021", *common,
                     *feature("proc-macro"), "--cfg", "wrap_proc_macro", *span, out=out)
        self.compile("quote", "rlib", self.rust_file("quote/lib.rs"), "--edition=2018", *common,
                     *feature("proc-macro"), "--extern", "proc_macro2", out=out)
        self.compile("syn", "rlib", self.rust_file("syn/lib.rs"), "--edition=2021", *common, "--extern", "proc_macro2",
                     "--extern", "quote", *feature("clone-impls", "derive", "full", "parsing", "printing",
                                                   "proc-macro", "visit", "visit-mut"), out=out)
        common += ["--edition=2021", "--extern", "proc_macro", "--extern", "proc_macro2", "--extern", "quote",
                   "--extern", "syn", *self.cfg]
        jobs = [("zerocopy_derive", "zerocopy-derive/lib.rs", ["--cfg", "zerocopy_unstable_linux"]),
                ("macros", "macros/lib.rs", []),
                ("pin_init_internal", "pin-init/internal/src/lib.rs", ["--cfg", "kernel", "--cfg", "USE_RUSTC_FEATURES"])]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for one in [pool.submit(self.compile, name, "proc-macro", self.rust_file(path), *common, *more, out=out)
                        for name, path, more in jobs]:
                one.result()
        (out / "done").touch()

    def target_options(self):
        return ["--edition=2021", "-Copt-level=1", "-g", f"-L{self.macros}", *QUIET, *self.sanitize, *self.cfg]

    def build_base(self):
        """The crates that "kernel" uses, other than the bindings."""
        common = self.target_options()
        self.compile("pin_init", "rlib", self.rust_file("pin-init/src/lib.rs"), *common, "--cfg", "kernel",
                     "--cfg", "USE_RUSTC_FEATURES", "--extern", "pin_init_internal", "--extern", "macros",
                     deps=list(self.rust_file("pin-init/src").rglob("*.rs")))
        self.compile("build_error", "rlib", self.rust_file("build_error.rs"), *common, deps=[self.rust_file("build_error.rs")])
        self.compile("ffi", "rlib", self.rust_file("ffi.rs"), *common, deps=[self.rust_file("ffi.rs")])
        self.compile("zerocopy", "rlib", self.rust_file("zerocopy/src/lib.rs"), *common, "--cap-lints=allow",
                     "--cfg", "no_fp_fmt_parse", env={"CARGO_PKG_VERSION": "0.8.54"})
