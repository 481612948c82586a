// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Contexts: the part that the fences of a driver have in common.

use crate::{ffi, DriverFenceAllocation, Error, Result, Time};
use core::ffi::{c_int, c_void, CStr};
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

/// The data of a context, and the ops of its fences.
///
/// An op may run on any thread, on several at once, and inside a lock of the library: it must not
/// sleep or wait, nor signal the fence that it is called for. A panic in it ends the process.
///
/// ```
/// use libfence::{FenceContext, FenceContextOps};
/// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
///
/// /// A ring that counts the jobs that the hardware has finished.
/// struct Ring { finished: AtomicU64 }
/// struct Job { number: u64 }
///
/// impl FenceContextOps for Ring {
///     type FenceDataType = Job;
///
///     fn signaled(&self, job: &Job) -> bool {
///         self.finished.load(Relaxed) >= job.number
///     }
/// }
///
/// let ring = FenceContext::new(1, c"driver", c"ring 0", Ring { finished: 0.into() })?;
/// let driver = ring.new_fence_allocation(Job { number: 7 })?.new_fence(&ring);
/// assert!(!driver.as_fence().is_signaled());
/// ring.data().finished.store(7, Relaxed);
/// assert!(driver.as_fence().is_signaled());
/// driver.signal(Ok(()));
/// # Ok::<(), libfence::Error>(())
/// ```
pub trait FenceContextOps: Send + Sync + Sized + 'static {
    /// The payload of a fence. It is dropped on another thread, a grace period after the fence was
    /// signalled or dropped: its drop is a RCU callback, which must not sleep, wait, take a lock
    /// that is held for long, or drop a [`FenceContext`].
    type FenceDataType: Send + Sync + 'static;

    /// Whether any of the functions below is implemented. If not, libfence need not call them.
    const HAS_OPS: bool = true;

    /// A consumer waits for the fence or has registered a callback: make sure that the fence will
    /// be signalled. False: the work is done already, with success. Called at most once, with the
    /// fence's lock held.
    fn enable_signaling(&self, _data: &Self::FenceDataType) -> bool {
        true
    }

    /// Is the work done, with success? Once true, it has to stay true.
    fn signaled(&self, _data: &Self::FenceDataType) -> bool {
        false
    }

    /// A consumer needs the fence at this time. The earliest deadline counts.
    fn set_deadline(&self, _data: &Self::FenceDataType, _deadline: Time) {}
}

/// A context without data of its own, for fences without a payload.
impl FenceContextOps for () {
    type FenceDataType = ();
    const HAS_OPS: bool = false;
}

/// A context without data of its own, for fences with a payload of type `P`.
///
/// ```
/// use libfence::{FenceContext, Payload};
///
/// let ctx = FenceContext::new(1, c"driver", c"ring 0", Payload::<String>::new())?;
/// let driver = ctx.new_fence_allocation("job 7".into())?.new_fence(&ctx);
/// assert_eq!(*driver, "job 7");
/// driver.signal(Ok(()));
/// # Ok::<(), libfence::Error>(())
/// ```
pub struct Payload<P>(PhantomData<fn() -> P>);

impl<P> Payload<P> {
    /// The data of such a context.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P> fmt::Debug for Payload<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Payload")
    }
}

impl<P> Default for Payload<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Send + Sync + 'static> FenceContextOps for Payload<P> {
    type FenceDataType = P;
    const HAS_OPS: bool = false;
}

/// A context of one driver. Its fences share names and a sequence of numbers.
///
/// The drop may sleep, and must not happen in a callback, in an op, or in the drop of a payload.
/// Fences that are left are signalled with `ECANCELED`, with a warning on standard error, also those
/// that were forgotten: their owners keep them, and signal or drop them as usual. After the drop, no
/// op is running. The data is dropped at the end of it, on the same thread.
pub struct FenceContext<T: FenceContextOps>(NonNull<ffi::libfence_context>, PhantomData<T>);

// SAFETY: The data is Send and Sync, and the C functions can be called on any thread.
unsafe impl<T: FenceContextOps> Send for FenceContext<T> {}
// SAFETY: As above. The only function that other threads must not race with is the drop.
unsafe impl<T: FenceContextOps> Sync for FenceContext<T> {}

