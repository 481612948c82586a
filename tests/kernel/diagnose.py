# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Compiles a file of a kernel tree on the shim. If that fails, finds the headers and
the names that are missing, all of them: a missing header is replaced by an empty one,
a missing type by an invented one, and the compiler is asked again."""
import collections
import os
import pathlib
import re
import subprocess

import tree_index

# The most rounds for one file. Each finds all headers, or all names, that the round before
# could not see.
HEADER_ROUNDS = 300
NAME_ROUNDS = 10

# A name in a message, which the compiler does not know.
UNKNOWN = re.compile(r"(?:implicit declaration of function|call to undeclared (?:library )?function|use of undeclared identifier|unknown type name) '(\w+)'|'(\w+)' undeclared")

COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)

# The needs of one file that are missing.
# headers: {name: the file that includes it}; names: {name: kind}; members: {(type,
# member)}; generated: headers that only the kernel's build makes, and CONFIG_ options with
# a value: {name: the file that has it}; errors: the messages, if nothing is missing.
# unreached: {name: header} of the shim's names that no included header leads to. unknown:
# {name: a line that uses it} of names that nothing defines: a missing header or macro does.
Result = collections.namedtuple("Result", "compiles headers names members generated unreached unknown errors")


class Compiler:
    def __init__(self, words, flags, tree, scratch, shim_has, names_of_both):
        self.words, self.flags = words, flags
        self.tree, self.scratch = tree, scratch
        self.shim_has = shim_has
        self.names_of_both = names_of_both
        # Headers that other files were found to lack: {name: is the tree's}. Asking the
        # compiler for one header at a time takes long, so they are empty from the start.
        self.lacked = {}
        version = subprocess.run(words + ["--version"], capture_output=True, text=True).stdout
        self.quiet = (["-ferror-limit=0", "-fno-caret-diagnostics"] if "clang" in version else
                      ["-fmax-errors=0", "-fno-diagnostics-show-caret"]) + ["-fdiagnostics-color=never"]

    def run(self, source, *extra):
        """Runs the compiler. Returns its status and its messages."""
        # As in newer compilers. Warnings are not looked at.
        result = subprocess.run(
            self.words + self.quiet + ["-I", str(self.scratch / "stubs")] + self.flags + ["-Werror=implicit-function-declaration", "-Werror=implicit-int",
                                                    "-Werror=int-conversion", "-Werror=incompatible-pointer-types",
                                                    *extra, str(source)],
            capture_output=True, text=True, errors="replace", env={**os.environ, "LC_ALL": "C"})
        return result.returncode, result.stderr.splitlines()


def files_of(deps):
    """The files in a rule for make that the compiler has written."""
    text = deps.read_text(errors="replace").replace("\\\n", " ")
    files = re.findall(r"(?:[^\s\\]|\\.)+", text.partition(": ")[2])
    return [re.sub(r"\\([ #])", r"\1", f).replace("$$", "$") for f in files]


def is_below(file, folder):
    return str(file).startswith(f"{folder}{os.sep}")


def words_of(text):
    return set(re.findall(r"[A-Za-z_]\w*", text))


class Diagnosis:
    """How one file was compiled."""
    def __init__(self, compiler, index, source, roots):
        self.c, self.index = compiler, index
        self.source = source
        # The folders that have all of the driver, or of the drivers.
        self.roots = roots
        self.stubs = compiler.scratch / "stubs"
        self.prelude = compiler.scratch / "prelude.h"
        self.stubs.mkdir(parents=True, exist_ok=True)
        # In the kernel these are one type. The shim's u64 is that of <stdint.h>, and the host's
        # __u64 is another one of the same size.
        self.prelude.write_text("""#ifdef __KERNEL__
