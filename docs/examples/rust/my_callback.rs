// SPDX-License-Identifier: GPL-2.0 OR MIT

//! The example of docs/rust.md: a driver counts finished jobs in the callbacks of their
//! fences. The counter has a fault: two fences may be signalled at the same time.

use core::cell::UnsafeCell;
use fence_test::race;
use kernel::dma_buf::{FenceCallback, FenceCallbackRegistration, FenceContext, FenceContextOps};
use kernel::prelude::*;
use kernel::sync::Arc;

struct Ring;

impl FenceContextOps for Ring {
    type FenceDataType = u32;
}

struct Finished(UnsafeCell<u32>);

// SAFETY: callbacks run with the lock of the fence held. (That is true, and not enough: each
// fence has a lock of its own.)
unsafe impl Sync for Finished {}
// SAFETY: as above.
unsafe impl Send for Finished {}

struct Job(Arc<Finished>);

impl FenceCallback for Job {
    fn on_signal(&mut self) {
        // SAFETY: see above.
        unsafe { *self.0 .0.get() += 1 };
    }
}

#[test]
fn two_jobs_finish() -> Result {
    let ring = KBox::pin_init(FenceContext::new(0, c"my_driver", c"ring0", Ring), GFP_KERNEL)?;
    let finished = Arc::new(Finished(UnsafeCell::new(0)), GFP_KERNEL)?;

    let first = ring.new_fence_allocation(1)?.new_fence();
    let second = ring.new_fence_allocation(2)?.new_fence();
    let first_job = FenceCallbackRegistration::new(first.as_fence(), Job(finished.clone()));
    let first_job = KBox::pin_init(first_job, GFP_KERNEL)?;
    let second_job = FenceCallbackRegistration::new(second.as_fence(), Job(finished.clone()));
    let second_job = KBox::pin_init(second_job, GFP_KERNEL)?;

    race((|| first.signal(Ok(())), || second.signal(Ok(()))));

    drop((first_job, second_job));
    // SAFETY: no callback is left.
    assert_eq!(unsafe { *finished.0.get() }, 2);
    Ok(())
}
