// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Threads against each other. Also under ThreadSanitizer.

use crate::basic::{counted, driver, plain};
use crate::race::until;
use crate::{counter, race, Counted, EXPECTED_WARNINGS};
use libfence::{code::*, *};
use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

crate::tests! {
    signal_against_callbacks_and_waits
    drop_against_callbacks_and_waits
    context_drop_against_consumers
    context_drop_against_owners
    context_drop_waits_for_readers_of_its_data
    ops_against_signal
    futures_against_signal
    futures_against_their_drop
    reservations_in_both_orders
    timeline_against_its_fences
    allocations_move_between_threads
    signal_handler_ends_a_wait
}

/// Rounds of a race. Under ThreadSanitizer each takes ten times as long, and needs fewer.
pub static ROUNDS: AtomicUsize = AtomicUsize::new(200);

fn rounds() -> usize {
    ROUNDS.load(Relaxed)
}

/// One thread ends the fence, one registers and unregisters a callback, one waits.
fn end_against_callbacks(end: fn(DriverFence<Payload<Counted>>), result: Result) {
    let (drops, callback_drops, calls) = (counter(), counter(), counter());
    let ctx = counted();
    let mut registered = 0;
    for round in 0..rounds() {
        let driver = driver(&ctx, Counted::new(drops));
        let (first, second) = (driver.as_fence().clone(), driver.as_fence().clone());
        let state = Counted::new(callback_drops);
        let mut mine = Box::new(0);
        let callback = move |fence: &Fence| {
            state.check();
            // Memory of the callback, without atomics.
            *mine += 1;
            assert_eq!(*mine, 1);
            assert!(fence.status_racy().is_some());
            calls.fetch_add(1, Relaxed);
        };
        let registrations = &mut registered;
        race!(
            || {
                driver.check();
                end(driver);
            },
            || match first.on_signal(callback) {
                Ok(registration) => {
                    *registrations += 1;
                    if round % 2 == 0 {
                        until(|| first.is_signaled());
                    }
                    drop(registration);
                }
                Err(CallbackError::AlreadySignaled(callback)) => drop(callback),
            },
            || {
                if round % 3 == 0 {
                    until(|| second.is_signaled());
                }
                assert_eq!(second.wait(), result);
            },
        );
    }
    drop(ctx);
    assert_eq!((drops.load(Relaxed), callback_drops.load(Relaxed)), (rounds(), rounds()));
    assert!(calls.load(Relaxed) <= registered);
}

fn signal_against_callbacks_and_waits() {
    end_against_callbacks(|driver| driver.signal(Err(EIO)), Err(EIO));
}

fn drop_against_callbacks_and_waits() {
    end_against_callbacks(drop, Err(ECANCELED));
    EXPECTED_WARNINGS.fetch_add(rounds() as u64, Relaxed);
}

/// Data of a context, which its drop overwrites.
struct Data(Counted);

impl FenceContextOps for Data {
    type FenceDataType = Counted;

    fn enable_signaling(&self, data: &Counted) -> bool {
        self.0.check();
        data.check();
        true
    }

    fn signaled(&self, data: &Counted) -> bool {
        self.0.check();
        data.check();
        false
    }
}

fn context_drop_against_consumers() {
    let (drops, data_drops) = (counter(), counter());
    for _ in 0..rounds() / 4 {
        let ctx =
            FenceContext::new(1, c"driver", c"timeline", Data(Counted::new(data_drops))).unwrap();
        let driver = driver(&ctx, Counted::new(drops));
        let (first, second) = (driver.as_fence().clone(), driver.as_fence().clone());
        race!(
            || drop(ctx),
            || until(|| {
                let name = first.driver_name();
                assert!(name == "driver" || name == "detached-driver");
                first.is_signaled()
            }),
            || assert_eq!(second.wait(), Err(ECANCELED)),
        );
        driver.check();
        driver.signal(Err(ECANCELED));
    }
    barrier();
    EXPECTED_WARNINGS.fetch_add(rounds() as u64 / 4, Relaxed);
    assert_eq!((drops.load(Relaxed), data_drops.load(Relaxed)), (rounds() / 4, rounds() / 4));
}

