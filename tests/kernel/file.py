#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""file.py BUILD TREE --file FILE... [--test FILE] [OPTION...]: compiles files of a
kernel tree, unmodified, on the shim, and links them with a test of yours, which it
runs. "./run kernel TREE --file FILE" calls it. If something is missing, prints the
names of all that is missing, the headers of the tree that have them, and the files of
the shim that they would go to. docs/try-your-driver.md shows how to use it.

FILE is a path in TREE, or any path. A test has KUnit suites, or a main() (CMocka). If
BUILD and TREE are "-", only the arguments are looked at; if BUILD is, also whether the
files exist.

	--file FILE	a file of the tree; may be repeated
	--test FILE	a test, which may include other files; may be repeated
	--include DIR	search DIR for headers, before the folders of the driver
	--config NAME	#define CONFIG_NAME, which IS_ENABLED() sees
	--define X[=Y]	as the compiler's -D
	--run ARGUMENT	an argument for the test program
	--work NAME	work in a folder of this name, for calls beside each other
	--quiet		print only the output of the test, and faults
	--json		print the missing names as JSON
	--from DIR	paths are relative to DIR
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import diagnose
import tree_index

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The parts of a tree's include/ that are taken as they are. In the tree's
# include/linux/ only headers that nothing of the shim needs, and that need nothing it lacks: of
# one driver or bus, of data structures and arithmetic, and of subsystems that are off.
TREE_FOLDERS = ["drm", "video"]
TREE_HEADERS = [f"linux/{name}.h" for name in (
    "adreno-smmu-priv", "agp_backend", "aperture", "base64", "cc_platform", "cgroup_dmem", "clk", "component",
    "device-id/virtio", "dma-buf", "dma-buf-mapping", "folio_batch", "genalloc", "glob", "gpu_buddy", "hdmi", "host1x",
    "hwmon", "i2c-algo-bit", "int_log", "interconnect", "io-pgtable", "ioport", "iova", "klist",
    "linear_range", "list_private", "maple_tree", "mem_encrypt", "min_heap", "miscdevice", "of_graph", "packing",
    "polynomial", "ptr_ring", "ratelimit", "ratelimit_types", "rational", "ref_tracker", "semaphore", "seq_buf", "set_memory",
    "siphash", "string_choices", "stringhash", "unaligned", "unaligned/packed_struct", "uuid", "virtio", "virtio_byteorder",
    "virtio_config", "virtio_dma_buf", "virtio_features")] + [
    "kunit/visibility.h", "uapi/linux/virtio_config.h", "uapi/linux/virtio_ids.h", "uapi/linux/virtio_types.h", "vdso/unaligned.h"]


def parse():
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.error = lambda message: die(f"{message}. See the top of tests/kernel/file.py for the options")
    parser.add_argument("build")
    parser.add_argument("tree")
    for name in ("file", "test", "include", "config", "define", "run"):
        parser.add_argument(f"--{name}", action="append", default=[])
    parser.add_argument("--work", default="file")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--help", action="store_true")
    parser.add_argument("--from", dest="directory")
    args = parser.parse_args()
    if args.help or not args.file:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    # "-" stays as it is.
    args.build, args.tree = (p if p == "-" else pathlib.Path(p).resolve() for p in (args.build, args.tree))
    if args.directory:
        os.chdir(args.directory)
    for folder in args.include:
        if not pathlib.Path(folder).is_dir():
            die(f"--include: there is no folder {folder}")
    if args.tree != "-":
        args.file = [find("--file", f, args.tree, pathlib.Path()) for f in args.file]
        # A test is the user's, or one of the tree's.
        args.test = [find("--test", t, pathlib.Path(), args.tree) for t in args.test]
    return args


def find(option, name, *folders):
    """A file, which is named from the tree or from here."""
    for folder in folders:
        if (folder / name).is_file():
            # Not resolved: a file may be a link, beside headers of its own.
            return (folder / name).absolute()
    hint = ""
    tree = next(f for f in folders if f != pathlib.Path())
    if not (tree / "drivers/gpu/drm/drm_syncobj.c").is_file():
        hint = ". This tree has no drivers: get-tree fetches the fence core only. Give the path of a complete tree"
    die(f"{option}: there is no {name}, neither in {tree} nor here{hint}")


