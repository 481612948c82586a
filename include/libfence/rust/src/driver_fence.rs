// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Fences as their producer sees them.

use crate::context::{data_of, ReadGuard};
use crate::{code, ffi, Fence, FenceContext, FenceContextOps, Result, Time};
use core::ffi::{c_uint, c_void};
use core::fmt;
use core::marker::PhantomData;
use core::mem::{needs_drop, ManuallyDrop};
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

/// The functions that the library calls for fences of a context with data `T`.
struct Ops<T>(PhantomData<T>);

impl<T: FenceContextOps> Ops<T> {
    const TYPE: &'static ffi::libfence_payload_type = &ffi::libfence_payload_type {
        size: size_of::<T::FenceDataType>(),
        destroy: Some(Self::destroy),
        enable_signaling: Some(Self::enable_signaling),
        signaled: Some(Self::signaled),
        set_deadline: Some(Self::set_deadline),
    };

    /// Those that it calls.
    const USED: c_uint = {
        let destroy = if needs_drop::<T::FenceDataType>() { ffi::LIBFENCE_DESTROY } else { 0 };
        let ops = if T::HAS_OPS {
            ffi::LIBFENCE_ENABLE_SIGNALING | ffi::LIBFENCE_SIGNALED | ffi::LIBFENCE_SET_DEADLINE
        } else {
            0
        };
        destroy | ops
    };

    // A panic does not leave a function that is extern "C": it ends the process.
    unsafe extern "C" fn destroy(payload: *mut c_void) {
        // SAFETY: Called once, when nothing uses the payload any more.
        unsafe { payload.cast::<T::FenceDataType>().drop_in_place() };
    }

    /// The payload, and the data of the context, which an op always has.
    ///
    /// # Safety
    ///
    /// In an op of that payload.
    unsafe fn of<'a>(payload: *mut c_void) -> (&'a T, &'a T::FenceDataType) {
        // SAFETY: A fence has the payload of its context's type: see new_fence(). Both stay until
        // the op returns.
        unsafe {
            let data = &*ffi::libfence_context_data(ffi::libfence_payload_context(payload)).cast();
            (data, &*payload.cast())
        }
    }

    unsafe extern "C" fn enable_signaling(payload: *mut c_void) -> bool {
        // SAFETY: This is an op.
        let (data, payload) = unsafe { Self::of(payload) };
        data.enable_signaling(payload)
    }

    unsafe extern "C" fn signaled(payload: *mut c_void) -> bool {
        // SAFETY: This is an op.
        let (data, payload) = unsafe { Self::of(payload) };
        data.signaled(payload)
    }

    unsafe extern "C" fn set_deadline(payload: *mut c_void, deadline: i64) {
        // SAFETY: This is an op.
        let (data, payload) = unsafe { Self::of(payload) };
        data.set_deadline(payload, Time::from_nanos(deadline))
    }
}

/// All the memory of a fence that does not exist yet, with its payload.
///
/// Allocating may fail and may sleep. [`DriverFenceAllocation::new_fence`] then cannot fail, and
/// allocates nothing. It can be sent to another thread.
pub struct DriverFenceAllocation<T: FenceContextOps>(
    NonNull<ffi::libfence_preparation>,
    PhantomData<(T, T::FenceDataType)>,
);

// SAFETY: The payload is Send, and the C functions can be called on any thread.
unsafe impl<T: FenceContextOps> Send for DriverFenceAllocation<T> {}
// SAFETY: The payload is Sync. Nothing else can be called through a shared reference.
unsafe impl<T: FenceContextOps> Sync for DriverFenceAllocation<T> {}

