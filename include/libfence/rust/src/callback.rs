// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Functions that are called when a fence is signalled.

use crate::{code, ffi, Error, Fence, Result};
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::fmt;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr;

/// Called when a fence is signalled: any `FnMut(&Fence)`, or a type of yours.
///
/// It runs on the thread that signals, with the fence's lock held. It must not sleep, wait, or
/// unregister a callback, as the drop of a [`FenceCallbackRegistration`] does. It may
/// signal other fences, register callbacks with them, and drop references. It may take a mutex that
/// no thread holds while it signals, waits or registers. A panic in it ends the process.
pub trait FenceCallback: Send + 'static {
    /// Called once for each registration. The result of the fence is
    /// [`Fence::status_racy`].
    fn on_signal(&mut self, fence: &Fence);
}

impl<F: FnMut(&Fence) + Send + 'static> FenceCallback for F {
    fn on_signal(&mut self, fence: &Fence) {
        self(fence)
    }
}

/// Why a callback was not registered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CallbackError<C> {
    /// The fence is signalled already. This is the callback, which was not called.
    AlreadySignaled(C),
}

impl<C> fmt::Debug for CallbackError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlreadySignaled(_)")
    }
}

impl<C> fmt::Display for CallbackError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fence is signalled already")
    }
}

impl<C> std::error::Error for CallbackError<C> {}

impl<C> From<CallbackError<C>> for Error {
    fn from(_: CallbackError<C>) -> Self {
        code::ENOENT
    }
}

/// The memory of a registration, in an object that is pinned before it is registered. Its methods
/// are called by one thread at a time.
pub(crate) struct Registration {
    cb: UnsafeCell<ffi::libfence_callback>,
    /// The library has pointers to `cb`.
    _pinned: PhantomPinned,
}

impl Registration {
    pub(crate) const fn new() -> Self {
        Self {
            cb: UnsafeCell::new(ffi::libfence_callback {
                fn_: None,
                data: ptr::null_mut(),
                fence: ptr::null_mut(),
                private_: [ptr::null_mut(); 3],
            }),
            _pinned: PhantomPinned,
        }
    }

    /// The fence that it is registered with.
    pub(crate) fn fence(&self) -> Option<&Fence> {
        // The member is written by register() and unregister() only, which other threads do not
        // call at the same time.
        // SAFETY: A pointer that is not NULL is a reference, as a Fence is, until unregister().
        unsafe { (*self.cb.get().cast_const()).fence.as_ref() }?;
        // SAFETY: As above; a Fence is transparent.
        Some(unsafe { &*(&raw const (*self.cb.get()).fence).cast::<Fence>() })
    }

    /// ENOENT: the fence is signalled already. EBUSY: it is registered.
    ///
    /// # Safety
    ///
    /// No other thread uses it, and it does not move until unregister() has returned. `run` may be
    /// called with `data` until then.
    pub(crate) unsafe fn register(
        &self,
        fence: &Fence,
        run: unsafe extern "C" fn(*const ffi::libfence, *mut c_void),
        data: *mut c_void,
    ) -> Result {
        if self.fence().is_some() {
            return Err(code::EBUSY);
        }
        let cb = self.cb.get();
        // SAFETY: It is not registered, so only this thread uses it. The caller promises the rest.
        Error::check(unsafe {
            (*cb).fn_ = Some(run);
            (*cb).data = data;
            ffi::libfence_callback_register(fence.raw(), cb)
        })
        .map(drop)
    }

    /// Whether the function has run. It does not run any more.
    ///
    /// # Safety
    ///
    /// No other thread calls register() or unregister().
    pub(crate) unsafe fn unregister(&self) -> bool {
        // SAFETY: It is registered or not; the caller promises the rest.
        unsafe { ffi::libfence_callback_unregister(self.cb.get()) }
    }
}