def die(message):
    sys.exit(f"run: {message}")


class Setting:
    """How files are compiled in a build directory."""
    def __init__(self, build, tree, work="file"):
        self.build, self.tree = build.resolve(), tree.resolve()
        settings = dict(line.split("=", 1) for line in
                        (self.build / "tests/kernel/file.settings").read_text().splitlines())
        self.compiler = settings["compiler"].split("\t")
        self.flags = settings["flags"].split("\t")
        self.link = settings["link"].split("\t")
        self.kunit = settings["kunit"]
        self.includes = [pathlib.Path(d) for d in settings["includes"].split("\t")]
        self.dispatch = self.includes[0]
        self.work = self.build / "tests/kernel" / work
        self.work.mkdir(parents=True, exist_ok=True)
        self.names_of_both = {line for line in (ROOT / "compat/dispatch/names").read_text().split("\n")
                              if line and line[0] != "#"}
        self.tree_includes = self.make_tree_includes()
        self.index = tree_index.Index(self.tree, self.work / "index")
        self.lacked = {}

    def shim_has(self, header):
        """The path of a header of libfence's, or None."""
        return next((d / header for d in self.includes[1:] if (d / header).is_file()), None)

    def tree_has(self, header):
        """The path of a header of the tree that is used as it is, or None."""
        return next((d / header for d in self.tree_includes[:1] if header in TREE_HEADERS and (d / header).is_file()), None)

    def make_tree_includes(self):
        """Folders with links to those of the tree's headers that are used as they are."""
        top = self.work / "include"
        if top.exists():
            shutil.rmtree(top)
        for first, second in (("kernel", ""), ("uapi", "uapi/")):
            for folder in TREE_FOLDERS:
                target = self.tree / "include" / second / folder
                if target.is_dir():
                    link = top / first / folder
                    link.parent.mkdir(parents=True, exist_ok=True)
                    link.symlink_to(target)
                    if second:
                        (top / "kernel/uapi").mkdir(exist_ok=True)
                        (top / "kernel/uapi" / folder).symlink_to(target)
        for header in TREE_HEADERS:
            if (self.tree / "include" / header).is_file():
                (top / "kernel" / header).parent.mkdir(parents=True, exist_ok=True)
                (top / "kernel" / header).symlink_to(self.tree / "include" / header)
        return [top / "kernel", top / "uapi"]

    def root_of(self, source):
        """The folder that has all of the driver: below drivers/gpu/drm, or the file's. A
        link to a file of the tree belongs to its driver."""
        try:
            source = source if self.tree in source.parents else source.resolve()
            parts = source.relative_to(self.tree).parts
        except ValueError:
            return source.parent
        if parts[:3] == ("drivers", "gpu", "drm"):
            return self.tree.joinpath(*parts[:4]) if len(parts) > 4 else source.parent
        return self.tree.joinpath(*parts[:3]) if len(parts) > 3 else source.parent

    def flags_for(self, source, args):
        root = self.root_of(source)
        name = re.sub(r"\W", "_", root.name if root != source.parent else source.stem)
        flags = self.flags + [f'-DKBUILD_MODNAME="{name}"', f'-DKBUILD_BASENAME="{source.stem}"', "-DLIBFENCE_KERNEL_CODE"]
        # Quoted names are searched for beside the file first.
        # A user's test may include headers of the host, which __KERNEL__ would change.
        if self.tree in source.parents or source not in getattr(args, "test", ()):
            flags.append("-D__KERNEL__")
        flags += [f"-I{pathlib.Path(d).absolute()}" for d in args.include]
        flags += [f"-I{d}" for d in self.tree_includes + self.includes]
        flags += [f"-DCONFIG_{c.removeprefix('CONFIG_')}=1" for c in args.config]
        flags += [f"-D{d}" for d in args.define]
        return flags

    def test_flags(self, sources):
        """The folders from which a test of these files may include: their own, then those of
        the files of the tree that they are links to."""
        return [f"-I{d}" for d in dict.fromkeys([s.parent for s in sources] + [s.resolve().parent for s in sources])]

    def diagnose(self, source, args, sources=()):
        """@source may be a test of @sources, whose drivers' headers it may include."""
        scratch = self.work / re.sub(r"\W", "_", str(source.relative_to(self.tree) if self.tree in source.parents else source))
        if scratch.exists():
            shutil.rmtree(scratch)
        scratch.mkdir()
        compiler = diagnose.Compiler(self.compiler, self.flags_for(source, args) + self.test_flags(sources), self.tree, scratch,
                                     lambda h: user_has(args, h) or self.shim_has(h) or self.tree_has(h), self.names_of_both)
        compiler.lacked = self.lacked
        roots = dict.fromkeys(map(self.root_of, sources or [source]))
        diagnosis = diagnose.Diagnosis(compiler, self.index, source, list(roots))
        return diagnosis, diagnosis.run()


