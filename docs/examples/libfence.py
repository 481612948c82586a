# SPDX-License-Identifier: GPL-2.0 OR MIT
"""libfence for Python: an example of a language binding, by ctypes.

    import libfence

    context = libfence.Context("driver", "ring 0")
    with context.fence() as producer:       # signalled at the end of the block,
        consumer = producer.fence           # with an error if it raises
        ...
    consumer.result(timeout=0.5)            # raises FenceError, or TimeoutError
    await consumer                          # in a coroutine

Timeouts are in seconds; None has no limit. An error of a fence is a FenceError, an
OSError with its errno. docs/bindings.md says which rules of ownership and of locks a
binding has to keep, and how this one keeps them.

No Python code runs in a callback of the library, which may hold locks. A fence adds to
an eventfd, and a thread that has noticed it looks at the fences that are left."""
import asyncio
import collections
import ctypes
import errno
import os
import select
import sys
import threading
import time
import weakref

import libfence_abi

lib = libfence_abi.load()
FencePointer = ctypes.POINTER(lib.struct_libfence)


class FenceError(OSError):
    """A fence was signalled with an error: errno is the error's number."""

    def __init__(self, status):
        super().__init__(-status, os.strerror(-status))


def _check(err):
    """Raises the negative errno that a function of the library has returned."""
    if err < 0:
        raise OSError(-err, os.strerror(-err))
    return err


def _made(pointer, err=None):
    """The result of a function that returns NULL if it fails."""
    if not pointer:
        if err is None or err.value == -errno.ENOMEM:
            raise MemoryError
        _check(err.value)
    return pointer


class _Handle:
    """Owns an object of the library. Ends it when nothing in Python uses it any more.

    A method keeps the handle in a variable during a call. So another thread can close
    the object meanwhile, and the call ends first."""

    def __init__(self, pointer, end):
        self._as_parameter_ = pointer
        self._end = end

    def __del__(self):
        self._end(self._as_parameter_)


class _Closes:
    """Objects with close(), which are context managers."""

    def close(self):
        """Gives the object up. Again: does nothing."""
        self._handle = None

    def _open(self):
        handle = self._handle
        if handle is None:
            raise ValueError(f"{type(self).__name__} is closed")
        return handle

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, *exception):
        self.close()


def _deadline(timeout):
    if timeout is None or timeout > 9e9:
        return lib.LIBFENCE_FOREVER
    return time.monotonic_ns() + int(timeout * 1e9)


def _wait(wait, deadline):
    """Calls wait(deadline) until it succeeds. Signal handlers run meanwhile.

    A handler of C that runs right before the library sleeps does not wake it, so this
    function looks once a second."""
    while True:
        now = time.monotonic_ns()
        err = wait(min(deadline, now + 1_000_000_000))
        if err == -errno.ETIMEDOUT and now + 1_000_000_000 >= deadline:
            return False
        if err not in (-errno.ETIMEDOUT, -errno.EINTR):
            _check(err)
            return True


