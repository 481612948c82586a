// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Tests of the series' fences, rust/kernel/dma_buf/dma_fence.rs, on libfence: races,
//! foreign pointers, faults of allocations, and ends of contexts. "./run rust" runs them.
//! mutants.py has broken copies of the file, and the test that each has to fail.

#![allow(clippy::undocumented_unsafe_blocks)]

use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::*};
use fence_test::{race, spawn, until};
use kernel::alloc::KBox;
use kernel::dma_buf::dma_fence::CallbackError;
use kernel::dma_buf::{DriverFence, Fence, FenceCallback, FenceCallbackRegistration, FenceContext, FenceContextOps};
use kernel::error::code::*;
use kernel::prelude::*;
use kernel::sync::aref::ARef;
use kernel::types::ForeignOwnable;
use kernel::xarray::{AllocKind, XArray};

/// Rounds of a race. Under a sanitizer each takes ten times as long, and needs fewer.
const ROUNDS: u32 = 300;

/// Data of a fence that counts how often it was dropped, through memory of its own.
struct Data<'a>(KBox<u32>, &'a AtomicUsize);

impl Drop for Data<'_> {
    fn drop(&mut self) {
        *self.0 += 1;
        self.1.fetch_add(1, Relaxed);
    }
}

static DATA_DROPS: AtomicUsize = AtomicUsize::new(0);

/// A context whose fences have data that has to be dropped.
struct Counted;

impl FenceContextOps for Counted {
    type FenceDataType = Data<'static>;
}

/// A context whose fences have plain data.
struct Plain;

impl FenceContextOps for Plain {
    type FenceDataType = u32;
}

fn counted() -> Pin<KBox<FenceContext<Counted>>> {
    KBox::pin_init(FenceContext::new(1, c"driver", c"timeline", Counted), GFP_KERNEL).unwrap()
}

fn plain() -> Pin<KBox<FenceContext<Plain>>> {
    KBox::pin_init(FenceContext::new(1, c"driver", c"timeline", Plain), GFP_KERNEL).unwrap()
}

fn data(value: u32) -> Data<'static> {
    Data(KBox::new(value, GFP_KERNEL).unwrap(), &DATA_DROPS)
}

/// A callback that writes to memory of its own, without any atomics.
struct Count {
    calls: KBox<u32>,
    total: &'static AtomicU32,
}

impl FenceCallback for Count {
    fn on_signal(&mut self) {
        *self.calls += 1;
        self.total.fetch_add(1, Relaxed);
    }
}

fn count(total: &'static AtomicU32) -> Count {
    Count { calls: KBox::new(0, GFP_KERNEL).unwrap(), total }
}

type Registration<T> = Pin<KBox<FenceCallbackRegistration<T>>>;

/// Registers a callback. Unlike KBox::pin_init(), gives it back if the fence was signalled.
fn register<T: FenceCallback>(fence: &Fence, callback: T) -> Result<Registration<T>, CallbackError<T>> {
    <KBox<_> as InPlaceInit<_>>::try_pin_init(FenceCallbackRegistration::new(fence, callback), GFP_KERNEL)
}

/// 0 without an error, or the errno.
fn status(fence: &Fence) -> i32 {
    let raw = core::ptr::from_ref(fence).cast::<kernel::bindings::dma_fence>();
    // SAFETY: A Fence is a dma_fence.
    unsafe { (*raw).error }
}

#[derive(Clone, Copy)]
enum End {
    Signal,
    Error,
    Drop,
}

fn end<T: FenceContextOps + Send + Sync>(fence: DriverFence<'_, T>, how: End) {
    match how {
        End::Signal => fence.signal(Ok(())),
        End::Error => fence.signal(Err(EIO)),
        End::Drop => drop(fence),
    }
}

