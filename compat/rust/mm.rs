// SPDX-License-Identifier: GPL-2.0 OR MIT

//! What the module `task` names of the module `mm`. A task here has no address space, as a
//! kernel thread has none: its `mm` is null, so there is no value of these types.

use crate::types::Opaque;

/// The address space of a task.
#[repr(transparent)]
pub struct MmWithUser(Opaque<[u8; 0]>);

impl MmWithUser {
    /// An address space by its pointer.
    ///
    /// # Safety
    ///
    /// The address space has to be valid for `'a`, and to have users.
    pub unsafe fn from_raw<'a>(ptr: *const bindings::mm_struct) -> &'a Self {
        // SAFETY: The caller says so.
        unsafe { &*ptr.cast() }
    }
}
