// SPDX-License-Identifier: GPL-2.0 OR MIT

//! What the crate does, on one thread.

use crate::{allocations, counter, Counted, EXPECTED_WARNINGS};
use libfence::{code::*, *};
use std::future::{Future, IntoFuture};
use std::os::fd::AsRawFd;
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

crate::tests! {
    results_are_kept
    dropped_fence_is_cancelled
    forgotten_fence_is_signalled_with_its_context
    fence_outlives_its_context
    payload_is_dropped_once
    payload_of_any_size
    context_data_is_dropped_once
    ops_have_the_data_of_their_context
    no_ops_if_there_are_none
    seqnos_and_names
    callback_runs_once_for_each_registration
    callback_is_not_called_after_its_drop
    refused_callback_comes_back
    nothing_is_allocated_after_preparation
    each_allocation_may_fail
    futures_wake_the_last_waker
    dropped_future_wakes_nobody
    waits_have_limits
    several_fences
    descriptors
    foreign_pointers
    timelines
    reservations_check_their_locks
    reservations_drop_their_fences
    forgotten_locks_keep_their_reservation
    times_and_instants
    errors
}

type Plain = FenceContext<()>;

pub fn plain() -> Plain {
    FenceContext::new(1, c"driver", c"timeline", ()).unwrap()
}

pub fn driver<T: FenceContextOps>(ctx: &FenceContext<T>, data: T::FenceDataType) -> DriverFence<T> {
    ctx.new_fence_allocation(data).unwrap().new_fence(ctx)
}

pub type CountedContext = FenceContext<Payload<Counted>>;

pub fn counted() -> CountedContext {
    FenceContext::new(1, c"driver", c"timeline", Payload::new()).unwrap()
}

/// Runs a function, which has to print that many warnings.
pub fn warns<R>(count: u64, run: impl FnOnce() -> R) -> R {
    let before = warn_count();
    let result = run();
    assert_eq!(warn_count() - before, count, "warnings");
    EXPECTED_WARNINGS.fetch_add(count, Relaxed);
    result
}

fn results_are_kept() {
    let ctx = plain();
    for result in [Ok(()), Err(EIO), Err(ECANCELED), Err(Error::from_raw_os_error(4095))] {
        let driver = driver(&ctx, ());
        let fence = driver.as_fence().clone();
        assert_eq!((fence.status(), fence.status_racy(), fence.timestamp()), (None, None, None));
        let before = Time::now();
        driver.signal(result);
        assert!(fence.is_signaled());
        assert_eq!((fence.status(), fence.status_racy()), (Some(result), Some(result)));
        assert_eq!(fence.wait(), result);
        assert_eq!(fence.wait_until(Time::PAST), result.map_err(WaitError::Failed));
        assert!((before..=Time::now()).contains(&fence.timestamp().unwrap()));
        assert_eq!(Fence::signaled(result).unwrap().status(), Some(result));
    }
}

fn dropped_fence_is_cancelled() {
    let ctx = plain();
    let driver = driver(&ctx, ());
    let fence = driver.as_fence().clone();
    warns(1, || drop(driver));
    assert_eq!(fence.wait(), Err(ECANCELED));
}

fn forgotten_fence_is_signalled_with_its_context() {
    let ctx = plain();
    let driver = driver(&ctx, ());
    let fence = driver.as_fence().clone();
    std::mem::forget(driver);
    warns(1, || drop(ctx));
    assert_eq!(fence.wait(), Err(ECANCELED));
}

fn fence_outlives_its_context() {
    let drops = counter();
    let ctx = counted();
    let driver = driver(&ctx, Counted::new(drops));
    let fence = driver.as_fence().clone();
    assert!(driver.with_context(|data| data.is_some()));
    warns(1, || drop(ctx));
    assert_eq!(fence.status(), Some(Err(ECANCELED)));
    assert!(driver.with_context(|data| data.is_none()));
    driver.check();
    barrier();
    assert_eq!(drops.load(Relaxed), 0);
    driver.signal(Err(ECANCELED));
    barrier();
    assert_eq!(drops.load(Relaxed), 1);
    assert_eq!(fence.status(), Some(Err(ECANCELED)));
}

