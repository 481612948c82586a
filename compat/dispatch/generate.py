#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""generate.py NAMES OUT DIR...: in OUT, a header for each line of NAMES.

The host and the kernel both have a <linux/types.h>, and many other names, with
different contents. OUT comes first on the include path, so that every such
#include meets a header that is made here. It asks <lfshim/side.h> on which side
the #include is, and goes on to the host's header or to the shim's: a host header
never sees a header of the shim, whatever is included first. The shim has those
that one of the DIRs has. Kernel code that includes another one gets an error that
names it: the host's header lacks what the kernel's has.

<uapi/X> is always the host's, as the kernel's code has it."""
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
#include <asm-generic/../{name}>
#endif
"""

UAPI = """\
/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Made by compat/dispatch/generate.py. The host's header, with all it includes. */
#include <lfshim/host-begin.h>
#if __has_include(<asm-generic/../{name}>)
#include <asm-generic/../{name}>
#endif
#include <lfshim/host-end.h>
"""

# An #error would stop host headers, too. What -Wundef finds in a header that a
# system header includes is not reported; in all others it is an error here.
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
#include <asm-generic/../{name}>
#include <lfshim/host-end.h>
"""


made = set()


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not newer if it is the same: nothing has to be compiled again.
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)
    made.add(path)


for name in names.read_text().split("\n"):
    if not name or name.startswith("#"):
        continue
    word = "".join(c if c.isalnum() else "_" for c in name)
    if any((d / name).is_file() for d in dirs):
        write(out / name, SHIM.format(name=name))
        if not any((d / "uapi" / name).is_file() for d in dirs):
            write(out / "uapi" / name, UAPI.format(name=name))
    else:
        write(out / name, NONE.format(name=name, word=word))
        # Only asm/ is not beside asm-generic/ on every host.
        if not name.startswith("asm/"):
            write(out / "uapi" / name, NONE_UAPI.format(name=name))

# Of a name that is not there any more.
for path in out.rglob("*.h"):
    if path not in made:
        path.unlink()