class Fence(_Closes):
    """A reference to a fence, for consumers. Any number of threads may use it."""

    def __init__(self, pointer):
        """Takes over a reference that a function of the library has returned."""
        self._handle = _Handle(_made(pointer), lib.libfence_put_raw)

    @classmethod
    def signaled(cls, error=0):
        """A fence that is signalled from the start; with an error if @error is an errno."""
        return cls(lib.libfence_create_signaled(-error))

    @classmethod
    def merge(cls, fences):
        """A fence that is signalled when all of @fences are."""
        array = _Array(fences)
        return cls(lib.libfence_merge(array.pointers, len(array)))

    @classmethod
    def from_fd(cls, fd):
        """The fence of a descriptor. The caller keeps the descriptor."""
        err = ctypes.c_int()
        return cls(_made(lib.libfence_import(fd, err), err))

    @classmethod
    def when_readable(cls, fd):
        """A fence that is signalled when a descriptor becomes readable."""
        err = ctypes.c_int()
        return cls(_made(lib.libfence_wrap_fd(fd, err), err))

    def export(self, name=""):
        """A new descriptor, which the caller owns and closes with os.close()."""
        return _check(lib.libfence_export(self._open(), name.encode()))

    def copy(self):
        """A reference of its own."""
        return Fence(lib.libfence_get_raw(self._open()))

    @property
    def status(self):
        """0: not signalled; 1: signalled with success; a negative errno: with this error."""
        return lib.libfence_status(self._open())

    def is_signaled(self):
        return lib.libfence_is_signaled(self._open())

    @property
    def seqno(self):
        return lib.libfence_seqno(self._open())

    def wait(self, timeout=None):
        """True if the fence is signalled, with any result; False if it is not in time."""
        handle = self._open()
        return _wait(lambda deadline: lib.libfence_wait_until(handle, deadline, lib.LIBFENCE_INTERRUPTIBLE),
                     _deadline(timeout))

    def result(self, timeout=None):
        """Waits. Raises FenceError if the fence has an error, TimeoutError if it is late."""
        if not self.wait(timeout):
            raise TimeoutError(f"a fence is not signalled after {timeout} s")
        _raise(self.status)

    def callback(self, function, loop=None):
        """Calls function(fence) once, when the fence is signalled.

        On @loop, or else on a thread for all such callbacks, and never inside this call.
        An exception of the function goes to the loop's exception handler, or to
        threading.excepthook. Returns an object whose cancel() prevents the call."""
        poller = _LoopPoller.of(loop) if loop else _ThreadPoller.get()
        return poller.add(self.copy(), function)

    def __await__(self):
        handle = self._open()
        if lib.libfence_status(handle) == 0:
            loop = asyncio.get_running_loop()
            future = loop.create_future()

            def done(fence):
                if not future.done():
                    future.set_result(None)
            registration = self.callback(done, loop)
            try:
                yield from future
            finally:
                registration.cancel()
        _raise(lib.libfence_status(handle))

    def __repr__(self):
        return f"<Fence {self.status if self._handle else 'closed'}>"


def _raise(status):
    if status < 0:
        raise FenceError(status)


class _Array:
    """Fences as an array of C, with their handles."""

    def __init__(self, fences):
        self.handles = [fence._open() for fence in fences]
        self.pointers = (FencePointer * len(self.handles))(*(h._as_parameter_ for h in self.handles))

    def __len__(self):
        return len(self.handles)


def _wait_many(fences, timeout, flag, index):
    array = _Array(fences)
    return _wait(lambda deadline: lib.libfence_wait_many(
        array.pointers, len(array), flag | lib.LIBFENCE_INTERRUPTIBLE, deadline, index, None), _deadline(timeout))


def wait_all(fences, timeout=None):
    """True if all fences are signalled, with any result; False if they are not in time."""
    return _wait_many(fences, timeout, lib.LIBFENCE_ALL, None)


def wait_any(fences, timeout=None):
    """The lowest index of a fence that is signalled; None if none is in time."""
    fences = list(fences)
    if not fences:
        raise ValueError("no fence to wait for")
    index = ctypes.c_size_t()
    return index.value if _wait_many(fences, timeout, lib.LIBFENCE_ANY, index) else None


class Context(_Closes):
    """A context: its fences share names and a sequence of numbers."""

    def __init__(self, driver, timeline, first=1):
        self._handle = _Handle(_made(lib.libfence_context_create(driver.encode(), timeline.encode(), first, None)),
                               lib.libfence_context_destroy_raw)

    def fence(self):
        """A new fence, for its producer."""
        handle = self._open()
        return Producer(lib.libfence_commit(handle, _made(lib.libfence_prepare(None, None))))