fn payload_is_dropped_once() {
    let drops = counter();
    let ctx = counted();
    let check = |end: &dyn Fn(DriverFenceAllocation<Payload<Counted>>)| {
        let before = drops.load(Relaxed);
        end(ctx.new_fence_allocation(Counted::new(drops)).unwrap());
        barrier();
        assert_eq!(drops.load(Relaxed), before + 1);
    };
    check(&|allocation| drop(allocation));
    check(&|allocation| allocation.new_fence(&ctx).signal(Ok(())));
    warns(1, || check(&|allocation| drop(allocation.new_fence(&ctx))));
    check(&|mut allocation| {
        // The payload can be changed before there is a fence.
        *allocation = Counted::new(counter());
        allocation.check();
    });
    check(&|allocation| {
        let other = counter();
        fail_nth(1);
        let refused = ctx.new_fence_allocation(Counted::new(other));
        assert_eq!((refused.map(drop), other.load(Relaxed)), (Err(ENOMEM), 1));
        drop(allocation);
    });
}

fn payload_of_any_size() {
    #[repr(align(16))]
    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Aligned([u8; 48]);
    fn check<P: Send + Sync + Copy + PartialEq + std::fmt::Debug + 'static>(payload: P) {
        let ctx = FenceContext::new(1, c"driver", c"timeline", Payload::new()).unwrap();
        for _ in 0..20 {
            let driver = driver(&ctx, payload);
            assert_eq!(*driver, payload);
            assert_eq!(std::ptr::from_ref(&*driver) as usize % align_of::<P>(), 0);
            driver.signal(Ok(()));
        }
    }
    check(());
    check(7u8);
    check(Aligned([9; 48]));
    check([3u64; 1000]);
}

struct Ring {
    counted: Counted,
    number: u32,
    armed: AtomicUsize,
    done: AtomicBool,
    deadline: AtomicBool,
}

impl Ring {
    fn context(number: u32, drops: &'static AtomicUsize) -> FenceContext<Self> {
        let ring = Self {
            counted: Counted::new(drops),
            number,
            armed: 0.into(),
            done: false.into(),
            deadline: false.into(),
        };
        FenceContext::new(1, c"driver", c"ring", ring).unwrap()
    }
}

impl FenceContextOps for Ring {
    type FenceDataType = u32;

    fn enable_signaling(&self, data: &u32) -> bool {
        self.counted.check();
        assert_eq!(*data, self.number);
        self.armed.fetch_add(1, Relaxed);
        true
    }

    fn signaled(&self, data: &u32) -> bool {
        self.counted.check();
        assert_eq!(*data, self.number);
        self.done.load(Relaxed)
    }

    fn set_deadline(&self, _: &u32, deadline: Time) {
        self.deadline.store(deadline == Time::from_nanos(1234), Relaxed);
    }
}

