# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Which header of a kernel tree defines or declares a name? Lines of the headers are
matched with patterns, so this is for hints: it knows neither #if nor scopes."""
import os
import pathlib
import pickle
import re

# Folders of include/ whose names kernel code uses. asm/ is the architecture's.
FOLDERS = ["linux", "asm-generic", "kunit", "trace", "drm", "video", "sound", "media", "soc", "xen", "uapi/linux", "uapi/drm", "uapi/asm-generic"]
ARCH = "arch/x86/include"

MACRO = re.compile(r"^\s*#\s*define\s+(\w+)(\()?")
TAG = re.compile(r"^\s*(?:typedef\s+)?(struct|union|enum)\s+(?:__\w+(?:\(\w*\))?\s+)*(\w+)\s*(?:\{|$)")
# The structure of a lock, which newer trees define like this.
LOCK_TAG = re.compile(r"^\s*context_lock_struct\(\s*(\w+).*\)\s*\{")
TYPEDEF = re.compile(r"^typedef\b.*?(?:\(\s*\*?\s*(\w+)\s*\)\s*\(.*|\b(\w+)(?:\s*\[.*\])?\s*(?:__\w+(?:\(.*\))?\s*)*;\s*$)")
TYPEDEF_END = re.compile(r"^\}\s*(?:__\w+(?:\(\w*\))?\s+)*(\w+)(?:\s*__\w+(?:\(.*\))?)*\s*;")
FUNCTION = re.compile(r"^(?!typedef\b|return\b|else\b)(?:[a-z_][\w\s*]*?[\s*])?\**(\w+)\s*\(")
VARIABLE = re.compile(r"^extern\b[^()]*?\b(\w+)\s*(?:\[.*\])?(?:\s*__\w+)*\s*;")
# DEFINE_GUARD(mutex, ...) defines the class that guard(mutex) uses.
SCOPED = re.compile(r"^(?:DEFINE|DECLARE|EXTEND)_(?:LOCK_)?(GUARD|CLASS|FREE)(?:_[01])?(?:_COND)?\(\s*(\w+)")
CONSTANT = re.compile(r"^\s*([A-Za-z_]\w*)\s*(?:\([^)]*\)\s*)?(?:=|,|\}|/\*|$)")
# __printf(2, 0) in front of a function, and its like.
ATTRIBUTE = re.compile(r"^((?:extern\s+|static\s+|inline\s+)*)__\w+\([\d, ]*\)\s*")
FORWARD = re.compile(r"^(?:struct|union|enum)\s+\w+\s*;")
# Headers that code does not include itself.
HOMES = [(r"asm-generic/bitops/", "linux/bitops.h"), (r"asm-generic/(getorder|memory_model)\.h", "linux/mm.h"),
         (r"(asm-generic/access_ok|asm/uaccess(_64)?)\.h", "linux/uaccess.h"), (r"linux/rcu(tiny|tree)\.h", "linux/rcupdate.h"),
         (r"linux/srcu(tiny|tree)\.h", "linux/srcu.h"), (r"linux/atomic/", "linux/atomic.h"), (r"asm/shared/io\.h|linux/logic_pio\.h", "linux/io.h"),
         (r"linux/(spinlock|rwlock)_api_(smp|up)\.h", r"linux/spinlock.h")]
# Names that macros of a header make of a word, which is the part in parentheses, and is in that header.
PASTED = [(r"seqcount_(\w+?)_t", "linux/seqlock_types.h", "type"), (r"seqcount_(\w+?)_init", "linux/seqlock.h", "macro"),
          (r"(?:__)?folio_(?:test_set|test_clear|test|set|clear)_(\w+)", "linux/page-flags.h", "function")]