fn context_drop_against_owners() {
    let (drops, data_drops) = (counter(), counter());
    let mut gone = 0;
    for _ in 0..rounds() / 4 {
        let ctx =
            FenceContext::new(1, c"driver", c"timeline", Data(Counted::new(data_drops))).unwrap();
        let (first, second) =
            (driver(&ctx, Counted::new(drops)), driver(&ctx, Counted::new(drops)));
        let seen = &mut gone;
        race!(
            || drop(ctx),
            || {
                until(|| {
                    first.with_context(|data| {
                        // It stays until the end of this function.
                        if let Some(data) = data {
                            for _ in 0..50 {
                                data.0.check();
                            }
                        }
                        data.is_none()
                    })
                });
                *seen += 1;
                first.signal(Ok(()));
            },
            || second.signal(Ok(())),
        );
    }
    barrier();
    EXPECTED_WARNINGS.fetch_add(rounds() as u64 / 4, Relaxed);
    assert_eq!(gone, rounds() / 4);
    assert_eq!((drops.load(Relaxed), data_drops.load(Relaxed)), (rounds() / 2, rounds() / 4));
}

fn context_drop_waits_for_readers_of_its_data() {
    let data_drops = counter();
    for _ in 0..2 {
        let data = Data(Counted::new(data_drops));
        let ctx = FenceContext::new(1, c"driver", c"timeline", data).unwrap();
        let driver = driver(&ctx, Counted::new(counter()));
        let (inside, before) = (&AtomicUsize::new(0), data_drops.load(Relaxed));
        race!(
            || {
                until(|| inside.load(Relaxed) != 0);
                drop(ctx);
            },
            || driver.with_context(|data| {
                inside.store(1, Relaxed);
                // Longer than the drop takes, if it does not wait.
                let end = Instant::now() + Duration::from_millis(50);
                until(|| {
                    data.unwrap().0.check();
                    Instant::now() > end
                });
                assert_eq!(data_drops.load(Relaxed), before);
            }),
        );
        EXPECTED_WARNINGS.fetch_add(1, Relaxed);
        driver.signal(Ok(()));
    }
}

fn ops_against_signal() {
    let (drops, data_drops) = (counter(), counter());
    let ctx = FenceContext::new(1, c"driver", c"timeline", Data(Counted::new(data_drops))).unwrap();
    for _ in 0..rounds() {
        let driver = driver(&ctx, Counted::new(drops));
        let (first, second) = (driver.as_fence().clone(), driver.as_fence().clone());
        race!(|| driver.signal(Ok(())), || until(|| first.is_signaled()), || assert_eq!(
            second.wait(),
            Ok(())
        ),);
    }
    drop(ctx);
    assert_eq!((drops.load(Relaxed), data_drops.load(Relaxed)), (rounds(), 1));
}

/// A waker that counts. (std's own, with an Arc, is not instrumented in all parts.)
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn futures_against_signal() {
    let ctx = plain();
    for round in 0..rounds() {
        let driver = driver(&ctx, ());
        let fence = driver.as_fence().clone();
        let wakers: [_; 2] = std::array::from_fn(|_| Arc::new(Woken(0.into())));
        race!(|| driver.signal(Err(EIO)), || {
            let mut future = pin!(fence.into_future());
            let mut polls = 0;
            loop {
                // The waker changes with each poll, or stays.
                let woken = &wakers[if round % 2 == 0 { polls % 2 } else { 0 }];
                let before = woken.0.load(Relaxed);
                let waker = Waker::from(woken.clone());
                match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(result) => break assert_eq!(result, Err(EIO)),
                    Poll::Pending if polls < 3 => polls += 1,
                    // Now it has to be woken.
                    Poll::Pending => until(|| woken.0.load(Relaxed) > before),
                }
            }
        },);
        assert!(wakers.iter().all(|woken| Arc::strong_count(woken) == 1));
    }
}

