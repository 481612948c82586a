#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""layout.py [--breaches] [--arrows] [--circles] SOURCE [BUILD]

Checks that each folder has only the uses that ROWS allows. Two kinds of arrows are checked:
the #include lines, and the global symbols of the object files in the build directory
BUILD. Without BUILD, only the #include lines are checked.

Prints each breach as "file -> file: header or symbol". With --breaches, the script
tests itself: it adds a file to each row, in memory, that includes a header and uses a
symbol of every place that the row must not use, and fails if one of them is not
reported. --arrows prints all arrows, --circles all circles of files."""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ANY = ["."]

# A row is a place and the places that it may use; it may always use itself. A place is
# a folder with all that is below it ("lib"), the files of a folder without its
# subfolders ("bench/*"), or a file. The longest place that a file is in is its row.
#
# A place that may be used gives its headers, the symbols that its files define, and the
# symbols that its headers declare, wherever these are defined.
ROWS = {
    # The engine. Knows neither libfence nor the operations that are measured.
    "bench/engine": [],
    # The costs of the host's own operations. Is built without libfence's headers.
    "bench/limits": ["bench/engine"],
    # The only folder that knows libfence.
    "bench/fence": ["bench/engine", "bench/limits/futex.h", "include", "compat/include"],
    # Tables and JSON.
    "bench/report": ["bench/engine", "bench/explorer"],
    # Runs another program, the explorer.
    "bench/explorer": ["bench/engine"],
    # main.c and groups.c put them together.
    "bench/*": ["bench"],

    # The plain face: no kernel name, except in the bridge between the two faces. In a
    # kernel module, types and limits are the kernel's.
    "include/libfence": ["compat/include/linux/types.h", "compat/include/linux/limits.h"],
    "include/libfence/dma-fence.h": ["include/libfence", "include/linux", "compat/include"],
    # For language bindings. Includes nothing.
    "include/bindings": [],
    # The fence API under the kernel's names.
    "include": ["compat/include"],
    "include/uapi": ["include/libfence"],

    # dma_fence and dma_resv. Builds as kernel code.
    "lib/core": ["include/linux", "include/trace", "compat/include"],
    # <libfence/...> on the core's public functions.
    "lib/plain": ["include", "compat/include"],
    # Descriptors between processes: the only room of lib that knows the host.
    "lib/sync-file": ["include", "compat/include", "compat/host", "compat/kernel"],
    # A kernel tree's core instead of ours.
    "lib/tree": ["include", "compat/include", "compat/host", "lib/sync-file"],

    # The kernel's names.
    "compat/include": [],
    # The same of DRM, whose objects have fences in them.
    "compat/include/drm": ["compat/include", "include"],
    # compat/X.c implements <linux/X.h>.
    "compat/*": ["compat/include", "compat/host", "compat/kernel"],
    # The shim's own parts: tasks, sleeping, fork(), service threads.
    "compat/kernel": ["compat/include", "compat/host"],
    # C code of the crate "kernel": the functions that the tree's rust/helpers/*.c lack.
    "compat/rust": ["include", "compat/include"],
    # -Dchecks=true only.
    "compat/checks": ["compat/include", "compat/host", "compat/kernel"],
    # The host: libc's threads, descriptors, memory, environment; liburcu.
    "compat/host": ["compat/include/lfshim"],
}

# Below these places, no files may use each other in a circle, except for those that
# are listed, without their suffix. X.c and X.h are one file here.
CIRCLES = {
    "bench": [],
    "lib": [],
    # A payload is declared inside of a driver fence, and made by macros beside it.
    "include": [{"include/libfence/driver-fence", "include/libfence/payload"}],
    # The kernel's own knot: interrupts disabled under a lock are an RCU read-side
    # section, whose end frees memory; a thread that waits for a lock sleeps, and the
    # threads that wake it take locks. The debug checks watch all of it.
    "compat": [{
        "compat/checks/held", "compat/checks/lockdep", "compat/checks/reclaim",
        "compat/checks/spin",
        "compat/completion", "compat/host/urcu", "compat/irq_work", "compat/kernel/fork",
        "compat/kernel/readers", "compat/kernel/service", "compat/kernel/sleep",
        "compat/kernel/task",
        "compat/kthread", "compat/rcupdate", "compat/sched", "compat/signal",
        "compat/slab", "compat/spinlock", "compat/timer", "compat/wait",
    }],
}

# Where <...> is looked for when no command of the build says it.
INCLUDE_DIRS = ["include", "compat/include"]


def covers(place, path):
    if place == ".":
        return True
    if place.endswith("/*"):
        return os.path.dirname(path) == place[:-2]
    return path == place or path.startswith(place + "/")


def row_of(path):
    rows = [row for row in ROWS if covers(row, path)]
    return max(rows, key=lambda row: (len(row.removesuffix("/*")), row.endswith("/*")), default=None)


def may_use(row, path):
    return row_of(path) == row or covers(row, path) or any(covers(place, path) for place in ROWS[row])


class Tree:
    """The files of the rows, with their includes, definitions and uses."""

    def __init__(self, source, build):
        self.source = os.path.realpath(source)
        self.build = os.path.realpath(build) if build else None
        self.files = {}             # path: text without comments
        self.commands = {}          # path of a .c file: its entry in compile_commands.json
        self.includes = collections.defaultdict(set)    # (file, file): header names
        self.defines = collections.defaultdict(set)     # symbol: files
        self.closures = {}          # path of a .c file: itself and all that it includes
        self.uses = {}              # path of a .c file: symbols
        self.declarations = {}      # row: identifiers
        for top in sorted({row.split("/")[0] for row in ROWS}):
            for path in sorted(pathlib.Path(self.source, top).rglob("*.[ch]")):
                self.add(str(path.relative_to(self.source)), path.read_text())
        if build:
            self.read_commands()
        self.read_includes()

    def add(self, path, text):
        # Comments go, strings and newlines stay.
        self.files[path] = re.sub(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*")',
                                  lambda m: m[1] or " ", text, flags=re.S)

    def relative(self, path):
        """The path in the source tree; for a generated file, where it would be there."""
        for top in filter(None, (self.build, self.source)):
            if path.startswith(top + "/"):
                return path[len(top) + 1:]
        return None

    def read_commands(self):
        with open(os.path.join(self.build, "compile_commands.json")) as f:
            for entry in json.load(f):
                path = self.relative(os.path.realpath(os.path.join(entry["directory"], entry["file"])))
                if path not in self.files:
                    continue
                # Tests compile some files once more, under other names.
                old = self.commands.get(path)
                if not old or old["output"].startswith("tests/") > entry["output"].startswith("tests/"):
                    self.commands[path] = entry

    def include_dirs(self, path):
        entry = self.commands.get(path)
        if not entry:
            return INCLUDE_DIRS
        dirs = re.findall(r"(?:^| )-(?:I|iquote|isystem) ?(\S+)", entry["command"])
        dirs = [self.relative(os.path.realpath(os.path.join(entry["directory"], d)) + "/") for d in dirs]
        return list(dict.fromkeys(d.rstrip("/") for d in dirs if d is not None))

    def resolve(self, path, after, quote, name, dirs):
        """The file that an #include line of @path means, None if it is not ours."""
        dirs = list(dirs)
        if after:
            own = [i for i, d in enumerate(dirs) if covers(d or ".", path)]
            dirs = dirs[max(own, default=-1) + 1:]
        elif quote == '"':
            dirs.insert(0, os.path.dirname(path))
        for d in dirs:
            found = os.path.normpath(os.path.join(d, name))
            if found in self.files:
                return found
        return None

    def read_includes(self):
        reached = set()
        # A header is read with the include path of each .c file that includes it.
        for top in sorted(self.files, key=lambda path: path.endswith(".h")):
            if top in reached:
                continue
            dirs, todo, seen = self.include_dirs(top), [top], {top}
            while todo:
                path = todo.pop()
                for after, quote, name in re.findall(
                        r'^[ \t]*#[ \t]*include(_next)?[ \t]*([<"])([^>"\n]+)', self.files[path], re.M):
                    found = self.resolve(path, after, quote, name, dirs)
                    if not found:
                        continue
                    self.includes[path, found].add(f"#include {quote}{name}{'>' if quote == '<' else quote}")
                    if found not in seen:
                        seen.add(found)
                        todo.append(found)
            reached |= seen
            self.closures[top] = seen

    def read_symbols(self):
        with tempfile.TemporaryDirectory() as tmp, concurrent.futures.ThreadPoolExecutor(2) as pool:
            listings = pool.map(lambda item: self.symbols(*item, tmp), self.commands.items())
            for path, listing in zip(self.commands, listings):
                self.add_symbols(path, listing)

    def symbols(self, path, entry, tmp):
        """The output of nm for the object file of @path, which is compiled if need be."""
        output = os.path.join(entry["directory"], entry["output"])
        sources = [os.path.join(self.source, file) for file in self.closures.get(path, ())]
        listing = None
        if os.path.exists(output) and all(os.path.getmtime(file) <= os.path.getmtime(output) for file in sources):
            listing = nm(output)
        if listing is None:
            # It is not built, is old, or nm cannot read it: link-time optimization.
            output = os.path.join(tmp, path.replace("/", "_") + ".o")
            words = [word for word in shlex.split(entry["command"]) if word != "-MD"]
            for option in ("-MQ", "-MF", "-o"):
                if option in words:
                    at = words.index(option)
                    del words[at:at + 2]
            subprocess.run(words + ["-w", "-fno-lto", "-o", output], cwd=entry["directory"], check=True)
            listing = nm(output)
        if listing is None:
            sys.exit(f"{path}: nm cannot read its object file")
        return listing

    def add_symbols(self, path, listing):
        used = self.uses.setdefault(path, set())
        for line in listing.splitlines():
            *_, kind, name = line.split()
            if kind in "Uw":
                used.add(name)
            elif kind in "TDBRVWCGSi":
                self.defines[name].add(path)

    def declared(self, row):
        """The functions and data that the headers that @row may use declare."""
        if row not in self.declarations:
            text = "\n".join(text for path, text in self.files.items()
                             if path.endswith(".h") and may_use(row, path))
            self.declarations[row] = set(re.findall(r"\b(\w+)\s*\(", text))
            for data in re.findall(r"\bextern\b[^;{]*;", text):
                self.declarations[row].update(re.findall(r"\w+", data))
            # LFSHIM(name) is an asm label.
            self.declarations[row].update(f"lfshim_{name}" for name in re.findall(r"\bLFSHIM\((\w+)\)", text))
        return self.declarations[row]

    def arrows(self):
        """(file, file, what), without those of a file to itself."""
        for (user, used), names in self.includes.items():
            for name in names:
                yield user, used, name
        for user, names in self.uses.items():
            for name in names:
                if name in self.defines and user not in self.defines[name]:
                    for used in self.defines[name]:
                        yield user, used, name

    def is_breach(self, user, used, what):
        row = row_of(user)
        if row is None or may_use(row, used):
            return False
        if what.startswith("#"):
            return True
        # Another definition of the same name may be the one that is meant.
        return what not in self.declared(row) and not any(may_use(row, file) for file in self.defines[what])

    def breaches(self):
        for path in self.files:
            if row_of(path) is None:
                yield path, "no row", "a row of ROWS has to cover each file"
        for row, places in ROWS.items():
            for place in [row, *places]:
                if not any(covers(place, path) for path in self.files):
                    yield row, place, "there is no such file"
        yield from (arrow for arrow in self.arrows() if self.is_breach(*arrow))

    def circles(self, top="."):
        """Sets of files below @top, without suffix, that use each other."""
        graph = collections.defaultdict(set)
        for user, used, _ in self.arrows():
            if covers(top, user) and covers(top, used):
                graph[user[:-2]].add(used[:-2])

        def reach(start):
            seen, todo = set(), [start]
            while todo:
                for after in graph[todo.pop()] - seen:
                    seen.add(after)
                    todo.append(after)
            return seen

        reached = {file: reach(file) for file in list(graph)}
        found = {frozenset(b for b in reached[a] if a in reached.get(b, ())) for a in reached}
        return sorted(sorted(circle) for circle in found if len(circle) > 1)

    def bad_circles(self):
        for top, listed in CIRCLES.items():
            for circle in self.circles(top):
                if not any(set(circle) <= set(allowed) for allowed in listed):
                    yield circle


