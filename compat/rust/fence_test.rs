// SPDX-License-Identifier: GPL-2.0 OR MIT

//! For tests of Rust code of the kernel, as neither `kernel` nor std has it: threads
//! that ThreadSanitizer sees. (std is not instrumented: its own threads would be reported.)
//! They are pthreads, as all threads are to libfence.

#![feature(test)]

extern crate test;

use core::sync::atomic::{AtomicUsize, Ordering};
use kernel::prelude::*;

extern "C" {
    fn pthread_create(
        thread: *mut usize,
        attributes: *const c_void,
        start: extern "C" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> i32;
    fn pthread_join(thread: usize, result: *mut *mut c_void) -> i32;
    fn sched_yield() -> i32;
}

/// Where the threads of [`race`] meet before they run.
pub struct Meeting {
    arrived: AtomicUsize,
    expected: usize,
}

impl Meeting {
    /// A meeting of `expected` threads.
    pub const fn new(expected: usize) -> Self {
        Self { arrived: AtomicUsize::new(0), expected }
    }

    /// Waits until all have arrived. They go on at the same time, as far as there are CPUs.
    pub fn wait(&self) {
        self.arrived.fetch_add(1, Ordering::AcqRel);
        let mut turns = 0;
        while self.arrived.load(Ordering::Acquire) < self.expected {
            turns += 1;
            if turns % 64 == 0 {
                // SAFETY: It has no arguments.
                unsafe { sched_yield() };
            }
            core::hint::spin_loop();
        }
    }
}

/// Runs `again` until it returns true. Another thread has to make it true.
pub fn until(mut again: impl FnMut() -> bool) {
    let mut turns = 0;
    while !again() {
        turns += 1;
        if turns % 64 == 0 {
            // SAFETY: It has no arguments.
            unsafe { sched_yield() };
        }
        core::hint::spin_loop();
    }
}

struct Job<'a, F> {
    run: Option<F>,
    meeting: &'a Meeting,
    // libfence locks a list when a thread begins to use it, and when it ends. To
    // ThreadSanitizer, a thread that ends before another one begins is no racer: all are
    // known to libfence when they meet, and none ends before all have run.
    end: &'a Meeting,
}

extern "C" fn start<F: FnOnce()>(job: *mut c_void) -> *mut c_void {
    // SAFETY: The caller gives a job, which it does not touch until the thread has ended.
    let job = unsafe { &mut *job.cast::<Job<'_, F>>() };
    if let Some(run) = job.run.take() {
        // SAFETY: An empty section.
        unsafe {
            kernel::bindings::rcu_read_lock();
            kernel::bindings::rcu_read_unlock();
        }
        job.meeting.wait();
        run();
        job.end.wait();
    }
    core::ptr::null_mut()
}

/// A thread that [`spawn`] has started.
pub struct Thread(usize);

impl Thread {
    /// Waits until the thread has ended.
    pub fn join(self) {
        // SAFETY: The thread was created by spawn(), and is joined once.
        unsafe { pthread_join(self.0, core::ptr::null_mut()) };
    }
}

extern "C" fn start_boxed<F: FnOnce()>(run: *mut c_void) -> *mut c_void {
    // SAFETY: spawn() gives its box away.
    let run = unsafe { KBox::from_raw(run.cast::<F>()) };
    KBox::into_inner(run)();
    core::ptr::null_mut()
}

/// Runs a function on a thread of its own. A panic in it ends the program.
pub fn spawn<F: FnOnce() + Send + 'static>(run: F) -> Thread {
    let mut thread = 0;
    let run = KBox::into_raw(KBox::new(run, GFP_KERNEL).expect("there is memory"));
    // SAFETY: The thread owns the box.
    let error = unsafe { pthread_create(&raw mut thread, core::ptr::null(), start_boxed::<F>, run.cast()) };
    assert!(error == 0, "pthread_create() has failed: {error}");
    Thread(thread)
}

/// Functions that run at the same time, each on a thread of its own: a tuple of two to four.
pub trait Racers {
    /// Runs them all, and returns when all have returned.
    fn race(self);
}

/// Runs functions at the same time, each on a thread of its own, and waits for them. They may
/// borrow and move the caller's variables. A panic in one ends the program.
///
/// ```ignore
/// fence_test::race((|| fence.signal(Ok(())), || drop(registration)));
/// ```
pub fn race(racers: impl Racers) {
    racers.race()
}

macro_rules! racers {
    ($count:literal: $($name:ident)*) => {
        impl<$($name: FnOnce() + Send),*> Racers for ($($name,)*) {
            #[allow(non_snake_case)]
            fn race(self) {
                let (meeting, end) = (Meeting::new($count), Meeting::new($count));
                let ($($name,)*) = self;
                $(let mut $name = (Job { run: Some($name), meeting: &meeting, end: &end }, 0usize);)*
                $(
                    // SAFETY: The job lives until the thread is joined below.
                    let error = unsafe {
                        pthread_create(&raw mut $name.1, core::ptr::null(), start_of(&$name.0), (&raw mut $name.0).cast())
                    };
                    assert!(error == 0, "pthread_create() has failed: {error}");
                )*
                $(
                    // SAFETY: The thread was created above.
                    unsafe { pthread_join($name.1, core::ptr::null_mut()) };
                )*
            }
        }
    };
}

fn start_of<F: FnOnce()>(_: &Job<'_, F>) -> extern "C" fn(*mut c_void) -> *mut c_void {
    start::<F>
}

racers!(2: A B);
racers!(3: A B C);
racers!(4: A B C D);

/// Runs the tests of a program: the one that is named, or all in turn. In place of libtest,
/// whose threads ThreadSanitizer would report: here, a test runs on the main thread.
///
/// `--list` prints the names. The exit status is 0 if the tests passed, 1 if one failed, 2 if
/// there is no test of the name.
pub fn run_tests(tests: &[&test::TestDescAndFn]) {
    let wanted = std::env::args().nth(1);
    let tests = tests.iter().filter(|t| !t.desc.ignore);
    if wanted.as_deref() == Some("--list") {
        tests.for_each(|t| println!("{}", t.desc.name));
        return;
    }
    let mut ran = 0;
    for one in tests.filter(|t| wanted.as_deref().is_none_or(|w| t.desc.name.as_slice() == w)) {
        let test::TestFn::StaticTestFn(function) = one.testfn else {
            continue;
        };
        ran += 1;
        let result = std::panic::catch_unwind(function);
        let passed = match one.desc.should_panic {
            test::ShouldPanic::No => matches!(result, Ok(Ok(()))),
            _ => result.is_err(),
        };
        if let Ok(Err(message)) = result {
            eprintln!("{message}");
        }
        if !passed {
            eprintln!("{}: failed", one.desc.name);
            std::process::exit(1);
        }
    }
    if ran == 0 {
        std::process::exit(2);
    }
}
