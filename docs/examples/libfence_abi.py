# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The functions of libfence.so for ctypes, with the types that libfence-bindings.h
declares.

    from libfence_abi import load
    lib = load()
    fence = lib.libfence_create_signaled(0)
    lib.libfence_status(fence)
    lib.LIBFENCE_FOREVER, lib.struct_libfence_callback

The library is $LIBFENCE_LIBRARY, or the installed one. The declarations are
$LIBFENCE_BINDINGS, or where pkg-config says that they are installed.

Each call releases the GIL: code in the library may sleep, and may run the callbacks
of other threads' fences. Do not load the library with ctypes.PyDLL."""
import ctypes
import os
import re
import subprocess

BASIC = {
    "void": None, "bool": ctypes.c_bool, "char": ctypes.c_char, "int": ctypes.c_int,
    "unsigned int": ctypes.c_uint, "unsigned long": ctypes.c_ulong, "size_t": ctypes.c_size_t,
    "int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32,
    "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
}


class Declarations:
    """What a header in the form of libfence-bindings.h declares."""

    def __init__(self, text):
        self.types = dict(BASIC)    # "struct libfence": class; "libfence_log_fn": type
        self.constants = {}         # name: number
        self.functions = {}         # name: (result, [parameter])
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        for name, value in re.findall(r"^#define (\w+) (\d+)$", text, re.M):
            self.constants[name] = int(value)
        text = " ".join(re.sub(r"^#.*$", "", text, flags=re.M).split())
        while text:
            item = re.match(r"[^{;]*(\{[^}]*\})?;", text)
            if not item:
                raise ValueError(f"no declaration: {text[:80]}")
            text = text[item.end():].lstrip()
            self.declare(item[0][:-1].strip())

    def declare(self, item):
        enum = re.fullmatch(r"(enum \w+) \{(.*)\}", item)
        if enum:
            tag, body = enum.groups()
            self.types[tag] = ctypes.c_uint
            for name, value in re.findall(r"(\w+) = (-?\d+)", body):
                self.constants[name] = int(value)
        elif item.startswith("typedef "):
            name, kind = self.parameter(item.removeprefix("typedef "))
            self.types[name] = kind
        elif re.fullmatch(r"struct \w+( \{.*\})?", item):
            tag, _, body = item.partition(" {")
            struct = self.struct(tag)
            if body:
                struct._fields_ = [self.parameter(m.strip()) for m in body.rstrip("}").split(";") if m.strip()]
        else:
            head, name, parameters = re.fullmatch(r"(.*?)(\w+)\((.*)\)", item).groups()
            self.functions[name] = (self.type(head), self.parameters(parameters))

    def struct(self, tag):
        if tag not in self.types:
            self.types[tag] = type(tag.replace(" ", "_"), (ctypes.Structure,), {})
        return self.types[tag]

    def type(self, text):
        """The type "const struct libfence *"."""
        words = re.findall(r"\w+|\*", text)
        stars = words.count("*")
        name = " ".join(word for word in words if word not in ("*", "const"))
        kind = self.struct(name) if name.startswith("struct ") else self.types[name]
        if stars and kind is None:
            kind, stars = ctypes.c_void_p, stars - 1
        elif stars and kind is ctypes.c_char:
            kind, stars = ctypes.c_char_p, stars - 1
        for _ in range(stars):
            kind = ctypes.POINTER(kind)
        return kind

    def parameters(self, text):
        return [] if text == "void" else [self.parameter(p)[1] for p in re.split(r", ", text)]

    def parameter(self, text):
        """The name and the type of a parameter or a member."""
        function = re.fullmatch(r"(.*)\(\*(\w+)\)\((.*)\)", text)
        if function:
            head, name, parameters = function.groups()
            return name, ctypes.CFUNCTYPE(self.type(head), *self.parameters(parameters))
        head, name, length = re.fullmatch(r"(.*?)(\w+)(?:\[(\d+)\])?", text).groups()
        kind = self.type(head)
        return name, kind * int(length) if length else kind


class Library:
    """The functions, the constants, and the types as struct_TAG."""

    def __init__(self, path, text):
        declared = Declarations(text)
        # use_errno: libfence_libsync_X() report errors as libsync does.
        self.dll = ctypes.CDLL(path, use_errno=True)
        self.declared = declared
        for name, value in declared.constants.items():
            setattr(self, name, value)
        for name, kind in declared.types.items():
            setattr(self, name.replace(" ", "_"), kind)
        for name, (result, parameters) in declared.functions.items():
            # A library whose core is that of an old kernel tree has no producers.
            function = getattr(self.dll, name, None)
            if function:
                function.restype, function.argtypes = result, parameters
                setattr(self, name, function)


def find_bindings():
    path = os.environ.get("LIBFENCE_BINDINGS")
    if path:
        return path
    return subprocess.run(["pkg-config", "--variable=bindings", "libfence"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()


def load(path=None, bindings=None):
    with open(bindings or find_bindings()) as f:
        return Library(path or os.environ.get("LIBFENCE_LIBRARY") or "libfence.so.0", f.read())