class Producer:
    """A fence, as its producer sees it. It is signalled in each case:

    with success at the end of a "with" block; with an error if the block raises; with
    ECANCELED, and a warning of the library, if the last reference to it is gone, or if its
    context is closed."""

    # Also while the interpreter ends, and the module's variables are gone.
    _drop = staticmethod(lib.libfence_driver_fence_drop_raw)

    def __init__(self, pointer):
        # pop() is atomic: of several threads, one signals the fence.
        self._owned = [pointer]
        self.fence = Fence(lib.libfence_get_raw(lib.libfence_driver_fence_consumer(pointer)))

    def signal(self, error=0):
        """Signals the fence; with an error if @error is an errno. Once only."""
        if not 0 <= error <= 4095:
            raise ValueError(f"{error} is no errno")
        try:
            pointer = self._owned.pop()
        except IndexError:
            raise ValueError("the fence was signalled before") from None
        lib.libfence_driver_fence_signal_raw(pointer, -error)

    def __enter__(self):
        return self

    def __exit__(self, kind, exception, traceback):
        if self._owned:     # it was not signalled in the block
            self.signal(_errno_of(exception))

    def __del__(self):
        for pointer in self._owned:
            self._drop(pointer)


def _errno_of(exception):
    """The error with which a fence is signalled whose work has raised an exception."""
    if exception is None:
        return 0
    if isinstance(exception, OSError) and exception.errno and 0 < exception.errno <= 4095:
        return exception.errno
    if isinstance(exception, TimeoutError):
        return errno.ETIMEDOUT
    if isinstance(exception, MemoryError):
        return errno.ENOMEM
    # KeyboardInterrupt, asyncio.CancelledError, SystemExit
    return errno.EIO if isinstance(exception, Exception) else errno.ECANCELED


class Timeline(_Closes):
    """A software timeline: a counter, whose fences are signalled when it reaches them."""

    def __init__(self, name):
        self._handle = _Handle(_made(lib.libfence_timeline_create(name.encode())),
                               lib.libfence_timeline_destroy_raw)

    def fence(self, value):
        return Fence(lib.libfence_timeline_fence(self._open(), value))

    def increment(self, by=1):
        lib.libfence_timeline_inc(self._open(), by)

    @property
    def value(self):
        return lib.libfence_timeline_value(self._open())


class _Registration:
    """A callback of a poller. Its memory stays until the library is done with it."""

    def __init__(self, poller, fence, function):
        # Weak: the finalizer of the poller refers to the registrations.
        self.poller = weakref.ref(poller)
        self.fence = fence
        # pop() is atomic: either the call or cancel() gets the function.
        self.functions = [function]
        self.index = None       # its place in the poller
        self.callback = lib.struct_libfence_callback()

    def cancel(self):
        """The function is not called any more. False if it was called, or is about to be."""
        try:
            self.functions.pop()
        except IndexError:
            return False
        poller = self.poller()
        if poller:
            poller.cancelled.append(self)
            poller.sweep()
        return True


