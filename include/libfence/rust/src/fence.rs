// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Fences as consumers see them.

use crate::callback::{CallbackError, FenceCallback, FenceCallbackRegistration};
use crate::{code, ffi, Error, Result, Time};
use core::ffi::{c_char, c_int, c_void, CStr};
use core::fmt;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

/// A reference to a fence, as a consumer has it. It cannot signal the fence.
///
/// A clone is one more reference to the same fence. `&Fence` is a borrow of it.
///
/// ```
/// use libfence::{code::EIO, Fence, FenceContext};
/// use std::time::Duration;
///
/// let ctx = FenceContext::new(1, c"driver", c"ring 0", ())?;
/// let driver = ctx.new_fence_allocation(())?.new_fence(&ctx);
/// let fence: Fence = driver.as_fence().clone();
///
/// assert!(fence.wait_until(Duration::from_millis(1)).is_err());
/// std::thread::spawn(move || driver.signal(Err(EIO)));
/// assert_eq!(fence.wait(), Err(EIO));
/// assert_eq!(fence.status(), Some(Err(EIO)));
/// # Ok::<(), libfence::Error>(())
/// ```
#[repr(transparent)]
pub struct Fence(NonNull<ffi::libfence>);

// SAFETY: All functions of a fence can be called on any thread.
unsafe impl Send for Fence {}
// SAFETY: All functions of a fence can be called by several threads at once.
unsafe impl Sync for Fence {}

/// Why a wait with a limit did not return `Ok`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitError {
    /// The time came before the fence was signalled.
    TimedOut,
    /// A signal handler has run on the waiting thread; see [`Fence::wait_interruptible`].
    Interrupted,
    /// The fence is signalled, with this error.
    Failed(Error),
    /// The wait itself has failed.
    Other(Error),
}

impl WaitError {
    /// Of a negative errno of a wait.
    pub(crate) fn of(error: Error) -> Self {
        match error {
            code::ETIMEDOUT => Self::TimedOut,
            code::EINTR => Self::Interrupted,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("the fence was not signalled in time"),
            Self::Interrupted => f.write_str("a signal handler has ended the wait"),
            Self::Failed(error) => write!(f, "the fence has failed: {error}"),
            Self::Other(error) => write!(f, "the wait has failed: {error}"),
        }
    }
}

impl std::error::Error for WaitError {}

impl From<WaitError> for Error {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::TimedOut => code::ETIMEDOUT,
            WaitError::Interrupted => code::EINTR,
            WaitError::Failed(error) | WaitError::Other(error) => error,
        }
    }
}

/// 0 pending, 1 done, negative failed.
fn status_of(status: c_int) -> Option<Result> {
    (status != 0).then(|| Error::check(status).map(drop))
}

impl Fence {
    /// A reference that a C function has returned. NULL is an error.
    ///
    /// # Safety
    ///
    /// `fence` is NULL, or a reference that the caller owns and gives away.
    pub(crate) unsafe fn adopt(fence: *mut ffi::libfence, error: Error) -> Result<Self> {
        NonNull::new(fence).map(Self).ok_or(error)
    }

    /// A fence that is borrowed: not dropped.
    ///
    /// # Safety
    ///
    /// `fence` is not NULL, and valid as long as the result is used.
    pub(crate) unsafe fn borrow(fence: *const ffi::libfence) -> ManuallyDrop<Self> {
        // SAFETY: The caller promises it.
        ManuallyDrop::new(Self(unsafe { NonNull::new_unchecked(fence.cast_mut()) }))
    }

    pub(crate) fn raw(&self) -> *mut ffi::libfence {
        self.0.as_ptr()
    }

