# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Makes the folder of the crate "kernel": links to the files of a kernel tree, unmodified.
Only lists are filtered, line by line: the "mod" lines of lib.rs and sync.rs, and the
re-exports of the modules that are left out. docs/rust.md says what that means."""
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent

# The modules of rust/kernel/ that are taken, and why each is.
MODULES = {
    "alloc": "KBox, KVec and the other containers",
    "bitfield": "the macro for registers",
    "bits": "bit masks",
    "bug": "warn_on!",
    "build_assert": "assertions at build time",
    "dma_buf": "the series' fences",
    "error": "Error and Result",
    "fmt": "formatting",
    "impl_flags": "the macro for flags",
    "init": "initialisers in place",
    "interop": "C's list_head",
    "interrupt": "disabled interrupts, for locks",
    "ioctl": "numbers of ioctls",
    "list": "intrusive lists of Arc",
    "module": "ThisModule",
    "num": "bounded integers",
    "pid_namespace": "for tasks",
    "prelude": "what all code imports",
    "print": "pr_info! and others",
    "processor": "cpu_relax()",
    "ptr": "alignment, projections",
    "rbtree": "trees",
    "revocable": "objects that are taken away from their users",
    "safety": "unsafe_precondition_assert!",
    "seq_file": "seq_print!",
    "sizes": "SZ_4K and others",
    "std_vendor": "dbg!",
    "str": "strings",
    "sync": "locks, Arc, ARef, atomics, RCU: see SYNC",
    "task": "current!, might_sleep()",
    "time": "clocks, delays, hrtimers",
    "transmute": "FromBytes, AsBytes",
    "types": "Opaque, ForeignOwnable, ScopeGuard",
    "workqueue": "work items, also delayed",
    "xarray": "XArray",
}

# The modules of rust/kernel/sync/.
SYNC = ["arc", "aref", "atomic", "barrier", "completion", "condvar", "lock", "locked_by", "rcu", "refcount", "set_once", "srcu"]

# Our own, in place of the tree's: alloc names three items of "page", and task one of "mm".
OWN = {"mm": "mm.rs", "page": "page.rs"}

# Why a module is left out. One that is not listed was not tried: name its file, and what it
# lacks is said.
LEFT_OUT = {
    "bitmap": "the shim has no bitmap functions",
    "cred": "a process here has no struct cred",
    "device": "devices here have no driver core",
    "dma": "devices here have no driver core",
    "io": "there are no device registers",
    "kunit": "the tests of #[kunit_tests] are not built",
    "maple_tree": "the shim has no maple tree",
    "mm": "there is no address space: mm.rs has the names that task uses",
    "page": "the shim has no pages: page.rs has the names that alloc uses",
    "uaccess": "userspace is not another address space",
    "sync/poll": "needs the module fs",
}


def module_of(name):
    """The module of a file of rust/kernel/, as in extra of Crate.make()."""
    parts = pathlib.PurePath(name).with_suffix("").parts
    if len(parts) > 1 and parts[1] != "mod" and (parts[0] == "sync" or parts[0] not in MODULES):
        return "/".join(parts[:2])
    return parts[0]


def is_taken(module):
    return module in MODULES or module.removeprefix("sync/") in SYNC and module.startswith("sync/")


class Missing(Exception):
    """A file that the tree should have, and does not."""


def prepare(folder, target):
    """Makes the folders of a file in folder. None of them may be a link: a file there would be
    the tree's."""
    at = folder
    for part in target.relative_to(folder).parts[:-1]:
        at = at / part
        if at.is_symlink():
            at.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    if folder.resolve() not in [target.parent.resolve(), *target.parent.resolve().parents]:
        raise RuntimeError(f"{target} is not in {folder}")


def link(folder, source, target):
    prepare(folder, target)
    if target.is_symlink():
        if target.readlink() == source:
            return
        target.unlink()
    target.symlink_to(source)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        path.unlink()
    # An unchanged file keeps its time.
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def only_modules(text, kept):
    """A module's file with nothing but these modules and what it re-exports of them."""
    lines = [l for l in filter_modules(text, kept).split("\n") if l.startswith("//!") or re.match(r"(?:pub )?mod \w+;", l)]
    there = {found.group(1) for l in lines if (found := re.match(r"(?:pub )?mod (\w+);", l))}
    uses = [found.group(0) for found in re.finditer(r"^pub use (?:self::)?(\w+)::[^;]*;$", text, re.M) if found.group(1) in kept]
    return "\n".join([*lines, *(f"pub mod {k};" for k in sorted(kept - there)), *uses, ""])


def filter_modules(text, kept):
    """Without the "mod" lines that are not in kept, and their attributes."""
    out = []
    for line in text.split("\n"):
        found = re.match(r"(?:pub )?mod (\w+);", line)
        if found and found.group(1) not in kept:
            while out and re.match(r"#\[", out[-1]):
                out.pop()
            continue
        # A cfg of the kernel's configuration does not keep a module out that is wanted.
        if found:
            while out and re.match(r"#\[cfg\(", out[-1]):
                out.pop()
        out.append(line)
    return "\n".join(out)