/// One thread ends the fence, one registers and unregisters, one waits for is_signaled().
fn signal_against_callbacks(how: End, unregister_early: bool) {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let (mut registered, mut refused, mut dropped) = (0, 0, 0);
    CALLS.store(0, Relaxed);
    for round in 0..ROUNDS {
        let context = counted();
        let fence = context.new_fence_allocation(data(round)).unwrap().new_fence();
        let first = ARef::from(fence.as_fence());
        let second = first.clone();
        let before = DATA_DROPS.load(Relaxed);
        let callback = count(&CALLS);
        let (r, d, n) = (&mut registered, &mut refused, &mut dropped);
        race((
            || {
                assert_eq!(*fence.0, round);
                end(fence, how);
            },
            || match register(&first, callback) {
                Ok(registration) => {
                    *r += 1;
                    if !unregister_early {
                        until(|| first.is_signaled());
                    }
                    drop(registration);
                }
                Err(CallbackError::AlreadySignaled(callback)) => {
                    assert_eq!(*callback.calls, 0);
                    *d += 1;
                }
                Err(CallbackError::Other(error)) => panic!("{error:?}"),
            },
            || until(|| second.is_signaled()),
        ));
        assert!(first.is_signaled());
        let expected = match how {
            End::Signal => 0,
            End::Error => EIO.to_errno(),
            End::Drop => ECANCELED.to_errno(),
        };
        assert_eq!(status(&first), expected);
        drop(context);
        *n += (DATA_DROPS.load(Relaxed) - before) as u32;
    }
    assert_eq!(registered + refused, ROUNDS);
    assert_eq!(dropped, ROUNDS);
    if unregister_early {
        assert!(CALLS.load(Relaxed) <= registered);
    } else {
        // A thread that has waited for the signal finds the callback done.
        assert_eq!(CALLS.load(Relaxed), registered);
    }
}

#[test]
fn signal_against_register() {
    signal_against_callbacks(End::Signal, false);
}

#[test]
fn error_against_register() {
    signal_against_callbacks(End::Error, false);
}

#[test]
fn drop_against_register() {
    signal_against_callbacks(End::Drop, false);
}

#[test]
fn signal_against_unregister() {
    signal_against_callbacks(End::Signal, true);
}

#[test]
fn drop_against_unregister() {
    signal_against_callbacks(End::Drop, true);
}

/// Consumers keep fences whose context ends in another thread.
#[test]
fn context_drop_against_consumers() {
    for round in 0..ROUNDS {
        let context = counted();
        let fence = context.new_fence_allocation(data(round)).unwrap().new_fence();
        let (first, second) = (ARef::from(fence.as_fence()), ARef::from(fence.as_fence()));
        let before = DATA_DROPS.load(Relaxed);
        fence.signal(Ok(()));
        race((
            || drop(context),
            || {
                assert!(first.is_signaled());
                assert_eq!(first.seqno(), 1);
                drop(first);
            },
        ));
        // The drop of a context waits until the data is gone.
        assert_eq!(DATA_DROPS.load(Relaxed), before + 1);
        assert!(second.is_signaled());
    }
}

/// A registration that is dropped while its callback runs waits for it.
#[test]
fn unregister_waits_for_the_callback() {
    static INSIDE: AtomicU32 = AtomicU32::new(0);
    struct Slow(KBox<u32>);
    impl FenceCallback for Slow {
        fn on_signal(&mut self) {
            INSIDE.store(1, Release);
            for _ in 0..2000 {
                *self.0 += 1;
                core::hint::spin_loop();
            }
            *self.0 = 0;
        }
    }
    impl Drop for Slow {
        fn drop(&mut self) {
            assert_eq!(*self.0, 0, "dropped while the callback runs");
        }
    }
    for round in 0..ROUNDS {
        INSIDE.store(0, Relaxed);
        let context = plain();
        let fence = context.new_fence_allocation(round).unwrap().new_fence();
        let consumer = ARef::from(fence.as_fence());
        let registration = register(&consumer, Slow(KBox::new(0, GFP_KERNEL).unwrap())).ok().unwrap();
        race((
            || fence.signal(Ok(())),
            || {
                until(|| INSIDE.load(Acquire) == 1);
                drop(registration);
            },
        ));
    }
}

