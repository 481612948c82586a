#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""python.py DIRECTORY [TEST...]: tests libfence.py and libfence_abi.py of DIRECTORY on the
library of $LIBFENCE_LIBRARY, with the declarations of $LIBFENCE_BINDINGS."""
import asyncio
import ctypes
import errno
import gc
import os
import re
import signal
import sys
import tempfile
import threading
import time
import unittest
import weakref

sys.path.insert(0, sys.argv.pop(1))
import libfence     # noqa: E402
from libfence import Context, Fence, FenceError, Timeline, lib      # noqa: E402

# How long a test waits for an event that has to happen, in seconds.
LIMIT = int(os.environ.get("LIMIT", "20"))


def descriptors():
    return len(os.listdir("/proc/self/fd"))


class Warnings:
    """Counts the library's warnings, and keeps them out of the output."""

    def __enter__(self):
        self.count = lib.libfence_warn_count()
        self.stderr = os.dup(2)
        with tempfile.TemporaryFile() as f:
            os.dup2(f.fileno(), 2)
        return self

    def __exit__(self, *exception):
        os.dup2(self.stderr, 2)
        os.close(self.stderr)
        self.count = lib.libfence_warn_count() - self.count


class Case(unittest.TestCase):
    def setUp(self):
        self.warnings = lib.libfence_warn_count()
        self.context = Context("driver", "ring 0")

    def expect_warnings(self, n=1):
        self.warnings += n

    def tearDown(self):
        self.context.close()
        self.assertEqual(lib.libfence_warn_count(), self.warnings)

    def error(self, fence, number):
        with self.assertRaises(FenceError) as caught:
            fence.result(0)
        self.assertEqual(caught.exception.errno, number)


class Abi(Case):
    """The symbols of inline functions, called with the declared types."""

    def test_every_function_exists(self):
        self.assertEqual([name for name in lib.declared.functions if not hasattr(lib, name)], [])
        self.assertGreater(len(lib.declared.functions), 90)

    def test_references(self):
        fence = lib.libfence_create_signaled(-errno.EIO)
        other = lib.libfence_get(fence)
        lib.libfence_put(fence)
        self.assertFalse(fence)
        stored = lib.libfence_into_foreign(other)
        self.assertFalse(other)
        self.assertEqual(lib.libfence_status(lib.libfence_borrow(stored)), -errno.EIO)
        other = lib.libfence_from_foreign(stored)
        lib.libfence_put(other)
        self.assertFalse(other)
        self.assertFalse(lib.libfence_get(None))

    def test_objects_that_end(self):
        context = lib.libfence_context_create(b"driver", b"timeline", 1, None)
        timeline = lib.libfence_timeline_create(b"timeline")
        reservation = lib.libfence_reservation_create()
        locks = ctypes.POINTER(lib.struct_libfence_locks)()
        self.assertEqual(lib.libfence_reservation_lock_many(ctypes.byref(reservation), 1, 1, 0, locks), 0)
        fd = os.eventfd(0)
        eventfd = lib.libfence_eventfd_create(fd, None)
        for end, thing in ((lib.libfence_locks_release, locks), (lib.libfence_reservation_destroy, reservation),
                           (lib.libfence_eventfd_destroy, eventfd), (lib.libfence_timeline_destroy, timeline),
                           (lib.libfence_context_destroy, context)):
            self.assertTrue(thing)
            end(thing)
            self.assertFalse(thing)
        os.close(fd)
        self.assertEqual(lib.libfence_usage_to_wait_for(True), lib.LIBFENCE_USAGE_READ)
        self.assertEqual(lib.libfence_usage_to_wait_for(False), lib.LIBFENCE_USAGE_WRITE)

    def test_callback(self):
        # A callback in Python is against the rules of docs/bindings.md. Here nothing else runs.
        results = []
        function = lib.libfence_callback_fn(lambda fence, data: results.append((lib.libfence_status_racy(fence), data)))
        callback = lib.struct_libfence_callback()
        lib.libfence_callback_init(callback, function, 7)
        with self.context.fence() as producer:
            self.assertEqual(lib.libfence_callback_register(producer.fence._open(), callback), 0)
        self.assertEqual(results, [(1, 7)])
        lib.libfence_callback_end(callback)
        self.assertFalse(callback.fence)
        pointer = lib.libfence_commit(self.context._open(), lib.libfence_prepare(None, None))
        self.assertEqual(lib.libfence_seqno(lib.libfence_driver_fence_consumer(pointer)), 2)
        lib.libfence_driver_fence_signal_raw(pointer, 0)

    def test_libsync(self):
        with Fence.signaled() as one, self.context.fence() as producer:
            fds = [one.export("one"), producer.fence.export("two")]
            merged = lib.libfence_libsync_merge(b"both", *fds)
            info = lib.libfence_libsync_file_info(merged)
            self.assertEqual(info[0].name, b"both")
            table = lib.libfence_libsync_get_fence_info(info)
            self.assertIn(b"driver", [table[i].driver_name for i in range(info[0].num_fences)])
            lib.libfence_libsync_file_info_free(info)
            ctypes.set_errno(0)
            self.assertEqual(lib.libfence_libsync_wait(merged, 0), -1)
            self.assertEqual(ctypes.get_errno(), errno.ETIME)
            self.assertFalse(lib.libfence_libsync_file_info(-1))
            producer.signal()
            self.assertEqual(lib.libfence_libsync_wait(merged, -1), 0)
            for fd in (*fds, merged):
                os.close(fd)


