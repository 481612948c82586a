// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Tests of the crate. crate.py runs them; mutants.py has broken copies of the crate, and the test
//! that each has to fail.
//!
//! Without an argument: runs all tests, and prints TAP. With the name of a test: runs it. "--races
//! N" runs those of races.rs, with N rounds.

mod basic;
mod death;
mod race;
mod races;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

pub type Test = (&'static str, fn());

/// The tests of a file, by name.
#[macro_export]
macro_rules! tests {
    ($($name:ident)*) => {
        pub const TESTS: &[$crate::Test] = &[$((stringify!($name), $name)),*];
    };
}

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of Rust code on this thread so far.
pub fn allocations() -> usize {
    ALLOCATIONS.with(Cell::get)
}

/// Counts its drops, and has memory of its own that its drop overwrites.
pub struct Counted {
    value: Box<u32>,
    drops: &'static AtomicUsize,
}

impl Counted {
    pub const VALUE: u32 = 0x600d_600d;

    pub fn new(drops: &'static AtomicUsize) -> Self {
        Self { value: Box::new(Self::VALUE), drops }
    }

    /// It was not dropped.
    pub fn check(&self) {
        // As if another thread might have changed it.
        assert_eq!(unsafe { std::ptr::read_volatile(&*self.value) }, Self::VALUE);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.check();
        *self.value = 0xdead_dead;
        self.drops.fetch_add(1, Relaxed);
    }
}

/// A counter of drops that is the test's own.
pub fn counter() -> &'static AtomicUsize {
    Box::leak(Box::default())
}

/// The warnings that tests have caused on purpose.
pub static EXPECTED_WARNINGS: AtomicU64 = AtomicU64::new(0);

/// Runs a test, which has to cause the warnings that it expects, and no other.
fn passes(test: fn()) -> bool {
    let expected = libfence::warn_count().wrapping_sub(EXPECTED_WARNINGS.load(Relaxed));
    let passed = std::panic::catch_unwind(test).is_ok();
    let found = libfence::warn_count().wrapping_sub(EXPECTED_WARNINGS.load(Relaxed));
    if passed && found != expected {
        eprintln!("the number of warnings differs by {}", found.wrapping_sub(expected) as i64);
    }
    passed && found == expected
}

fn main() {
    let all = || [basic::TESTS, races::TESTS, death::TESTS].into_iter().flatten();
    let name = std::env::args().nth(1);
    match name.as_deref() {
        Some("--list") => all().for_each(|(name, _)| println!("{name}")),
        Some("--races") => {
            let rounds = std::env::args().nth(2).and_then(|rounds| rounds.parse().ok());
            races::ROUNDS.store(rounds.unwrap(), Relaxed);
            run(races::TESTS.iter());
        }
        Some(name) => match all().chain(death::CHILDREN).find(|(test, _)| *test == name) {
            Some((_, test)) => std::process::exit(i32::from(!passes(*test))),
            None => std::process::exit(2),
        },
        None => run(all()),
    }
}

fn run(tests: impl Iterator<Item = &'static Test>) {
    let mut failed = false;
    let mut number = 0;
    for (name, test) in tests {
        number += 1;
        let passed = passes(*test);
        println!("{}ok {number} - {name}", if passed { "" } else { "not " });
        failed |= !passed;
    }
    println!("1..{number}");
    std::process::exit(i32::from(failed));
}
