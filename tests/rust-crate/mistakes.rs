// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Mistakes that do not compile. crate.py makes a module of each, after the lines above the first.
//! "EXPECT" has the code of its error, or a part of the message. Without the lines that are marked
//! with "MISTAKE", all compile: so it is that line which is refused.

use libfence::*;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::MutexGuard;

fn context() -> FenceContext<()> {
    FenceContext::new(1, c"driver", c"timeline", ()).unwrap()
}

fn driver(ctx: &FenceContext<()>) -> DriverFence<()> {
    ctx.new_fence_allocation(()).unwrap().new_fence(ctx)
}

// signal-twice EXPECT: E0382
pub fn mistake() {
    let driver = driver(&context());
    driver.signal(Ok(()));
    driver.signal(Ok(())); // MISTAKE
}

// drop-after-signal EXPECT: E0382
pub fn mistake() {
    let driver = driver(&context());
    driver.signal(Ok(()));
    drop(driver); // MISTAKE
}

// payload-after-signal EXPECT: E0505
pub fn mistake() {
    let ctx = FenceContext::new(1, c"driver", c"timeline", Payload::<String>::new()).unwrap();
    let driver = ctx.new_fence_allocation(String::new()).unwrap().new_fence(&ctx);
    let payload: &str = &driver;
    driver.signal(Ok(()));
    let _ = payload; // MISTAKE
    println!("{payload}"); // MISTAKE
}

// commit-twice EXPECT: E0382
pub fn mistake() {
    let ctx = context();
    let allocation = ctx.new_fence_allocation(()).unwrap();
    let _first = allocation.new_fence(&ctx);
    let _second = allocation.new_fence(&ctx); // MISTAKE
}

// commit-after-the-end-of-the-context EXPECT: E0382
pub fn mistake() {
    let ctx = context();
    let allocation = ctx.new_fence_allocation(()).unwrap();
    drop(ctx);
    let _ = &allocation;
    let _fence = allocation.new_fence(&ctx); // MISTAKE
}

// commit-to-a-context-of-another-type EXPECT: E0308
pub fn mistake() {
    let other = FenceContext::new(1, c"driver", c"timeline", Payload::<()>::new()).unwrap();
    let allocation = context().new_fence_allocation(()).unwrap();
    let _ = (&other, &allocation);
    let _fence = allocation.new_fence(&other); // MISTAKE
}

// copy-of-a-driver-fence EXPECT: E0277
pub fn mistake() {
    let driver = driver(&context());
    let _other = DriverFence::clone(&driver); // MISTAKE
}

// consumer-signals EXPECT: E0599
pub fn mistake() {
    let driver = driver(&context());
    let fence = driver.as_fence().clone();
    fence.signal(Ok(())); // MISTAKE
    drop(fence);
}

// borrow-outlives-its-owner EXPECT: E0505
pub fn mistake() {
    let driver = driver(&context());
    let fence = driver.as_fence();
    driver.signal(Ok(()));
    println!("{fence:?}"); // MISTAKE
}

// payload-that-is-not-send EXPECT: E0277
struct Context;

impl FenceContextOps for Context {
    type FenceDataType = MutexGuard<'static, u32>; // MISTAKE
    #[cfg(not(mistake))]
    type FenceDataType = u32;
}

pub fn mistake() {}

// payload-that-is-not-sync EXPECT: E0277
struct Context;

impl FenceContextOps for Context {
    type FenceDataType = Cell<u32>; // MISTAKE
    #[cfg(not(mistake))]
    type FenceDataType = u32;
}

pub fn mistake() {}

// context-data-that-is-not-sync EXPECT: E0277
struct Context(Cell<u32>);

#[rustfmt::skip]
impl FenceContextOps for Context { type FenceDataType = (); } // MISTAKE

pub fn mistake() {}

// payload-that-borrows EXPECT: E0597
pub fn mistake() {
    let text = String::new();
    let ctx = FenceContext::new(1, c"driver", c"timeline", Payload::<&str>::new()).unwrap();
    let _ = &text;
    let _driver = ctx.new_fence_allocation(&text).unwrap().new_fence(&ctx); // MISTAKE
}

// payload-of-too-large-an-alignment EXPECT: alignment of more than 16
#[derive(Default)]
#[repr(align(32))] // MISTAKE
struct Large([u8; 32]);

pub fn mistake() {
    let ctx = FenceContext::new(1, c"driver", c"timeline", Payload::<Large>::new()).unwrap();
    let _driver = ctx.new_fence_allocation(Large::default()).unwrap().new_fence(&ctx);
}

// callback-that-borrows-a-local EXPECT: E0597
pub fn mistake() {
    let driver = driver(&context());
    let seen = std::sync::atomic::AtomicBool::new(false);
    let flag = &seen;
    let registration = driver.as_fence().on_signal(move |_: &Fence| {
        flag.store(true, std::sync::atomic::Ordering::Relaxed); // MISTAKE
    });
    drop(registration);
}

// callback-that-is-not-send EXPECT: E0277
pub fn mistake() {
    let driver = driver(&context());
    let shared = Rc::new(Cell::new(0));
    let registration = driver.as_fence().on_signal(move |_: &Fence| {
        shared.set(1); // MISTAKE
    });
    drop(registration);
}

// registration-that-is-not-pinned EXPECT: E0277
pub fn mistake() {
    let driver = driver(&context());
    let mut registration = FenceCallbackRegistration::new(|_: &Fence| ());
    let _ = (&mut registration, &driver);
    let _ = Pin::new(&mut registration).register(driver.as_fence()); // MISTAKE
}

// registration-that-moves EXPECT: E0277
pub fn mistake() {
    let driver = driver(&context());
    let registration = driver.as_fence().on_signal(|_: &Fence| ()).unwrap();
    let _moved = Pin::into_inner(registration); // MISTAKE
}

// future-that-is-not-pinned EXPECT: E0277
pub fn mistake() {
    let driver = driver(&context());
    let mut future = std::future::IntoFuture::into_future(driver.as_fence());
    let _ = Pin::new(&mut future); // MISTAKE
    let _ = &mut future;
}

// locks-on-another-thread EXPECT: E0277
pub fn mistake() {
    let object = Reservation::new().unwrap();
    let locks = object.lock(1).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            drop(locks); // MISTAKE
        });
    });
}

// locks-that-outlive-their-object EXPECT: E0505
pub fn mistake() {
    let object = Reservation::new().unwrap();
    let _locks = object.lock(1).unwrap();
    let _ = &object;
    drop(object); // MISTAKE
}

// section-on-another-thread EXPECT: E0277
pub fn mistake() {
    let section = SignallingGuard::new();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            drop(section); // MISTAKE
        });
    });
}

// context-data-that-leaves-its-section EXPECT: lifetime may not live long enough
pub fn mistake() {
    let driver = driver(&context());
    let _data: Option<&()> = driver.with_context(|data| data); // MISTAKE
}

// result-is-forgotten EXPECT: unused `Result`
pub fn mistake() {
    let driver = driver(&context());
    driver.as_fence().wait(); // MISTAKE
}
