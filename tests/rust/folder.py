#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""folder.py SOURCE: checks that compat/rust/crate.py makes the crate's folder, and writes
nothing to the tree, whatever the folder had before. Prints the faults."""
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/compat/rust")
import crate

FILES = {
    "lib.rs": "pub mod acpi;\npub mod alloc;\n#[cfg(CONFIG_X)]\npub mod list;\npub mod sync;\n"
              "#[cfg(not(testlib))]\n#[panic_handler]\nfn panic() -> ! {\n}\n",
    "sync.rs": "mod arc;\npub mod poll;\npub use arc::{Arc,\n    ArcBorrow};\npub use poll::PollTable;\n",
    "prelude.rs": "pub use super::{\n    current,\n    dev_err,\n    pr_err,\n};\n",
    "alloc.rs": "a", "alloc/kbox.rs": "b", "alloc/kvec/errors.rs": "c", "sync/arc.rs": "d", "sync/arc/std_vendor.rs": "e",
    "list.rs": "f", "acpi.rs": "g", "sync/poll.rs": "h"}
MADE = {
    "lib.rs": "pub mod alloc;\npub mod dma_buf;\npub mod mm;\npub mod page;\npub mod prelude;\npub mod list;\npub mod sync;\n",
    "sync.rs": "mod arc;\npub use arc::{Arc,\n    ArcBorrow};\n",
    "prelude.rs": "pub use super::{\n    pr_err,\n};\n"}
SERIES_MADE = {
    "drm/mod.rs": "//! DRM.\npub mod jq;\n",
    "sync.rs": "mod arc;\npub mod dma_fence;\npub use arc::Arc;\npub use dma_fence::{\n    DmaFence};\n"}
LINKS = {"alloc.rs", "alloc/kbox.rs", "alloc/kvec/errors.rs", "sync/arc.rs", "sync/arc/std_vendor.rs", "list.rs", "mm.rs", "page.rs",
         "dma_buf/mod.rs"}


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        source, series, folder = top / "tree/rust/kernel", top / "series/rust/kernel", top / "folder"
        for file, text in FILES.items():
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            (source / file).write_text(text)
        (series / "dma_buf").mkdir(parents=True)
        (series / "dma_buf/mod.rs").write_text("i")
        (series / "alloc").mkdir()
        (series / "alloc/kbox.rs").write_text("changed")
        # An older folder: links to folders of the tree, and a file that is not there any more.
        (folder / "sync").mkdir(parents=True)
        (folder / "alloc").symlink_to(source / "alloc")
        (folder / "sync/arc").symlink_to(source / "sync/arc")
        (folder / "old.rs").symlink_to(source / "acpi.rs")
        one = crate.Crate(top / "tree", top / "series", folder)
        for _ in range(2):
            one.make()
        for file, text in FILES.items():
            if (source / file).is_symlink() or (source / file).read_text() != text:
                wrong.append(f"the tree's {file} was changed")
        for file, text in MADE.items():
            if (folder / file).read_text() != text:
                wrong.append(f"{file}: {(folder / file).read_text()!r}, not {text!r}")
        links = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_symlink()}
        if links != LINKS:
            wrong.append(f"the links are {sorted(links)}, not {sorted(LINKS)}")
        elif (folder / "alloc/kbox.rs").read_text() != "changed":
            wrong.append("the series' file does not come first")
        # Modules that the series adds: one of a folder that is left out, and one of sync.
        (series / "drm").mkdir()
        (series / "drm/jq.rs").write_text("j")
        (source / "drm").mkdir()
        (source / "drm/mod.rs").write_text("//! DRM.\npub mod device;\npub use self::device::Device;\n")
        (source / "drm/device.rs").write_text("k")
        (series / "sync").mkdir()
        (series / "sync/dma_fence.rs").write_text("l")
        (series / "sync.rs").write_text("mod arc;\npub mod dma_fence;\npub mod poll;\npub use arc::Arc;\n"
                                        "pub use dma_fence::{\n    DmaFence};\npub use poll::PollTable;\n")
        one = crate.Crate(top / "tree", top / "series", folder)
        new = one.new_modules()
        if new != ["drm/jq", "sync/dma_fence"]:
            wrong.append(f"the series adds {new}")
        one.make(new)
        for file, text in SERIES_MADE.items():
            if (folder / file).read_text() != text:
                wrong.append(f"{file} with the series: {(folder / file).read_text()!r}, not {text!r}")
        links = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_symlink()}
        if links != LINKS | {"drm/jq.rs", "sync/dma_fence.rs"}:
            wrong.append(f"the links with the series are {sorted(links)}")
        # Without its line in the tree's sync.rs, it is there too.
        (series / "sync.rs").unlink()
        one.make(new)
        if "pub mod dma_fence;\n" not in (folder / "sync.rs").read_text():
            wrong.append("sync.rs does not name the series' module")
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