def shown(setting, path):
    path = pathlib.Path(path)
    if setting.work in path.parents:
        path = path.resolve()
    if setting.tree in path.parents:
        return str(path.relative_to(setting.tree))
    return os.path.relpath(path)


def call(name, kind, header):
    return f"{name}()" if kind == "function" else f"{kind} {name}" if kind in ("struct", "union", "enum") else name


def by_header(setting, result):
    """{header: [names]}, with the missing headers of which nothing is used."""
    table = {header: [] for header in result.headers}
    for name, (header, kind) in result.names.items():
        table.setdefault(header, []).append(call(name, kind, header))
    return {h: sorted(n) for h, n in sorted(table.items())}


def user_has(args, header):
    """The path of a header in a folder of --include, or None."""
    return next((p for p in (pathlib.Path(d).absolute() / header for d in args.include) if p.is_file()), None)


def place(setting, args, header):
    """Where a header is, or would be in libfence."""
    if user_has(args, header):
        return f"{os.path.relpath(user_has(args, header))}, which exists"
    for folder in ("include", "compat/include"):
        if (ROOT / folder / header).is_file():
            return f"{folder}/{header}, which exists"
    if setting.tree_includes[0].joinpath(header).is_file():
        return f"the tree's own {header}, which is used as it is"
    return f"compat/include/{header}, a new file"


def plural(number, noun):
    return f"{number} {noun}{'s'[:number != 1]}"


def count(table):
    """How many names of how many headers are missing."""
    used = sum(map(bool, table.values()))
    unused = len(table) - used
    parts = []
    if used:
        parts.append(f"{plural(sum(map(len, table.values())), 'name')} of {plural(used, 'header')}")
    if unused:
        parts.append(f"{plural(unused, 'header')} of which no name is used")
    return f"  Missing: {', and '.join(parts)}."


def includers(setting, source):
    """The .c files of the driver that include a .c file: {path: the last CONFIG_ option
    that is asked for before}."""
    found = {}
    pattern = re.compile(rf'^\s*#\s*include\s*"((?:[\w./-]*/)?{re.escape(source.name)})"', re.M)
    for file in sorted(setting.root_of(source).rglob("*.c")):
        text = file.read_text(errors="replace")
        m = pattern.search(text)
        if m and (file.parent / m[1]).resolve() == source.resolve() != file.resolve():
            options = re.findall(r"^\s*#\s*if.*\bCONFIG_(\w+)", text[:m.start()], re.M)
            found[file] = options[-1] if options else None
    return found


def is_complete(tree):
    """Does a tree have headers that get-tree does not keep?"""
    return (tree / "include/linux/kernel.h").is_file() or not (tree / "drivers/gpu/drm/drm_syncobj.c").is_file()