#[test]
fn seqnos_rise_from_the_first() {
    let context = KBox::pin_init(FenceContext::new(41, c"driver", c"timeline", Plain), GFP_KERNEL).unwrap();
    // An allocation that is not used takes no number.
    drop(context.new_fence_allocation(0).unwrap());
    for expected in 41..45 {
        let fence = context.new_fence_allocation(0).unwrap().new_fence();
        assert_eq!(fence.as_fence().seqno(), expected);
        fence.signal(Ok(()));
    }
}

#[test]
fn dropped_fence_is_cancelled() {
    let context = plain();
    let fence = context.new_fence_allocation(3).unwrap().new_fence();
    let consumer = ARef::from(fence.as_fence());
    assert!(!consumer.is_signaled());
    drop(fence);
    assert!(consumer.is_signaled());
    assert_eq!(status(&consumer), ECANCELED.to_errno());
}

#[test]
fn error_is_kept() {
    let context = plain();
    let fence = context.new_fence_allocation(3).unwrap().new_fence();
    let consumer = ARef::from(fence.as_fence());
    fence.signal(Err(EIO));
    assert_eq!(status(&consumer), EIO.to_errno());
}

#[test]
fn unused_allocation_drops_its_data() {
    let context = counted();
    let before = DATA_DROPS.load(Relaxed);
    drop(context.new_fence_allocation(data(1)).unwrap());
    assert_eq!(DATA_DROPS.load(Relaxed), before + 1);
}

#[test]
fn refused_callback_comes_back() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let context = plain();
    let fence = context.new_fence_allocation(0).unwrap().new_fence();
    let consumer = ARef::from(fence.as_fence());
    fence.signal(Ok(()));
    let Err(CallbackError::AlreadySignaled(mut callback)) = register(&consumer, count(&CALLS)) else {
        panic!("a callback was added to a signalled fence");
    };
    assert_eq!(*callback.calls, 0);
    // It is whole: it can be used.
    callback.on_signal();
    assert_eq!(CALLS.load(Relaxed), 1);
}

