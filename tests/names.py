#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""names.py SOURCE: checks that compat/X.c implements <linux/X.h> and nothing else, so
that the name of a kernel header says where its functions are.

- Each compat/X.c has a header compat/include/linux/X.h or linux/sched/X.h.
- A function that a header declares (with LFSHIM(name), or with a name that begins with
  lfshim_) is defined in the file of that header's name.
- A function that is not static is declared in the header of its file's name. It may
  also be declared in a private header of the shim or in <lfshim/...>.

EXCEPTIONS has the functions that are elsewhere, and why. It is an error if an exception
is not needed."""
import os
import pathlib
import re
import sys

# A header below compat/include, a pattern for the functions that it declares, where
# they are defined, and why.
EXCEPTIONS = [
    ("linux/lockdep.h", "lock.*", "compat/checks/", "lockdep is built with -Dchecks=true only"),
    ("linux/lockdep.h", "lfshim_spin_held", "compat/spinlock.c", "knows what a spinlock contains"),
    ("linux/lockdep.h", "lfshim_mutex_(map|held)", "compat/mutex.c", "knows what a mutex contains"),
    ("linux/lockdep.h", "lfshim_spin_set_class", "compat/checks/", "classes are for the checks"),
    ("linux/list.h", ".*", "compat/checks/", "lists are inline, except for the checks"),
    ("linux/mm.h", ".*", "compat/checks/", "an mm_struct has only locks for lockdep"),
    ("linux/sched/mm.h", ".*", "compat/checks/", "the lockdep maps of reclaim"),
    ("linux/preempt.h", "lfshim_bh_(on|off)", "compat/checks/", "counts sections for the checks"),
    ("linux/preempt.h", "lfshim_preempt_(on|off)", "compat/checks/", "counts sections for the checks"),
    ("linux/spinlock.h", "lfshim_spin_(acquire|released|forget|init)", "compat/checks/", "records locks for the checks"),
    ("linux/sched.h", "lfshim_might_sleep", "compat/checks/", "is empty without the checks"),
    ("linux/sched.h", "lfshim_task_self", "compat/kernel/", "tasks are a part of the shim's own"),
    ("linux/kthread.h", ".*kthread_.*(work|worker|worker_fn|work_sync|work_timer_fn)", "compat/kernel/",
     "kthread workers use kthreads, and are large"),
    ("linux/fs.h", "lfshim_file_.*", "compat/file.c", "a struct file and its descriptor are one part"),
    ("linux/file.h", "lfshim_file_ioctl", "compat/uaccess.c", "allows access to the ioctl's argument"),
    ("linux/rbtree_augmented.h", "lfshim_rb_(insert|erase)_augmented", "compat/rbtree.c", "an augmented tree is a tree"),
    ("linux/spinlock.h", "lfshim_spin_(lock|trylock|unlock)", "tests/seam/", "inline, except with LFSHIM_SEAM"),
    ("linux/refcount.h", "refcount_dec_and_mutex_lock", "compat/mutex.c", "mutexes use tasks, which have reference counts"),
    ("linux/refcount.h", "lfshim_count_(add|add_not_zero|sub)", "tests/seam/", "inline, except with LFSHIM_SEAM"),
    ("asm/processor.h", "cpu_relax", "tests/seam/", "inline, except with LFSHIM_SEAM"),
    ("linux/preempt.h", "lfshim_bh_changed", "tests/seam/", "is empty, except with LFSHIM_SEAM"),
    ("linux/sched.h", "lfshim_sleeps", "tests/seam/", "is empty, except with LFSHIM_SEAM"),
    ("linux/kcsan-checks.h", "lfshim_race_(ignore|marked|marked_next)", "tests/seam/", "is empty, except with LFSHIM_SEAM"),
    ("asm/processor.h", "lfshim_relax_slow", "compat/spinlock.c", "a lock's waiters call it"),
    ("kunit/assert.h", ".*", "tests/kernel/runner/", "the runner is not in the library"),
    ("kunit/test.h", ".*", "tests/kernel/runner/", "the runner is not in the library"),
    ("kunit/device.h", ".*", "tests/kernel/runner/", "the runner is not in the library"),
    ("kunit/test-bug.h", ".*", "tests/kernel/runner/", "the runner is not in the library"),
    ("drm/drm_kunit_helpers.h", ".*", "tests/kernel/runner/", "the runner is not in the library"),
    ("linux/dev_printk.h", ".*", "compat/device.c", "messages print a device's name"),
]

# Headers that declare the shim's own functions.
OWN = ("compat/include/lfshim/", "compat/kernel/", "compat/host/")

# At the start of a line, up to the parenthesis: a type, and the function's name, which
# may be in parentheses. After it no initialiser and no body, or a body.
FUNCTION = re.compile(r"^(?!typedef\b|else\b|return\b)([a-zA-Z_][^;{}()=#]*?[\s*(])(\w+)\)?\s*"
                      r"\(((?:[^;{}()]|\([^;{}()]*\))*)\)([^;{}=]*)([;{])", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
ATTRIBUTE = re.compile(r"__attribute__\(\(.*?\)\)\)?", re.DOTALL)


def functions(text, end):
    """The functions that are declared (@end is ";") or defined ("{") and not static."""
    for before, name, _, after, last in FUNCTION.findall(ATTRIBUTE.sub("", text)):
        if last == end and not re.search(r"\bstatic\b", before):
            yield name, after


def home(header):
    """The file that implements a header below compat/include."""
    return f"compat/{pathlib.PurePath(header).stem}.c"


def main():
    os.chdir(sys.argv[1])
    files = {str(path): COMMENT.sub("", path.read_text())
             for top in ("compat", "tests/kernel/runner") for path in pathlib.Path(top).rglob("*.[ch]")}
    headers = {path.removeprefix("compat/include/"): text for path, text in files.items()
               if path.startswith("compat/include/") and not path.startswith(OWN)}
    defined = {}
    for path, text in files.items():
        if path.endswith(".c"):
            for name, _ in functions(text, "{"):
                defined.setdefault(name, set()).add(path)
    # Functions that are inline in the library itself.
    seam = {name: {str(path)} for path in pathlib.Path("tests/seam").glob("*.c")
            for name, _ in functions(COMMENT.sub("", path.read_text()), "{")}
    own_names = " ".join(text for path, text in files.items() if path.startswith(OWN))
    wrong, checked, needed, allowed = [], 0, set(), set()

    for header, text in headers.items():
        for name, after in functions(text, ";"):
            if "LFSHIM(" not in after and not name.startswith("lfshim_"):
                continue
            checked += 1
            # A macro may have renamed the definition: the label of timer_delete() is
            # lfshim_timer_delete.
            places = (defined.get(name) or defined.get(name.removeprefix("lfshim_")) or
                      seam.get(name, set()))
            if places == {home(header)}:
                continue
            exception = next((e for e in EXCEPTIONS if e[0] == header and re.fullmatch(e[1], name) and
                              places and all(place.startswith(e[2]) for place in places)), None)
            if exception:
                needed.add(exception)
                allowed.add(name)
            else:
                wrong.append(f"<{header}>: {name}() should be defined in {home(header)}; "
                             f"it is in {' and '.join(sorted(places)) or 'no file'}")

    for path in sorted(pathlib.Path("compat").glob("*.c")):
        own = [h for h in (f"linux/{path.stem}.h", f"linux/sched/{path.stem}.h") if h in headers]
        if not own:
            wrong.append(f"{path}: there is no <linux/{path.stem}.h>")
        text = " ".join(headers[header] for header in own) + own_names
        for name, places in defined.items():
            if str(path) in places and name not in allowed and not re.search(rf"\b{name}\b", text):
                wrong.append(f"{path}: {name}() is not declared in <linux/{path.stem}.h>")

    for exception in EXCEPTIONS:
        if exception not in needed:
            wrong.append(f"EXCEPTIONS: not needed: {exception[0]} {exception[1]}")
    print(*wrong, f"{checked} functions, {len(allowed)} of them elsewhere", sep="\n")
    sys.exit(bool(wrong or not checked))


if __name__ == "__main__":
    main()
