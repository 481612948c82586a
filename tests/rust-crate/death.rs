// SPDX-License-Identifier: GPL-2.0 OR MIT

//! What ends the process: each in a process of its own. Rust code never unwinds into C.

use crate::basic::{driver, plain};
use crate::race;
use libfence::*;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::{Arc, Mutex};

crate::tests! {
    panic_in_a_callback_aborts
    panic_in_an_op_aborts
    panic_in_the_drop_of_a_payload_aborts
    panic_in_the_drop_of_data_aborts
    unregistering_in_the_own_callback_aborts
}

/// The processes. Each prints "too far" if it comes to its end.
pub const CHILDREN: &[crate::Test] = &[
    ("child-callback", callback),
    ("child-op", op),
    ("child-payload", payload),
    ("child-data", data),
    ("child-unregister", unregister),
    ("child-planted-race", planted_race),
];

const SIGABRT: i32 = 6;

/// Runs a child, which has to be aborted with that message.
fn aborts(child: &str, message: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(child)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(SIGABRT), "{text}");
    assert!(text.contains(message), "{text}");
    assert!(!text.contains("too far"), "{text}");
}

/// Prints "too far" at the end of a scope, also if a panic leaves it.
struct TooFar;

impl Drop for TooFar {
    fn drop(&mut self) {
        eprintln!("too far");
    }
}

fn panic_in_a_callback_aborts() {
    aborts("child-callback", "cannot unwind");
}

fn callback() {
    let _end = TooFar;
    let ctx = plain();
    let driver = driver(&ctx, ());
    let _registration = driver.as_fence().on_signal(|_: &Fence| panic!("in a callback")).unwrap();
    driver.signal(Ok(()));
}

struct Angry;

impl FenceContextOps for Angry {
    type FenceDataType = ();

    fn signaled(&self, (): &()) -> bool {
        panic!("in an op")
    }
}

fn panic_in_an_op_aborts() {
    aborts("child-op", "cannot unwind");
}

fn op() {
    let _end = TooFar;
    let ctx = FenceContext::new(1, c"driver", c"timeline", Angry).unwrap();
    driver(&ctx, ()).as_fence().is_signaled();
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a drop");
    }
}

impl FenceContextOps for Bomb {
    type FenceDataType = ();
}

fn panic_in_the_drop_of_a_payload_aborts() {
    aborts("child-payload", "cannot unwind");
}

fn payload() {
    let _end = TooFar;
    let ctx = FenceContext::new(1, c"driver", c"timeline", Payload::<Bomb>::new()).unwrap();
    driver(&ctx, Bomb).signal(Ok(()));
    barrier();
}

fn panic_in_the_drop_of_data_aborts() {
    aborts("child-data", "cannot unwind");
}

fn data() {
    let _end = TooFar;
    drop(FenceContext::new(1, c"driver", c"timeline", Bomb).unwrap());
}

fn unregistering_in_the_own_callback_aborts() {
    aborts("child-unregister", "recursion");
}

struct Shared(*mut u32);

// SAFETY: None. This is the fault.
unsafe impl Send for Shared {}

/// Two callbacks of different fences count without an atomic. Only ThreadSanitizer sees it.
fn planted_race() {
    let ctx = plain();
    let count = Box::into_raw(Box::new(0u32));
    let [first, second] = [(); 2].map(|()| driver(&ctx, ()));
    let registrations = [&first, &second].map(|driver| {
        let shared = Shared(count);
        driver.as_fence().on_signal(move |_: &Fence| {
            let shared = &shared;
            unsafe { *shared.0 += 1 }
        })
    });
    race!(|| first.signal(Ok(())), || second.signal(Ok(())));
    drop(registrations);
}

type Slot = Arc<Mutex<Option<Box<dyn Send>>>>;

fn unregister() {
    let _end = TooFar;
    let ctx = plain();
    let driver = driver(&ctx, ());
    let slot = Slot::default();
    let mine = slot.clone();
    let registration = driver.as_fence().on_signal(move |_: &Fence| {
        let registration = mine.lock().unwrap().take();
        drop(registration);
    });
    *slot.lock().unwrap() = Some(Box::new(registration.unwrap()));
    driver.signal(Ok(()));
}