def explain(setting, args, source, result, said):
    """Prints the names that @source lacks, except those in @said: other files lack them, too."""
    name = shown(setting, source)
    print(f"{name} does not compile on the shim.")
    table, before = {}, 0
    for header, names in by_header(setting, result).items():
        new = [n for n in names if (header, n) not in said]
        before += len(names) - len(new)
        if new or (header, None) not in said:
            table[header] = new
    said.update((header, name) for header, names in table.items() for name in [None, *names])
    if table:
        print(count(table))
    if before:
        print(f"  {plural(before, 'name')} of it {'is' if before == 1 else 'are'} listed above.")
    for header, names in table.items():
        print(f"  <{header}>, for {place(setting, args, header)}:")
        if header in result.headers and header in setting.names_of_both:
            print("    (The host has a header of this name, with other contents. It is not used.)")
        if header in result.headers and not names:
            print(f"    no name of it is used; {shown(setting, result.headers[header])} includes it")
        line = "   "
        for n in names:
            if len(line) + len(n) > 96:
                print(line.rstrip())
                line = "   "
            line += f" {n},"
        if names:
            print(line.rstrip(","))
    for name, header in sorted(result.unreached.items()):
        where = user_has(args, header)
        print(f"  {name}: {f'{os.path.relpath(where)} has it' if where else f'the shim has it in <{header}>'}, but no header that is included here leads to that")
    for type_, member in sorted(result.members):
        print(f"  the member {member} of {type_}, which the shim has without it")
    for header, includer in result.generated.items():
        if header.startswith("CONFIG_"):
            print(f"  {header}, whose value {shown(setting, includer)} uses: give one with --define {header}=VALUE")
            continue
        print(f'  "{header}", which {shown(setting, includer)} includes and the tree does not have: '
              "its build makes it, or it has another name")
    if not is_complete(setting.tree):
        print("  The tree is not complete: get-tree fetches parts only. Give the path of a complete tree.")
    for file, option in includers(setting, source).items():
        print(f"  {shown(setting, file)} includes this file, which need not compile alone. Give that one with --file"
              + (f", and --config {option}." if option else "."))
    if result.unknown:
        print("  Names that no header of the tree seems to define (one that is missing may, or a macro):")
        for name, (file, number) in list(sorted(result.unknown.items()))[:5]:
            print(f"    {name}, in {shown(setting, file)}:{number}")
        if len(result.unknown) > 5:
            print(f"    and {len(result.unknown) - 5} more")
    if result.errors:
        print("  No name seems to be missing. The compiler says:")
        for line in result.errors[:3]:
            print(f"    {line}")
        if len(result.errors) > 3:
            print(f"    and {len(result.errors) - 3} more")


def definitions(setting, names):
    """{name: the .c file of the tree that seems to define it}."""
    if not names:
        return {}
    found = {}
    alternatives = "|".join(map(re.escape, sorted(names)))
    for pattern in (rf"EXPORT_SYMBOL\w*\(({alternatives})\b", rf"^[a-z_][A-Za-z_ 0-9*]*\b\**({alternatives})\([^;]*$|^({alternatives})\([^;]*$"):
        folders = [f for f in ("drivers/gpu", "drivers/dma-buf", "lib", "kernel", "mm", "drivers/base", "fs")
                   if (setting.tree / f).is_dir()]
        # -a: a byte that is no text makes grep say nothing of a file's lines.
        result = subprocess.run(["grep", "-arnE", pattern, "--include=*.c", *folders], cwd=setting.tree,
                                capture_output=True, text=True, errors="replace")
        for line in result.stdout.splitlines():
            file, _, text = line.split(":", 2)
            for name in names & set(re.findall(r"\w+", text)):
                found.setdefault(name, file)
        names = names - set(found)
        if not names:
            break
    return found