    /// A fence that is signalled from the start.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn signaled(result: Result) -> Result<Self> {
        let result = result.map_or_else(Error::to_errno, |()| 0);
        // SAFETY: The result is 0 or a negative errno. We own the result.
        unsafe { Self::adopt(ffi::libfence_create_signaled(result), code::ENOMEM) }
    }

    /// Is the fence signalled, with all callbacks finished? The data of the callbacks may then be
    /// freed. This calls [`signaled`](crate::FenceContextOps::signaled) of the producer.
    ///
    /// In a callback, this never waits, and the answer is no while callbacks of the fence may
    /// be running: [`Fence::status_racy`] is meant for callbacks.
    pub fn is_signaled(&self) -> bool {
        // SAFETY: self keeps the fence.
        unsafe { ffi::libfence_is_signaled(self.raw()) }
    }

    /// The result of the fence, or `None` if [`Fence::is_signaled`] is false.
    pub fn status(&self) -> Option<Result> {
        // SAFETY: self keeps the fence.
        status_of(unsafe { ffi::libfence_status(self.raw()) })
    }

    /// The result of the fence, or `None` if it is not signalled. Callbacks may be running. Takes
    /// no lock, and never calls the producer: this is the function for use in a callback.
    pub fn status_racy(&self) -> Option<Result> {
        // SAFETY: self keeps the fence.
        status_of(unsafe { ffi::libfence_status_racy(self.raw()) })
    }

    fn wait_flags(&self, limit: Time, flags: core::ffi::c_uint) -> Result<(), WaitError> {
        // SAFETY: self keeps the fence.
        Error::check(unsafe { ffi::libfence_wait_until(self.raw(), limit.0, flags) })
            .map_err(WaitError::of)?;
        match self.status_racy() {
            Some(Err(error)) => Err(WaitError::Failed(error)),
            _ => Ok(()),
        }
    }

    /// Waits until the fence is signalled, and returns its result. Then every callback that was
    /// registered before the fence was signalled has finished.
    ///
    /// Not in a callback, nor in an op.
    ///
    /// # Errors
    ///
    /// The error with which the fence was signalled. (Only a fence of a driver in C, with the
    /// kernel's names and a `wait` op, can also have an error of the wait.)
    pub fn wait(&self) -> Result {
        Ok(self.wait_flags(Time::FOREVER, 0)?)
    }

    /// [`Fence::wait`] with a limit: a [`Duration`](std::time::Duration), an
    /// [`Instant`](std::time::Instant) or a [`Time`]. A wait is never shorter than its limit.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`]; [`WaitError::Failed`] if the fence is signalled with an error.
    pub fn wait_until(&self, limit: impl Into<Time>) -> Result<(), WaitError> {
        self.wait_flags(limit.into(), 0)
    }

    /// [`Fence::wait_until`], which ends when a signal handler runs on this thread while it sleeps.
    /// `SA_RESTART` makes no difference. A handler that runs right before the thread sleeps does
    /// not end the wait.
    ///
    /// # Errors
    ///
    /// As [`Fence::wait_until`]; and [`WaitError::Interrupted`].
    pub fn wait_interruptible(&self, limit: impl Into<Time>) -> Result<(), WaitError> {
        self.wait_flags(limit.into(), ffi::LIBFENCE_INTERRUPTIBLE)
    }

    /// Registers a callback in a box of its own, which is dropped to unregister the callback.
    /// [`FenceCallbackRegistration::register`] does the same without an allocation.
    ///
    /// ```
    /// use libfence::{CallbackError, FenceContext};
    /// use std::sync::{atomic::{AtomicBool, Ordering}, Arc};
    ///
    /// let ctx = FenceContext::new(1, c"driver", c"ring 0", ())?;
    /// let driver = ctx.new_fence_allocation(())?.new_fence(&ctx);
    /// let fence = driver.as_fence().clone();
    /// let called = Arc::new(AtomicBool::new(false));
    ///
    /// let flag = called.clone();
    /// let registration = fence.on_signal(move |_: &_| flag.store(true, Ordering::Relaxed));
    /// driver.signal(Ok(()));
    /// assert!(called.load(Ordering::Relaxed));
    /// drop(registration);
    ///
    /// let late = fence.on_signal(|_: &_| unreachable!());
    /// assert!(matches!(late, Err(CallbackError::AlreadySignaled(_))));
    /// # Ok::<(), libfence::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`CallbackError::AlreadySignaled`] gives the callback back, which is not called.
    pub fn on_signal<C: FenceCallback>(
        &self,
        callback: C,
    ) -> Result<core::pin::Pin<Box<FenceCallbackRegistration<C>>>, CallbackError<C>> {
        let mut boxed = Box::pin(FenceCallbackRegistration::new(callback));
        match boxed.as_mut().register(self) {
            Ok(()) => Ok(boxed),
            // SAFETY: It is not registered, so it may move.
            Err(_) => Err(CallbackError::AlreadySignaled(unsafe {
                core::pin::Pin::into_inner_unchecked(boxed).into_callback()
            })),
        }
    }

    /// Tells the producer when the fence is needed: a hint, for
    /// [`set_deadline`](crate::FenceContextOps::set_deadline).
    pub fn set_deadline(&self, deadline: impl Into<Time>) {
        // SAFETY: self keeps the fence.
        unsafe { ffi::libfence_set_deadline(self.raw(), deadline.into().0) }
    }

    /// The time at which the fence was signalled, or `None` if it is not.
    pub fn timestamp(&self) -> Option<Time> {
        let _ = self.status_racy()?;
        // SAFETY: self keeps the fence, which is signalled.
        Some(Time(unsafe { ffi::libfence_timestamp(self.raw()) }))
    }

    /// The number of the context that the fence belongs to. Fences of one context are ordered by
    /// [`Fence::seqno`].
    pub fn context_number(&self) -> u64 {
        // SAFETY: self keeps the fence.
        unsafe { ffi::libfence_fence_context(self.raw()) }
    }

    /// The sequence number of the fence in its context.
    pub fn seqno(&self) -> u64 {
        // SAFETY: self keeps the fence.
        unsafe { ffi::libfence_seqno(self.raw()) }
    }

    fn name(
        &self,
        copy: unsafe extern "C" fn(*const ffi::libfence, *mut c_char, usize) -> usize,
    ) -> String {
        let mut buf = vec![0u8; 64];
        loop {
            // SAFETY: self keeps the fence, and the buffer has that size.
            let len = unsafe { copy(self.raw(), buf.as_mut_ptr().cast(), buf.len()) };
            if len < buf.len() {
                buf.truncate(len);
                return String::from_utf8_lossy(&buf).into_owned();
            }
            buf.resize(len + 1, 0);
        }
    }

    /// The name of the driver; `"detached-driver"` once the fence is signalled.
    pub fn driver_name(&self) -> String {
        self.name(ffi::libfence_driver_name)
    }

    /// The timeline name; `"signaled-timeline"` once the fence is signalled.
    pub fn timeline_name(&self) -> String {
        self.name(ffi::libfence_timeline_name)
    }

    /// Are they the same fence?
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// The parts of a merged fence. Any other fence is its own only part. Parts that are signalled
    /// may be left out.
    pub fn parts(&self) -> Vec<Fence> {
        let mut parts = ffi::libfence_parts { private_: [ptr::null_mut(); 3] };
        let mut all = Vec::new();
        // SAFETY: self keeps the fence. `parts` stays where it is until the last part.
        let mut part = unsafe { ffi::libfence_parts_first(&mut parts, self.raw()) };
        while !part.is_null() {
            // SAFETY: It is borrowed until the next step.
            all.push((*unsafe { Self::borrow(part) }).clone());
            // SAFETY: `parts` is from libfence_parts_first().
            part = unsafe { ffi::libfence_parts_next(&mut parts) };
        }
        all
    }

    /// Makes a descriptor of the fence. It becomes readable when the fence is signalled, and can be
    /// polled, inherited, and sent to another process. Do not read from it. In the kernel this is
    /// a sync_file. With an empty name, the name is made from the names of the fence.
    ///
    /// ```
    /// use libfence::{code::EIO, Fence};
    ///
    /// let fence = Fence::signaled(Err(EIO))?;
    /// let fd = fence.export(c"frame 1")?;
    /// assert_eq!(Fence::import(&fd)?.wait(), Err(EIO));
    /// # Ok::<(), libfence::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn export(&self, name: &CStr) -> Result<OwnedFd> {
        // SAFETY: self keeps the fence, and the name is copied.
        let fd = Error::check(unsafe { ffi::libfence_export(self.raw(), name.as_ptr()) })?;
        // SAFETY: It is a new descriptor, which is ours.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    /// The fence of a descriptor: of this process, of another process, or of the kernel. The
    /// descriptor stays the caller's, and may be closed.
    ///
    /// If another process ends before it signals its fence, the fence fails with `EOWNERDEAD`.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is not the descriptor of a fence; `EPROTONOSUPPORT`, `EMFILE`, `ENFILE`,
    /// `ENOMEM`, `EAGAIN`.
    pub fn import(fd: impl AsFd) -> Result<Self> {
        let mut err = 0;
        // SAFETY: The descriptor is open. We own the result.
        unsafe {
            let fence = ffi::libfence_import(fd.as_fd().as_raw_fd(), &mut err);
            Self::adopt(fence, Error::from_raw_os_error(-err))
        }
    }

    /// A fence that is signalled when a descriptor becomes readable: an eventfd, a pidfd, a
    /// timerfd, a pipe, a socket. The descriptor stays the caller's, and may be closed.
    ///
    /// ```
    /// use libfence::Fence;
    /// use std::{io::Write, os::unix::net::UnixStream};
    ///
    /// let (mut ours, theirs) = UnixStream::pair()?;
    /// let fence = Fence::wrap_fd(&theirs)?;
    /// assert!(!fence.is_signaled());
    /// ours.write_all(b"!")?;
    /// assert_eq!(fence.wait(), Ok(()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EPERM` if it cannot be polled; `EMFILE`, `ENFILE`, `ENOMEM`, `EAGAIN`.
    pub fn wrap_fd(fd: impl AsFd) -> Result<Self> {
        let mut err = 0;
        // SAFETY: The descriptor is open. We own the result.
        unsafe {
            let fence = ffi::libfence_wrap_fd(fd.as_fd().as_raw_fd(), &mut err);
            Self::adopt(fence, Error::from_raw_os_error(-err))
        }
    }

    /// The reference as a pointer, for storage in C. (The name is that of the kernel's
    /// `ForeignOwnable`.) It is a `struct libfence *` that owns the reference.
    pub fn into_foreign(self) -> *mut c_void {
        ManuallyDrop::new(self).raw().cast()
    }

    /// The reference of a pointer.
    ///
    /// # Safety
    ///
    /// `ptr` comes from [`Fence::into_foreign`], or is a `struct libfence *` that owns a reference.
    /// It is not used afterwards.
    pub unsafe fn from_foreign(ptr: *mut c_void) -> Self {
        // SAFETY: The caller promises it.
        Self(unsafe { NonNull::new_unchecked(ptr.cast()) })
    }
}