impl<T: FenceContextOps> DriverFenceAllocation<T> {
    /// Allocates a fence, for any context of this type.
    ///
    /// # Errors
    ///
    /// `ENOMEM`: the payload is dropped.
    pub fn new(data: T::FenceDataType) -> Result<Self> {
        const {
            let align = align_of::<T::FenceDataType>();
            assert!(align <= 16, "the payload needs an alignment of more than 16")
        };
        let data = ManuallyDrop::new(data);
        // SAFETY: The type is static and fits the payload, which is moved there on success.
        let prep = unsafe {
            ffi::libfence_prepare_ops(Ops::<T>::TYPE, Ops::<T>::USED, (&raw const data).cast())
        };
        NonNull::new(prep).map(|prep| Self(prep, PhantomData)).ok_or_else(|| {
            drop(ManuallyDrop::into_inner(data));
            code::ENOMEM
        })
    }

    /// Makes it a fence of a context, with the next number. From now on it has to be signalled.
    /// This cannot fail, and allocates nothing. It can be called in any place, also in a callback.
    pub fn new_fence(self, ctx: &FenceContext<T>) -> DriverFence<T> {
        let prep = ManuallyDrop::new(self);
        // SAFETY: The preparation is ours, and is consumed. The result is not NULL, and is ours.
        let fence =
            unsafe { NonNull::new_unchecked(ffi::libfence_commit(ctx.raw(), prep.0.as_ptr())) };
        DriverFence(fence, PhantomData)
    }

    fn payload(&self) -> NonNull<T::FenceDataType> {
        // SAFETY: self keeps the preparation, which has a payload.
        unsafe { NonNull::new_unchecked(ffi::libfence_preparation_payload(self.0.as_ptr()).cast()) }
    }
}

impl<T: FenceContextOps> Deref for DriverFenceAllocation<T> {
    type Target = T::FenceDataType;

    fn deref(&self) -> &T::FenceDataType {
        // SAFETY: The payload is ours.
        unsafe { self.payload().as_ref() }
    }
}

impl<T: FenceContextOps> DerefMut for DriverFenceAllocation<T> {
    fn deref_mut(&mut self) -> &mut T::FenceDataType {
        // SAFETY: The payload is ours alone: there is no fence yet.
        unsafe { self.payload().as_mut() }
    }
}

impl<T: FenceContextOps> Drop for DriverFenceAllocation<T> {
    fn drop(&mut self) {
        // SAFETY: It is ours. This drops the payload.
        unsafe { ffi::libfence_preparation_free(self.0.as_ptr()) }
    }
}

impl<T: FenceContextOps> fmt::Debug for DriverFenceAllocation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DriverFenceAllocation(_)")
    }
}

/// A fence as its owner sees it. The owner signals it once, with a result.
///
/// If it is dropped instead, it is signalled with `ECANCELED`, with a warning on standard error. To
/// cancel on purpose, signal it with that. If it is forgotten, the drop of the context signals it.
/// It may outlive its context.
///
/// `*driver_fence` is the payload, which ops may be using at the same time.
///
/// ```
/// use libfence::{code::ECANCELED, FenceContext, Payload};
/// use std::thread;
///
/// struct Job { id: u32 }
///
/// let ctx = FenceContext::new(1, c"driver", c"ring 0", Payload::<Job>::new())?;
/// let allocation = ctx.new_fence_allocation(Job { id: 7 })?;      // may fail
/// let driver = allocation.new_fence(&ctx);                        // cannot
/// let fence = driver.as_fence().clone();
///
/// let worker = thread::spawn(move || match driver.id {
///     7 => driver.signal(Ok(())),
///     _ => driver.signal(Err(ECANCELED)),
/// });
/// assert_eq!(fence.wait(), Ok(()));
/// # worker.join().unwrap();
/// # Ok::<(), libfence::Error>(())
/// ```
pub struct DriverFence<T: FenceContextOps>(
    NonNull<ffi::libfence_driver_fence>,
    PhantomData<(T, T::FenceDataType)>,
);

