#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""generate.py NAMES OUT DIR...: writes a header to OUT for each line of NAMES.

The host and the kernel both have a header <linux/types.h>, with different
contents. NAMES lists all header names that both have. OUT comes first on the
include path, so an #include of such a name finds the header that is generated
here. That header asks <lfshim/side.h> whether the #include is in code of the host
or in kernel code, and includes the host's header or the shim's. So a header of the
host never sees a header of the shim, whatever the order of the #includes.

The shim has the headers that are in one of the DIRs. Kernel code that includes
another name of the list gets an error with that name, since the host's header lacks
the definitions of the kernel's header.

<uapi/X> is always the host's header, as kernel code expects."""
import pathlib
import sys

names, out, *dirs = map(pathlib.Path, sys.argv[1:])

SHIM = """\
/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Made by compat/dispatch/generate.py. No guard: asked anew by every #include. */
#include <lfshim/side.h>
#if LFSHIM_KERNEL_SIDE
#include_next <{name}>
#else
#if LFSHIM_SIDE_IS_A_GUESS
/* Shown only if a header outside of the system directories includes this one. */
#pragma GCC warning "libfence: <{name}> is the host's here, because no kernel-only header was included before. Define LIBFENCE_KERNEL_CODE for the kernel's header, or LIBFENCE_HOST_UAPI for the host's."
#endif
#include <{beside}/../{name}>
#endif
"""

UAPI = """\
/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Made by compat/dispatch/generate.py. The host's header, with all it includes. */
#include <lfshim/host-begin.h>
#if __has_include(<{beside}/../{name}>)
#include <{beside}/../{name}>
#endif
#include <lfshim/host-end.h>
"""

# An #error would also stop headers of the host that include this one. The error
# below comes from -Wundef, which the compiler does not report in a header that a
# system header includes.
NONE = """\
/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Made by compat/dispatch/generate.py. No guard: asked anew by every #include. */
#include <lfshim/side.h>
#if LFSHIM_KERNEL_SIDE && !defined(LIBFENCE_HOST_UAPI)
#if LFSHIM_SIDE_IS_CERTAIN
#error "libfence has no <{name}> for kernel code. For the host's header, #define LIBFENCE_HOST_UAPI before the first #include."
#else
#pragma GCC warning "libfence has no <{name}> for kernel code. For the host's header, #define LIBFENCE_HOST_UAPI before the first #include."
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wundef"
#if libfence_has_no_{word}
#endif
#pragma GCC diagnostic pop
#include_next <{name}>
#endif
#else
#include_next <{name}>
#endif
"""

NONE_UAPI = """\
/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Made by compat/dispatch/generate.py. The host's header, with all it includes. */
#include <lfshim/host-begin.h>
#include <{beside}/../{name}>
#include <lfshim/host-end.h>
"""


made = set()


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    # An unchanged header keeps its time, so that nothing is compiled again.
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)
    made.add(path)


for name in names.read_text().split("\n"):
    if not name or name.startswith("#"):
        continue
    word = "".join(c if c.isalnum() else "_" for c in name)
    # A folder of the host that is beside that of the header. On some hosts asm/ is
    # with the headers of libc for one architecture.
    beside = "sys" if name.startswith("asm/") else "asm-generic"
    if any((d / name).is_file() for d in dirs):
        write(out / name, SHIM.format(name=name, beside=beside))
        if not any((d / "uapi" / name).is_file() for d in dirs):
            write(out / "uapi" / name, UAPI.format(name=name, beside=beside))
    else:
        write(out / name, NONE.format(name=name, word=word))
        write(out / "uapi" / name, NONE_UAPI.format(name=name, beside=beside))

# Remove headers whose name is no longer in the list.
for path in out.rglob("*.h"):
    if path not in made:
        path.unlink()