impl Clone for Fence {
    fn clone(&self) -> Self {
        // SAFETY: self keeps the fence, so the result is not NULL, and is ours.
        Self(unsafe { NonNull::new_unchecked(ffi::libfence_get_raw(self.raw())) })
    }
}

impl Drop for Fence {
    fn drop(&mut self) {
        // SAFETY: The reference is ours, and is not used again.
        unsafe { ffi::libfence_put_raw(self.raw()) }
    }
}

impl fmt::Debug for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fence")
            .field("context", &self.context_number())
            .field("seqno", &self.seqno())
            .field("status", &self.status_racy())
            .finish()
    }
}

fn pointers(fences: &[Fence]) -> *const *mut ffi::libfence {
    // A Fence is a pointer that is not NULL.
    fences.as_ptr().cast()
}

fn wait_many(fences: &[Fence], flags: core::ffi::c_uint, limit: Time) -> Result<usize, WaitError> {
    let mut index = 0;
    // SAFETY: The slice keeps the fences, and the index is written on success.
    Error::check(unsafe {
        ffi::libfence_wait_many(
            pointers(fences),
            fences.len(),
            flags,
            limit.0,
            &mut index,
            ptr::null_mut(),
        )
    })
    .map_err(WaitError::of)?;
    Ok(index)
}