/// A callback, with the memory of its registration. Registering allocates nothing.
///
/// It is pinned, because the fence has pointers to it while it is registered. Its drop unregisters
/// the callback, and waits for the callback if that is running on another thread. So it must not be
/// dropped in a callback, nor with a lock held that the callback takes.
///
/// ```
/// use libfence::{Fence, FenceCallback, FenceCallbackRegistration, FenceContext};
/// use std::pin::pin;
/// use std::sync::mpsc::{channel, Sender};
///
/// struct Job(Sender<u64>);
///
/// impl FenceCallback for Job {
///     fn on_signal(&mut self, fence: &Fence) {
///         let _ = self.0.send(fence.seqno());
///     }
/// }
///
/// let ctx = FenceContext::new(1, c"driver", c"ring 0", ())?;
/// let driver = ctx.new_fence_allocation(())?.new_fence(&ctx);
/// let (sender, finished) = channel();
///
/// let mut registration = pin!(FenceCallbackRegistration::new(Job(sender)));
/// registration.as_mut().register(driver.as_fence())?;
/// driver.signal(Ok(()));
/// assert_eq!(finished.try_recv(), Ok(1));
/// assert!(registration.as_mut().unregister());        // it has run
/// # Ok::<(), libfence::Error>(())
/// ```
pub struct FenceCallbackRegistration<C: FenceCallback> {
    registration: Registration,
    callback: UnsafeCell<C>,
}

// SAFETY: A callback is Send, and the C functions can be called on any thread.
unsafe impl<C: FenceCallback> Send for FenceCallbackRegistration<C> {}
// SAFETY: Through a shared reference, only fence() can be called, which does not use the callback.
unsafe impl<C: FenceCallback> Sync for FenceCallbackRegistration<C> {}

impl<C: FenceCallback> FenceCallbackRegistration<C> {
    /// A callback that is not registered. Allocates nothing.
    pub const fn new(callback: C) -> Self {
        Self { registration: Registration::new(), callback: UnsafeCell::new(callback) }
    }

    unsafe extern "C" fn run(fence: *const ffi::libfence, callback: *mut c_void) {
        // SAFETY: The fence is borrowed for the call. The callback stays until unregister(), and
        // nothing else uses it until then.
        let (fence, callback) = unsafe { (Fence::borrow(fence), &mut *callback.cast::<C>()) };
        // A panic does not leave a function that is extern "C": it ends the process.
        callback.on_signal(&fence);
    }

    /// Calls the callback when the fence is signalled. It holds a reference to the fence.
    ///
    /// The callback may run before this function returns. Not in a callback of this fence.
    ///
    /// # Errors
    ///
    /// `ENOENT` if the fence is signalled already: the callback is not called. `EBUSY` if the
    /// callback is registered.
    pub fn register(self: Pin<&mut Self>, fence: &Fence) -> Result {
        let this = self.into_ref().get_ref();
        // SAFETY: It is pinned, and was borrowed uniquely. Its drop unregisters the callback, and
        // nothing uses the callback before unregister().
        unsafe { this.registration.register(fence, Self::run, this.callback.get().cast()) }
    }

    /// Ends the registration, and says whether the callback has run. It is not running when this
    /// function returns. The callback may be registered again.
    pub fn unregister(self: Pin<&mut Self>) -> bool {
        // SAFETY: It was borrowed uniquely.
        unsafe { self.registration.unregister() }
    }

    /// The fence that the callback is registered with, also if that is signalled.
    pub fn fence(&self) -> Option<&Fence> {
        self.registration.fence()
    }

    /// The callback, after the registration has ended: `None` if it is registered.
    pub fn callback(self: Pin<&mut Self>) -> Option<&mut C> {
        if self.registration.fence().is_some() {
            return None;
        }
        // SAFETY: Nothing is moved out of the registration. The callback is never pinned, and as
        // it is not registered, nothing else uses it.
        Some(unsafe { self.get_unchecked_mut() }.callback.get_mut())
    }

    /// The callback of a registration that was never pinned, or is not registered.
    pub fn into_callback(self) -> C {
        let this = core::mem::ManuallyDrop::new(self);
        debug_assert!(this.registration.fence().is_none());
        // SAFETY: It has to be owned, so that it is not registered; it is not dropped.
        unsafe { this.callback.get().read() }
    }
}

impl<C: FenceCallback> Drop for FenceCallbackRegistration<C> {
    fn drop(&mut self) {
        // SAFETY: It is ours. Nothing has been registered if it was never pinned.
        unsafe { self.registration.unregister() };
    }
}

impl<C: FenceCallback> fmt::Debug for FenceCallbackRegistration<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FenceCallbackRegistration").field("fence", &self.fence()).finish()
    }
}