class Crate:
    """The folder of one tree, with one series."""
    def __init__(self, tree, series, folder):
        self.tree, self.series, self.folder = tree, series, folder
        self.modules, self.made = [], []

    def tops(self):
        return [top / "rust/kernel" for top in (self.series, self.tree) if top]

    def source(self, name):
        """A file of rust/kernel/: the series' first, then the tree's."""
        return next(((top / name).resolve() for top in self.tops() if (top / name).is_file()), None)

    def module_files(self, name):
        """The files of a module, as in rust/kernel/: its file, and those of its folder."""
        found = {f"{name}.rs"} if self.source(f"{name}.rs") else set()
        for top in self.tops():
            found |= {str(p.relative_to(top)) for p in (top / name).rglob("*") if p.is_file()}
        return sorted(found)

    def new_modules(self):
        """The modules that the series adds to the tree, as "drm/jq" or "sync/dma_fence": those
        of a folder that is taken come with it."""
        if not self.series or (self.series / "Makefile").exists():
            return []
        top = self.series / "rust/kernel"
        names = {str(p.relative_to(top)) for p in top.rglob("*.rs") if not (self.tree / "rust/kernel" / p.relative_to(top)).exists()}
        return sorted({m for m in map(module_of, names) if not is_taken(m)} - {"lib", "prelude", "sync"})

    def make(self, extra=()):
        """Makes the folder. extra: more modules, as "time", "sync/condvar", or "drm/jq": one of
        a module that is left out."""
        extra_sync = [e.removeprefix("sync/") for e in extra if e.startswith("sync/")]
        extra_top = [e for e in extra if "/" not in e]
        parts = {}
        for top, part in (e.split("/") for e in extra if "/" in e):
            if top != "sync" and top not in extra_top:
                parts.setdefault(top, set()).add(part)
        for name in [*MODULES, *extra_top]:
            if self.module_files(name) and name not in self.modules:
                self.modules.append(name)
        own = {f"{o}.rs": HERE / file for o, file in OWN.items() if o not in extra_top}
        kept = {*self.modules, *parts, *(o.removesuffix(".rs") for o in own)}
        modules = [m for m in self.modules if m not in ("prelude", "sync")] + [f"sync/{n}" for n in SYNC + extra_sync]
        modules += [f"{top}/{part}" for top in parts for part in parts[top]]
        links = {f: self.source(f) for m in modules for f in self.module_files(m)} | own
        texts = {"lib.rs": self.lib(kept), "sync.rs": self.sync(set(SYNC + extra_sync)), "prelude.rs": self.prelude(kept)}
        for top, names in parts.items():
            name = next((n for n in (f"{top}.rs", f"{top}/mod.rs") if self.source(n)), f"{top}/mod.rs")
            texts[name] = only_modules(self.read(name) if self.source(name) else "", names)
        for path in list(self.folder.rglob("*")):
            if (path.is_symlink() or not path.is_dir()) and str(path.relative_to(self.folder)) not in links | texts:
                path.unlink()
        for name, source in links.items():
            link(self.folder, source, self.folder / name)
        for name, text in texts.items():
            write(self.folder / name, text)
        self.made = [*links, *texts]

    def read(self, name):
        source = self.source(name)
        if not source:
            raise Missing(f"{self.tree} has no rust/kernel/{name}: it has to be a kernel tree, 7.3 or newer, with its rust/ folder")
        return source.read_text()

    def lib(self, kept):
        text = self.read("lib.rs")
        there = set(re.findall(r"^(?:pub )?mod (\w+);", text, re.M))
        text = filter_modules(text, kept)
        # std has a panic handler.
        text = re.sub(r"#\[cfg\(not\(testlib\)\)\]\n#\[panic_handler\]\n.*?\n}\n", "", text, flags=re.S)
        # A series may add modules whose line in lib.rs is not in the tree.
        more = "".join(f"pub mod {m};\n" for m in sorted(kept - there))
        return re.sub(r"^pub mod alloc;\n", lambda found: found.group(0) + more, text, flags=re.M)

    def sync(self, kept):
        text = self.read("sync.rs")
        there = set(re.findall(r"^(?:pub )?mod (\w+);", text, re.M))
        text = filter_modules(text, kept)

        def keep(match):
            return match.group(0) if match.group(1) in kept else ""
        text = re.sub(r"^pub use (\w+)::[^;]*;\n", keep, text, flags=re.M)
        return text + "".join(f"pub mod {m};\n" for m in sorted(kept - there) if self.module_files(f"sync/{m}"))

    def prelude(self, kept):
        text = self.read("prelude.rs")
        if "task" not in kept:
            text = re.sub(r"    current,\n", "", text)
        if "device" not in kept:
            text = re.sub(r"    dev_\w+,\n", "", text)
        if "uaccess" not in kept:
            text = re.sub(r"    uaccess::UserPtr,\n", "", text)
        return text

    def files(self):
        """The files of Rust, by their names in rust/kernel/."""
        return {n: self.folder / n for n in sorted(self.made) if n.endswith(".rs")}