class Fences(Case):
    def test_with_block(self):
        with self.context.fence() as producer:
            consumer = producer.fence
            self.assertFalse(consumer.wait(0))
            self.assertRaises(TimeoutError, consumer.result, 0.001)
        consumer.result(0)
        self.assertEqual(consumer.status, 1)

    def test_with_block_that_raises(self):
        for exception, number in ((RuntimeError(), errno.EIO), (OSError(errno.ENOSPC, "full"), errno.ENOSPC),
                                  (TimeoutError(), errno.ETIMEDOUT), (MemoryError(), errno.ENOMEM),
                                  (KeyboardInterrupt(), errno.ECANCELED), (OSError("no errno"), errno.EIO)):
            with self.assertRaises(type(exception)), self.context.fence() as producer:
                raise exception
            self.error(producer.fence, number)

    def test_signalled_once(self):
        with self.context.fence() as producer:
            producer.signal(errno.ENODEV)
            self.assertRaises(ValueError, producer.signal)
            self.assertRaises(ValueError, producer.signal, -5)
        self.error(producer.fence, errno.ENODEV)

    def test_forgotten(self):
        with Warnings() as warnings:
            producer = self.context.fence()
            consumer = producer.fence
            waiter = threading.Thread(target=consumer.wait)
            waiter.start()
            del producer
            waiter.join(LIMIT)
        self.assertFalse(waiter.is_alive())
        self.error(consumer, errno.ECANCELED)
        self.assertEqual(warnings.count, 1)
        self.expect_warnings()

    def test_context_closed(self):
        with Warnings():
            producer = self.context.fence()
            self.context.close()
        self.error(producer.fence, errno.ECANCELED)
        self.expect_warnings()
        producer.signal()
        self.assertRaises(ValueError, self.context.fence)

    def test_wait_from_another_thread(self):
        with self.context.fence() as producer:
            timer = threading.Timer(0.02, producer.signal)
            timer.start()
            self.assertTrue(producer.fence.wait(LIMIT))
            timer.join()

    def test_closed_during_a_wait(self):
        with self.context.fence() as producer:
            consumer = producer.fence.copy()
            producer.fence.close()
            results = []
            waiter = threading.Thread(target=lambda: results.append(consumer.wait(LIMIT)))
            waiter.start()
            time.sleep(0.02)
            handle = weakref.ref(consumer._handle)
            consumer.close()
            self.assertRaises(ValueError, consumer.wait)
            self.assertEqual(results, [])
            # The wait has the reference, and drops it.
            self.assertIsNotNone(handle())
        waiter.join()
        self.assertIsNone(handle())
        self.assertEqual(results, [True])

    def test_signal_handler_ends_the_wait(self):
        class Interrupt(Exception):
            pass

        def handler(*_):
            raise Interrupt
        old = signal.signal(signal.SIGALRM, handler)
        with self.context.fence() as producer:
            begin = time.monotonic()
            # The timer may expire before the wait: not with assertRaises().
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.02)
                self.fail(f'wait() returned {producer.fence.wait(LIMIT)}')
            except Interrupt:
                pass
            self.assertLess(time.monotonic() - begin, LIMIT / 2)
        signal.signal(signal.SIGALRM, old)

    def test_several(self):
        # Of one context, a merged fence would have the later fence only.
        with Context("driver", "ring 1") as other, self.context.fence() as first, other.fence() as second:
            fences = [first.fence, second.fence]
            merged = Fence.merge(fences)
            self.assertIsNone(libfence.wait_any(fences, 0.001))
            self.assertFalse(libfence.wait_all(fences, 0))
            second.signal(errno.EIO)
            self.assertEqual(libfence.wait_any(fences), 1)
            self.assertFalse(libfence.wait_all(fences, 0))
            self.assertFalse(merged.wait(0))
            first.signal()
            self.assertTrue(libfence.wait_all(fences))
            self.assertTrue(merged.wait())
        self.assertRaises(ValueError, libfence.wait_any, [])
        self.assertTrue(libfence.wait_all([]))

    def test_descriptors(self):
        before = descriptors()
        with self.context.fence() as producer:
            fd = producer.fence.export("name")
            imported = Fence.from_fd(fd)
            self.assertFalse(imported.wait(0))
            producer.signal(errno.EIO)
            self.assertTrue(imported.wait(LIMIT))
            self.error(imported, errno.EIO)
            os.close(fd)
        read, write = os.pipe()
        readable = Fence.when_readable(read)
        os.write(write, b"x")
        self.assertTrue(readable.wait(LIMIT))
        os.close(read)
        os.close(write)
        with self.assertRaises(OSError) as caught:
            Fence.from_fd(-1)
        self.assertEqual(caught.exception.errno, errno.EBADF)
        # The thread that watches descriptors has some of its own, and closes the others.
        end = time.monotonic() + LIMIT
        while descriptors() > before + 4 and time.monotonic() < end:
            lib.libfence_sync_reap()
            time.sleep(0.01)
        self.assertLessEqual(descriptors(), before + 4)

    def test_timeline(self):
        with Timeline("play") as timeline:
            fence, late = timeline.fence(2), timeline.fence(9)
            timeline.increment()
            self.assertFalse(fence.wait(0))
            timeline.increment()
            fence.result(0)
            self.assertEqual(timeline.value, 2)
        self.error(late, errno.ENOENT)
        self.assertRaises(ValueError, timeline.increment)

    def test_callback_on_the_thread(self):
        called, hooked = threading.Event(), []
        old, threading.excepthook = threading.excepthook, lambda args: hooked.append(args.exc_type)
        threads = []

        def good(fence):
            threads.append((threading.current_thread(), fence.status))
            called.set()
        with self.context.fence() as producer:
            producer.fence.callback(lambda fence: 1 // 0)
            cancelled = producer.fence.callback(lambda fence: hooked.append("cancelled"))
            producer.fence.callback(good)
            self.assertTrue(cancelled.cancel())
            self.assertFalse(cancelled.cancel())
        self.assertTrue(called.wait(LIMIT))
        # Also one that is signalled already, and never in the call itself.
        called.clear()
        producer.fence.callback(good)
        self.assertTrue(called.wait(LIMIT))
        threading.excepthook = old
        self.assertEqual(hooked, [ZeroDivisionError])
        self.assertEqual({(thread.name, status) for thread, status in threads}, {("libfence-callbacks", 1)})


class Coroutines(Case):
    def run_(self, coroutine):
        return asyncio.run(asyncio.wait_for(coroutine, LIMIT))

    def test_await(self):
        async def main():
            with self.context.fence() as producer:
                threading.Timer(0.02, producer.signal, [errno.EIO]).start()
                with self.assertRaises(FenceError) as caught:
                    await producer.fence
                self.assertEqual(caught.exception.errno, errno.EIO)
            with self.context.fence() as producer:
                asyncio.get_running_loop().call_later(0.01, producer.signal)
                self.assertIsNone(await producer.fence)
        self.run_(main())
        # Again, with another loop.
        self.run_(main())

    def test_signalled_before(self):
        async def main():
            before = descriptors()
            self.assertIsNone(await Fence.signaled())
            self.assertEqual(descriptors(), before)
            with self.assertRaises(FenceError):
                await Fence.signaled(errno.EIO)
        self.run_(main())

    def test_cancelled(self):
        async def main():
            loop = asyncio.get_running_loop()
            with self.context.fence() as producer:
                for _ in range(3):
                    with self.assertRaises(asyncio.TimeoutError):
                        await asyncio.wait_for(producer.fence, 0.005)
                task = asyncio.ensure_future(producer.fence)
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
                self.assertTrue(task.cancelled())
                self.assertEqual(libfence._LoopPoller.of(loop).pending, [])
                self.assertFalse(producer.fence.is_signaled())
            await producer.fence
        self.run_(main())

    def test_coroutine_collected_with_the_lock_held(self):
        async def main():
            poller = libfence._LoopPoller.of(asyncio.get_running_loop())
            with self.context.fence() as producer, self.context.fence() as other:
                def cancel():
                    waiting = producer.fence.__await__()
                    next(waiting)
                    with poller.lock:
                        waiting.close()
                task = asyncio.ensure_future(other.fence)
                await asyncio.sleep(0)
                # The next wake-up removes it, and so does the next await.
                cancel()
                self.assertEqual(len(poller.pending), 2)
                other.signal()
                await task
                self.assertEqual(len(poller.pending), 0)
                cancel()
                task = asyncio.ensure_future(producer.fence)
                await asyncio.sleep(0)
                self.assertEqual(len(poller.pending), 1)
                producer.signal()
                await task
        self.run_(main())

    def test_loop_closed(self):
        before = descriptors()
        with self.context.fence() as producer:
            async def wait():
                await producer.fence
            loop = asyncio.new_event_loop()
            loop.set_exception_handler(lambda *_: None)
            task = loop.create_task(wait())
            loop.run_until_complete(asyncio.sleep(0))
            registration = libfence._LoopPoller.of(loop).pending[0]
            loop.close()
            self.assertRaises(RuntimeError, producer.fence.callback, print, loop)
            # A loop that is used after it ends the registrations of the closed one.
            self.run_(self.await_one())
            self.assertFalse(registration.callback.fence)
        self.assertRaises(RuntimeError, producer.fence.callback, print, loop)
        del loop, task, registration
        gc.collect()
        self.assertLessEqual(descriptors(), before)

    async def await_one(self):
        with self.context.fence() as producer:
            asyncio.get_running_loop().call_soon(producer.signal)
            await producer.fence

    def test_many(self):
        async def main():
            before, threads = descriptors(), threading.active_count()
            producers = [self.context.fence() for _ in range(1000)]

            async def wait(producer):
                try:
                    await producer.fence
                    return 0
                except FenceError as error:
                    return error.errno
            waits = asyncio.gather(*map(wait, producers))
            await asyncio.sleep(0)
            self.assertLessEqual(descriptors(), before + 2)
            self.assertEqual(threading.active_count(), threads)
            for i, producer in enumerate(producers):
                producer.signal(errno.EIO if i % 3 == 0 else 0)
                if i % 10 == 0:
                    await asyncio.sleep(0)
            self.assertEqual(await waits, [errno.EIO if i % 3 == 0 else 0 for i in range(1000)])
        before = descriptors()
        self.run_(main())
        gc.collect()
        self.assertLessEqual(descriptors(), before)

    def test_callback_raises(self):
        async def main():
            loop = asyncio.get_running_loop()
            handled = []
            loop.set_exception_handler(lambda loop, context: handled.append(type(context["exception"])))
            with self.context.fence() as producer:
                producer.fence.callback(lambda fence: 1 // 0, loop)
                task = asyncio.ensure_future(producer.fence)
                await asyncio.sleep(0)
                producer.signal()
                await task
            self.assertEqual(handled, [ZeroDivisionError])
        self.run_(main())


class Page(Case):
    def test_examples(self):
        page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/bindings.md")
        with open(page) as f:
            blocks = re.findall(r"^```python\n(.*?)^```", f.read(), re.M | re.S)
        # The one for cffi needs cffi.
        blocks = [block for block in blocks if "FFI()" not in block]
        self.assertEqual(len(blocks), 2)
        for block in blocks:
            exec(compile(block, page, "exec"), {})


unittest.main()
