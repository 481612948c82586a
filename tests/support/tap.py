# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Tests that are functions of a script: Wrong, check(), and run_checks(), which prints TAP."""


class Wrong(Exception):
    """A check that has failed."""


def check(good, text):
    if not good:
        raise Wrong(text)


def run_checks(checks):
    """Call the functions. Returns the exit code.

    A pair is a name and a function; other functions have their own names. A text that a
    function returns is printed, too."""
    failed = 0
    print(f'1..{len(checks)}')
    for number, entry in enumerate(checks, 1):
        name, function = entry if isinstance(entry, tuple) else (entry.__name__, entry)
        try:
            result = function()
            print(f'ok {number} - {name}' + (f': {result}' if result else ''), flush=True)
        except Wrong as error:
            failed += 1
            print(f'not ok {number} - {name}')
            print('# ' + str(error).replace('\n', '\n# '), flush=True)
    return 1 if failed or not checks else 0
