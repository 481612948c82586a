// SPDX-License-Identifier: GPL-2.0 OR MIT

//! The Linux kernel's `dma_fence` in userspace, for std Rust: the plain face of `libfence.so`.
//!
//! A fence stands for work in progress. A *producer* has a [`DriverFence`], and signals it once,
//! with a result. *Consumers* have a [`Fence`], for which they wait.
//!
//! ```
//! use libfence::{FenceContext, Payload};
//! use std::{thread, time::Duration};
//!
//! struct Job { id: u32 }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // Names of the driver and the timeline; the first number.
//!     let ctx = FenceContext::new(1, c"driver", c"ring 0", Payload::<Job>::new())?;
//!     // Allocate all memory here, where failing is easy.
//!     let allocation = ctx.new_fence_allocation(Job { id: 7 })?;
//!     // Now it is a fence, which has to be signalled. This cannot fail.
//!     let driver = allocation.new_fence(&ctx);
//!     // Consumers get references, with which they cannot signal it.
//!     let fence = driver.as_fence().clone();
//!
//!     let worker = thread::spawn(move || {
//!         println!("job {}", driver.id);
//!         driver.signal(Ok(()));
//!     });
//!     fence.wait_until(Duration::from_secs(5))?;
//!     worker.join().unwrap();
//!     Ok(())
//! }
//! ```
//!
//! | | |
//! |---|---|
//! | [`FenceContext`], [`FenceContextOps`] | the part that the fences of a driver have in common |
//! | [`DriverFenceAllocation`], [`DriverFence`] | a producer's fence, before and after it exists |
//! | [`Fence`] | a consumer's reference: waits, status, deadlines, descriptors |
//! | [`FenceCallback`], [`FenceCallbackRegistration`] | functions that are called when it is signalled |
//! | [`FenceFuture`] | `fence.await` |
//! | [`wait_any`], [`wait_all`], [`merge`] | several fences |
//! | [`Reservation`], [`lock_many`] | the fences of a buffer |
//! | [`Timeline`] | a producer without hardware |
//!
//! The names are those of the patch series "rust / dma_buf: Add abstractions for dma_fence", where
//! they mean the same. A mistake that types cannot prevent gets a warning on standard error.

#![deny(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_debug_implementations)]

mod callback;
mod context;
mod driver_fence;
mod error;
mod fence;
mod ffi;
mod future;
mod reservation;
mod time;
mod timeline;

pub use callback::{CallbackError, FenceCallback, FenceCallbackRegistration};
pub use context::{barrier, FenceContext, FenceContextOps, Payload, SignallingGuard};
pub use driver_fence::{DriverFence, DriverFenceAllocation};
pub use error::{code, Error, Result};
pub use fence::{merge, wait_all, wait_any, Fence, WaitError};
pub use future::FenceFuture;
pub use reservation::{lock_many, Locks, Reservation, Usage};
pub use time::Time;
pub use timeline::Timeline;

/// The version of the library at run time, such as `"0.1.0"`.
pub fn version() -> &'static str {
    // SAFETY: It returns a string that is valid for ever.
    unsafe { core::ffi::CStr::from_ptr(ffi::libfence_version()) }.to_str().unwrap_or("")
}

/// Was the library built with `-Dchecks=true`? It then reports code that sleeps or waits where it
/// must not.
pub fn has_checks() -> bool {
    // SAFETY: It can be called at any time.
    unsafe { ffi::libfence_has_checks() }
}

/// The number of warnings since the start of the program.
pub fn warn_count() -> u64 {
    // SAFETY: It can be called at any time.
    u64::from(unsafe { ffi::libfence_warn_count() })
}

/// Makes the `n`th allocation of the library on this thread fail, counted from this call: for
/// tests. 0 cancels an earlier request.
pub fn fail_nth(n: u32) {
    // SAFETY: It can be called at any time.
    unsafe { ffi::libfence_fail_nth(n) }
}