#include <linux/types.h>
#if __SIZEOF_LONG__ == 8
#define __s64 s64
#define __u64 u64
#endif
#endif
""")
        self.headers, self.names, self.generated = {}, {}, {}
        self.members = set()
        self.unreached = {}
        # Headers of the shim that are included before the file.
        self.led = set()
        self.invented = set()
        # -I of the driver's own folders.
        self.own = []
        self.leads = None
        self.lines, self.codes, self.included = {}, {}, {}
        for header in list(compiler.lacked):
            self.make_empty(header)

    def options(self):
        return ["-include", str(self.prelude)] + [f"-I{d}" for d in self.own]

    # Headers

    def find_own(self, header, includer):
        """The folder to search for a header of the driver's own, or None. The kernel's
        build has such folders in Makefiles."""
        folder = pathlib.Path(includer).parent
        while any(root in (folder, *folder.parents) for root in self.roots):
            if (folder / header).is_file():
                return folder
            folder = folder.parent
        for root in self.roots:
            for path, folders, _ in os.walk(root):
                folders.sort()
                if (pathlib.Path(path) / header).is_file():
                    return pathlib.Path(path)
        return None

    def lack(self, header, includer):
        """Notes a missing header, and makes an empty one."""
        stub = self.stubs / header
        if stub.exists():
            return False
        own = None
        if not header.startswith(("linux/", "asm/", "kunit/")):
            own = self.find_own(header, includer)
        if own:
            # If it is there already, then for another header that the compiler asked for.
            new = own not in self.own
            self.own += [own] * new
            return new
        self.make_empty(header)
        arch = any((self.c.tree / "arch/x86/include" / d / header).is_file() for d in (".", "generated"))
        if (self.c.tree / "include" / header).is_file() or arch or header.startswith(("linux/", "asm/", "asm-generic/", "kunit/")):
            self.headers[header] = includer
            self.c.lacked[header] = True
        else:
            self.generated[header] = includer
        return True

    def make_empty(self, header):
        stub = self.stubs / header
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("")

    def find_used(self):
        """Of the headers that were empty from the start, notes those that are used."""
        for file in self.deps:
            header = file.removeprefix(f"{os.path.realpath(self.stubs)}/")
            if header != file and header in self.c.lacked and header not in self.headers:
                pattern = re.compile(rf"^\s*#\s*include\s*[<\"]{re.escape(header)}[>\"]", re.M)
                self.headers[header] = next((f for f in sorted(self.deps) if pattern.search(self.text(f))), str(self.source))

    def includer_of(self, header, files):
        """The file that includes a header."""
        for file in files:
            if file not in self.included:
                self.included[file] = set(re.findall(r"^\s*#\s*include\s*[<\"]([^>\"]+)[>\"]", self.text(file), re.M))
        return next((f for f in files if header in self.included[f]), str(self.source))

    def find_headers(self):
        """Adds empty headers until the preprocessor is content."""
        deps = self.c.scratch / "deps"
        for _ in range(HEADER_ROUNDS):
            # -MG: goes on after a header that does not exist, and lists it as it is written.
            self.c.run(self.source, *self.options(), "-M", "-MG", "-MF", str(deps))
            files = files_of(deps) if deps.is_file() else []
            there = [f for f in files if os.path.isabs(f)]
            missing = [f for f in files if not os.path.isabs(f)]
            if any([self.lack(h, self.includer_of(h, there)) for h in missing]):
                continue
            # -M has no warnings.
            status, messages = self.c.run(self.source, *self.options(), "-E", "-o", "/dev/null", "-MD", "-MF", str(deps))
            progress = False
            for line in messages:
                m = (re.match(r"([^:]+):\d+:\d+: fatal error: '?([\w/.+-]+)'?(?:: No such file| file not found)", line) or
                     re.match(r"([^:]+):\d+:\d+: (?:error|warning): .*libfence has no <([\w/.-]+)>", line))
                if m:
                    # libfence's header for a name of two headers is no file of the driver.
                    includer = m[1] if m[2] not in self.c.names_of_both else self.includer_of(m[2], [f for f in there if m[1] != f])
                    progress |= self.lack(m[2], includer)
            if not progress and status == 0:
                progress = self.find_wrong_headers(deps)
            if not progress:
                break
        # The tree's headers are found through links.
        self.deps = {os.path.realpath(d) for d in files_of(deps)} if deps.is_file() else set()
        self.find_used()

    def find_wrong_headers(self, deps):
        """Kernel code must not get the host's header of a name that means another
        header to it. Those that libfence knows are errors already."""
        progress = False
        used = files_of(deps)
        hosts = {}
        for file in used:
            m = re.match(r"/usr/(?:lib/llvm\S*?/|local/)?include/(?:[\w-]+-linux-\w+/)?((?:linux|asm|drm|sound|video|media|rdma|misc)/[\w/.-]+\.h)$", file)
            if m and m[1] not in self.c.names_of_both:
                hosts[m[1]] = file
        if not hosts:
            return False
        for file in used:
            if not is_below(file, self.c.tree) and file != str(self.source):
                continue
            for header in re.findall(r"^\s*#\s*include\s*<([^>]+)>", self.text(file), re.M):
                if header not in hosts:
                    continue
                theirs = self.c.tree / "include/uapi" / header
                if not (self.c.tree / "include" / header).is_file() and theirs.is_file():
                    # For programs and for the kernel it is the same file: the tree's.
                    stub = self.stubs / header
                    if not stub.exists():
                        stub.parent.mkdir(parents=True, exist_ok=True)
                        stub.write_text(f'#include <linux/types.h>\n#include "{theirs}"\n')
                        progress = True
                elif header != "asm/ioctl.h":
                    progress |= self.lack(header, file)
        return progress

    # Names

    def text(self, file):
        if file not in self.lines:
            try:
                self.lines[file] = pathlib.Path(file).read_text(errors="replace")
            except OSError:
                self.lines[file] = ""
        return self.lines[file]

    def code(self, file):
        """The text of a file without its comments, which may speak of names it lacks."""
        if file not in self.codes:
            self.codes[file] = COMMENTS.sub(" ", self.text(file))
        return self.codes[file]

    def line(self, file, number):
        lines = self.text(file).split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def is_included(self, header):
        """Is this header of the tree one of the files that are compiled? Then a name
        of it is only unknown since something before it was."""
        return str(self.c.tree / "include" / header) in self.deps

    def kinds(self, name):
        """Where the tree has a name that is not in the compiled files."""
        found = sorted(self.index.where(name), key=lambda f: f[0] not in self.reached())
        if any(self.is_included(header) for header, _ in found):
            return []
        return found

    def miss(self, name, kinds=None):
        """Notes a missing name, if the tree has it."""
        m = re.match(r"class_(\w+?)_(?:t|constructor|destructor|ptr|lock_ptr)$|__free_(\w+)$", name)
        if m and not self.index.where(name):
            name = f"guard({m[1]})" if m[1] else f"__free({m[2]})"
        found = self.kinds(name)
        if kinds:
            found = [f for f in found if f[1] in kinds] or found
        if not found:
            return None
        if name not in self.names and name not in self.unreached:
            header = self.shims_header(name, found)
            if header and (found[0][0] in self.reached() or header in self.reached()):
                # The tree's headers lead there; so the shim's have to, and early enough.
                if header in self.led:
                    return None
                self.led.add(header)
            elif header and os.path.realpath(self.c.shim_has(header)) in self.deps:
                # It is there: this only follows from something else.
                return None
            elif header:
                self.unreached[name] = header
            else:
                self.names[name] = (tree_index.home(found[0][0], self.c.tree), found[0][1])
        return name

    def reached(self):
        """The headers that the driver's files lead to in the tree: the names that they use are in one
        of these."""
        if self.leads is None:
            files = [f for f in self.deps if f == os.path.realpath(self.source) or self.is_drivers(f)]
            self.leads = self.index.reached({self.index.resolve(i, "") for f in files for i in tree_index.INCLUDE.findall(self.text(f))})
        return self.leads

    def is_drivers(self, file):
        return any(is_below(file, root) for root in self.roots)

    def shims_header(self, name, found):
        """The header of the shim that has a name which the tree has in @found."""
        for header, kind in found:
            # A header may mention a structure that it does not define.
            pattern = rf"\b{kind}\s+{name}\s*\{{" if kind in ("struct", "union", "enum") else rf"\b{re.escape(name)}\b"
            # <linux/mutex.h> of the shim has the types of <linux/mutex_types.h>, too.
            for h in (header, header.replace("_types.h", ".h"), header.replace("linux/byteorder/generic.h", "asm/byteorder.h")):
                path = self.c.shim_has(h)
                if path and h not in self.headers and re.search(pattern, self.code(str(path))):
                    return h
        return None

    def from_message(self, file, number, text):
        """The missing names in a message of gcc or clang; None if it has none."""
        m = (re.search(r"invalid use of undefined type '(?:struct |union |enum )(\w+)'", text) or
             re.search(r"incomplete (?:definition of )?type '(?:const |volatile )*(?:struct |union |enum )(\w+)", text) or
             re.search(r"'\w+' (?:has|with) (?:an )?incomplete (?:element )?type '(?:struct |union |enum )(\w+)", text) or
             re.search(r"incomplete typedef '(?:\w+)'.*'(?:struct |union )(\w+)", text) or
             re.search(r"undefined type '(?:struct |union )(\w+)'", text))
        if m:
            return [(m[1], ("struct", "union", "enum"))]
        if re.search(r"storage size of '\w+' isn't known|(field|variable|parameter \d+ \()?'?\w+'?\)? has (an )?incomplete type|"
                     r"array type has incomplete element type", text):
            return [(t, ("struct", "union", "enum")) for t in
                    re.findall(r"\b(?:struct|union|enum)\s+(\w+)", self.line(file, number))]
        m = (re.search(r"implicit declaration of function '(\w+)'", text) or
             re.search(r"call to undeclared (?:library )?function '(\w+)'", text))
        if m:
            return [(m[1], ("function", "macro"))]
        m = (re.search(r"'(\w+)' undeclared", text) or re.search(r"undeclared identifier '(\w+)'", text))
        if m:
            return [(m[1], ("macro", "constant", "variable", "function"))]
        m = (re.search(r"unknown type name '(\w+)'", text) or
             re.search(r"type defaults to 'int' in declaration of '(\w+)'", text) or
             re.search(r"expected .* before '(\w+)'", text))
        # If the name is defined, the fault of that line is another one.
        if m and not (text.startswith("expected") and self.is_defined(m[1])):
            return [(m[1], ("type", "macro", "guard"))]
        return None

    def from_line(self, file, number):
        """Words of a line that are macros of the tree, but not of the compiled files:
        the compiler did not understand the line since they were unknown."""
        text = self.line(file, number - 1) + "\n" + self.line(file, number)
        return [(w, ("macro",)) for w in sorted(words_of(text) - self.macros)
                if self.may_be_macro(w, text) and not self.is_defined(w)]

    def may_be_macro(self, word, text):
        """Has the tree a macro of this name, and is it used in @text as one? The name of a
        macro with arguments is no use of it without a parenthesis."""
        for header, kind in self.kinds(word):
            if kind != "macro":
                continue
            path = next((p for p in (self.c.tree / "include" / header, self.c.tree / "arch/x86/include" / header) if p.is_file()), None)
            plain = not path or re.search(rf"^\s*#\s*define\s+{word}(?!\w|\()", self.text(str(path)), re.M)
            if plain or re.search(rf"\b{word}\s*\(", text):
                return True
        return False

    def is_defined(self, word):
        return word in self.macros or word in self.known

    def read_macros(self):
        status, _ = self.c.run(self.source, *self.options(), "-E", "-dM", "-o", str(self.c.scratch / "macros"))
        text = (self.c.scratch / "macros").read_text(errors="replace") if status == 0 else ""
        self.macros = set(re.findall(r"^#define (\w+)", text, re.M))
        # Every word of the shim's headers: functions and types.
        self.known = set()
        for file in self.deps:
            if not is_below(file, self.c.tree) and file.endswith(".h"):
                self.known |= words_of(self.code(file))

    def invent(self):
        """Declares the missing types, so that their uses are understood."""
        text = ""
        for header in sorted((set(self.unreached.values()) | self.led) - self.invented):
            self.invented.add(header)
            text += f"#include <{header}>\n"
        for name, (header, kind) in self.names.items():
            if name in self.invented:
                continue
            if kind in ("struct", "union"):
                text += f"{kind} {name} {{ int libfence_missing; }};\n"
            elif kind == "enum":
                text += f"enum {name} {{ libfence_missing_{name} }};\n"
            elif kind == "type":
                text += f"typedef unsigned long {name};\n"
            elif kind == "macro" and name.startswith("__"):
                # An annotation, most likely.
                source = self.c.tree / "include" / header
                if re.search(rf"^\s*#\s*define\s+{name}\s*\(", self.text(str(source)), re.M):
                    text += f"#define {name}(...)\n"
                elif re.search(rf"^\s*#\s*define\s+{name}\s+(?:__attribute__|\(?0x|\d|$)", self.text(str(source)), re.M):
                    text += f"#define {name}\n"
            else:
                continue
            self.invented.add(name)
        with self.prelude.open("a") as file:
            file.write(text)
        return bool(text)

    def unknown(self, errors):
        """{name: a line} of the names in the errors that neither the tree's headers nor the
        driver's files seem to define."""
        own = {name for f in self.deps if f == os.path.realpath(self.source) or self.is_drivers(f)
               for name, _ in tree_index.names_in(self.text(f))}
        missing = set(self.names) | set(self.unreached)
        found = {}
        for file, number, text in errors:
            m = UNKNOWN.search(text)
            name = m and (m[1] or m[2])
            # Or they define it in a line with a name that is missing.
            if (name and not self.index.where(name) and name not in own and not name.startswith("class_") and
                    not any(re.search(rf"\b{name}\b(?! *\()", line) and words_of(line) & missing
                            for line in self.code(file).split("\n"))):
                found.setdefault(name, (file, number))
        return found

    def run(self):
        self.find_headers()
        for _ in range(NAME_ROUNDS):
            status, messages = self.c.run(self.source, *self.options(), "-fsyntax-only")
            if status == 0:
                break
            self.read_macros()
            before = len(self.names) + len(self.unreached) + len(self.led)
            rest = []
            for message in messages:
                m = re.match(r"(.+?):(\d+):(?:\d+:)? (?:fatal )?error: (.*)", message)
                if not m:
                    continue
                file, number, text = m[1], int(m[2]), m[3]
                option = re.search(r"'(CONFIG_\w+)' undeclared|undeclared identifier '(CONFIG_\w+)'", text)
                if option:
                    self.generated.setdefault(option[1] or option[2], file)
                    continue
                candidates = self.from_message(file, number, text) or []
                found = [self.miss(*c) for c in candidates]
                if not any(found):
                    found = [self.miss(*c) for c in self.from_line(file, number)]
                member = re.search(r"(?:no member named|has no member named) '(\w+)'", text)
                if member:
                    owner = re.search(r"'(?:const )?(?:struct |union )?(\w+)(?: \*)?'", text.replace(f"'{member[1]}'", "", 1))
                    if owner and owner[1] not in self.names and owner[1] not in self.invented and \
                            self.index.where(owner[1]) and not self.kinds(owner[1]) == []:
                        self.members.add((owner[1], member[1]))
                        found = [True]
                if not any(found):
                    rest.append((file, number, text))
            self.errors = rest
            # A header may have more to include once a type is known.
            if not self.invent() and len(self.names) + len(self.unreached) + len(self.led) == before:
                break
        # The compiler may ask for a member before it asks for the structure.
        self.members = {m for m in self.members if m[0] not in self.names}
        compiles = status == 0 and not self.headers and not self.generated and not self.names and not self.unreached
        missing = self.headers or self.generated or self.names or self.unreached or self.members
        # The others follow from a missing name.
        errors = [] if status == 0 or missing else [
            f"{os.path.relpath(f, self.c.tree) if is_below(f, self.c.tree) else f}:{n}: {t}" for f, n, t in self.errors]
        unknown = self.unknown(self.errors) if status and missing else {}
        return Result(compiles, self.headers, self.names, self.members, self.generated, self.unreached, unknown,
                      list(dict.fromkeys(errors)))