/// Waits for the first of several fences, and returns the lowest index of one that is signalled,
/// with any result. Allocates if it has to sleep for more than 16 fences.
///
/// ```
/// use libfence::{wait_any, Fence, Timeline, WaitError};
/// use std::time::Duration;
///
/// let timeline = Timeline::new(c"timeline")?;
/// let mut fences = vec![timeline.fence(2)?, timeline.fence(1)?];
/// assert_eq!(wait_any(&fences, Duration::from_millis(1)), Err(WaitError::TimedOut));
/// timeline.inc(1);
/// assert_eq!(wait_any(&fences, Duration::from_secs(5)), Ok(1));
/// fences.remove(1);       // and wait for the others
/// # Ok::<(), libfence::Error>(())
/// ```
///
/// # Errors
///
/// [`WaitError::TimedOut`]; [`WaitError::Other`] with `ENOENT` if there is no fence, or `ENOMEM`.
pub fn wait_any(fences: &[Fence], limit: impl Into<Time>) -> Result<usize, WaitError> {
    wait_many(fences, ffi::LIBFENCE_ANY, limit.into())
}

/// Waits until all of several fences are signalled.
///
/// # Errors
///
/// [`WaitError::TimedOut`]; [`WaitError::Failed`] with the error of the first in the slice that
/// has failed.
pub fn wait_all(fences: &[Fence], limit: impl Into<Time>) -> Result<(), WaitError> {
    let failed = wait_many(fences, ffi::LIBFENCE_ALL, limit.into())?;
    match fences.get(failed).and_then(Fence::status_racy) {
        Some(Err(error)) => Err(WaitError::Failed(error)),
        _ => Ok(()),
    }
}

/// Makes one fence of several. It is signalled when all of them are.
///
/// As in the kernel, fences that are signalled are left out, and of several fences of one context
/// only the latest is kept. The first part that fails gives the merged fence its error if it is
/// waited for, has a callback or was exported; otherwise only the parts have errors. Ask for the
/// status of a fence before it is merged, if it may have failed.
///
/// ```
/// use libfence::{merge, Timeline};
///
/// let (upload, render) = (Timeline::new(c"upload")?, Timeline::new(c"render")?);
/// let both = merge(&[upload.fence(1)?, render.fence(1)?])?;
/// assert_eq!(both.parts().len(), 2);
/// upload.inc(1);
/// assert!(!both.is_signaled());
/// render.inc(1);
/// assert_eq!(both.wait(), Ok(()));
/// # Ok::<(), libfence::Error>(())
/// ```
///
/// # Errors
///
/// `ENOMEM`.
pub fn merge(fences: &[Fence]) -> Result<Fence> {
    // SAFETY: The slice keeps the fences. We own the result.
    unsafe { Fence::adopt(ffi::libfence_merge(pointers(fences), fences.len()), code::ENOMEM) }
}
