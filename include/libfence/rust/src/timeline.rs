// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Software timelines.

use crate::{code, ffi, Error, Fence, Result, Time};
use core::ffi::CStr;
use core::fmt;
use core::ptr::NonNull;

/// A counter, and fences that are signalled when it reaches their values: a producer without
/// hardware, with which to try consumers. It corresponds to sw_sync in Linux.
///
/// Values have 32 bits and wrap around: the 2^31 - 1 values after the current one are in the future.
/// The drop signals the fences that are left, with `ENOENT`.
///
/// ```
/// use libfence::{code::ENOENT, Timeline};
///
/// let timeline = Timeline::new(c"play")?;
/// let (two, three) = (timeline.fence(2)?, timeline.fence(3)?);
/// timeline.inc(2);
/// assert_eq!(two.status(), Some(Ok(())));
/// assert_eq!(three.status(), None);
/// drop(timeline);
/// assert_eq!(three.status(), Some(Err(ENOENT)));
/// # Ok::<(), libfence::Error>(())
/// ```
pub struct Timeline(NonNull<ffi::libfence_timeline>);

// SAFETY: The C functions can be called on any thread.
unsafe impl Send for Timeline {}
// SAFETY: As above, by several at once. Only the drop must not race, and it cannot.
unsafe impl Sync for Timeline {}

impl Timeline {
    /// A timeline with value 0. The name is copied.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn new(name: &CStr) -> Result<Self> {
        // SAFETY: The name is copied.
        let timeline = unsafe { ffi::libfence_timeline_create(name.as_ptr()) };
        NonNull::new(timeline).map(Self).ok_or(code::ENOMEM)
    }

    /// A fence that is signalled when the timeline reaches a value. It may be the same fence as that
    /// of an earlier call. If its last reference is dropped, it is never signalled.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn fence(&self, value: u32) -> Result<Fence> {
        // SAFETY: self keeps the timeline. We own the result.
        unsafe { Fence::adopt(ffi::libfence_timeline_fence(self.0.as_ptr(), value), code::ENOMEM) }
    }

    /// Increments the value, and signals the fences that are reached. If another call is signalling,
    /// on another thread or around the callback that makes this call, that call signals them.
    pub fn inc(&self, by: u32) {
        // SAFETY: self keeps the timeline.
        unsafe { ffi::libfence_timeline_inc(self.0.as_ptr(), by) }
    }

    /// The current value.
    pub fn value(&self) -> u32 {
        // SAFETY: self keeps the timeline.
        unsafe { ffi::libfence_timeline_value(self.0.as_ptr()) }
    }

    /// The earliest deadline of a fence of any timeline, or `None` if it has none.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the fence does not belong to a timeline.
    pub fn deadline(fence: &Fence) -> Result<Option<Time>> {
        let mut deadline = 0;
        // SAFETY: The fence is borrowed, and the deadline is written on success.
        match Error::check(unsafe { ffi::libfence_timeline_deadline(fence.raw(), &mut deadline) }) {
            Ok(_) => Ok(Some(Time::from_nanos(deadline))),
            Err(code::ENOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Timeline {
    fn drop(&mut self) {
        // SAFETY: It is ours, and no other thread can use it.
        unsafe { ffi::libfence_timeline_destroy_raw(self.0.as_ptr()) }
    }
}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeline").field("value", &self.value()).finish()
    }
}
