# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Reads C declarations, after the preprocessor, for bindings.py: prototypes, types and
enumerators, and gives their types as Rust types. It knows the C of libfence's headers
and of the tree's rust/helpers/. A declaration that it does not understand is left out."""
import re

TOKEN = re.compile(r"""\s*(?:(\#[^\n]*\n)|("(?:\\.|[^"\\])*")|('(?:\\.|[^'\\])*')|
    ([A-Za-z_]\w*)|(\d[\w.]*)|(\.\.\.|->|<<|>>|.))""", re.X | re.S)

QUALIFIERS = {"const", "volatile", "extern", "static", "inline", "__inline", "__inline__", "register",
              "__extension__", "restrict", "__restrict", "_Noreturn", "__const", "__volatile__",
              "__rust_helper", "__must_check", "_Thread_local", "__thread"}
WITH_ARGUMENTS = {"__attribute__", "__attribute", "__asm__", "asm", "__asm", "_Alignas",
                  "__realloc_size", "__alloc_size"}
WORDS = {"unsigned", "signed", "__signed__", "int", "char", "short", "long", "_Bool", "bool", "void",
         "float", "double", "__int128"}
SCALARS = {
    "void": "ffi::c_void", "_Bool": "bool", "bool": "bool", "char": "ffi::c_char", "signed char": "ffi::c_schar",
    "unsigned char": "ffi::c_uchar", "short": "ffi::c_short", "unsigned short": "ffi::c_ushort",
    "int": "ffi::c_int", "unsigned int": "ffi::c_uint", "long": "ffi::c_long", "unsigned long": "ffi::c_ulong",
    "long long": "ffi::c_longlong", "unsigned long long": "ffi::c_ulonglong", "float": "f32", "double": "f64"}
# As rust/bindgen_parameters of the tree has them: these are sizes, whatever C says.
FIXED = {"size_t": "usize", "ssize_t": "isize", "uintptr_t": "usize", "ptrdiff_t": "isize", "u8": "u8", "s8": "i8",
         "u16": "u16", "s16": "i16", "u32": "u32", "s32": "i32", "u64": "u64", "s64": "i64",
         "uint8_t": "u8", "int8_t": "i8", "uint16_t": "u16", "int16_t": "i16", "uint32_t": "u32",
         "int32_t": "i32", "uint64_t": "u64", "int64_t": "i64", "__u8": "u8", "__u16": "u16",
         "__u32": "u32", "__u64": "u64", "__s32": "i32", "__s64": "i64"}
RUST_WORDS = {"type", "fn", "ref", "in", "self", "move", "match", "impl", "loop", "use", "mod", "where", "box",
              "pub", "priv", "let", "as", "dyn", "crate", "super", "trait", "unsafe", "final", "macro", "yield"}


class Unknown(Exception):
    """A declaration that is left out."""


def tokens(text):
    found = []
    for match in TOKEN.finditer(text):
        if not match.group(1) and match.group(0).strip():
            found.append(match.group(0).strip())
    return found


def matching(words, start):
    """The index of the bracket that closes the one at start."""
    depth = 0
    for i in range(start, len(words)):
        if words[i] in "([{":
            depth += 1
        elif words[i] in ")]}":
            depth -= 1
            if not depth:
                return i
    raise Unknown("a bracket is not closed")


def drop_attributes(words):
    """The words without attributes, and the name in the object code, if it is given."""
    kept, symbol, i = [], None, 0
    while i < len(words):
        if words[i] in WITH_ARGUMENTS and words[i + 1:i + 2] == ["("]:
            end = matching(words, i + 1)
            if "asm" in words[i]:
                symbol = "".join(w[1:-1] for w in words[i + 2:end] if w[0] == '"')
            i = end + 1
        else:
            kept.append(words[i])
            i += 1
    return kept, symbol


def declarations(words):
    """Splits a file into its declarations. Bodies of functions are left out."""
    current, i = [], 0
    while i < len(words):
        word = words[i]
        if word in "({[":
            end = matching(words, i)
            is_body = word == "{" and current and current[-1] == ")"
            if is_body:
                yield current + ["{}"]
                current = []
            else:
                current += words[i:end + 1]
            i = end + 1
        elif word == ";":
            if current:
                yield current
            current = []
            i += 1
        else:
            current.append(word)
            i += 1


class Pointer:
    def __init__(self, to, const):
        self.to, self.const = to, const


class Array:
    def __init__(self, of, length):
        self.of, self.length = of, length


class Function:
    def __init__(self, result, arguments, variadic):
        self.result, self.arguments, self.variadic = result, arguments, variadic


