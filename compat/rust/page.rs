// SPDX-License-Identifier: GPL-2.0 OR MIT

//! The names of the module `page` that the module `alloc` uses. libfence has no pages: an iterator
//! over them has none.

use core::{marker::PhantomData, ptr::NonNull};

/// The size of a page.
pub const PAGE_SIZE: usize = bindings::PAGE_SIZE;

/// A page that somebody else owns.
pub struct BorrowedPage<'a>(#[allow(dead_code)] NonNull<bindings::page>, PhantomData<&'a ()>);

impl<'a> BorrowedPage<'a> {
    /// A page by its pointer.
    ///
    /// # Safety
    ///
    /// The page has to be valid for `'a`.
    pub unsafe fn from_raw(ptr: NonNull<bindings::page>) -> Self {
        Self(ptr, PhantomData)
    }
}

/// An owner of pages.
pub trait AsPageIter {
    /// The iterator over them.
    type Iter<'a>: Iterator<Item = BorrowedPage<'a>>
    where
        Self: 'a;

    /// Returns an iterator over the pages.
    fn page_iter(&mut self) -> Self::Iter<'_>;
}
