// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Fences as a driver uses them: signalled by work items, delayed work and the interrupts of
//! a hrtimer; waited for with completions and condition variables; with hardware that goes away.
//! "./run rust" runs them.

#![allow(clippy::undocumented_unsafe_blocks)]

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};
use fence_test::{race, spawn, until};
use kernel::dma_buf::dma_fence::CallbackError;
use kernel::dma_buf::{DriverFence, Fence, FenceCallback, FenceCallbackRegistration, FenceContext, FenceContextOps};
use kernel::error::code::*;
use kernel::prelude::*;
use kernel::revocable::Revocable;
use kernel::sync::{aref::ARef, new_condvar, new_mutex, new_spinlock, Arc, ArcBorrow, Completion, CondVar, CondVarTimeoutResult, Mutex, SpinLock};
use kernel::time::{delay::fsleep, hrtimer::*, msecs_to_jiffies, Delta, Instant, Monotonic};
use kernel::workqueue::{self, impl_has_delayed_work, impl_has_work, new_delayed_work, new_work, DelayedWork, Work, WorkItem};
use kernel::{impl_has_hr_timer, new_srcu};

/// A context whose fences are in objects that have no lifetime.
struct Engine;

impl FenceContextOps for Engine {
    type FenceDataType = ();
}

type Context = &'static FenceContext<Engine>;

/// Runs a test with a context. No fence of it may be left afterwards.
fn with_engine(test: impl FnOnce(Context)) {
    let context = KBox::pin_init(FenceContext::new(1, c"driver", c"engine", Engine), GFP_KERNEL).unwrap();
    let context = KBox::into_raw(unsafe { Pin::into_inner_unchecked(context) });
    test(unsafe { &*context });
    drop(unsafe { KBox::from_raw(context) });
}

fn status(fence: &Fence) -> i32 {
    let raw = core::ptr::from_ref(fence).cast::<kernel::bindings::dma_fence>();
    // SAFETY: A Fence is a dma_fence.
    unsafe { (*raw).error }
}

/// A job that a worker finishes, or a timeout.
#[pin_data]
struct Job {
    #[pin]
    work: Work<Job>,
    #[pin]
    timeout: DelayedWork<Job, 1>,
    #[pin]
    fence: SpinLock<Option<DriverFence<'static, Engine>>>,
    /// Written without atomics by whichever takes the fence.
    finished_by: core::cell::UnsafeCell<u32>,
    runs: AtomicU32,
}

unsafe impl Sync for Job {}
unsafe impl Send for Job {}

impl_has_work! { impl HasWork<Self> for Job { self.work } }
impl_has_delayed_work! { impl HasDelayedWork<Self, 1> for Job { self.timeout } }

impl Job {
    fn new(context: Context) -> (Arc<Self>, ARef<Fence>) {
        let fence = context.new_fence_allocation(()).unwrap().new_fence();
        let consumer = ARef::from(fence.as_fence());
        let job = pin_init!(Self {
            work <- new_work!("Job::work"),
            timeout <- new_delayed_work!("Job::timeout"),
            fence <- new_spinlock!(Some(fence)),
            finished_by: 0.into(),
            runs: AtomicU32::new(0),
        });
        (Arc::pin_init(job, GFP_KERNEL).unwrap(), consumer)
    }

    fn finish(&self, by: u32, result: Result) {
        kernel::task::might_sleep();
        let fence = self.fence.lock().take();
        if let Some(fence) = fence {
            unsafe { *self.finished_by.get() = by };
            fence.signal(result);
        }
        self.runs.fetch_add(1, Release);
    }
}

impl WorkItem for Job {
    type Pointer = Arc<Job>;

    fn run(this: Arc<Job>) {
        this.finish(1, Ok(()));
    }
}

impl WorkItem<1> for Job {
    type Pointer = Arc<Job>;

    fn run(this: Arc<Job>) {
        this.finish(2, Err(ETIMEDOUT));
    }
}

#[test]
fn work_against_timeout() {
    with_engine(|context| {
        for _ in 0..50 {
            let (job, fence) = Job::new(context);
            let (a, b) = (job.clone(), job.clone());
            race((
                move || assert!(workqueue::system_highpri().enqueue::<_, 0>(a).is_ok()),
                move || assert!(workqueue::system_long().enqueue_delayed::<_, 1>(b, 0).is_ok()),
            ));
            until(|| job.runs.load(Acquire) == 2);
            assert!(fence.is_signaled());
            let by = unsafe { *job.finished_by.get() };
            assert_eq!(status(&fence), if by == 2 { ETIMEDOUT.to_errno() } else { 0 });
        }
    });
}