class Base:
    """A scalar, a typedef, or a struct, union or enum by its tag."""
    def __init__(self, name, kind, const=False):
        self.name, self.kind, self.const = name, kind, const


class Record:
    """A struct or union: members that have a name and are no bit-fields."""
    def __init__(self, kind, spelling):
        self.kind, self.spelling, self.members = kind, spelling, None


class File:
    """All declarations of a preprocessed file."""
    def __init__(self, text=""):
        self.functions = {}     # name: (Function, names of the arguments, symbol, is inline)
        self.variables = {}     # name: (type, symbol)
        self.typedefs = {}      # name: type
        self.records = {}       # tag, or name of a typedef: Record
        self.enums = {}         # tag: names of the enumerators
        self.enumerators = {}   # name: tag or None
        self.tags = set()       # of structs and unions, also those without members here
        self.words = {}         # name of an inline function: its declaration
        self.read(text)

    def read(self, text):
        for words in declarations(tokens(text)):
            try:
                self.declaration(words)
            except (Unknown, IndexError):
                pass

    def declaration(self, words):
        inline = words[-1] == "{}"
        words, symbol = drop_attributes(words[:-1] if inline else words)
        is_typedef = words[0] == "typedef"
        is_extern = "extern" in words
        base, i = self.specifiers(words, 1 if is_typedef else 0)
        if i >= len(words):
            return
        name, full, i, names = self.declarator(words, i, base)
        if is_typedef:
            self.typedefs[name] = full
            if isinstance(full, Base) and full.kind == "struct" and full.name == "":
                # An anonymous struct has the name of its typedef.
                self.anonymous.spelling = name
                self.records[name] = self.anonymous
                full.name = name
        elif isinstance(full, Function):
            self.functions.setdefault(name, (full, names, symbol, inline))
            if inline:
                self.words.setdefault(name, words)
        elif is_extern:
            self.variables[name] = (full, symbol)

    def specifiers(self, words, i):
        const, basic, base = False, [], None
        while i < len(words):
            word = words[i]
            if word == "const":
                const = True
            elif word in QUALIFIERS:
                pass
            elif word in WORDS:
                basic.append(word)
            elif word in ("struct", "union", "enum"):
                base, i = self.tagged(words, i)
                continue
            elif word in ("typeof", "__typeof__", "_Atomic"):
                raise Unknown(word)
            elif not basic and not base and re.match(r"[A-Za-z_]", word):
                base = Base(word, "typedef")
            else:
                break
            i += 1
        if basic:
            long = basic.count("long")
            sign = "unsigned " if "unsigned" in basic else ""
            if "char" in basic:
                name = "unsigned char" if sign else "signed char" if "signed" in basic or "__signed__" in basic else "char"
            elif "short" in basic:
                name = sign + "short"
            elif long:
                name = sign + " ".join(["long"] * min(long, 2))
            elif basic[0] in ("_Bool", "bool", "void", "float", "double"):
                name = basic[0]
            elif "__int128" in basic:
                raise Unknown("__int128")
            else:
                name = sign + "int"
            base = Base(name, "scalar")
        if not base:
            raise Unknown("no type")
        base.const = const
        return base, i

    def tagged(self, words, i):
        kind, i = words[i], i + 1
        tag = ""
        if words[i] != "{":
            tag, i = words[i], i + 1
            if kind != "enum":
                self.tags.add(tag)
        if i < len(words) and words[i] == "{":
            end = matching(words, i)
            inside = words[i + 1:end]
            if kind == "enum":
                self.enum(tag, inside)
            else:
                record = Record(kind, f"{kind} {tag}")
                record.members = self.members(inside)
                if tag:
                    self.records[tag] = record
                else:
                    self.anonymous = record
            i = end + 1
        return Base(tag, "enum" if kind == "enum" else "struct"), i

    def enum(self, tag, words):
        names, depth = [], 0
        for before, word in zip([","] + words, words):
            depth += (word in "([") - (word in ")]")
            if not depth and before == "," and re.match(r"[A-Za-z_]", word):
                names.append(word)
        if tag:
            self.enums[tag] = names
        for name in names:
            self.enumerators[name] = tag or None

    def members(self, words):
        members = []
        for one in declarations(words):
            try:
                one, _ = drop_attributes(one)
                base, i = self.specifiers(one, 0)
                if i >= len(one) or ":" in one:
                    continue
                while True:
                    name, full, i, _ = self.declarator(one, i, base)
                    if not isinstance(full, Base) or full.name:
                        members.append((name, full))
                    if i >= len(one) or one[i] != ",":
                        break
                    i += 1
            except (Unknown, IndexError):
                pass
        return members

    def declarator(self, words, i, base):
        """The name, the type, the next index, and the names of a function's arguments."""
        result, const = base, base.const
        while i < len(words) and (words[i] == "*" or words[i] in QUALIFIERS):
            if words[i] == "*":
                result, const = Pointer(result, const), False
            elif words[i] == "const":
                const = True
            i += 1
        inner = None
        name = ""
        if i < len(words) and words[i] == "(" and words[i + 1] in ("*", "(", "^"):
            end = matching(words, i)
            inner = words[i + 1:end]
            i = end + 1
        elif i < len(words) and re.match(r"[A-Za-z_]", words[i]):
            name, i = words[i], i + 1
        names = []
        sizes = []
        while i < len(words) and words[i] in "([":
            end = matching(words, i)
            if words[i] == "(":
                arguments, names, variadic = self.arguments(words[i + 1:end])
                result = Function(result, arguments, variadic)
            else:
                sizes.append(" ".join(words[i + 1:end]))
            i = end + 1
        for size in reversed(sizes):
            result = Array(result, size)
        if inner:
            stub = Base("", "scalar")
            stub.const = False
            name, wrapped, _, inner_names = self.declarator(inner, 0, stub)
            result = self.replace(wrapped, stub, result)
            names = inner_names or names
        return name, result, i, names

    def replace(self, full, stub, by):
        if full is stub:
            return by
        if isinstance(full, Pointer):
            return Pointer(self.replace(full.to, stub, by), full.const)
        if isinstance(full, Array):
            return Array(self.replace(full.of, stub, by), full.length)
        if isinstance(full, Function):
            return Function(self.replace(full.result, stub, by), full.arguments, full.variadic)
        return full

    def arguments(self, words):
        if words in ([], ["void"]):
            return [], [], False
        parts, depth, current = [], 0, []
        for word in words:
            if word == "," and not depth:
                parts.append(current)
                current = []
                continue
            depth += (word in "([{") - (word in ")]}")
            current.append(word)
        parts.append(current)
        variadic = parts[-1] == ["..."]
        types, names = [], []
        for part in parts[:-1] if variadic else parts:
            base, i = self.specifiers(part, 0)
            name, full, _, _ = self.declarator(part, i, base)
            if isinstance(full, Array):
                full = Pointer(full.of, base.const)
            elif isinstance(full, Function):
                full = Pointer(full, False)
            types.append(full)
            names.append(name or f"arg{len(names) + 1}")
        return types, names, variadic


