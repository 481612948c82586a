#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""headers.py TREE DIR DRM: for each fence header of the kernel tree, writes a header to
DIR that includes it by its path. So the next build notices a change in the tree, and
no other header of the tree's include/ is used. Also writes lfshim/tree/config.h, which
says which of the names that libfence itself uses are in the tree. Writes the same to
DRM for the headers of the parts of DRM that are compiled.
Prints the version, VERSION.PATCHLEVEL.SUBLEVEL, and on a second line those names."""
import pathlib
import re
import sys

# The fence headers. For each, our header with the names that an older tree lacks.
HEADERS = {
    "linux/dma-fence.h": "lfshim/tree/dma-fence.h",
    "linux/dma-fence-array.h": "lfshim/tree/dma-fence-array.h",
    "linux/dma-fence-chain.h": None,
    "linux/dma-fence-unwrap.h": None,
    "linux/dma-resv.h": "lfshim/tree/dma-resv.h",
    "linux/sync_file.h": "lfshim/tree/sync_file.h",
    "uapi/linux/sync_file.h": "lfshim/tree/sync-uapi.h",
    "trace/events/dma_fence.h": None,
}

# The headers of drm_sched, drm_exec, drm_suballoc and drm_syncobj, and the paths by
# which code includes them. An older tree lacks some of them.
DRM_HEADERS = {
    "drm/gpu_scheduler.h": "drm/gpu_scheduler.h",
    "drm/spsc_queue.h": "drm/spsc_queue.h",
    "drm/drm_exec.h": "drm/drm_exec.h",
    "drm/drm_suballoc.h": "drm/drm_suballoc.h",
    "drm/drm_syncobj.h": "drm/drm_syncobj.h",
    # The host's may be older.
    "uapi/drm/drm.h": "drm/drm.h",
    "uapi/drm/drm_mode.h": "drm/drm_mode.h",
}

# Names that libfence or its tests use, and that came or went after 6.1.
NAMES = [
    "DMA_FENCE_FLAG_INITIALIZED_BIT",
    "DMA_FENCE_FLAG_INLINE_LOCK_BIT",
    "DMA_FENCE_FLAG_SEQNO64_BIT",
    "SYNC_IOC_SET_DEADLINE",
    "dma_fence_array_alloc",
    "dma_fence_array_init",
    "dma_fence_check_and_signal",
    "dma_fence_dedup_array",
    "dma_fence_driver_name",
    "dma_fence_enable_signaling",
    "dma_fence_init64",
    "dma_fence_lock_irqsave",
    "dma_fence_set_deadline",
    "dma_fence_spinlock",
    "dma_fence_test_signaled_flag",
    "dma_fence_was_initialized",
    "dma_resv_set_deadline",
    "inline_lock",
    "signal_on_any",
    "use_64bit_seqno",
]

tree, out, out_drm = map(pathlib.Path, sys.argv[1:])


def die(message):
    sys.exit(f"kernel_tree: {tree}: {message}")


if not (tree / "Makefile").is_file():
    die("there is no Makefile, so this is not a Linux source tree")
version = [re.search(rf"^{name} = (\d+)$", (tree / "Makefile").read_text(), re.M)
           for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
if not all(version):
    die("its Makefile does not begin with VERSION, PATCHLEVEL and SUBLEVEL")


def write(name, text, directory=out):
    file = directory / name
    file.parent.mkdir(parents=True, exist_ok=True)
    # An unchanged header keeps its time, so that nothing is compiled again.
    if not file.is_file() or file.read_text() != text:
        file.write_text(text)


words = set()
for header, addition in HEADERS.items():
    path = tree / "include" / header
    if not path.is_file():
        die(f"there is no include/{header}: libfence knows trees from 6.1 on")
    words.update(re.findall(r"\w+", re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)))
    text = f'#include <lfshim/kernel-code.h>\n#include "{path}"\n'
    if header.startswith("uapi/"):
        # The guard that the header has when it is installed.
        text = f"#ifndef _LINUX_SYNC_H\n#define _LINUX_SYNC_H\n{text}#endif\n"
    if addition:
        # For libfence's own code only. Code of the tree and of users is written for the
        # tree's version.
        text += f"#ifdef LFSHIM_NEWER_NAMES\n#include <{addition}>\n#endif\n"
    write(header, text)

for header, name in DRM_HEADERS.items():
    path = tree / "include" / header
    if path.is_file():
        write(name, f'#include <lfshim/kernel-code.h>\n#include "{path}"\n', out_drm)

names = [name for name in NAMES if name in words]
write("lfshim/tree/config.h", "".join(f"#define LFSHIM_TREE_HAS_{name} {int(name in names)}\n" for name in NAMES))
print(".".join(v[1] for v in version))
print(*names)