def nm(path):
    result = subprocess.run([os.environ.get("NM", "nm"), "-g", path], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True)
    return None if result.returncode or "__gnu_lto" in result.stdout else result.stdout


def forbidden(tree, row):
    """A header and a symbol of each other row, as arrows that are a breach of @row."""
    folder = os.path.dirname(row) if row in tree.files else row.removesuffix("/*")
    for other in ROWS:
        files = [f for f in tree.files if row_of(f) == other and not may_use(row, f)]
        header = next((f for f in files if f.endswith(".h")), None)
        if header:
            yield header, f'#include "{os.path.relpath(header, folder)}"'
        for symbol in sorted(tree.defines):
            used = [f for f in files if f in tree.defines[symbol]]
            if used and symbol.isidentifier() and tree.is_breach(row.replace("*", "breach.c"), used[0], symbol):
                yield used[0], symbol
                break


def plant(tree):
    """Adds a file with forbidden uses to each row; the arrows that are a breach."""
    planted = set()
    for row in ROWS:
        folder = row.removesuffix("/*")
        path = row if row in tree.files else f"{folder}/breach.c"
        arrows = [(path, used, what) for used, what in forbidden(tree, row)]
        includes = [what for *_, what in arrows if what.startswith("#")]
        symbols = [what for *_, what in arrows if not what.startswith("#")]
        print(f"{row}: {len(includes)} headers, {len(symbols)} symbols")
        planted.update(arrows)
        tree.files[path] = "\n".join([*includes, tree.files.get(path, "")])
        with tempfile.TemporaryDirectory() as tmp:
            if symbols:
                # Compiled as some other file is.
                entry = next(iter(tree.commands.values()))
                source = os.path.join(tmp, "breach.c")
                with open(source, "w") as f:
                    f.writelines(f"extern char {s}[]; static char *planted_{s} __attribute__((used)) = {s};\n" for s in symbols)
                words = shlex.split(entry["command"])[:-1] + ["-fno-builtin", source]
                tree.add_symbols(path, tree.symbols(
                    path, dict(entry, command=shlex.join(words), output="not built"), tmp))
    tree.includes.clear()
    tree.read_includes()
    return planted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--breaches", action="store_true")
    parser.add_argument("--arrows", action="store_true")
    parser.add_argument("--circles", action="store_true")
    parser.add_argument("source")
    parser.add_argument("build", nargs="?")
    args = parser.parse_args()

    tree = Tree(args.source, args.build)
    if args.build:
        tree.read_symbols()
    if args.arrows:
        for user, used, what in sorted(set(tree.arrows())):
            print(f"{user} -> {used}: {what}")
    if args.circles:
        for circle in tree.circles():
            print(f"{len(circle)} files: {' '.join(circle)}")
    if args.breaches:
        planted = plant(tree)
        missing = planted - set(tree.breaches())
        for user, used, what in sorted(missing):
            print(f"not reported: {user} -> {used}: {what}")
        print(f"{len(planted)} planted, {len(missing)} of them not reported")
        sys.exit(bool(missing or not planted))

    failed = False
    for user, used, what in sorted(set(tree.breaches())):
        print(f"{user} -> {used}: {what}")
        failed = True
    for circle in tree.bad_circles():
        print(f"circle: {' '.join(circle)}")
        failed = True
    print(f"{len(tree.files)} files, symbols of {len(tree.uses)} of them")
    sys.exit(failed)


if __name__ == "__main__":
    main()
