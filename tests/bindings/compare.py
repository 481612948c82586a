#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""compare.py SOURCE BUILD LIBRARY CC...

Compares libfence-bindings.h with the headers of the plain face and with the symbols of
the library: a C file has both, and does not compile if they differ. Then the script
plants differences, which have to be reported. Prints TAP."""
import re
import subprocess
import sys
import tempfile

source, build, library, *cc = sys.argv[1:]
dirs = [f"-I{source}/include", f"-I{build}/include"]
path = f"{source}/include/bindings/libfence-bindings.h"
failed = count = 0


def result(name, problem):
    global failed, count
    count += 1
    failed += bool(problem)
    print(f"{'not ok' if problem else 'ok'} {count} - {name}")
    for line in problem.split("\n")[:20] if problem else []:
        print("#", line)


def program(text):
    """The C file: the headers, and the declarations of @text once more."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    out = ["#include <libfence/attributes.h>", "#undef LIBFENCE_INLINE_", "#define LIBFENCE_INLINE_",
           "#pragma GCC diagnostic ignored \"-Wredundant-decls\""]
    out += [f"#include <libfence/{name}>" for name in
            ("libfence.h", "several.h", "event-loop.h", "driver-fence.h", "timeline.h", "reservation.h",
             "rcu-box.h", "sync.h", "sync-uapi.h", "libsync.h")]
    for name, value in re.findall(r"^#define (\w+) (\d+)$", text, re.M):
        out.append(f'_Static_assert({name} == {value}, "{name}");')
    for body in re.findall(r"^enum \w+ \{\n(.*?)^\};", text, re.M | re.S):
        for name, value in re.findall(r"(\w+) = (-?\d+),", body):
            out.append(f'_Static_assert({name} == {value}, "{name}");')
    text = re.sub(r"^#[^\n]*$|^enum \w+ \{\n.*?^\};", "", text, flags=re.M | re.S)
    # The structs once more, with other names.
    for tag, body in re.findall(r"^struct (\w+) \{\n(.*?)^\};", text, re.M | re.S):
        out.append(f"struct again_{tag} {{\n{body}}};")
        out.append(f'_Static_assert(sizeof(struct {tag}) == sizeof(struct again_{tag}), "size of {tag}");')
        for member in re.findall(r"^\t.*?(\w+)(?:\[\d+\]|\)\(.*\))?;$", body, re.M):
            ours, theirs = f"((struct {tag} *)0)->{member}", f"((struct again_{tag} *)0)->{member}"
            out.append(f"_Static_assert(offsetof(struct {tag}, {member}) == offsetof(struct again_{tag}, {member}) && "
                       f'sizeof({ours}) == sizeof({theirs}), "place of {tag}.{member}");')
            # __u64 and uint64_t are different types of one size.
            same = f"__builtin_types_compatible_p(__typeof__({ours}), __typeof__({theirs}))"
            if not tag.startswith("sync_"):
                out.append(f'_Static_assert({same}, "type of {tag}.{member}");')
    # The functions and types: a declaration that differs is an error.
    out.append(re.sub(r"^struct \w+ \{\n.*?^\};", "", text, flags=re.M | re.S))
    return "\n".join(out)


def differences(text):
    """The answers of the compiler and of the symbol table."""
    with tempfile.NamedTemporaryFile("w", suffix=".c") as f:
        f.write(program(text))
        f.flush()
        run = subprocess.run([*cc, "-std=gnu11", "-Wall", "-Werror", "-fsyntax-only", *dirs, f.name],
                             stderr=subprocess.PIPE, text=True)
    if run.returncode:
        return "\n".join(re.findall(r".*error.*", run.stderr)) or run.stderr
    declared = set(re.findall(r"^[a-z][^#\n(]*?(libfence_\w+)\([^*]", text, re.M))
    # "UNDEFINED" of a type of function pointers is in no line that begins like a function.
    declared = {name for name in declared if not re.search(rf"^typedef.*\b{name}\b", text, re.M)}
    return "\n".join(sorted(f"only in one of symbol table and header: {name}" for name in declared ^ symbols))


listing = subprocess.run(["nm", "-D", "--defined-only", library], stdout=subprocess.PIPE, text=True, check=True).stdout
symbols = set(re.findall(r" T (libfence_\w+)", listing))
with open(path) as f:
    current = f.read()

generated = subprocess.run([f"{source}/include/bindings/generate.py", source, build, *cc],
                           stdout=subprocess.PIPE, text=True, check=True).stdout
result("libfence-bindings.h is up to date", "" if generated == current else
       "run: include/bindings/generate.py . BUILD > include/bindings/libfence-bindings.h")
result("it declares the functions of the headers and of the symbol table", differences(current))

for name, old, new in (
        ("the type of a parameter", "libfence_timeline_fence(struct libfence_timeline *timeline, uint32_t",
         "libfence_timeline_fence(struct libfence_timeline *timeline, uint64_t"),
        ("a result", "int64_t libfence_deadline", "int libfence_deadline"),
        ("const", "libfence_put_raw(struct", "libfence_put_raw(const struct"),
        ("the order of members", "\tvoid *data;\n\tstruct libfence *fence;", "\tstruct libfence *fence;\n\tvoid *data;"),
        ("the size of a member", "void *private_[3];", "void *private_[2];"),
        ("the type of a member", "\tconst char *file;", "\tint *file;"),
        ("an enumerator", "LIBFENCE_INTERRUPTIBLE = 2", "LIBFENCE_INTERRUPTIBLE = 4"),
        ("a constant", "LIBFENCE_FOREVER 9", "LIBFENCE_FOREVER 8"),
        ("the type of a function pointer", "(*libfence_callback_fn)(const ", "(*libfence_callback_fn)("),
        ("a function that is missing", "void libfence_put(struct libfence **fence);\n", ""),
        ("a function too many", "void libfence_barrier(void);", "void libfence_barrier(void);\nvoid libfence_more(void);")):
    problem = "not in the header: " + old
    if old in current:
        problem = "" if differences(current.replace(old, new)) else "not reported"
    result(f"a difference is found: {name}", problem)
print(f"1..{count}")
sys.exit(bool(failed))