INCLUDE = re.compile(r"^\s*#\s*include\s*[<\"]([^>\"]+)[>\"]", re.M)
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def names_in(text):
    """Yields (name, kind) for the text of a header."""
    # Comments become empty lines of the same number.
    text = COMMENT.sub(lambda m: "\n" * m[0].count("\n"), text)
    in_enum = in_define = False
    for line in text.split("\n"):
        if in_define:
            in_define = line.endswith("\\")
            continue
        m = MACRO.match(line)
        if m:
            in_define = line.endswith("\\")
            yield m[1], "macro"
            continue
        if not line or line[0] == "#" or FORWARD.match(line):
            continue
        if in_enum:
            m = CONSTANT.match(line)
            if m:
                yield m[1], "constant"
            if "}" in line:
                in_enum = False
                m = TYPEDEF_END.match(line)
                if m:
                    yield m[1], "type"
            continue
        m = SCOPED.match(line)
        if m:
            yield f"{'__free' if m[1] == 'FREE' else 'guard'}({m[2]})", "guard"
            continue
        m = TAG.match(line)
        if m:
            yield m[2], m[1]
        m = LOCK_TAG.match(line)
        if m:
            yield m[1], "struct"
        if re.match(r"^\s*(?:typedef\s+)?enum\b[^;()]*$", line):
            in_enum = "}" not in line
            continue
        if line[0] in " \t":
            continue
        m = TYPEDEF.match(line) or (line[0] == "}" and TYPEDEF_END.match(line))
        if m:
            yield m[1] or m[m.lastindex], "type"
            continue
        m = VARIABLE.match(line)
        if m:
            yield m[1], "variable"
            continue
        m = FUNCTION.match(ATTRIBUTE.sub(r"\1", line))
        if m:
            yield m[1], "function"


def home(header, tree):
    """The header that code includes for the names of @header, which others include."""
    for pattern, public in HOMES:
        if re.match(pattern, header):
            return public
    name = re.sub(r"^(uapi/|asm-generic/)", "", header)
    if header.startswith(("asm-generic/", "asm/")):
        name = name.removeprefix("asm/")
        return f"linux/{name}" if (pathlib.Path(tree) / "include/linux" / name).is_file() else f"asm/{name}"
    if header.startswith("uapi/asm-generic/"):
        return name.replace("asm-generic/", "asm/")
    return name


def headers(tree):
    for root, folders in (("include", FOLDERS), (ARCH, ["asm"])):
        for folder in folders:
            top = tree / root / folder
            for path, _, files in os.walk(top):
                for file in files:
                    if file.endswith(".h"):
                        full = pathlib.Path(path, file)
                        yield full.relative_to(tree / root).as_posix(), full


def rank(header):
    """Headers that code includes come before those that these include."""
    return (header.startswith("uapi/"), not header.startswith("linux/"), header.count("/"), len(header), header)


class Index:
    def __init__(self, tree, cache=None):
        """Reads the headers of @tree, or the earlier index in @cache."""
        self.tree = pathlib.Path(tree)
        stamp = (str(self.tree), os.stat(self.tree / "Makefile").st_mtime_ns,
                 os.stat(self.tree / "include/linux").st_mtime_ns if (self.tree / "include/linux").is_dir() else 0,
                 os.stat(__file__).st_mtime_ns)
        if cache and cache.is_file():
            old_stamp, *old = pickle.loads(cache.read_bytes())
            if old_stamp == stamp:
                self.names, self.includes = old
                return
        self.names, self.includes = {}, {}
        for header, path in headers(self.tree):
            text = path.read_text(errors="replace")
            for name, kind in set(names_in(text)):
                self.names.setdefault(name, []).append((header, kind))
            self.includes[header] = [self.resolve(i, header) for i in INCLUDE.findall(text)]
        for found in self.names.values():
            found.sort(key=lambda f: rank(f[0]))
        if cache:
            # All of it or nothing: the next call reads it.
            new = cache.with_name(f"{cache.name}.{os.getpid()}")
            new.write_bytes(pickle.dumps((stamp, self.names, self.includes)))
            new.replace(cache)

    def where(self, name, kinds=None):
        """(header, kind) of each place of a name, the most likely one first."""
        found = self.names.get(name) or self.pasted(name)
        return [f for f in found if not kinds or f[1] in kinds]

    def pasted(self, name):
        """The place of a name that a macro makes of parts."""
        for pattern, header, kind in PASTED:
            m = re.fullmatch(pattern, name)
            path = self.tree / "include" / header
            if m and path.is_file() and re.search(rf"\b{m[1]}\b", path.read_text(errors="replace")):
                return [(header, kind)]
        return []

    def resolve(self, included, header):
        """The name of a header, as another one includes it."""
        for name in (included, f"{header.rpartition('/')[0]}/{included}"):
            if any((self.tree / d / name).is_file() for d in ("include", ARCH)):
                return name
        # The build makes such an <asm/x.h>, which includes the general one.
        return re.sub(r"^asm/", "asm-generic/", included)

    def reached(self, starts):
        """The headers that @starts lead to in the tree, with them."""
        queue = list(starts)
        found = set(queue)
        for header in queue:
            for included in self.includes.get(header, ()):
                if included not in found:
                    found.add(included)
                    queue.append(included)
        return found
