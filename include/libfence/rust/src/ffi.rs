// SPDX-License-Identifier: GPL-2.0 OR MIT

//! The functions and structs of the plain face that this crate uses, by hand. The headers
//! document them. tests/rust-crate/ffi.py compares the declarations with the headers.

#![allow(non_camel_case_types)]

use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

/// A type of which only the library knows the members.
macro_rules! opaque {
    ($($name:ident)*) => { $(
        #[repr(C)]
        pub struct $name {
            _private: [u8; 0],
            _pinned: core::marker::PhantomData<(*mut u8, core::marker::PhantomPinned)>,
        }
    )* };
}
opaque! {
    libfence libfence_context libfence_preparation libfence_driver_fence libfence_timeline
    libfence_reservation libfence_locks
}

pub type libfence_callback_fn = Option<unsafe extern "C" fn(*const libfence, *mut c_void)>;

#[repr(C)]
pub struct libfence_callback {
    pub fn_: libfence_callback_fn,
    pub data: *mut c_void,
    pub fence: *mut libfence,
    pub private_: [*mut c_void; 3],
}

#[repr(C)]
pub struct libfence_parts {
    pub private_: [*mut c_void; 3],
}

#[repr(C)]
pub struct libfence_context_type {
    pub size: usize,
    pub init: Option<unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int>,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
}

#[repr(C)]
pub struct libfence_payload_type {
    pub size: usize,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    pub enable_signaling: Option<unsafe extern "C" fn(*mut c_void) -> bool>,
    pub signaled: Option<unsafe extern "C" fn(*mut c_void) -> bool>,
    pub set_deadline: Option<unsafe extern "C" fn(*mut c_void, i64)>,
}

#[repr(C)]
pub struct libfence_signalling {
    pub begun: bool,
}

pub type libfence_usage = c_uint;

pub const LIBFENCE_FOREVER: i64 = i64::MAX;
pub const LIBFENCE_ANY: c_uint = 0;
pub const LIBFENCE_ALL: c_uint = 1;
pub const LIBFENCE_INTERRUPTIBLE: c_uint = 2;
pub const LIBFENCE_ENABLE_SIGNALING: c_uint = 1;
pub const LIBFENCE_SIGNALED: c_uint = 2;
pub const LIBFENCE_SET_DEADLINE: c_uint = 4;
pub const LIBFENCE_DESTROY: c_uint = 8;
pub const LIBFENCE_USAGE_KERNEL: libfence_usage = 0;
pub const LIBFENCE_USAGE_WRITE: libfence_usage = 1;
pub const LIBFENCE_USAGE_READ: libfence_usage = 2;
pub const LIBFENCE_USAGE_BOOKKEEP: libfence_usage = 3;