#[test]
fn foreign_pointers() {
    let context = plain();
    let fence = context.new_fence_allocation(7).unwrap().new_fence();
    let consumer = ARef::from(fence.as_fence());
    let foreign = fence.into_foreign();
    {
        let borrowed = unsafe { <DriverFence<'_, Plain> as ForeignOwnable>::borrow(foreign) };
        assert_eq!((**borrowed, borrowed.as_fence().seqno()), (7, 1));
    }
    assert!(!consumer.is_signaled());
    let foreign_consumer = consumer.into_foreign();
    let fence = unsafe { <DriverFence<'_, Plain> as ForeignOwnable>::from_foreign(foreign) };
    let consumer: ARef<Fence> = unsafe { ForeignOwnable::from_foreign(foreign_consumer) };
    fence.signal(Err(EIO));
    assert!(consumer.is_signaled());
}

/// The tree's XArray owns driver fences: to remove one gives it back, to drop the array
/// cancels the others.
#[test]
fn fences_in_an_xarray() {
    let context = plain();
    let fences = KBox::pin_init(XArray::<DriverFence<'_, Plain>>::new(AllocKind::Alloc1), GFP_KERNEL).unwrap();
    let consumers = KBox::pin_init(XArray::<ARef<Fence>>::new(AllocKind::Alloc1), GFP_KERNEL).unwrap();
    for i in 1..=5u32 {
        let fence = context.new_fence_allocation(i * 10).unwrap().new_fence();
        consumers.lock().store(i as usize, ARef::from(fence.as_fence()), GFP_KERNEL).map_err(|e| e.error).unwrap();
        fences.lock().store(i as usize, fence, GFP_KERNEL).map_err(|e| e.error).unwrap();
    }
    {
        let guard = fences.lock();
        let borrowed = guard.get(3).unwrap();
        assert_eq!((**borrowed, borrowed.as_fence().seqno()), (30, 3));
    }
    fences.lock().remove(3).unwrap().signal(Ok(()));
    let statuses = || {
        (1..=5).map(|i| consumers.lock().get(i).map(|f| (f.is_signaled(), status(&f))).unwrap()).collect::<std::vec::Vec<_>>()
    };
    assert_eq!(statuses(), [(false, 0), (false, 0), (true, 0), (false, 0), (false, 0)]);
    drop(fences);
    let cancelled = ECANCELED.to_errno();
    assert_eq!(statuses(), [(true, cancelled), (true, cancelled), (true, 0), (true, cancelled), (true, cancelled)]);
}

/// Each allocation fails in turn: an error each time, nothing is lost, nothing leaks.
#[test]
fn every_allocation_fails_once() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let mut failures = 0;
    for nth in 1.. {
        let before = DATA_DROPS.load(Relaxed);
        // Prepared before: these are not under test.
        let (payload, callback) = (data(nth), count(&CALLS));
        fail_nth(nth);
        let result = (|| -> Result<bool> {
            let context = KBox::pin_init(FenceContext::new(0, c"driver", c"timeline", Counted), GFP_KERNEL)?;
            let fence = context.new_fence_allocation(payload)?.new_fence();
            let consumer = ARef::from(fence.as_fence());
            let registration = match register(&consumer, callback) {
                Ok(registration) => registration,
                Err(CallbackError::Other(error)) => return Err(error),
                Err(_) => panic!("the fence is not signalled"),
            };
            fence.signal(Ok(()));
            assert!(consumer.is_signaled());
            drop(registration);
            Ok(true)
        })();
        let left = fail_nth_left();
        fail_nth(0);
        assert_eq!(DATA_DROPS.load(Relaxed), before + 1, "allocation {nth}");
        match result {
            Ok(_) => {
                assert!(left > 0, "allocation {nth} failed, and nobody has seen it");
                break;
            }
            Err(error) => {
                assert!(error == ENOMEM, "{error:?}");
                failures += 1;
            }
        }
    }
    // Two names, the context, the fence, the registration.
    assert_eq!(failures, 5);
}

/// A callback may end another fence, and drop references to fences.
#[test]
fn drop_in_a_callback() {
    struct Chain {
        next: Option<DriverFence<'static, Plain>>,
        reference: Option<ARef<Fence>>,
    }
    impl FenceCallback for Chain {
        fn on_signal(&mut self) {
            drop(self.next.take());
            drop(self.reference.take());
        }
    }
    let context = plain();
    // SAFETY: The context outlives the fence, which the callback drops below.
    let context_forever: &'static FenceContext<Plain> = unsafe { &*core::ptr::from_ref(&*context) };
    let first = context.new_fence_allocation(1).unwrap().new_fence();
    let second = context_forever.new_fence_allocation(2).unwrap().new_fence();
    let consumer = ARef::from(second.as_fence());
    let third = context.new_fence_allocation(3).unwrap().new_fence();
    let chain = Chain { next: Some(second), reference: Some(ARef::from(third.as_fence())) };
    let registration = register(first.as_fence(), chain).ok().unwrap();
    third.signal(Ok(()));
    first.signal(Ok(()));
    assert!(consumer.is_signaled());
    assert_eq!(status(&consumer), ECANCELED.to_errno());
    drop(registration);
}

/// A fence that is forgotten: the context must not end as if nothing were.
#[test]
fn forgotten_fence_stops_the_context() {
    // The forgotten fence is not lost: LeakSanitizer finds it here.
    static KEPT: AtomicUsize = AtomicUsize::new(0);
    let context = plain();
    let fence = context.new_fence_allocation(7).unwrap().new_fence();
    KEPT.store(core::ptr::from_ref(fence.as_fence()) as usize, Relaxed);
    core::hint::black_box(&KEPT);
    core::mem::forget(fence);
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(context)));
    assert!(ended.is_err());
}

