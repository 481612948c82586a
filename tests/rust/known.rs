// SPDX-License-Identifier: GPL-2.0 OR MIT

//! The known faults of the merged dma_fence.rs, one test each. Each passes if the file has
//! the fault no longer; docs/rust.md says how each fails today. "./run rust" runs them by
//! name only.

#![allow(clippy::undocumented_unsafe_blocks)]

use core::sync::atomic::{AtomicU32, Ordering::*};
use fence_test::{spawn, until};
use kernel::dma_buf::{Fence, FenceCallback, FenceCallbackRegistration, FenceContext, FenceContextOps};
use kernel::prelude::*;
use kernel::sync::aref::ARef;

struct Plain;

impl FenceContextOps for Plain {
    type FenceDataType = u32;
}

fn plain() -> Pin<KBox<FenceContext<Plain>>> {
    KBox::pin_init(FenceContext::new(1, c"a_driver_with_a_name", c"timeline", Plain), GFP_KERNEL).unwrap()
}

/// A reader of the driver's name, under RCU, while the context ends. The data needs no drop:
/// the context then has no RCU callback to wait for, and its name is freed under the reader.
#[test]
fn name_is_freed_under_its_reader() {
    static STEP: AtomicU32 = AtomicU32::new(0);
    let context = plain();
    let fence = context.new_fence_allocation(7).unwrap().new_fence();
    let consumer = ARef::from(fence.as_fence());
    let reader = spawn(move || unsafe {
        kernel::bindings::rcu_read_lock();
        let name = kernel::bindings::dma_fence_driver_name(core::ptr::from_ref::<Fence>(&*consumer).cast_mut().cast());
        STEP.store(1, Release);
        // A context that waits for its readers does not end before this one is out: the reader
        // waits for a while only.
        let mut turns = 0;
        until(|| {
            turns += 1;
            turns == 20_000 || STEP.load(Acquire) == 2
        });
        let gone = STEP.load(Acquire) == 2;
        let first = core::ptr::read_volatile(name);
        kernel::bindings::rcu_read_unlock();
        assert!(!gone, "the context has ended under a reader of its name, which reads {first:#x}");
    });
    until(|| STEP.load(Acquire) == 1);
    fence.signal(Ok(()));
    drop(context);
    STEP.store(2, Release);
    reader.join();
}

/// An allocation that an ioctl prepared has to be given to the thread that submits it.
#[test]
fn allocation_can_be_sent() {
    // A method of a type that is Send comes before the one of the trait.
    struct Probe<T>(core::marker::PhantomData<T>);
    trait NotSend {
        fn is_send(&self) -> bool {
            false
        }
    }
    impl<T> NotSend for Probe<T> {}
    impl<T: Send> Probe<T> {
        fn is_send(&self) -> bool {
            true
        }
    }
    type Allocation = kernel::dma_buf::dma_fence::DriverFenceAllocation<'static, Plain>;
    assert!(Probe::<u32>(core::marker::PhantomData).is_send());
    assert!(Probe::<Allocation>(core::marker::PhantomData).is_send(), "DriverFenceAllocation is not Send");
}

/// KBox::pin_init(), as the documentation has it, of a callback that is refused.
#[test]
fn refused_callback_is_not_lost() {
    static DROPS: AtomicU32 = AtomicU32::new(0);
    struct Owner;
    impl FenceCallback for Owner {
        fn on_signal(&mut self) {}
    }
    impl Drop for Owner {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Relaxed);
        }
    }
    let context = plain();
    let fence = context.new_fence_allocation(7).unwrap().new_fence();
    let consumer = ARef::from(fence.as_fence());
    fence.signal(Ok(()));
    let result = KBox::pin_init(FenceCallbackRegistration::new(&consumer, Owner), GFP_KERNEL);
    assert!(result.is_err());
    // The error has the callback, or nobody has it any more.
    assert_eq!(DROPS.load(Relaxed), 0, "the callback of a refused registration was dropped: only an errno came back");
}

/// is_signaled() in a callback: the lock of the fence is held already.
#[test]
fn is_signaled_in_a_callback() {
    struct Ask(ARef<Fence>);
    impl FenceCallback for Ask {
        fn on_signal(&mut self) {
            assert!(self.0.is_signaled());
        }
    }
    let context = plain();
    let fence = context.new_fence_allocation(7).unwrap().new_fence();
    let ask = Ask(ARef::from(fence.as_fence()));
    let registration = FenceCallbackRegistration::new(fence.as_fence(), ask);
    let registration = KBox::pin_init(registration, GFP_KERNEL).unwrap();
    fence.signal(Ok(()));
    drop(registration);
}

/// A forgotten fence: its consumers have to see an end, too.
#[test]
fn forgotten_fence_is_signalled() {
    let context = plain();
    let fence = context.new_fence_allocation(7).unwrap().new_fence();
    let consumer = ARef::from(fence.as_fence());
    core::mem::forget(fence);
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(context)));
    assert!(ended.is_ok(), "the drop of the context has panicked");
    assert!(consumer.is_signaled(), "the consumers of the forgotten fence wait for ever");
}
