# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Makes the crate "bindings" from libfence's headers: the functions, types, variables
and constants that Rust code names. It needs the C compiler only, no libclang. The sizes,
offsets and values are those that the compiler gives, with the flags of the build: -Dchecks
makes locks larger. rustc checks each size and offset again when it compiles the crate.

The macros and inline functions of C that the crate "kernel" reaches are in the tree's
rust/helpers/. An inline function of ours that is a function in the kernel gets a wrapper."""
import json
import pathlib
import re
import subprocess

import cparse

HERE = pathlib.Path(__file__).resolve().parent

# The text that the tree's rust/bindings/lib.rs has around the generated text.
HEAD = """// Made by compat/rust/bindings.py from libfence's headers.
#![no_std]
#![allow(clippy::all, missing_docs, non_camel_case_types, non_upper_case_globals, non_snake_case,
    improper_ctypes, dead_code, unused_imports)]
use pin_init::{MaybeZeroable, Zeroable};
"""


class NoCompile(Exception):
    """The C compiler does not take the headers."""


class Bindings:
    def __init__(self, compiler, work):
        """compiler: the command with its flags. work: a folder for files."""
        self.compiler, self.work = compiler, work
        self.header = f'#include "{HERE}/bindings.h"\n'
        text = self.cpp(self.header, "-E", "-dD")
        self.macros = set(re.findall(r"^#define (\w+)[ \n]", text, re.M))
        self.file = cparse.File(text)
        self.helpers = {}
        self.wrappers = []

    def cpp(self, text, *options):
        done = subprocess.run([*self.compiler, *options, "-x", "c", "-", "-o", "-"], input=text,
                              capture_output=True, text=True)
        if done.returncode:
            raise NoCompile(done.stderr)
        return done.stdout

    def add_helper(self, source):
        """Adds the functions of a file of the tree's rust/helpers/. Returns their names."""
        text = source.read_text()
        if re.search(r"^#define", text, re.M):
            # Macros may make functions.
            try:
                text = self.cpp(f'#include "{source}"\n', "-E", "-P")
            except NoCompile:
                return set()
        text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
        found = cparse.File(text).functions
        names = set()
        for name, entry in found.items():
            if name.startswith("rust_helper_"):
                self.helpers[name.removeprefix("rust_helper_")] = (*entry[:2], name, False)
                names.add(name.removeprefix("rust_helper_"))
        return names

    def constants_of_tree(self, tree):
        """The types of constants, of the tree's list: a macro of C has none."""
        text = (tree / "rust/bindings/bindings_helper.h").read_text()
        return dict(reversed(pair) for pair in
                    re.findall(r"const (\w+(?: \w+)*) RUST_CONST_HELPER_(\w+) =", text))

    def probe(self, records, constants):
        """Sizes, alignments, offsets and values, from the compiler."""
        while True:
            lines = []
            for name in records:
                record = self.file.records[name]
                lines.append(f'S("{name}", {record.spelling})')
                for member, _ in record.members if record.kind == "struct" else []:
                    lines.append(f'M("{name}", {record.spelling}, {member})')
            for name, expression in constants.items():
                lines.append(f'C("{name}", {expression})')
            head = self.header + f'#include "{HERE}/probe.h"\n'
            source = self.work / "probe.c"
            first = head.count("\n") + 2
            source.write_text(f"{head}int main(void) {{\n" + "\n".join(lines) + "\nreturn 0; }\n")
            program = self.work / "probe"
            done = subprocess.run([*self.compiler, "-w", "-O0", source, "-o", program], capture_output=True, text=True)
            if not done.returncode:
                break
            bad = {int(n) - first for n in re.findall(r"probe\.c:(\d+):\d+:", done.stderr)}
            names = {n for n in (re.match(r'C\("(\w+)"', lines[i]) for i in bad if 0 <= i < len(lines)) if n}
            if not names:
                raise NoCompile(done.stderr)
            for match in names:
                del constants[match.group(1)]
        answer = subprocess.run([program], capture_output=True, text=True, check=True).stdout
        sizes, members, values = {}, {}, {}
        for line in answer.splitlines():
            kind, name, *rest = line.split(" ", 2)
            if kind == "S":
                sizes[name] = tuple(map(int, rest[0].split()))
            elif kind == "M":
                member, offset, size = rest[0].split()
                members.setdefault(name, {})[member] = int(offset), int(size)
            else:
                values[name] = rest[0]
        return sizes, members, values

    def make(self, wanted, tree):
        """The text of the crate, with all wanted names that there are."""
        rust = cparse.Rust(self.file)
        functions = []
        for name in sorted(wanted):
            inline = False
            if name in self.file.functions:
                full, names, symbol, inline = self.file.functions[name]
            if name in self.helpers and (name not in self.file.functions or inline):
                full, names, symbol, inline = self.helpers[name]
            elif name not in self.file.functions:
                continue
            try:
                text = rust.function(full, names)
            except cparse.Unknown:
                continue
            if inline:
                symbol = f"libfence_rust_{name}"
                self.wrappers.append(name)
            link = f'    #[link_name = "{symbol}"]\n' if symbol else ""
            functions.append(f"{link}    pub fn {name}{text};\n")
        for name in sorted(wanted & set(self.file.variables)):
            full, symbol = self.file.variables[name]
            link = f'    #[link_name = "{symbol}"]\n' if symbol else ""
            functions.append(f"{link}    pub static mut {name}: {rust.of(full)};\n")
        for name in wanted:
            if name in self.file.records or name in self.file.tags:
                rust.needed.add(("struct", name))
            elif name in self.file.typedefs:
                rust.needed.add(("typedef", name))
            elif name in self.file.enums:
                rust.needed.add(("enum", name))
        constants, types = self.constants(wanted, tree)
        for name, kind in types.items():
            try:
                types[name] = rust.of(kind)
            except cparse.Unknown:
                types[name] = None
        text = self.types(rust, constants, types)
        return HEAD + text + 'extern "C" {\n' + "".join(functions) + "}\n"

    def constants(self, wanted, tree):
        typed = self.constants_of_tree(tree)
        constants, types = {}, {}
        for name in sorted(wanted):
            enum = next((e for e in self.file.enums if name.startswith(e + "_") and
                         name[len(e) + 1:] in self.file.enums[e]), None)
            if enum:
                constants[name] = name[len(enum) + 1:]
                types[name] = cparse.Base(enum, "enum")
            elif name in self.file.enumerators or name in self.macros:
                constants[name] = name
                if name in typed:
                    types[name] = cparse.File(f"typedef {typed[name]} x;").typedefs["x"]
        return constants, types

    def types(self, rust, constants, constant_types):
        done, records, aliases = set(), {}, []
        # Members need types, too.
        while rust.needed - done:
            kind, name = (rust.needed - done).pop()
            done.add((kind, name))
            if kind == "typedef":
                target = self.file.typedefs[name]
                if isinstance(target, cparse.Base) and target.name == name:
                    kind = "struct"
                else:
                    # A function is a type of its own; a typedef of a pointer to one is an Option.
                    try:
                        aliases.append(f"pub type {name} = {rust.of(target)};\n")
                    except cparse.Unknown:
                        aliases.append(f"pub type {name} = ffi::c_void;\n")
                    continue
            if kind == "enum":
                aliases.append(f"pub type {name} = ffi::c_uint;\n")
            elif name not in self.file.records:
                aliases.append(f"#[repr(C)] #[derive(Copy, Clone)] pub struct {name} {{ _unused: [u8; 0] }}\n")
            elif kind == "struct":
                members = []
                for member, full in self.file.records[name].members if self.file.records[name].kind == "struct" else []:
                    try:
                        members.append((member, rust.of(full)))
                    except cparse.Unknown:
                        pass
                records[name] = members
        sizes, places, values = self.probe(sorted(records), dict(constants))
        text = [self.constant(n, v, constant_types.get(n)) for n, v in sorted(values.items())]
        text += sorted(set(aliases))
        for name in sorted(records):
            text.append(self.record(name, records[name], sizes[name], places.get(name, {})))
        return "".join(text)

    def constant(self, name, value, kind):
        if value.startswith('"'):
            length = len(json.loads(value)) + 1
            value = value[1:-1].replace("\\u00", "\\x")
            return f'pub const {name}: &[u8; {length}] = b"{value}\\0";\n'
        number = int(value)
        if not kind:
            kind = "i32" if number < 0 else "u32" if number < 1 << 32 else "u64"
        if number < 0 and kind.startswith("u"):
            return f"pub const {name}: {kind} = {number}i64 as {kind};\n"
        return f"pub const {name}: {kind} = {number};\n"

    def record(self, name, members, layout, places):
        size, align = layout
        text = [f"#[repr(C, align({align}))] #[derive(Copy, Clone, MaybeZeroable)]\npub struct {name} {{\n"]
        at, checks = 0, []
        for member, kind in sorted(members, key=lambda m: places[m[0]][0]):
            offset, length = places[member]
            if not length:
                continue
            if offset > at:
                text.append(f"    _gap{at}: [u8; {offset - at}],\n")
            field = cparse.argument_name(member)
            text.append(f"    pub {field}: {kind},\n")
            checks.append(f'    assert!(core::mem::offset_of!({name}, {field}) == {offset}, "{name}.{member}");\n')
            at = offset + length
        if size > at:
            text.append(f"    _gap{at}: [u8; {size - at}],\n")
        text.append("}\n" + f"impl Default for {name} {{\n"
                    "    // SAFETY: All types here are valid if they are zero.\n"
                    "    fn default() -> Self { unsafe { core::mem::zeroed() } }\n}\n")
        checks.append(f'    assert!(core::mem::size_of::<{name}>() == {size}, "{name}");\n')
        text.append("const _: () = {\n" + "".join(checks) + "};\n")
        return "".join(text)

    def wrapper_source(self):
        """C of functions that call our inline functions, for make()."""
        text = [self.header]
        for name in self.wrappers:
            words = self.file.words[name]
            names = self.file.functions[name][1]
            head = " ".join(f"libfence_rust_{name}" if w == name else w for w in words if w not in ("static", "inline"))
            full = self.file.functions[name][0]
            void = isinstance(full.result, cparse.Base) and full.result.name == "void"
            arguments = ", ".join(names)
            text.append(f"{head}\n{{\n\t{'' if void else 'return '}{name}({arguments});\n}}\n")
        return "".join(text)