fn futures_against_their_drop() {
    let ctx = plain();
    for _ in 0..rounds() {
        let driver = driver(&ctx, ());
        let woken = Arc::new(Woken(0.into()));
        let waker = Waker::from(woken.clone());
        let mut future = Box::pin(driver.as_fence().into_future());
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        race!(|| driver.signal(Ok(())), || drop(future));
        drop(waker);
        assert_eq!(Arc::strong_count(&woken), 1);
    }
}

fn reservations_in_both_orders() {
    let (a, b) = (Reservation::new().unwrap(), Reservation::new().unwrap());
    let timeline = Timeline::new(c"timeline").unwrap();
    let fences = [timeline.fence(1).unwrap(), timeline.fence(2).unwrap()];
    let run = |objects: [&Reservation; 2], fence: &Fence| {
        for _ in 0..rounds() {
            let locks = lock_many(&objects, 1).unwrap();
            locks.add(objects[0], fence, Usage::Read).unwrap();
            locks.add(objects[1], fence, Usage::Write).unwrap();
        }
    };
    race!(|| run([&a, &b], &fences[0]), || run([&b, &a], &fences[1]));
    timeline.inc(2);
    assert!(a.is_signaled(Usage::Read) && b.is_signaled(Usage::Read));
}

fn timeline_against_its_fences() {
    let timeline = Timeline::new(c"timeline").unwrap();
    for round in 0..rounds() as u32 {
        let waited = timeline.fence(round + 1).unwrap();
        race!(|| timeline.inc(1), || drop(timeline.fence(round + 1).unwrap()), || assert_eq!(
            waited.wait(),
            Ok(())
        ),);
    }
    assert_eq!(timeline.value(), rounds() as u32);
}

fn allocations_move_between_threads() {
    let drops = counter();
    let ctx = counted();
    for _ in 0..rounds() {
        let prepared = DriverFenceAllocation::<Payload<_>>::new(Counted::new(drops)).unwrap();
        let other = DriverFenceAllocation::<Payload<_>>::new(Counted::new(drops)).unwrap();
        let mut fence = None;
        race!(|| fence = Some(prepared.new_fence(&ctx)), || other.new_fence(&ctx).signal(Ok(())));
        fence.unwrap().signal(Ok(()));
    }
    drop(ctx);
    assert_eq!(drops.load(Relaxed), 2 * rounds());
}

extern "C" {
    fn signal(number: i32, handler: usize) -> usize;
    fn pthread_self() -> usize;
    fn pthread_kill(thread: usize, number: i32) -> i32;
}

extern "C" fn handler(_: i32) {}

fn signal_handler_ends_a_wait() {
    const SIGUSR1: i32 = 10;
    unsafe { signal(SIGUSR1, handler as extern "C" fn(i32) as usize) };
    let timeline = Timeline::new(c"timeline").unwrap();
    let fence = timeline.fence(1).unwrap();
    let (thread, ended) = (&AtomicUsize::new(0), &AtomicUsize::new(0));
    race!(
        || {
            thread.store(unsafe { pthread_self() }, Relaxed);
            let result = fence.wait_interruptible(Duration::from_secs(20));
            assert_eq!(result, Err(WaitError::Interrupted));
            // This one goes on.
            assert_eq!(fence.wait_until(Duration::from_millis(2)), Err(WaitError::TimedOut));
            ended.store(1, Relaxed);
        },
        || {
            until(|| thread.load(Relaxed) != 0);
            until(|| {
                unsafe { pthread_kill(thread.load(Relaxed), SIGUSR1) };
                std::thread::sleep(Duration::from_micros(300));
                ended.load(Relaxed) != 0
            });
        },
    );
}
