# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Builds the crate "kernel" of a tree and the C below it, in a folder of a build
directory: bindings, the tree's rust/helpers/, glue.c, and the crate itself."""
import concurrent.futures
import json
import pathlib
import re
import subprocess

import bindings
import crate
import toolchain
from toolchain import Failed, digest

HERE = pathlib.Path(__file__).resolve().parent

TESTS = HERE.parents[1] / "tests/rust"

# The files of the tree's rust/helpers/ that are taken.
HELPERS = ["atomic", "atomic_ext", "barrier", "bug", "build_bug", "completion", "dma_fence", "err", "interrupt", "list",
           "mutex", "processor", "rbtree", "rcu", "refcount", "signal", "slab", "spinlock", "srcu", "string", "sync", "task", "time",
           "wait", "workqueue", "xarray"]


class Settings:
    """How C is compiled in a build directory."""
    def __init__(self, build):
        path = build / "compat/rust/rust.settings"
        if not path.exists():
            raise Failed(f"{build} is no build directory of this version: configure it again")
        values = dict(line.split("=", 1) for line in path.read_text().splitlines())
        self.compiler = values["compiler"].split("\t")
        self.flags = values["flags"].split("\t") + [f"-I{d}" for d in values["includes"].split("\t")]
        self.library, self.sanitize, self.checks = pathlib.Path(values["library"]), values["sanitize"], values["checks"] == "true"


