# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Compares the declarations in the crate's ffi.rs with C's headers. Each function is written as a
C declaration, which the C compiler refuses after the header if it is another one. Each size, offset
and constant is printed by a Rust program, and asserted in C."""
import os
import re
import shlex

HEADERS = ["libfence.h", "driver-fence.h", "rcu-box.h", "several.h", "sync.h", "timeline.h", "reservation.h"]
TYPES = {"c_int": "int", "c_uint": "unsigned int", "c_ulong": "unsigned long", "c_char": "char", "c_void": "void",
         "u64": "uint64_t", "i64": "int64_t", "u32": "uint32_t", "usize": "size_t", "bool": "bool"}
ENUMS = {"libfence_usage"}


def c_type(rust):
    """A type of Rust as C has it."""
    rust = rust.strip()
    pointer = re.match(r"\*(const|mut) (.*)", rust)
    if pointer:
        target = c_type(pointer[2])
        return f"{target} const *" if pointer[1] == "const" else f"{target} *"
    if rust in TYPES:
        return TYPES[rust]
    if rust in ENUMS:
        return f"enum {rust}"
    if re.fullmatch(r"libfence_\w+|libfence", rust):
        return f"struct {rust}"
    raise ValueError(f"no C type is known for {rust}")


def declarations(text):
    """The functions, as C declarations: {name: line}."""
    found = {}
    for name, parameters, result in re.findall(r"pub fn (\w+)\((.*?)\)(?: -> ([^;]+))?;", text, re.S):
        kinds = [c_type(p.split(":", 1)[1]) for p in parameters.split(",") if p.strip()]
        found[name] = f"{c_type(result) if result else 'void'} {name}({', '.join(kinds) or 'void'});"
    return found


def structs(text):
    """The structs with members: {name: [member]}."""
    found = {}
    for name, body in re.findall(r"pub struct (\w+) \{\n(.*?)\n\}", text, re.S):
        found[name] = re.findall(r"pub (\w+):", body)
    return found


def check(crate):
    """Yields (passed, name, text)."""
    path = crate.source / "src/ffi.rs"
    text = path.read_text()
    functions, layouts = declarations(text), structs(text)
    constants = re.findall(r"pub const (LIBFENCE_\w+):", text)
    total = len(re.findall(r"\bpub fn \w+", text))
    yield (total == len(functions) and total >= 50, f"ffi.rs has {total} functions, all of which were read", "")
    yield (len(layouts) == 5 and len(constants) >= 10, "ffi.rs has the structs and constants, all of which were read",
           f"{layouts} {constants}")
    # Each struct and type is a word of C there: a function pointer of a member is compared by its use.
    program = ["#![allow(dead_code)]", f'#[path = "{path}"]', "mod ffi;", "fn main() {"]
    for name, members in layouts.items():
        program.append(f'println!("size {name} {{}}", size_of::<ffi::{name}>());')
        program.append(f'println!("align {name} {{}}", align_of::<ffi::{name}>());')
        program += [f'println!("offset {name} {m} {{}}", std::mem::offset_of!(ffi::{name}, {m}));' for m in members]
    program += [f'println!("value {name} {{}}", ffi::{name});' for name in constants]
    (crate.work / "layout.rs").write_text("\n".join([*program, "}"]))
    code, _, err = crate.run([crate.rustc, "--edition=2021", f"-Lnative={crate.library}", "--out-dir", crate.work,
                              crate.work / "layout.rs"])
    code, printed, err = (code, "", err) if code else crate.run([crate.work / "layout"])
    yield code == 0, "ffi.rs by itself", err

    lines = [f"#include <libfence/{header}>" for header in HEADERS] + list(functions.values())
    for kind, *words, number in map(str.split, printed.splitlines()):
        name = words[0]
        member = words[-1].removesuffix("_") if not words[-1].startswith("private") else words[-1]
        lines.append({
            "size": f'_Static_assert(sizeof(struct {name}) == {number}, "size of {name}");',
            "align": f'_Static_assert(_Alignof(struct {name}) == {number}, "alignment of {name}");',
            "offset": f'_Static_assert(offsetof(struct {name}, {member}) == {number}, "offset of {name}.{member}");',
            "value": f'_Static_assert({name} == {number}, "value of {name}");',
        }[kind])
    # The types of members that are function pointers, and the view that as_fence() relies on.
    lines.append("""
static int init(void *data, void *arg) { return data == arg; }
static void end(void *data) { (void)data; }
static bool ask(void *payload) { return payload; }
static void limit(void *payload, int64_t deadline) { (void)payload; (void)deadline; }
static void called(const struct libfence *fence, void *data) { (void)fence; (void)data; }
struct libfence_context_type context = { sizeof(int), init, end };
struct libfence_payload_type payload = { sizeof(int), end, ask, ask, limit };
struct libfence_callback callback = { called, NULL, NULL, { NULL } };
int main(void)
{
	struct libfence_context *ctx = libfence_context_create("driver", "timeline", 1, NULL);
	struct libfence_driver_fence *fence = libfence_commit(ctx, libfence_prepare(NULL, NULL));
	int same = (const void *)libfence_driver_fence_consumer(fence) == (void *)fence;

	libfence_driver_fence_signal_raw(fence, 0);
	libfence_context_destroy(&ctx);
	return !same;
}
""")
    (crate.work / "ffi.c").write_text("\n".join(lines))
    cc = shlex.split(os.environ.get("CC") or "cc")
    include = crate.build / "include/plain"
    code, _, err = crate.run([*cc, "-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{include}", "-o", crate.work / "ffi",
                              crate.work / "ffi.c", f"-L{crate.library}", "-lfence"])
    yield code == 0, "the declarations are those of the headers", err
    if code == 0:
        code, out, err = crate.run([crate.work / "ffi"])
        yield code == 0, "both views of a driver fence have one address", out + err