class Rust:
    """Gives C types as Rust types. Collects the types that are needed by name."""
    def __init__(self, file, aliases=()):
        self.file, self.needed, self.aliases = file, set(), dict(aliases)

    def of(self, full):
        if isinstance(full, Pointer):
            to = self.resolve(full.to)
            if isinstance(to, Function):
                return f"Option<{self.function(to)}>"
            return f"*{'const' if full.const else 'mut'} {self.of(full.to)}"
        if isinstance(full, Array):
            if not re.fullmatch(r"\d+", full.length):
                raise Unknown("the length of an array")
            return f"[{self.of(full.of)}; {full.length}]"
        if isinstance(full, Function):
            return self.function(full)
        if full.kind == "scalar":
            return SCALARS[full.name]
        if full.kind == "enum":
            if not full.name:
                return "ffi::c_uint"
        elif full.kind == "typedef":
            if full.name in FIXED:
                return FIXED[full.name]
            if full.name not in self.file.typedefs:
                raise Unknown(full.name)
        name = self.aliases.get(full.name, full.name)
        if not name:
            raise Unknown("a type without a name")
        self.needed.add((full.kind, name))
        return name

    def resolve(self, full):
        while isinstance(full, Base) and full.kind == "typedef" and full.name in self.file.typedefs:
            full = self.file.typedefs[full.name]
        return full

    def function(self, full, names=None):
        arguments = [self.of(a) for a in full.arguments]
        if names:
            arguments = [f"{argument_name(n)}: {a}" for n, a in zip(names, arguments)]
        if full.variadic:
            arguments.append("...")
        result = ""
        if not (isinstance(full.result, Base) and full.result.kind == "scalar" and full.result.name == "void"):
            result = f" -> {self.of(full.result)}"
        head = "" if names is not None else 'unsafe extern "C" fn'
        return f"{head}({', '.join(arguments)}){result}"


def argument_name(name):
    return name + "_" if name in RUST_WORDS else name