#[test]
fn timeout_comes_after_its_time() {
    with_engine(|context| {
        let (job, fence) = Job::new(context);
        let start = Instant::<Monotonic>::now();
        assert!(workqueue::system_long().enqueue_delayed::<_, 1>(job.clone(), msecs_to_jiffies(20)).is_ok());
        // It is pending.
        assert!(workqueue::system_long().enqueue_delayed::<_, 1>(job.clone(), 0).is_err());
        until(|| job.runs.load(Acquire) == 1);
        assert!(fence.is_signaled());
        assert!(start.elapsed() >= Delta::from_millis(15));
        assert_eq!(status(&fence), ETIMEDOUT.to_errno());
    });
}

/// A work item in softirq context, where it must not sleep.
#[pin_data]
struct Tail {
    #[pin]
    work: Work<Tail>,
    runs: AtomicU32,
}

impl_has_work! { impl HasWork<Self> for Tail { self.work } }

impl WorkItem for Tail {
    type Pointer = Arc<Tail>;

    fn run(this: Arc<Tail>) {
        this.runs.fetch_add(1, Release);
    }
}

struct Queue(Arc<Tail>);

impl FenceCallback for Queue {
    fn on_signal(&mut self) {
        let _ = workqueue::system_bh().enqueue(self.0.clone());
    }
}

#[test]
fn callback_queues_work() {
    with_engine(|context| {
        for round in 0..50 {
            let tail = pin_init!(Tail { work <- new_work!("Tail::work"), runs: AtomicU32::new(0) });
            let tail = Arc::pin_init(tail, GFP_KERNEL).unwrap();
            let fence = context.new_fence_allocation(()).unwrap().new_fence();
            let registration = FenceCallbackRegistration::new(fence.as_fence(), Queue(tail.clone()));
            let registration = KBox::pin_init(registration, GFP_KERNEL).unwrap();
            let result = if round % 2 == 0 { Ok(()) } else { Err(EIO) };
            workqueue::system_long().try_spawn(GFP_KERNEL, move || fence.signal(result)).unwrap();
            until(|| tail.runs.load(Acquire) == 1);
            drop(registration);
        }
    });
}

/// Hardware whose interrupt is a hrtimer: each signals the oldest fence.
#[pin_data]
struct Hardware {
    #[pin]
    interrupt: HrTimer<Self>,
    #[pin]
    pending: SpinLock<KVec<DriverFence<'static, Engine>>>,
    interrupts: AtomicU32,
    last: AtomicU64,
}

impl HrTimerCallback for Hardware {
    type Pointer<'a> = Arc<Self>;

    fn run(this: ArcBorrow<'_, Self>, mut timer: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        this.interrupts.fetch_add(1, Relaxed);
        let fence = this.pending.lock().remove(0).ok();
        if let Some(fence) = fence {
            let seqno = fence.as_fence().seqno();
            assert!(this.last.swap(seqno, Relaxed) < seqno);
            fence.signal(Ok(()));
        }
        timer.forward_now(Delta::from_micros(100));
        HrTimerRestart::Restart
    }
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Hardware { mode: RelativeMode<Monotonic>, field: self.interrupt }
}

#[test]
fn interrupts_signal_in_order() {
    with_engine(|context| {
        let hardware = pin_init!(Hardware {
            interrupt <- HrTimer::new(),
            pending <- new_spinlock!(KVec::with_capacity(30, GFP_KERNEL).unwrap()),
            interrupts: AtomicU32::new(0),
            last: AtomicU64::new(0),
        });
        let hardware = Arc::pin_init(hardware, GFP_KERNEL).unwrap();
        let timer = hardware.clone().start(Delta::from_micros(100));
        let fences: std::vec::Vec<ARef<Fence>> = (0..30)
            .map(|_| {
                let fence = context.new_fence_allocation(()).unwrap().new_fence();
                let consumer = ARef::from(fence.as_fence());
                // The interrupt takes the lock, too.
                let _disabled = kernel::interrupt::local_interrupt_disable();
                hardware.pending.lock().push_within_capacity(fence).ok();
                consumer
            })
            .collect();
        until(|| fences.iter().all(|f| f.is_signaled()));
        // Waits for its function.
        drop(timer);
        let count = hardware.interrupts.load(Relaxed);
        fsleep(Delta::from_millis(2));
        assert_eq!(hardware.interrupts.load(Relaxed), count);
    });
}