#[rustfmt::skip]
#[link(name = "fence")]
unsafe extern "C" {
    // <libfence/libfence.h>
    pub fn libfence_version() -> *const c_char;
    pub fn libfence_warn_count() -> c_ulong;
    pub fn libfence_has_checks() -> bool;
    pub fn libfence_fail_nth(n: c_uint);

    // <libfence/fence.h>
    pub fn libfence_get_raw(fence: *const libfence) -> *mut libfence;
    pub fn libfence_put_raw(fence: *mut libfence);
    pub fn libfence_is_signaled(fence: *const libfence) -> bool;
    pub fn libfence_status(fence: *const libfence) -> c_int;
    pub fn libfence_status_racy(fence: *const libfence) -> c_int;
    pub fn libfence_deadline(timeout: i64) -> i64;
    pub fn libfence_wait_until(fence: *const libfence, deadline: i64, flags: c_uint) -> c_int;
    pub fn libfence_set_deadline(fence: *const libfence, deadline: i64);
    pub fn libfence_timestamp(fence: *const libfence) -> i64;
    pub fn libfence_fence_context(fence: *const libfence) -> u64;
    pub fn libfence_seqno(fence: *const libfence) -> u64;
    pub fn libfence_driver_name(fence: *const libfence, buf: *mut c_char, size: usize) -> usize;
    pub fn libfence_timeline_name(fence: *const libfence, buf: *mut c_char, size: usize) -> usize;
    pub fn libfence_callback_register(fence: *const libfence, cb: *mut libfence_callback) -> c_int;
    pub fn libfence_callback_unregister(cb: *mut libfence_callback) -> bool;

    // <libfence/driver-fence.h>
    pub fn libfence_context_create_typed(driver: *const c_char, timeline: *const c_char, first: u64, type_: *const libfence_context_type, arg: *mut c_void, err: *mut c_int) -> *mut libfence_context;
    pub fn libfence_context_destroy_raw(ctx: *mut libfence_context);
    pub fn libfence_context_data(ctx: *const libfence_context) -> *mut c_void;
    pub fn libfence_context_number(ctx: *const libfence_context) -> u64;
    pub fn libfence_barrier();
    pub fn libfence_prepare_ops(type_: *const libfence_payload_type, ops: c_uint, initial: *const c_void) -> *mut libfence_preparation;
    pub fn libfence_preparation_free(prep: *mut libfence_preparation);
    pub fn libfence_preparation_payload(prep: *const libfence_preparation) -> *mut c_void;
    pub fn libfence_commit(ctx: *mut libfence_context, prep: *mut libfence_preparation) -> *mut libfence_driver_fence;
    pub fn libfence_driver_fence_signal_raw(fence: *mut libfence_driver_fence, result: c_int);
    pub fn libfence_driver_fence_drop_raw(fence: *mut libfence_driver_fence);
    pub fn libfence_driver_fence_payload(fence: *const libfence_driver_fence) -> *mut c_void;
    pub fn libfence_driver_fence_context(fence: *const libfence_driver_fence) -> *mut libfence_context;
    pub fn libfence_payload_context(payload: *const c_void) -> *mut libfence_context;
    pub fn libfence_signalling_begin() -> libfence_signalling;
    pub fn libfence_signalling_end(section: *mut libfence_signalling);

    // <libfence/rcu-box.h>
    pub fn libfence_rcu_read_lock();
    pub fn libfence_rcu_read_unlock();

    // <libfence/several.h>
    pub fn libfence_wait_many(fences: *const *mut libfence, n: usize, flags: c_uint, deadline: i64, index: *mut usize, statuses: *mut c_int) -> c_int;
    pub fn libfence_merge(fences: *const *mut libfence, n: usize) -> *mut libfence;
    pub fn libfence_create_signaled(result: c_int) -> *mut libfence;
    pub fn libfence_parts_first(parts: *mut libfence_parts, fence: *const libfence) -> *const libfence;
    pub fn libfence_parts_next(parts: *mut libfence_parts) -> *const libfence;

    // <libfence/sync.h>
    pub fn libfence_export(fence: *const libfence, name: *const c_char) -> c_int;
    pub fn libfence_import(fd: c_int, err: *mut c_int) -> *mut libfence;
    pub fn libfence_wrap_fd(fd: c_int, err: *mut c_int) -> *mut libfence;

    // <libfence/timeline.h>
    pub fn libfence_timeline_create(name: *const c_char) -> *mut libfence_timeline;
    pub fn libfence_timeline_destroy_raw(timeline: *mut libfence_timeline);
    pub fn libfence_timeline_fence(timeline: *mut libfence_timeline, value: u32) -> *mut libfence;
    pub fn libfence_timeline_inc(timeline: *mut libfence_timeline, by: u32);
    pub fn libfence_timeline_value(timeline: *const libfence_timeline) -> u32;
    pub fn libfence_timeline_deadline(fence: *const libfence, deadline: *mut i64) -> c_int;

    // <libfence/reservation.h>
    pub fn libfence_reservation_create() -> *mut libfence_reservation;
    pub fn libfence_reservation_destroy_raw(object: *mut libfence_reservation);
    pub fn libfence_reservation_lock_many(objects: *const *mut libfence_reservation, n: usize, room: c_uint, flags: c_uint, locks: *mut *mut libfence_locks) -> c_int;
    pub fn libfence_locks_release_raw(locks: *mut libfence_locks);
    pub fn libfence_reservation_add(object: *mut libfence_reservation, fence: *const libfence, usage: libfence_usage) -> c_int;
    pub fn libfence_reservation_wait(object: *mut libfence_reservation, usage: libfence_usage, deadline: i64, flags: c_uint) -> c_int;
    pub fn libfence_reservation_is_signaled(object: *mut libfence_reservation, usage: libfence_usage) -> bool;
    pub fn libfence_reservation_merge(object: *mut libfence_reservation, usage: libfence_usage) -> *mut libfence;
}