// SAFETY: The payload is Send, and the C functions can be called on any thread.
unsafe impl<T: FenceContextOps> Send for DriverFence<T> {}
// SAFETY: The payload is Sync, and the C functions can be called by several threads at once.
unsafe impl<T: FenceContextOps> Sync for DriverFence<T> {}

impl<T: FenceContextOps> DriverFence<T> {
    /// The consumer's view. `as_fence().clone()` is a reference for a consumer.
    pub fn as_fence(&self) -> &Fence {
        // SAFETY: Both views have the same address, as libfence_driver_fence_consumer() shows, and
        // a Fence is transparent. self owns the fence for as long as the result is borrowed.
        unsafe { &*(&raw const self.0).cast::<Fence>() }
    }

    /// Signals the fence. All callbacks have run when this function returns. The payload is dropped
    /// on another thread, later.
    ///
    /// If [`FenceContextOps::signaled`] has said before that the work is done, an error is lost,
    /// with a warning. Not in an op or a callback of this fence.
    pub fn signal(self, result: Result) {
        let fence = ManuallyDrop::new(self);
        let result = result.map_or_else(|error| error.to_errno(), |()| 0);
        // SAFETY: The fence is ours, and is consumed. The result is 0 or a negative errno.
        unsafe { ffi::libfence_driver_fence_signal_raw(fence.0.as_ptr(), result) }
    }

    /// Calls a function with the data of the context, or with `None` if the context was dropped.
    /// The drop of the context waits for it: the function must not sleep, nor drop a context.
    ///
    /// ```
    /// # use libfence::{FenceContext, FenceContextOps};
    /// struct Ring { number: u32 }
    ///
    /// impl FenceContextOps for Ring {
    ///     type FenceDataType = ();
    ///     const HAS_OPS: bool = false;
    /// }
    ///
    /// let ring = FenceContext::new(1, c"driver", c"ring 0", Ring { number: 3 })?;
    /// let driver = ring.new_fence_allocation(())?.new_fence(&ring);
    /// assert_eq!(driver.with_context(|ring| ring.map(|ring| ring.number)), Some(3));
    /// driver.signal(Ok(()));
    /// # Ok::<(), libfence::Error>(())
    /// ```
    pub fn with_context<R>(&self, f: impl FnOnce(Option<&T>) -> R) -> R {
        let guard = ReadGuard::new();
        // SAFETY: The context of the fence is of this type: see new_fence(). It stays until the
        // end of the section.
        let result = f(unsafe { data_of(ffi::libfence_driver_fence_context(self.0.as_ptr())) });
        drop(guard);
        result
    }

    /// The fence as a pointer, for storage in C. (The name is that of the kernel's
    /// `ForeignOwnable`.)
    pub fn into_foreign(self) -> *mut c_void {
        ManuallyDrop::new(self).0.as_ptr().cast()
    }

    /// The fence of a pointer.
    ///
    /// # Safety
    ///
    /// `ptr` comes from [`DriverFence::into_foreign`] with the same `T`, and is not used afterwards.
    pub unsafe fn from_foreign(ptr: *mut c_void) -> Self {
        // SAFETY: The caller promises it.
        Self(unsafe { NonNull::new_unchecked(ptr.cast()) }, PhantomData)
    }
}

impl<T: FenceContextOps> Deref for DriverFence<T> {
    type Target = T::FenceDataType;

    fn deref(&self) -> &T::FenceDataType {
        // SAFETY: The payload is there, and not dropped, until the fence is consumed.
        unsafe { &*ffi::libfence_driver_fence_payload(self.0.as_ptr()).cast() }
    }
}

impl<T: FenceContextOps> Drop for DriverFence<T> {
    fn drop(&mut self) {
        // SAFETY: It is ours, and is not used again.
        unsafe { ffi::libfence_driver_fence_drop_raw(self.0.as_ptr()) }
    }
}

impl<T: FenceContextOps> fmt::Debug for DriverFence<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DriverFence").field(self.as_fence()).finish()
    }
}