fn context_data_is_dropped_once() {
    let drops = counter();
    let ctx = Ring::context(7, drops);
    ctx.data().counted.check();
    assert_eq!(ctx.data().number, 7);
    drop(ctx);
    assert_eq!(drops.load(Relaxed), 1);
    struct Data(#[allow(dead_code)] Counted);
    impl FenceContextOps for Data {
        type FenceDataType = ();
    }
    fail_nth(1);
    let refused = FenceContext::new(1, c"driver", c"ring", Data(Counted::new(drops)));
    assert_eq!(refused.map(drop).unwrap_err(), ENOMEM);
    assert_eq!(drops.load(Relaxed), 2);
}

fn ops_have_the_data_of_their_context() {
    let drops = counter();
    let (first, second) = (Ring::context(1, drops), Ring::context(2, drops));
    let (one, two) = (driver(&first, 1), driver(&second, 2));
    let (one_fence, two_fence) = (one.as_fence().clone(), two.as_fence().clone());
    assert_eq!(one.with_context(|ring| ring.unwrap().number), 1);
    assert!(one_fence.wait_until(Time::PAST).is_err() && !one_fence.is_signaled());
    assert_eq!(one_fence.wait_until(Time::PAST), Err(WaitError::TimedOut));
    assert_eq!((first.data().armed.load(Relaxed), second.data().armed.load(Relaxed)), (1, 0));
    one_fence.set_deadline(Time::from_nanos(1234));
    assert!(first.data().deadline.load(Relaxed) && !second.data().deadline.load(Relaxed));
    first.data().done.store(true, Relaxed);
    assert!(one_fence.is_signaled() && !two_fence.is_signaled());
    assert_eq!(one_fence.status(), Some(Ok(())));
    one.signal(Ok(()));
    two.signal(Err(EIO));
    assert_eq!(two_fence.status(), Some(Err(EIO)));
}

fn no_ops_if_there_are_none() {
    struct Quiet;
    impl FenceContextOps for Quiet {
        type FenceDataType = ();
        const HAS_OPS: bool = false;
        fn signaled(&self, _: &()) -> bool {
            unreachable!()
        }
    }
    let ctx = FenceContext::new(1, c"driver", c"timeline", Quiet).unwrap();
    let driver = driver(&ctx, ());
    assert!(!driver.as_fence().is_signaled());
    driver.signal(Ok(()));
}

fn seqnos_and_names() {
    let long =
        c"a name of more than 64 bytes: 0123456789 0123456789 0123456789 0123456789 0123456789";
    let ctx = FenceContext::new(u64::MAX, c"driver", long, ()).unwrap();
    let fences: Vec<_> = (0..3).map(|_| driver(&ctx, ())).collect();
    let seqnos: Vec<_> = fences.iter().map(|driver| driver.as_fence().seqno()).collect();
    assert_eq!(seqnos, [u64::MAX, 0, 1]);
    let fence = fences[0].as_fence().clone();
    assert_eq!(fence.context_number(), ctx.number());
    assert_eq!(
        (fence.driver_name().as_str(), fence.timeline_name().as_str()),
        ("driver", long.to_str().unwrap())
    );
    assert!(fence.ptr_eq(fences[0].as_fence()) && !fence.ptr_eq(fences[1].as_fence()));
    fences.into_iter().for_each(|driver| driver.signal(Ok(())));
    assert_eq!(fence.driver_name(), "detached-driver");
}

fn callback_runs_once_for_each_registration() {
    let ctx = plain();
    let mut calls = 0;
    let ran = Arc::new(AtomicUsize::new(0));
    let counting = ran.clone();
    // The state of the callback is its own, without atomics.
    let callback = move |fence: &Fence| {
        calls += 1;
        assert_eq!(fence.status_racy(), Some(Err(EIO)));
        assert!(!fence.is_signaled(), "in a callback, the answer is no");
        counting.store(calls, Relaxed);
    };
    let mut registration = pin!(FenceCallbackRegistration::new(callback));
    for round in 1..=3 {
        let driver = driver(&ctx, ());
        let fence = driver.as_fence().clone();
        assert!(registration.fence().is_none());
        assert_eq!(registration.as_mut().register(&fence), Ok(()));
        assert_eq!(registration.as_mut().register(&fence), Err(EBUSY));
        assert!(registration.fence().is_some_and(|registered| registered.ptr_eq(&fence)));
        assert!(registration.as_mut().callback().is_none());
        driver.signal(Err(EIO));
        assert!(registration.as_mut().unregister());
        assert!(!registration.as_mut().unregister());
        assert!(registration.as_mut().callback().is_some());
        assert_eq!(ran.load(Relaxed), round);
        assert_eq!(registration.as_mut().register(&fence), Err(ENOENT));
    }
}

fn callback_is_not_called_after_its_drop() {
    let (drops, ctx) = (counter(), plain());
    let driver = driver(&ctx, ());
    let counted = Counted::new(drops);
    let registration = driver.as_fence().on_signal(move |_: &Fence| {
        counted.check();
        unreachable!()
    });
    drop(registration.unwrap());
    assert_eq!(drops.load(Relaxed), 1);
    driver.signal(Ok(()));
}

fn refused_callback_comes_back() {
    let drops = counter();
    let counted = Counted::new(drops);
    let fence = Fence::signaled(Ok(())).unwrap();
    let Err(CallbackError::AlreadySignaled(callback)) =
        fence.on_signal(move |_: &Fence| counted.check())
    else {
        panic!("it was registered");
    };
    assert_eq!(drops.load(Relaxed), 0);
    drop(callback);
    assert_eq!(drops.load(Relaxed), 1);
}

fn nothing_is_allocated_after_preparation() {
    let drops = counter();
    let ctx = counted();
    let fences: [_; 2] =
        std::array::from_fn(|_| ctx.new_fence_allocation(Counted::new(drops)).unwrap());
    let called = counter();
    let callback = move |_: &Fence| called.store(1, Relaxed);
    let waker = Waker::from(Arc::new(Flag::default()));
    let before = allocations();
    // The next allocation of the library fails.
    fail_nth(1);
    let [first, second] = fences.map(|allocation| allocation.new_fence(&ctx));
    let fence = first.as_fence().clone();
    let mut registration = pin!(FenceCallbackRegistration::new(callback));
    registration.as_mut().register(&fence).unwrap();
    let mut future = pin!(fence.clone().into_future());
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    first.signal(Ok(()));
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    assert_eq!(fence.wait(), Ok(()));
    assert!(registration.as_mut().unregister());
    second.signal(Ok(()));
    assert_eq!(allocations(), before);
    assert_eq!(called.load(Relaxed), 1);
    // The one that was to fail is still there.
    assert_eq!(ctx.new_fence_allocation(Counted::new(drops)).map(drop), Err(ENOMEM));
}

/// Runs an operation with each of its allocations failing in turn.
fn each_fails<R>(mut operation: impl FnMut() -> Result<R>) -> R {
    for n in 1..100 {
        fail_nth(n);
        let result = operation();
        // Allocates.
        let all = Fence::signaled(Ok(())).is_err() || n > 50;
        fail_nth(0);
        match result {
            Ok(result) if n > 1 => return result,
            Ok(_) => assert!(all, "no allocation has failed"),
            Err(error) => assert_eq!(error, ENOMEM),
        }
    }
    panic!("it always fails");
}

fn each_allocation_may_fail() {
    let drops = counter();
    let ctx =
        each_fails(|| FenceContext::new(1, c"driver", c"timeline", Payload::<Counted>::new()));
    drop(each_fails(|| ctx.new_fence_allocation(Counted::new(drops))));
    barrier();
    assert_eq!(drops.load(Relaxed), 2);
    let timeline = each_fails(|| Timeline::new(c"timeline"));
    let first = each_fails(|| timeline.fence(1));
    let other = Timeline::new(c"other").unwrap();
    let fences = [first, other.fence(1).unwrap()];
    drop(each_fails(|| merge(&fences)));
    let object = each_fails(Reservation::new);
    drop(each_fails(|| object.lock(1)));
}

#[derive(Default)]
struct Flag(AtomicUsize);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn poll<F: Future>(future: Pin<&mut F>, flag: &Arc<Flag>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&Waker::from(flag.clone())))
}

