// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Threads that ThreadSanitizer sees. (std is not instrumented, so its own threads would be
//! reported.) They are pthreads, as all threads are to libfence.

use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// Runs `again` until it returns true. Another thread has to make it true.
pub fn until(mut again: impl FnMut() -> bool) {
    let mut turns = 0;
    while !again() {
        turns += 1;
        if turns % 64 == 0 {
            unsafe { sched_yield() };
        }
        std::hint::spin_loop();
    }
}

/// Where threads meet before they run.
struct Meeting {
    arrived: AtomicUsize,
    expected: usize,
}

impl Meeting {
    fn wait(&self) {
        self.arrived.fetch_add(1, Ordering::AcqRel);
        until(|| self.arrived.load(Ordering::Acquire) >= self.expected);
    }
}

struct Job<'a> {
    run: Option<&'a mut (dyn FnMut() + Send)>,
    meeting: &'a Meeting,
    // libfence locks a list when a thread begins to use it, and when it ends. To
    // ThreadSanitizer, a thread that ends before another one begins is no racer: all are
    // known to libfence when they meet, and none ends before all have run.
    end: &'a Meeting,
}

extern "C" fn start(job: *mut c_void) -> *mut c_void {
    let job = unsafe { &mut *job.cast::<Job<'_>>() };
    // libfence knows the thread now.
    libfence::fail_nth(0);
    drop(libfence::SignallingGuard::new());
    job.meeting.wait();
    // A panic does not leave a function that is extern "C": it ends the process.
    if let Some(run) = job.run.take() {
        run();
    }
    job.end.wait();
    std::ptr::null_mut()
}

/// Runs functions at the same time, each on a thread of its own, and waits for them.
pub fn race_all(racers: &mut [&mut (dyn FnMut() + Send)]) {
    let expected = racers.len();
    let meeting = Meeting { arrived: AtomicUsize::new(0), expected };
    let end = Meeting { arrived: AtomicUsize::new(0), expected };
    let mut jobs: Vec<_> = racers
        .iter_mut()
        .map(|run| Job { run: Some(*run), meeting: &meeting, end: &end })
        .collect();
    let mut threads = [0; 4];
    for (job, thread) in jobs.iter_mut().zip(&mut threads) {
        let error = unsafe {
            pthread_create(thread, std::ptr::null(), start, std::ptr::from_mut(job).cast())
        };
        assert_eq!(error, 0, "pthread_create()");
    }
    for thread in &threads[..expected] {
        unsafe { pthread_join(*thread, std::ptr::null_mut()) };
    }
}

/// `race!(|| .., || ..)`: [`race_all`] with functions that are called once.
#[macro_export]
macro_rules! race {
    ($($run:expr),+ $(,)?) => {
        $crate::race::race_all(&mut [$({
            let mut once = Some($run);
            &mut move || once.take().map_or((), |run| run())
        }),+])
    };
}