class Kernel:
    def __init__(self, build, tree, series, extra, work, more, say):
        self.settings, self.tree, self.series, self.say = Settings(build), tree.resolve(), series, say
        self.work = work
        self.work.mkdir(parents=True, exist_ok=True)
        self.tools = toolchain.Toolchain(tree, self.work, self.settings.sanitize, self.settings.checks)
        self.crate = crate.Crate(self.tree, series, self.work / "kernel")
        self.extra, self.more = extra, more
        self.c = [*self.settings.compiler, *self.settings.flags, f"-I{HERE}", "-D__rust_helper=", "-include", f"{HERE}/glue.h"]

    def helper_files(self):
        found = []
        for name in HELPERS:
            for top in (self.series, self.tree):
                path = top / f"rust/helpers/{name}.c" if top else None
                if path and path.exists():
                    found.append(path.resolve())
                    break
        # A series may add helpers under other names.
        if self.series and (self.series / "rust/helpers").is_dir():
            for path in sorted((self.series / "rust/helpers").glob("*.c")):
                if path.resolve() not in found:
                    found.append(path.resolve())
        return found

    def compile_c(self, source, text=None):
        """Compiles a file of C, unless it is up to date. Returns the object and, if it
        does not compile, the errors."""
        name = re.sub(r"\W", "_", f"{source.parent.name}_{source.stem}")
        out, depends, stamp = (self.work / f"{name}.{s}" for s in ("o", "d", "key"))
        # -w would hide the error, too.
        command = [*self.c, "-Werror=implicit-function-declaration", "-c", source, "-o", out, "-MMD", "-MF", depends]
        key = digest(*map(str, command))
        if out.exists() and stamp.exists():
            files = [pathlib.Path(f) for f in depends.read_text().replace("\\\n", " ").split()[1:]]
            if stamp.read_text() == digest(key, *files):
                return out, None
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return out, done.stderr
        files = [pathlib.Path(f) for f in depends.read_text().replace("\\\n", " ").split()[1:]]
        stamp.write_text(digest(key, *files))
        return out, None

    def build_c(self, generated):
        """The archive of C: helpers, glue, wrappers."""
        sources = [HERE / "glue.c", *generated]
        if "thread" in self.settings.sanitize:
            sources.append(HERE / "tsan.c")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            done = list(pool.map(self.compile_c, self.helpers + sources))
        objects = []
        for source, (out, errors) in zip(self.helpers + sources, done):
            if errors and source in self.helpers:
                self.lacking[source.name] = sorted(set(re.findall(r"implicit declaration of function [‘'](\w+)", errors)))
            elif errors:
                raise Failed(f"{source} does not compile:\n{errors}")
            else:
                objects.append(out)
        archive = self.work / "libkhelpers.a"
        archive.unlink(missing_ok=True)
        # Without times: an archive of the same objects is the same.
        subprocess.run(["ar", "rcsD", archive, *objects], check=True)

    def build(self):
        """Builds all, as far as it is not up to date."""
        self.crate.make(self.extra)
        self.tools.build_macros(self.say)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            base = pool.submit(self.tools.build_base)
            self.build_bindings()
            base.result()
        self.tools.compile("bindings", "rlib", self.work / "bindings.rs", *self.tools.target_options(),
                           "--extern", "ffi", "--extern", "pin_init", deps=[self.work / "bindings.rs", self.tools.work / "pin_init.stamp"])
        # Our headers do not tell apart the definitions that userspace may have.
        self.tools.compile("uapi", "rlib", "-", *self.tools.target_options(), "--extern", "bindings",
                           stdin="#![no_std]\npub use bindings::*;\n", deps=[self.work / "bindings.stamp"])
        files = self.crate.files()
        externs = [a for name in ("ffi", "pin_init", "build_error", "macros", "bindings", "uapi", "zerocopy", "zerocopy_derive")
                   for a in ("--extern", name)]
        try:
            self.tools.compile("kernel", "rlib", self.work / "kernel/lib.rs", *self.tools.target_options(), *externs,
                                      deps=[*files.values(), self.work / "bindings.stamp"])
        except toolchain.CompileError as error:
            raise Failed(self.explain(error)) from None
        self.build_support()

    def build_bindings(self):
        work = self.work / "c"
        work.mkdir(exist_ok=True)
        self.lacking = {}
        helpers = self.helper_files()
        files = self.crate.files()
        wanted, constants = set(), set()
        # Tests name C, too.
        for path in [*files.values(), *self.more, *sorted(TESTS.glob("*.rs"))]:
            text = path.read_text()
            wanted |= set(re.findall(r"\b(?:bindings|uapi)::(\w+)", text))
            for group in re.findall(r"\b(?:bindings|uapi)::\{([^}]*)\}", text):
                wanted |= set(re.findall(r"\w+", group))
            wanted |= set(re.findall(r'#\[export\]\s*(?:pub )?(?:unsafe )?extern "C" fn (\w+)', text))
            # Macros may name constants, as those of error.rs.
            constants |= set(re.findall(r"\b_?[A-Z][A-Z0-9_]{2,}\b", text))
        # What earlier files of tests named stays: the crate is not compiled again for each file.
        named = work / "named.json"
        if named.exists():
            old = json.loads(named.read_text())
            wanted |= set(old["wanted"])
            constants |= set(old["constants"])
        crate.write(named, json.dumps({"wanted": sorted(wanted), "constants": sorted(constants)}))
        self.helpers = helpers
        generated, key_file, depends = work / "wrappers.c", work / "bindings.key", work / "bindings.d"
        inputs = [*map(str, self.c), *sorted(wanted), "", *sorted(constants), "", *map(str, helpers), *helpers,
                  self.tree / "rust/bindings/bindings_helper.h", *sorted(HERE.glob("*.py")), *sorted(HERE.glob("*.h"))]

        def key():
            return digest(*inputs, *map(pathlib.Path, depends.read_text().replace("\\\n", " ").split()[1:]))
        if not (generated.exists() and depends.exists() and key_file.exists() and key_file.read_text() == key()):
            try:
                made = bindings.Bindings(self.c, work)
                for helper in helpers:
                    wanted |= made.add_helper(helper)
                wanted |= constants & made.macros
                text = made.make(wanted, self.tree)
                made.cpp(made.header, "-M", "-MF", str(depends), "-MT", "bindings")
            except bindings.NoCompile as error:
                raise Failed(f"libfence's headers do not compile:\n{error}") from None
            crate.write(self.work / "bindings.rs", text.replace(*self.printk(text)))
            crate.write(generated, made.wrapper_source())
            key_file.write_text(key())
        self.build_c([generated])
        for name, lacks in self.lacking.items():
            self.say(f"rust/helpers/{name} IS LEFT OUT: no header has {', '.join(lacks) or 'what it needs'}")

    @staticmethod
    def printk(text):
        """The crate's _printk() is that of glue.c, which knows %pA."""
        found = re.search(r'(    #\[link_name = "\w+"\]\n)?    pub fn _printk\(', text)
        if not found:
            return "", ""
        return found.group(0), '    #[link_name = "libfence_rust_printk"]\n    pub fn _printk('

    def link_options(self):
        options = [f"-Lnative={self.work}", "-lstatic:+whole-archive=khelpers", f"-Lnative={self.settings.library}", "-lfence",
                   f"-Clinker={self.settings.compiler[0]}", f"-Clink-arg=-Wl,-rpath,{self.settings.library}",
                   "-Cdefault-linker-libraries=yes"]
        if self.settings.sanitize != "none":
            options.append(f"-Clink-arg=-fsanitize={self.settings.sanitize}")
        return options

    def build_support(self):
        """The crate "fence_test", which tests may use."""
        self.tools.compile("fence_test", "rlib", HERE / "fence_test.rs", *self.tools.target_options(), "--extern", "kernel",
                           deps=[HERE / "fence_test.rs", self.work / "kernel.stamp"])

    def program(self, name, source, files=(), options=()):
        """Builds a program of tests, #[test], from a file of Rust."""
        externs = [a for crate in ("kernel", "ffi", "pin_init", "macros", "bindings", "fence_test", "zerocopy", "zerocopy_derive")
                   for a in ("--extern", crate)]
        features = "arbitrary_self_types, custom_test_frameworks, generic_arg_infer, used_with_arg"
        self.tools.compile(name, "bin", source, "--test", f"-Zcrate-attr=feature({features})",
                           "-Zcrate-attr=test_runner(fence_test::run_tests)", *self.tools.target_options(), *externs, *self.link_options(), *options,
                           deps=[source, *files, self.work / "kernel.stamp", self.work / "fence_test.stamp",
                                 self.work / "libkhelpers.a"])
        return self.work / name

    def explain(self, error):
        why = "".join(f"rust/kernel/{m}.rs is not among the modules that are taken: {crate.LEFT_OUT[m]}.\n"
                      for m in self.extra if m in crate.LEFT_OUT)
        return why + explain(error, self.tree, self.work / "kernel", self.series)


