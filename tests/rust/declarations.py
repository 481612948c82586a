#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""declarations.py SOURCE: checks that compat/rust/cparse.py reads C declarations right.
Prints the faults."""
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/compat/rust")
import cparse

TEXT = """
# 1 "x.h"
typedef unsigned int gfp_t;
typedef void (*call_t)(struct head *head, unsigned long x);
typedef struct { int counter; } atomic_t;
enum kind { FIRST, SECOND = 3, THIRD };
struct item { struct head *next, *last; union { int a; long b; }; unsigned flag : 1; call_t call; int table[4]; atomic_t n; };
extern void *grow(const void *p, size_t size, gfp_t flags) __asm__("real_grow") __attribute__((malloc(x), warn_unused_result));
static inline _Bool is_odd(const volatile long *const at) { return *at & 1; }
int walk(struct item *item, int (*visit)(const char *name, void *data), ...);
unsigned char table_of(unsigned long long index);
void nothing(void);
extern struct head *first_one;
"""
WANTED = {
    "grow": "(p: *const ffi::c_void, size: usize, flags: gfp_t) -> *mut ffi::c_void",
    "is_odd": "(at: *const ffi::c_long) -> bool",
    "walk": '(item: *mut item, visit: Option<unsafe extern "C" fn(*const ffi::c_char, *mut ffi::c_void) -> ffi::c_int>, ...)'
            " -> ffi::c_int",
    "table_of": "(index: ffi::c_ulonglong) -> ffi::c_uchar",
    "nothing": "()",
}
MEMBERS = {"next": "*mut head", "last": "*mut head", "call": "call_t", "table": "[ffi::c_int; 4]", "n": "atomic_t"}


def main():
    file = cparse.File(TEXT)
    rust = cparse.Rust(file)
    wrong = []

    def check(name, found, wanted):
        if found != wanted:
            wrong.append(f"{name}: {found!r}, not {wanted!r}")
    for name, wanted in WANTED.items():
        full, names, symbol, inline = file.functions[name]
        check(name, rust.function(full, names), wanted)
        check(f"{name} inline", inline, name == "is_odd")
        check(f"{name} symbol", symbol, "real_grow" if name == "grow" else None)
    check("members", {n: rust.of(t) for n, t in file.records["item"].members}, MEMBERS)
    check("enum", file.enums["kind"], ["FIRST", "SECOND", "THIRD"])
    check("variable", rust.of(file.variables["first_one"][0]), "*mut head")
    check("callback", rust.of(file.typedefs["call_t"]), 'Option<unsafe extern "C" fn(*mut head, ffi::c_ulong)>')
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