#[test]
fn hundred_thousand_fences() {
    let context = counted();
    let before = DATA_DROPS.load(Relaxed);
    let mut last = 0;
    for i in 0..100_000 {
        let fence = context.new_fence_allocation(data(i)).unwrap().new_fence();
        let seqno = fence.as_fence().seqno();
        assert!(seqno > last);
        last = seqno;
        fence.signal(Ok(()));
    }
    drop(context);
    assert_eq!(DATA_DROPS.load(Relaxed) - before, 100_000);
}

/// The names are read under RCU while the fence is signalled and its context ends. With data
/// that has to be dropped, the context waits for the reader.
#[test]
fn names_against_context_drop() {
    static STEP: AtomicU32 = AtomicU32::new(0);
    for round in 0..ROUNDS / 30 {
        let context = counted();
        let fence = context.new_fence_allocation(data(round)).unwrap().new_fence();
        let consumer = ARef::from(fence.as_fence());
        STEP.store(0, Relaxed);
        let reader = spawn(move || {
            let name = names_begin(&consumer);
            STEP.store(1, Release);
            // The context cannot end before this reader is out, which waits for a while only.
            let mut turns = 0;
            until(|| {
                turns += 1;
                turns == 5000 || STEP.load(Acquire) == 2
            });
            assert!(STEP.load(Acquire) == 1, "the context has ended under a reader");
            assert_eq!(names_end(name), c"driver".count_bytes());
        });
        until(|| STEP.load(Acquire) == 1);
        fence.signal(Ok(()));
        drop(context);
        STEP.store(2, Release);
        reader.join();
    }
}

/// A fence is signalled for is_signaled() when all callbacks have run, not before.
#[test]
fn is_signaled_comes_after_the_callbacks() {
    static DONE: AtomicU32 = AtomicU32::new(0);
    struct Slow;
    impl FenceCallback for Slow {
        fn on_signal(&mut self) {
            for _ in 0..2000 {
                core::hint::spin_loop();
            }
            DONE.store(1, Relaxed);
        }
    }
    for round in 0..ROUNDS {
        DONE.store(0, Relaxed);
        let context = plain();
        let fence = context.new_fence_allocation(round).unwrap().new_fence();
        let consumer = ARef::from(fence.as_fence());
        let registration = register(&consumer, Slow).ok().unwrap();
        race((
            || fence.signal(Ok(())),
            || {
                until(|| consumer.is_signaled());
                assert_eq!(DONE.load(Relaxed), 1);
            },
        ));
        drop(registration);
    }
}

#[test]
fn registration_drops_its_callback() {
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
    let fence = context.new_fence_allocation(1).unwrap().new_fence();
    let early = register(fence.as_fence(), Owner).ok().unwrap();
    let late = register(fence.as_fence(), Owner).ok().unwrap();
    drop(early);
    assert_eq!(DROPS.load(Relaxed), 1);
    fence.signal(Ok(()));
    assert_eq!(DROPS.load(Relaxed), 1);
    drop(late);
    assert_eq!(DROPS.load(Relaxed), 2);
}

/// Begins an RCU read-side section, and returns the driver's name.
fn names_begin(fence: &Fence) -> *const c_char {
    // SAFETY: A Fence is a dma_fence; names_end() ends the section.
    unsafe {
        kernel::bindings::rcu_read_lock();
        kernel::bindings::dma_fence_driver_name(core::ptr::from_ref(fence).cast_mut().cast())
    }
}

/// Reads the name, and ends the section.
fn names_end(name: *const c_char) -> usize {
    let mut length = 0;
    // SAFETY: The name is valid in the section.
    unsafe {
        while *name.add(length) != 0 {
            length += 1;
            core::hint::spin_loop();
        }
        kernel::bindings::rcu_read_unlock();
    }
    length
}

fn fail_nth(n: u32) {
    // SAFETY: It has no rules.
    unsafe { kernel::bindings::libfence_fail_nth(n) };
}

fn fail_nth_left() -> u32 {
    // SAFETY: It has no rules.
    unsafe { kernel::bindings::libfence_fail_nth_left() }
}