NOT_FOUND = [
    (r"cannot find (\w+(?: \w+)*) `(\w+)` in crate `bindings`", "the C {0} {1}, which the shim's headers do not have"),
    (r"unresolved imports? `(?:(?:crate|kernel)::)?(\w+)[^`]*`", "the module {0} of the crate"),
    (r"cannot find `(\w+)` in `crate`", "the module {0} of the crate"),
    (r"could not find `(\w+)` in the crate root", "the module {0} of the crate"),
    (r"could not find `(\w+)` in `(\w+)`", "{0} of the module {1}"),
    (r"cannot find macro `(\w+)` in this scope", "the macro {0}!"),
    (r"cannot find (\w+(?: \w+)*) `(\w+)` in (?:module|crate) `(\w+)`", "the {0} {1} of {2}"),
    (r"cannot find (\w+(?: \w+)*) `(\w+)` in this scope", "the {0} {1}"),
]


def lacks(message):
    """The name that is missing, according to a message of rustc, or None."""
    text = message.get("message", "")
    for pattern, form in NOT_FOUND:
        found = re.search(pattern, text)
        if found:
            return form.format(*found.groups())
    return None


def explain(error, tree, folder, series):
    """The names that a crate lacks, one line for each file and name."""
    lines = {}
    other = []
    for message in error.messages:
        if message.get("level") != "error" or not message.get("spans"):
            continue
        # The first may be that of a similar name.
        span = next((s for s in message["spans"] if s.get("is_primary")), message["spans"][0])
        name = span["file_name"]
        name = re.sub(rf"^{re.escape(str(folder))}/", "rust/kernel/", name)
        lack = lacks(message)
        if lack:
            lines.setdefault(name, []).append(f"{lack} (line {span['line_start']})")
        else:
            other.append(message.get("rendered", ""))
    text = []
    for name, all_lacks in lines.items():
        text.append(f"{name} needs")
        seen = set()
        for lack in all_lacks:
            key = lack.split(" (line")[0]
            if key not in seen:
                seen.add(key)
                text.append(f"    {lack}")
    if not text:
        text = [f"the crate {error.crate} does not compile:", *(other or [error.text])]
    elif other:
        text.append(f"and {len(other)} more errors, which may follow from these; the first is\n{other[0]}")
    return "\n".join(text)
