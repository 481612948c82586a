// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Reservations: which fences use a buffer, and for which purpose.

use crate::{code, ffi, Error, Fence, Result, Time, WaitError};
use core::ffi::c_uint;
use core::fmt;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The use of the buffer by the work of a fence. A function that looks for a usage finds fences of
/// this usage and of all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Usage {
    /// It moves or clears the memory: all other work waits.
    Kernel,
    /// It writes: work that reads waits.
    Write,
    /// It reads: work that writes waits.
    Read,
    /// It needs the memory to stay: code that frees the memory waits.
    Bookkeep,
}

impl Usage {
    /// The usage to look for before work that reads the buffer, or that writes to it.
    pub const fn to_wait_for(write: bool) -> Self {
        if write {
            Self::Read
        } else {
            Self::Write
        }
    }

    const fn raw(self) -> ffi::libfence_usage {
        match self {
            Self::Kernel => ffi::LIBFENCE_USAGE_KERNEL,
            Self::Write => ffi::LIBFENCE_USAGE_WRITE,
            Self::Read => ffi::LIBFENCE_USAGE_READ,
            Self::Bookkeep => ffi::LIBFENCE_USAGE_BOOKKEEP,
        }
    }
}

/// The fences of one buffer: the kernel's `dma_resv`. It makes no thread wait, and says for which
/// fences work has to wait.
///
/// ```
/// use libfence::{lock_many, Reservation, Timeline, Usage};
///
/// let (source, target) = (Reservation::new()?, Reservation::new()?);
/// let gpu = Timeline::new(c"gpu")?;
/// let job = gpu.fence(1)?;
///
/// let locks = lock_many(&[&source, &target], 1)?;     // with room for one fence each
/// locks.add(&source, &job, Usage::Read)?;
/// locks.add(&target, &job, Usage::Write)?;
/// drop(locks);
///
/// assert!(source.is_signaled(Usage::to_wait_for(false)));     // readers need not wait
/// let before = target.merge(Usage::to_wait_for(false))?;
/// gpu.inc(1);
/// assert_eq!(before.wait(), Ok(()));
/// # Ok::<(), libfence::Error>(())
/// ```
pub struct Reservation {
    raw: NonNull<ffi::libfence_reservation>,
    /// Written by the thread that has locked it, so no order is needed.
    locked: AtomicBool,
}

// SAFETY: The C functions can be called on any thread.
unsafe impl Send for Reservation {}
// SAFETY: As above, by several at once. Fences are added with the lock held: see Locks.
unsafe impl Sync for Reservation {}

impl Reservation {
    /// A reservation without fences.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn new() -> Result<Self> {
        // SAFETY: It can be called at any time.
        let object = unsafe { ffi::libfence_reservation_create() };
        NonNull::new(object)
            .map(|raw| Self { raw, locked: AtomicBool::new(false) })
            .ok_or(code::ENOMEM)
    }

    /// Locks this one: [`lock_many`].
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn lock(&self, room: u32) -> Result<Locks<'_>> {
        lock_many(&[self], room)
    }

    /// Waits for the fences of a usage. May or may not wait for those that are added meanwhile. Their
    /// results make no difference.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`].
    pub fn wait(&self, usage: Usage, limit: impl Into<Time>) -> Result<(), WaitError> {
        // SAFETY: self keeps the object.
        Error::check(unsafe {
            ffi::libfence_reservation_wait(self.raw.as_ptr(), usage.raw(), limit.into().0, 0)
        })
        .map(drop)
        .map_err(WaitError::of)
    }

    /// Are all fences of a usage signalled?
    pub fn is_signaled(&self, usage: Usage) -> bool {
        // SAFETY: self keeps the object.
        unsafe { ffi::libfence_reservation_is_signaled(self.raw.as_ptr(), usage.raw()) }
    }

    /// One fence for all fences of a usage, as [`merge`](crate::merge) makes it.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn merge(&self, usage: Usage) -> Result<Fence> {
        // SAFETY: self keeps the object. We own the result.
        unsafe {
            let merged = ffi::libfence_reservation_merge(self.raw.as_ptr(), usage.raw());
            Fence::adopt(merged, code::ENOMEM)
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // If its Locks were forgotten, it stays locked, and its memory has to stay, too.
        if !*self.locked.get_mut() {
            // SAFETY: It is ours, and no thread uses it.
            unsafe { ffi::libfence_reservation_destroy_raw(self.raw.as_ptr()) }
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reservation(_)")
    }
}

/// Reservations that this thread has locked together, from [`lock_many`]. Unlocked by the drop.
#[must_use = "the reservations are unlocked with it"]
pub struct Locks<'a> {
    /// Neither Send nor Sync: the thread that has locked unlocks.
    raw: *mut ffi::libfence_locks,
    objects: Vec<&'a Reservation>,
}

/// Locks several reservations, in any order; the same one may occur twice. After that, adding `room`
/// fences to each of them cannot fail. Allocates.
///
/// Threads that lock the same reservations in different orders do not wait for each other for ever.
/// A thread that has locked some must not call this again: it may wait for itself.
///
/// # Errors
///
/// `ENOMEM`, with nothing locked.
pub fn lock_many<'a>(objects: &[&'a Reservation], room: u32) -> Result<Locks<'a>> {
    let pointers: Vec<_> = objects.iter().map(|object| object.raw.as_ptr()).collect();
    let objects = objects.to_vec();
    let mut raw = ptr::null_mut();
    // SAFETY: The objects are borrowed for as long as the locks, which are written on success.
    Error::check(unsafe {
        ffi::libfence_reservation_lock_many(
            pointers.as_ptr(),
            pointers.len(),
            c_uint::from(room),
            0,
            &mut raw,
        )
    })?;
    objects.iter().for_each(|object| object.locked.store(true, Relaxed));
    Ok(Locks { raw, objects })
}

impl Locks<'_> {
    /// Adds a fence to a reservation that is locked. Of a merged fence, each part is added. Replaces
    /// fences that are signalled, or that need no longer be waited for.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, but not for the first `room` fences; `EINVAL` if the reservation is not one of those
    /// that were locked here.
    pub fn add(&self, object: &Reservation, fence: &Fence, usage: Usage) -> Result {
        if !self.objects.iter().any(|locked| locked.raw == object.raw) {
            return Err(code::EINVAL);
        }
        // SAFETY: Both are borrowed, and this thread has locked the object.
        Error::check(unsafe {
            ffi::libfence_reservation_add(object.raw.as_ptr(), fence.raw(), usage.raw())
        })
        .map(drop)
    }
}

impl Drop for Locks<'_> {
    fn drop(&mut self) {
        self.objects.iter().for_each(|object| object.locked.store(false, Relaxed));
        // SAFETY: They are ours, of this thread, and not used again.
        unsafe { ffi::libfence_locks_release_raw(self.raw) }
    }
}

impl fmt::Debug for Locks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locks").field("count", &self.objects.len()).finish()
    }
}