fn futures_wake_the_last_waker() {
    let ctx = plain();
    let driver = driver(&ctx, ());
    let fence = driver.as_fence().clone();
    let (first, last) = (Arc::<Flag>::default(), Arc::<Flag>::default());
    let mut future = pin!((&fence).into_future());
    assert!(poll(future.as_mut(), &first).is_pending());
    assert!(poll(future.as_mut(), &first).is_pending());
    assert_eq!(Arc::strong_count(&first), 2);
    assert!(poll(future.as_mut(), &last).is_pending());
    // The future has no reference to the old one any more.
    assert_eq!((Arc::strong_count(&first), Arc::strong_count(&last)), (1, 2));
    driver.signal(Err(EIO));
    assert_eq!((first.0.load(Relaxed), last.0.load(Relaxed)), (0, 1));
    assert_eq!(poll(future.as_mut(), &first), Poll::Ready(Err(EIO)));
    assert_eq!((Arc::strong_count(&first), Arc::strong_count(&last)), (1, 1));
    let mut late = pin!(fence.into_future());
    assert_eq!(poll(late.as_mut(), &first), Poll::Ready(Err(EIO)));
}

fn dropped_future_wakes_nobody() {
    let ctx = plain();
    let driver = driver(&ctx, ());
    let flag = Arc::<Flag>::default();
    let mut future = Box::pin(driver.as_fence().into_future());
    assert!(poll(future.as_mut(), &flag).is_pending());
    drop(future);
    assert_eq!(Arc::strong_count(&flag), 1);
    driver.signal(Ok(()));
    assert_eq!(flag.0.load(Relaxed), 0);
}