class _Poller:
    """Fences that have to be noticed by one thread: one eventfd for all of them."""

    def __init__(self):
        self.lock = threading.Lock()        # protects pending, pointers and capacity
        self.pending = []                   # registrations
        self.capacity = 0
        self.pointers = None                # their fences, for wait_many()
        self.cancelled = collections.deque()
        self.fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        err = ctypes.c_int()
        try:
            self.eventfd = _made(lib.libfence_eventfd_create(self.fd, err), err)
        except OSError:
            os.close(self.fd)
            raise
        self.finalizer = weakref.finalize(self, _Poller.end, self.pending, self.eventfd, self.fd)

    @staticmethod
    def end(pending, eventfd, fd):
        # First no fence may use the eventfd any more.
        for registration in pending:
            registration.index = None
            lib.libfence_callback_unregister(registration.callback)
        pending.clear()
        lib.libfence_eventfd_destroy_raw(eventfd)
        os.close(fd)

    def close(self):
        with self.lock:
            self.finalizer()

    def add(self, fence, function):
        """Takes over @fence."""
        registration = _Registration(self, fence, function)
        handle = fence._open()
        with self.lock:
            if not self.finalizer.alive:
                raise RuntimeError("the event loop is closed")
            index = len(self.pending)
            if index == self.capacity:
                self.capacity = max(16, 2 * self.capacity)
                old, self.pointers = self.pointers, (FencePointer * self.capacity)()
                if old is not None:
                    ctypes.memmove(self.pointers, old, ctypes.sizeof(old))
            self.pointers[index] = handle._as_parameter_
            self.pending.append(registration)
            registration.index = index
            # Adds to the eventfd at once if the fence is signalled. The poller has the
            # memory by now: nothing frees it before the callback is unregistered.
            err = lib.libfence_eventfd_register(handle, registration.callback, self.eventfd)
            if err:
                self.take(registration)
        self.sweep()
        _check(err)
        return registration

    def take(self, registration):
        """Removes a registration, whose place the last one gets. With the lock."""
        index, last = registration.index, len(self.pending) - 1
        registration.index = None
        moved = self.pending.pop()
        if index != last:
            self.pending[index], moved.index = moved, index
            self.pointers[index] = self.pointers[last]
        self.pointers[last] = FencePointer()
        # Waits for the callback if another thread runs it: that adds to the eventfd.
        lib.libfence_callback_unregister(registration.callback)

    def sweep(self):
        """Removes the registrations that were cancelled.

        The garbage collector may cancel a coroutine while its thread has the lock. So
        nobody waits for the lock here, and each owner of the lock looks afterwards."""
        while self.cancelled and self.lock.acquire(blocking=False):
            try:
                while self.cancelled:
                    registration = self.cancelled.popleft()
                    if registration.index is not None:
                        self.take(registration)
            finally:
                self.lock.release()

    def signaled(self):
        """Takes the signalled fences out. Yields (function, fence), one after the other."""
        index = ctypes.c_size_t()
        while True:
            registration = None
            with self.lock:
                if self.pending and not lib.libfence_wait_many(
                        self.pointers, len(self.pending), lib.LIBFENCE_ANY, 0, index, None):
                    registration = self.pending[index.value]
                    self.take(registration)
            self.sweep()
            if registration is None:
                return
            try:
                function = registration.functions.pop()
            except IndexError:
                continue        # cancelled
            yield function, registration.fence

    def clear_eventfd(self):
        # First this, then the fences: a fence that is signalled in between adds again.
        try:
            os.read(self.fd, 8)
        except BlockingIOError:
            pass


class _LoopPoller(_Poller):
    """The fences that the coroutines and callbacks of an event loop wait for."""

    lock_of_all = threading.RLock()     # protects pollers
    pollers = weakref.WeakKeyDictionary()

    @classmethod
    def of(cls, loop):
        with cls.lock_of_all:
            if loop.is_closed():
                raise RuntimeError("the event loop is closed")
            poller = cls.pollers.get(loop)
            if poller is None:
                # Coroutines that still wait on a closed loop keep it and its poller.
                for other in [other for other in cls.pollers if other.is_closed()]:
                    cls.pollers.pop(other).close()
                poller = cls.pollers[loop] = cls(loop)
        return poller

    def __init__(self, loop):
        super().__init__()
        self.loop = weakref.ref(loop)       # the dictionary must not keep it
        loop.call_soon_threadsafe(self.listen)

    def listen(self):
        self.loop().add_reader(self.fd, self.ready)

    def ready(self):
        self.clear_eventfd()
        for function, fence in self.signaled():
            try:
                function(fence)
            except Exception as exception:
                self.loop().call_exception_handler({
                    "message": "a callback of a fence has raised an exception", "exception": exception})


class _ThreadPoller(_Poller):
    """The fences with callbacks that belong to no event loop."""

    lock_of_one = threading.RLock()     # protects one
    one = None

    @classmethod
    def get(cls):
        with cls.lock_of_one:
            # After fork() there is no such thread in the child.
            if cls.one is None or cls.one.pid != os.getpid():
                cls.one = cls()
        return cls.one

    def __init__(self):
        super().__init__()
        # At exit, the thread may be using all of it.
        self.finalizer.atexit = False
        self.pid = os.getpid()
        self.thread = threading.Thread(target=self.run, name="libfence-callbacks", daemon=True)
        self.thread.start()

    def run(self):
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        while True:
            poll.poll()
            self.clear_eventfd()
            for function, fence in self.signaled():
                try:
                    function(fence)
                except Exception:
                    threading.excepthook(threading.ExceptHookArgs(sys.exc_info() + (self.thread,)))