#[pin_data]
struct Waiter {
    #[pin]
    done: Completion,
    #[pin]
    count: Mutex<u32>,
    #[pin]
    changed: CondVar,
}

impl Waiter {
    fn new() -> Arc<Self> {
        let waiter = pin_init!(Self { done <- Completion::new(), count <- new_mutex!(0), changed <- new_condvar!() });
        Arc::pin_init(waiter, GFP_KERNEL).unwrap()
    }
}

struct Complete(Arc<Waiter>);

impl FenceCallback for Complete {
    fn on_signal(&mut self) {
        self.0.done.complete_all();
    }
}

fn wait(fence: &Fence) {
    let waiter = Waiter::new();
    let registration = FenceCallbackRegistration::new(fence, Complete(waiter.clone()));
    match <KBox<_> as InPlaceInit<_>>::try_pin_init(registration, GFP_KERNEL) {
        Ok(_registration) => waiter.done.wait_for_completion(),
        Err(CallbackError::AlreadySignaled(_)) => {}
        Err(CallbackError::Other(error)) => panic!("{error:?}"),
    }
    assert!(fence.is_signaled());
}

#[test]
fn waits_end_with_the_signal() {
    with_engine(|context| {
        for _ in 0..50 {
            let fence = context.new_fence_allocation(()).unwrap().new_fence();
            let consumer = ARef::from(fence.as_fence());
            race((|| wait(&consumer), || fence.signal(Ok(())), || wait(&consumer)));
        }
    });
}

#[test]
fn condition_variable_wakes_and_times_out() {
    let waiter = Waiter::new();
    let mut count = waiter.count.lock();
    let result = waiter.changed.wait_interruptible_timeout(&mut count, msecs_to_jiffies(5));
    assert!(matches!(result, CondVarTimeoutResult::Timeout));
    let other = waiter.clone();
    let thread = spawn(move || {
        for _ in 0..50 {
            *other.count.lock() += 1;
            other.changed.notify_one();
        }
    });
    while *count < 50 {
        waiter.changed.wait(&mut count);
    }
    drop(count);
    thread.join();
}

/// Hardware that is taken away while callbacks use it.
struct Doorbell(Arc<Revocable<KBox<AtomicU32>>>);

impl FenceCallback for Doorbell {
    fn on_signal(&mut self) {
        if let Some(doorbell) = self.0.try_access() {
            doorbell.fetch_add(1, Relaxed);
        }
    }
}

#[test]
fn callback_against_revoke() {
    with_engine(|context| {
        for _ in 0..50 {
            let hardware = KBox::new(AtomicU32::new(0), GFP_KERNEL).unwrap();
            let hardware = Arc::pin_init(Revocable::new(hardware), GFP_KERNEL).unwrap();
            let fence = context.new_fence_allocation(()).unwrap().new_fence();
            let registration = FenceCallbackRegistration::new(fence.as_fence(), Doorbell(hardware.clone()));
            let registration = KBox::pin_init(registration, GFP_KERNEL).unwrap();
            race((|| fence.signal(Ok(())), || drop(hardware.revoke())));
            assert!(hardware.try_access().is_none());
            drop(registration);
        }
    });
}

#[test]
fn srcu_waits_for_its_readers() {
    let domain = KBox::pin_init(new_srcu!(), GFP_KERNEL).unwrap();
    for _ in 0..10 {
        let entered = AtomicU32::new(0);
        // Written and read without atomics.
        let left = SyncCell(core::cell::UnsafeCell::new(false));
        let left = &left;
        race((
            || {
                let guard = domain.read_lock();
                entered.store(1, Release);
                // A reader may sleep.
                fsleep(Delta::from_millis(1));
                unsafe { *left.0.get() = true };
                drop(guard);
            },
            || {
                until(|| entered.load(Acquire) == 1);
                domain.synchronize();
                assert!(unsafe { *left.0.get() });
            },
        ));
    }
}

struct SyncCell(core::cell::UnsafeCell<bool>);

unsafe impl Sync for SyncCell {}

#[test]
fn each_thread_is_a_task() {
    let (pid, tgid) = (kernel::current!().pid(), kernel::current!().tgid());
    let thread = spawn(move || {
        assert!(kernel::current!().pid() != pid);
        assert_eq!(kernel::current!().tgid(), tgid);
    });
    thread.join();
    assert!(!kernel::current!().signal_pending());
}