fn waits_have_limits() {
    let timeline = Timeline::new(c"timeline").unwrap();
    let fence = timeline.fence(1).unwrap();
    let limit = Duration::from_millis(3);
    let started = Instant::now();
    assert_eq!(fence.wait_until(limit), Err(WaitError::TimedOut));
    assert!(started.elapsed() >= limit);
    let until = Instant::now() + limit;
    assert_eq!(fence.wait_interruptible(until), Err(WaitError::TimedOut));
    assert!(Instant::now() >= until);
    assert_eq!(wait_any(&[fence.clone()], limit), Err(WaitError::TimedOut));
    assert_eq!(wait_all(&[fence.clone()], limit), Err(WaitError::TimedOut));
    let object = Reservation::new().unwrap();
    object.lock(1).unwrap().add(&object, &fence, Usage::Write).unwrap();
    assert_eq!(object.wait(Usage::Write, limit), Err(WaitError::TimedOut));
    timeline.inc(1);
    assert_eq!(object.wait(Usage::Write, Duration::MAX), Ok(()));
    assert_eq!(fence.wait_until(Duration::MAX), Ok(()));
}

fn several_fences() {
    let ctx = plain();
    let drivers: Vec<_> = (0..40).map(|_| driver(&ctx, ())).collect();
    let fences: Vec<_> = drivers.iter().map(|driver| driver.as_fence().clone()).collect();
    assert_eq!(wait_any(&fences, Time::PAST), Err(WaitError::TimedOut));
    for (i, driver) in drivers.into_iter().enumerate().rev() {
        driver.signal(if i == 5 || i == 30 { Err(EIO) } else { Ok(()) });
        assert_eq!(wait_any(&fences, Time::FOREVER), Ok(i));
    }
    assert_eq!(wait_all(&fences, Time::FOREVER), Err(WaitError::Failed(EIO)));
    assert_eq!(wait_all(&fences[6..30], Time::FOREVER), Ok(()));
    assert_eq!(wait_any(&[], Time::FOREVER), Err(WaitError::Other(ENOENT)));
    assert_eq!(wait_all(&[], Time::FOREVER), Ok(()));
    assert_eq!(merge(&[]).unwrap().status(), Some(Ok(())));
    let timelines: Vec<_> = (0..3).map(|_| Timeline::new(c"timeline").unwrap()).collect();
    let fences: Vec<_> = timelines.iter().map(|timeline| timeline.fence(1).unwrap()).collect();
    let merged = merge(&fences).unwrap();
    let parts = merged.parts();
    assert!(
        parts.len() == 3 && fences.iter().all(|fence| parts.iter().any(|part| part.ptr_eq(fence)))
    );
    assert_eq!(fences[0].parts().len(), 1);
    timelines.iter().for_each(|timeline| timeline.inc(1));
    assert_eq!(merged.wait(), Ok(()));
}

fn descriptors() {
    let ctx = plain();
    let driver = driver(&ctx, ());
    let fd = driver.as_fence().export(c"frame").unwrap();
    let imported = Fence::import(&fd).unwrap();
    assert_eq!(imported.status(), None);
    driver.signal(Err(EIO));
    assert_eq!(imported.wait(), Err(EIO));
    let mut socket = std::os::unix::net::UnixStream::pair().unwrap();
    assert_eq!(Fence::import(&socket.0).map(drop), Err(EINVAL));
    let readable = Fence::wrap_fd(&socket.0).unwrap();
    assert_eq!(readable.status(), None);
    std::io::Write::write_all(&mut socket.1, b"!").unwrap();
    assert_eq!(readable.wait(), Ok(()));
    let file = std::fs::File::open("/proc/self/exe").unwrap();
    assert_eq!(Fence::wrap_fd(&file).map(drop), Err(EPERM));
    assert!(fd.as_raw_fd() >= 0);
}

fn foreign_pointers() {
    let drops = counter();
    let ctx = counted();
    let driver = driver(&ctx, Counted::new(drops));
    let fence = driver.as_fence().clone().into_foreign();
    let driver = unsafe { DriverFence::<Payload<Counted>>::from_foreign(driver.into_foreign()) };
    driver.check();
    driver.signal(Ok(()));
    assert_eq!(unsafe { Fence::from_foreign(fence) }.wait(), Ok(()));
    barrier();
    assert_eq!(drops.load(Relaxed), 1);
}

fn timelines() {
    let timeline = Timeline::new(c"timeline").unwrap();
    let fence = timeline.fence(2).unwrap();
    assert_eq!(
        (fence.driver_name().as_str(), fence.timeline_name().as_str()),
        ("sw_sync", "timeline")
    );
    assert_eq!(Timeline::deadline(&fence), Ok(None));
    fence.set_deadline(Time::from_nanos(77));
    assert_eq!(Timeline::deadline(&fence), Ok(Some(Time::from_nanos(77))));
    assert_eq!(Timeline::deadline(&Fence::signaled(Ok(())).unwrap()), Err(EINVAL));
    timeline.inc(2);
    assert_eq!((timeline.value(), fence.status()), (2, Some(Ok(()))));
    let left = timeline.fence(3).unwrap();
    drop(timeline);
    assert_eq!(left.wait(), Err(ENOENT));
}

