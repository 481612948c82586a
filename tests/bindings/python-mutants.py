#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""python-mutants.py SOURCE: broken variants of docs/examples/libfence.py. On each of them,
a test of python.py has to fail. MUTANTS_PERCENT=N in the environment tries N of 100, chosen
by chance, and at least one; MUTANTS_SEED repeats a choice. Prints TAP."""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

source = pathlib.Path(sys.argv[1])

# (name, old text, new text, test)
MUTANTS = [
    ("a block that raises signals with success", "self.signal(_errno_of(exception))", "self.signal(0)",
     "Fences.test_with_block_that_raises"),
    ("a forgotten fence is not signalled", "            self._drop(pointer)", "            pass",
     "Fences.test_forgotten"),
    ("any thread signals, once more", "pointer = self._owned.pop()", "pointer = self._owned[-1]",
     "Fences.test_signalled_once"),
    ("a wait ignores signal handlers", "wait_until(handle, deadline, lib.LIBFENCE_INTERRUPTIBLE)",
     "wait_until(handle, _deadline(timeout), 0)", "Fences.test_signal_handler_ends_the_wait"),
    ("a wait does not keep the reference", "        handle = self._open()\n        return _wait(",
     "        handle = self._open()._as_parameter_\n        return _wait(", "Fences.test_closed_during_a_wait"),
    ("an exception of a callback ends the thread",
     "                except Exception:\n                    threading.excepthook", "                except ValueError:\n                    threading.excepthook",
     "Fences.test_callback_on_the_thread"),
    ("an exception of a callback ends the other callbacks",
     "            except Exception as exception:", "            except ValueError as exception:",
     "Coroutines.test_callback_raises"),
    ("an await ignores the error", "        _raise(lib.libfence_status(handle))", "        pass",
     "Coroutines.test_await"),
    ("a cancelled await stays registered", "                registration.cancel()", "                pass",
     "Coroutines.test_cancelled"),
    ("cancelling waits for the lock", "self.lock.acquire(blocking=False)", "self.lock.acquire()",
     "Coroutines.test_coroutine_collected_with_the_lock_held"),
    ("a wake-up does not look for a wait that was cancelled meanwhile", "            self.sweep()\n            if registration",
     "            if registration", "Coroutines.test_coroutine_collected_with_the_lock_held"),
    ("an await does not look for a wait that was cancelled meanwhile", "        self.sweep()\n        _check(err)",
     "        _check(err)", "Coroutines.test_coroutine_collected_with_the_lock_held"),
    ("closed loops keep their fences", "                    cls.pollers.pop(other).close()", "                    pass",
     "Coroutines.test_loop_closed"),
    ("a descriptor for each await", "            poller = cls.pollers.get(loop)", "            poller = None",
     "Coroutines.test_many"),
    ("a wake-up takes one fence only", "            yield function, registration.fence",
     "            yield function, registration.fence\n            return", "Coroutines.test_many"),
    ("the last place is lost", "            self.pointers[index] = self.pointers[last]", "            pass",
     "Coroutines.test_many"),
]
chosen = MUTANTS
percent = int(os.environ.get("MUTANTS_PERCENT", 100))
if percent < 100:
    seed = os.environ.get("MUTANTS_SEED", str(random.randrange(1 << 32)))
    chosen = random.Random(seed).sample(MUTANTS, max(1, len(MUTANTS) * percent // 100))
    print(f"# MUTANTS_SEED={seed}: {len(chosen)} of {len(MUTANTS)} mutants")
failed = 0
print(f"1..{len(chosen)}")
for number, (name, old, new, test) in enumerate(chosen, 1):
    with tempfile.TemporaryDirectory() as tmp:
        for file in ("libfence.py", "libfence_abi.py"):
            shutil.copy(source / "docs/examples" / file, tmp)
        path = pathlib.Path(tmp, "libfence.py")
        text = path.read_text()
        path.write_text(text.replace(old, new))
        problem = "" if text.count(old) == 1 else "the text to replace is not there once"
        if not problem:
            try:
                run = subprocess.run([sys.executable, "-B", source / "tests/bindings/python.py", tmp, *test.split()],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30,
                                     env=os.environ | {"LIMIT": "3"})
                if run.returncode == 0:
                    problem = "the test passes"
            except subprocess.TimeoutExpired:
                pass
        print(f"{'not ok' if problem else 'ok'} {number} - {name}", flush=True)
        if problem:
            print("#", problem)
            failed = 1
sys.exit(failed)
