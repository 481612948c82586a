#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""fence_users.py make BUILD TREE PAGE: writes the tables of docs/fence-users.md: which
files of the tree's drivers/gpu that use fences compile on the shim, and which names the
others lack. It compiles some 170 files several times each, which takes minutes.

fence_users.py check PAGE [TREE]: checks that the page is not out of date, in seconds:
the shim has none of the headers and names that the page calls missing, and, if TREE has
the version of the page, the tables have all of its files. Prints TAP."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

import file as tool

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN = "<!-- Made by tests/kernel/fence_users.py. -->"


def version_of(tree):
    text = (tree / "Makefile").read_text()
    return ".".join(re.search(rf"^{n} = (\d+)$", text, re.M)[1] for n in ("VERSION", "PATCHLEVEL"))


def grep(tree, pattern):
    return set(subprocess.run(["grep", "-arlE", pattern, "drivers/gpu", "--include=*.c"], cwd=tree,
                              capture_output=True, text=True).stdout.split())


# Drivers with more than a hundred users of fences, most of which need most of the kernel.
LARGE = ("drivers/gpu/drm/amd/", "drivers/gpu/drm/i915/", "drivers/gpu/drm/xe/")


def users(tree):
    """The files that include <linux/dma-fence.h> or a header of its family themselves, and
    the others that have a name of fences or reservation objects. Of the large drivers, the
    others are those that implement fences, or that have "fence" in their name."""
    direct = grep(tree, r"^\s*#\s*include\s*[<\"](linux/dma-fence(-\w+)?|trace/events/dma_fence)\.h[>\"]")
    fences = grep(tree, r"\bdma_fence_ops\b")
    others = {f for f in grep(tree, r"\bdma_(fence|resv)(_\w+)?\b")
              if not f.startswith(LARGE) or f in fences or "fence" in f.rpartition("/")[2]}
    return sorted(direct), sorted(others - direct)


def short(name):
    return name.removeprefix("drivers/gpu/")


def row(setting, name, result):
    if result.compiles:
        return f"| `{short(name)}` | compiles |"
    cells = []
    for header, names in tool.by_header(setting, result).items():
        cells.append(f"`<{header}>`" + (": " + ", ".join(f"`{n}`" for n in names) if names else ""))
    cells += [f"`{n}`, which `<{h}>` of the shim has" for n, h in sorted(result.unreached.items())]
    cells += [f"the member `{m}` of `{t}`" for t, m in sorted(result.members)]
    cells += [f"the value of `{h}`" if h.startswith("CONFIG_") else f"`{h}`, which the kernel's build makes"
              for h in sorted(result.generated)]
    if not cells:
        cells = ["no name: the compiler does not accept it"]
    return f"| `{short(name)}` | {'; '.join(cells)} |"


def make(build, tree, page):
    setting = tool.Setting(build, tree)
    direct, indirect = users(setting.tree)
    args = argparse.Namespace(include=[], config=[], define=[])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(direct + indirect, pool.map(
            lambda f: setting.diagnose(setting.tree / f, args)[1], direct + indirect)))
    compiling = [f for f in direct + indirect if results[f].compiles]
    lines = [BEGIN, f"Linux {version_of(setting.tree)}: {len(compiling)} of {len(results)} files compile, and",
             f"{sum(f in compiling for f in direct)} of the {len(direct)} in the first table.", "",
             "## Files that include a header of the fences", "", "| file | missing |", "|---|---|"]
    lines += [row(setting, f, results[f]) for f in direct]
    lines += ["", "## Files that get them through another header", "",
              "The other files with a name that begins with `dma_fence` or `dma_resv`: those that compile, and how",
              "many headers, names and members the others lack. Of amd, i915 and xe, which have more than a",
              "hundred such files, only those that implement fences or have `fence` in their name.", "", "| file | |", "|---|---|"]
    for f in indirect:
        r = results[f]
        unused = sum(not names for names in tool.by_header(setting, r).values())
        lacks = len(r.names) + len(r.members) + len(r.unreached) + len(r.generated) + unused
        cell = "compiles" if r.compiles else f"{lacks} missing" if lacks else "no name: the compiler does not accept it"
        lines.append(f"| `{short(f)}` | {cell} |")
    head = page.read_text().split(BEGIN)[0]
    page.write_text(head + "\n".join(lines) + "\n")
    print(lines[1], lines[2])
    for f in direct + indirect:
        for error in results[f].errors:
            print(f"{f}: {error}")


def check(page, tree):
    text = page.read_text()
    tables = text[text.index(BEGIN):]
    failed = False

    def result(number, name, errors):
        nonlocal failed
        print(f"{'not ok' if errors else 'ok'} {number} - {name}")
        for error in errors:
            print(f"# {error}")
        failed |= bool(errors)

    print("1..3")
    errors = set()
    for cell in re.findall(r"^\| `[^`]+` \| (.*) \|$", tables, re.M):
        for part in cell.split("; "):
            m = re.match(r"`<([\w/.-]+)>`(?:: (.*))?$", part)
            if not m:
                continue
            path = next((ROOT / d / m[1] for d in ("compat/include", "include") if (ROOT / d / m[1]).is_file()), None)
            shim = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) if path else ""
            if path and not m[2]:
                errors.add(f"the shim has <{m[1]}>")
            for name in re.findall(r"`([^`]*)`", m[2] or ""):
                word = re.sub(r"^(struct|union|enum) |\(\)$|^guard\(|\)$", "", name)
                # The shim may declare a structure that it does not define.
                tag = re.match(r"struct|union|enum", name)
                if re.search(rf"\b{tag[0]} {word}\s*\{{" if tag else rf"\b{re.escape(word)}\b", shim):
                    errors.add(f"the shim has {name} in <{m[1]}>")
    result(1, "the shim lacks the names that the page calls missing", sorted(errors))
    counted = re.search(r"(\d+) of (\d+) files compile, and\n(\d+) of the (\d+)", tables)
    first, second = tables.split("## Files that get")
    rows = [re.findall(r"^\| `([^`]+)` \| (.*) \|$", t, re.M) for t in (first, second)]
    found = [sum(cell == "compiles" for _, cell in rows[0] + rows[1]), len(rows[0] + rows[1]),
             sum(cell == "compiles" for _, cell in rows[0]), len(rows[0])]
    result(2, "the numbers are those of the tables", [] if list(map(int, counted.groups())) == found else [f"they are {found}"])
    name = "the tables have the files of the tree"
    if not tree or not (tree / "drivers/gpu/drm/drm_syncobj.c").is_file() or f"Linux {version_of(tree)}:" not in tables:
        print(f"ok 3 - {name} # SKIP no complete tree of that version")
    else:
        result(3, name, [error for files, table in zip(users(tree), rows)
                         for error in sorted({short(f) for f in files} ^ {f for f, _ in table})])
    return failed


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"] and len(sys.argv) == 5:
        make(*map(pathlib.Path, sys.argv[2:]))
    elif sys.argv[1:2] == ["check"] and len(sys.argv) in (3, 4):
        sys.exit(check(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]) if sys.argv[3:] else None))
    else:
        sys.exit(__doc__)