fn reservations_check_their_locks() {
    let objects: [_; 3] = std::array::from_fn(|_| Reservation::new().unwrap());
    let timeline = Timeline::new(c"timeline").unwrap();
    let fence = timeline.fence(1).unwrap();
    let locks = lock_many(&[&objects[1], &objects[0], &objects[1]], 2).unwrap();
    assert_eq!(locks.add(&objects[0], &fence, Usage::Bookkeep), Ok(()));
    assert_eq!(locks.add(&objects[1], &fence, Usage::Kernel), Ok(()));
    warns(0, || assert_eq!(locks.add(&objects[2], &fence, Usage::Read), Err(EINVAL)));
    drop(locks);
    for (object, usages) in objects.iter().zip([[true, true, true, false], [false; 4], [true; 4]]) {
        let signaled = [Usage::Kernel, Usage::Write, Usage::Read, Usage::Bookkeep]
            .map(|usage| object.is_signaled(usage));
        assert_eq!(signaled, usages);
    }
    assert!(objects[1].merge(Usage::Kernel).unwrap().ptr_eq(&fence));
    drop(lock_many(&[], 0).unwrap());
}

fn reservations_drop_their_fences() {
    let timeline = Timeline::new(c"timeline").unwrap();
    let fence = timeline.fence(7).unwrap();
    let object = Reservation::new().unwrap();
    object.lock(1).unwrap().add(&object, &fence, Usage::Write).unwrap();
    drop(fence);
    // With the last reference, a fence leaves its timeline. A new one has no deadline.
    timeline.fence(7).unwrap().set_deadline(Time::from_nanos(5));
    assert_eq!(Timeline::deadline(&timeline.fence(7).unwrap()), Ok(Some(Time::from_nanos(5))));
    drop(object);
    barrier();
    assert_eq!(Timeline::deadline(&timeline.fence(7).unwrap()), Ok(None));
}

fn forgotten_locks_keep_their_reservation() {
    // The checks report that this thread has a lock for ever.
    if has_checks() {
        return;
    }
    let object = Reservation::new().unwrap();
    std::mem::forget(object.lock(1).unwrap());
    drop(object);
    // No warning, and other objects can be locked.
    drop(lock_many(&[&Reservation::new().unwrap(), &Reservation::new().unwrap()], 1));
}

fn times_and_instants() {
    let (time, instant) = (Time::now(), Instant::now());
    let near =
        |a: Instant, b: Instant| a.max(b).duration_since(a.min(b)) < Duration::from_millis(500);
    assert!(near(time.to_instant().unwrap(), instant));
    let later = instant + Duration::from_secs(1000);
    assert!(near(Time::from(later).to_instant().unwrap(), later));
    assert!(Time::from(later).saturating_duration_since(time) >= Duration::from_secs(1000));
    let earlier = instant - Duration::from_millis(800);
    assert!(near(Time::from(earlier).to_instant().unwrap(), earlier));
    assert_eq!(time.saturating_duration_since(Time::from(later)), Duration::ZERO);
    assert_eq!(Time::from(Duration::MAX), Time::FOREVER);
    assert_eq!(Time::FOREVER.to_instant(), None);
}

fn errors() {
    assert_eq!([0, -5, 4096, i32::MIN].map(Error::from_raw_os_error), [EINVAL; 4]);
    assert_eq!(Error::from(std::io::Error::other("x")), EIO);
    assert_eq!(Error::from(std::io::Error::from_raw_os_error(2)), ENOENT);
    assert_eq!(
        format!("{ECANCELED:?} {:?}", Error::from_raw_os_error(4095)),
        "ECANCELED Error(4095)"
    );
    // The numbers are those of the system.
    let (kind, error) = (std::io::ErrorKind::TimedOut, std::io::Error::from(ETIMEDOUT));
    assert_eq!(error.kind(), kind);
    assert_eq!(std::io::Error::from(EINTR).kind(), std::io::ErrorKind::Interrupted);
    assert_eq!(Error::from(WaitError::TimedOut), ETIMEDOUT);
}