class Program:
    """The objects of the files and of the tests, linked."""
    def __init__(self, setting, args):
        self.setting, self.args = setting, args
        self.objects = []

    def compile(self, source, diagnosis, options, own):
        """@own: the user's test, whose warnings are shown."""
        object_ = self.setting.work / (re.sub(r"\W", "_", str(source)) + ".o")
        # The tree's headers for programs come before the host's.
        command = self.setting.compiler + [f"-I{diagnosis.stubs}"] + self.setting.flags_for(source, self.args) + diagnosis.options() + options
        # So that the linker can leave out functions that a test does not use, and their
        # own needs.
        command += ["-ffunction-sections", "-fdata-sections", "-fPIC", "-c", "-o", str(object_), str(source)]
        if not own:
            command.insert(1, "-w")
        status = subprocess.run(command).returncode
        if status:
            die(f"{shown(self.setting, source)} was not compiled")
        self.objects.append(str(object_))

    def link(self, output, *options):
        """Returns the names that nothing defines, and other messages."""
        result = subprocess.run(self.setting.compiler + self.setting.flags + list(options) + ["-o", str(output)] +
                                self.objects + self.setting.link,
                                capture_output=True, text=True, errors="replace", env={**os.environ, "LC_ALL": "C"})
        undefined = set(re.findall(r"undefined (?:reference to|symbol:) [`']?(\w+)", result.stderr))
        return result.returncode, undefined, result.stderr

    def explain(self, undefined):
        where = definitions(self.setting, undefined)
        for name in sorted(undefined):
            found = self.setting.index.where(name, ("function", "variable"))
            hint = f"{where[name]} of the tree has it" if name in where else "the tree's .c files that were searched do not have it"
            if found:
                hint += f"; declared in <{found[0][0]}>"
            print(f"    {name}: {hint}")


def main():
    args = parse()
    if args.build == "-":
        return
    setting = Setting(args.build, args.tree, args.work)
    sources, tests = args.file, args.test
    failed = False
    report = {}
    said = set()
    program = Program(setting, args)
    test_options = {}
    for source in sources + tests:
        own = source in tests
        diagnosis, result = setting.diagnose(source, args, sources if own else ())
        # The compiler itself shows the errors of a test that are not about names of the tree.
        if own and not any((result.headers, result.names, result.members, result.generated, result.unreached)):
            test_options[source] = diagnosis
            continue
        report[shown(setting, source)] = {
            "compiles": result.compiles,
            "missing": by_header(setting, result),
            "generated": sorted(result.generated),
            "unreached": result.unreached,
            "members": sorted(f"{t}.{m}" for t, m in result.members),
            "unknown": sorted(result.unknown),
            "errors": result.errors,
        }
        if not result.compiles:
            failed = True
            if not args.json:
                explain(setting, args, source, result, said)
        elif not args.json:
            if not args.quiet:
                print(f"{shown(setting, source)} compiles.")
            program.compile(source, diagnosis, [], own=False)
    if args.json:
        print(json.dumps(report, indent=1))
    if failed:
        sys.exit(1)
    if args.json:
        return
    kunit = any(re.search(r"^kunit_test_(init_section_)?suites?\(", s.read_text(errors="replace"), re.M)
                for s in sources + tests)
    options = ["-Wl,--whole-archive", setting.kunit, "-Wl,--no-whole-archive"] if kunit else []
    if not tests:
        status, undefined, messages = program.link(setting.work / "files.so", *options, "-shared", "-Wl,-z,defs")
        if status and not undefined:
            die(messages)
        if undefined:
            print(f"  A test has to define, or further --file have, {plural(len(undefined), 'name')}:")
            program.explain(undefined)
        if not kunit:
            return
    # A suite of the tree's is a test.
    if not tests and undefined:
        return
    for test in tests:
        program.compile(test, test_options[test], setting.test_flags(sources) + ["-Wall", "-Wno-format"],
                        own=setting.tree not in test.parents)
    if any("<cmocka.h>" in t.read_text(errors="replace") for t in tests):
        setting.link.append("-lcmocka")
    output = setting.work / "test"
    status, undefined, messages = program.link(output, *options, "-Wl,--gc-sections")
    if undefined:
        print(f"The test does not link: nothing defines {plural(len(undefined), 'name')}.")
        program.explain(undefined)
        print("  Give the file with --file, or define the function in the test.")
        sys.exit(1)
    if status:
        die(messages)
    sys.stdout.flush()
    sys.exit(subprocess.run([str(output), *args.run]).returncode)


if __name__ == "__main__":
    main()