impl<T: FenceContextOps> FenceContext<T> {
    const TYPE: &'static ffi::libfence_context_type = &ffi::libfence_context_type {
        size: size_of::<T>(),
        init: Some(Self::init),
        destroy: Some(Self::destroy),
    };

    unsafe extern "C" fn init(data: *mut c_void, initial: *mut c_void) -> c_int {
        // SAFETY: new() gives an initial value, which it forgets on success. There is room for it.
        unsafe { data.cast::<T>().copy_from_nonoverlapping(initial.cast::<T>(), 1) };
        0
    }

    unsafe extern "C" fn destroy(data: *mut c_void) {
        // SAFETY: Called once, when nothing uses the data any more.
        unsafe { data.cast::<T>().drop_in_place() };
    }

    /// Creates a context. The names are copied. The first fence has the number `initial_seqno`, and
    /// each further fence the next one.
    ///
    /// # Errors
    ///
    /// `ENOMEM`: the data is dropped.
    pub fn new(
        initial_seqno: u64,
        driver_name: &CStr,
        timeline_name: &CStr,
        data: T,
    ) -> Result<Self> {
        const { assert!(align_of::<T>() <= 16, "the data needs an alignment of more than 16") };
        let mut data = ManuallyDrop::new(data);
        let mut err = 0;
        // SAFETY: The names are copied, the type is static, and init() takes the data over.
        let ctx = unsafe {
            ffi::libfence_context_create_typed(
                driver_name.as_ptr(),
                timeline_name.as_ptr(),
                initial_seqno,
                Self::TYPE,
                (&raw mut data).cast(),
                &mut err,
            )
        };
        NonNull::new(ctx).map(|ctx| Self(ctx, PhantomData)).ok_or_else(|| {
            drop(ManuallyDrop::into_inner(data));
            Error::from_raw_os_error(-err)
        })
    }

    pub(crate) fn raw(&self) -> *mut ffi::libfence_context {
        self.0.as_ptr()
    }

    /// The data of the context.
    pub fn data(&self) -> &T {
        // SAFETY: new() has put it there, and it stays as long as the context.
        unsafe { &*ffi::libfence_context_data(self.raw()).cast::<T>() }
    }

    /// The number of the context: [`Fence::context_number`](crate::Fence::context_number) of its fences.
    pub fn number(&self) -> u64 {
        // SAFETY: self keeps the context.
        unsafe { ffi::libfence_context_number(self.raw()) }
    }

    /// Allocates a fence with its payload: [`DriverFenceAllocation::new`]. It need not be used for
    /// this context.
    ///
    /// # Errors
    ///
    /// `ENOMEM`: the payload is dropped.
    pub fn new_fence_allocation(&self, data: T::FenceDataType) -> Result<DriverFenceAllocation<T>> {
        DriverFenceAllocation::new(data)
    }
}

impl<T: FenceContextOps> Drop for FenceContext<T> {
    fn drop(&mut self) {
        // SAFETY: It is ours, and no other thread can use it.
        unsafe { ffi::libfence_context_destroy_raw(self.raw()) }
    }
}

impl<T: FenceContextOps> fmt::Debug for FenceContext<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FenceContext").field("number", &self.number()).finish_non_exhaustive()
    }
}

/// Waits until the payloads have been dropped of all fences that were signalled or dropped before
/// the call. Not in a callback, nor in the drop of a payload.
pub fn barrier() {
    // SAFETY: It can be called at any time.
    unsafe { ffi::libfence_barrier() }
}

/// A fence-signalling critical section, until its end of scope.
///
/// Code between [`DriverFenceAllocation::new_fence`] and the signal must not wait for fences or
/// memory, nor take a lock that any thread holds while it does. A library that was built with
/// `-Dchecks=true` reports code in the section that does so through the library.
///
/// ```
/// let section = libfence::SignallingGuard::new();
/// // Commit a fence, and give it to the hardware.
/// drop(section);
/// ```
#[must_use = "the section ends with the guard"]
pub struct SignallingGuard(ffi::libfence_signalling, PhantomData<*const ()>);

impl SignallingGuard {
    /// Begins a section on this thread. Sections nest.
    pub fn new() -> Self {
        // SAFETY: It can be called at any time.
        Self(unsafe { ffi::libfence_signalling_begin() }, PhantomData)
    }
}

impl Default for SignallingGuard {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for SignallingGuard {
    fn drop(&mut self) {
        // SAFETY: It began on this thread, since the guard is not Send.
        unsafe { ffi::libfence_signalling_end(&mut self.0) }
    }
}

impl fmt::Debug for SignallingGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignallingGuard").field("begun", &self.0.begun).finish()
    }
}

/// The data of a context that a C function has returned.
///
/// # Safety
///
/// `ctx` is NULL, or a context of type `T`, which stays as long as the result is used.
pub(crate) unsafe fn data_of<'a, T: FenceContextOps>(
    ctx: *mut ffi::libfence_context,
) -> Option<&'a T> {
    if ctx.is_null() {
        return None;
    }
    // SAFETY: The caller promises it.
    Some(unsafe { &*ffi::libfence_context_data(ctx).cast::<T>() })
}

/// A RCU read-side section, in which the data of contexts stays.
pub(crate) struct ReadGuard(PhantomData<*const ()>);

impl ReadGuard {
    pub(crate) fn new() -> Self {
        // SAFETY: Ended by the drop, on this thread.
        unsafe { ffi::libfence_rcu_read_lock() };
        Self(PhantomData)
    }
}

impl Drop for ReadGuard {
    fn drop(&mut self) {
        // SAFETY: It began in new().
        unsafe { ffi::libfence_rcu_read_unlock() }
    }
}
