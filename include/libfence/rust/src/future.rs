// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Fences in asynchronous code.

use crate::callback::Registration;
use crate::{ffi, Fence, Result};
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::fmt;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// Waits for a fence in asynchronous code. `fence.await` makes one of a [`Fence`] or `&Fence`.
/// Its output is the result of the fence.
///
/// It needs no executor of its own, and allocates nothing: the registration is in the future. The
/// [`Waker`] is called on the thread that signals, with the fence's lock held. It must only
/// schedule the task: a waker that polls or drops the task itself, on that thread, hangs or ends
/// the process. Drop the future as a [`FenceCallbackRegistration`](crate::FenceCallbackRegistration):
/// not in a callback.
///
/// ```
/// use libfence::{code::EIO, FenceContext};
/// # use std::{future::Future, pin::pin, sync::Arc, task::{Context, Poll, Wake, Waker}, thread};
/// # struct Unpark(thread::Thread);
/// # impl Wake for Unpark { fn wake(self: Arc<Self>) { self.0.unpark() } }
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = pin!(future);
/// #     let waker = Waker::from(Arc::new(Unpark(thread::current())));
/// #     loop {
/// #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
/// #             Poll::Ready(output) => return output,
/// #             Poll::Pending => thread::park(),
/// #         }
/// #     }
/// # }
///
/// let ctx = FenceContext::new(1, c"driver", c"ring 0", ())?;
/// let driver = ctx.new_fence_allocation(())?.new_fence(&ctx);
/// let fence = driver.as_fence().clone();
/// std::thread::spawn(move || driver.signal(Err(EIO)));
///
/// assert_eq!(block_on(async { (&fence).await }), Err(EIO));
/// # Ok::<(), libfence::Error>(())
/// ```
#[must_use = "a future does nothing unless it is polled"]
pub struct FenceFuture {
    fence: Fence,
    registration: Registration,
    /// Written while the callback is not registered. While it is, this thread and the callback
    /// may read it.
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: Fences and wakers are Send, and the C functions can be called on any thread.
unsafe impl Send for FenceFuture {}
// SAFETY: Through a shared reference, only the fence can be used.
unsafe impl Sync for FenceFuture {}

impl FenceFuture {
    unsafe extern "C" fn wake(_: *const ffi::libfence, waker: *mut c_void) {
        // SAFETY: It is not written before unregister().
        if let Some(waker) = unsafe { &*waker.cast::<Option<Waker>>() } {
            // By reference: the task must not be dropped here, nor the future in it.
            waker.wake_by_ref();
        }
    }

    /// The result; of a fence that is signalled.
    fn finish(&self) -> Result {
        // Waits for callbacks that are running.
        self.fence.is_signaled();
        // SAFETY: This is called with a unique borrow of the future.
        unsafe { self.registration.unregister() };
        // SAFETY: As above, and now there is no callback that could read it.
        drop(unsafe { (*self.waker.get()).take() });
        self.fence.status_racy().unwrap_or(Ok(()))
    }
}

impl Future for FenceFuture {
    type Output = Result;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
        let this = self.into_ref().get_ref();
        if this.fence.is_signaled() {
            return Poll::Ready(this.finish());
        }
        if this.registration.fence().is_some() {
            // SAFETY: While it is registered, the waker is only read.
            let waker = unsafe { &*this.waker.get() };
            if waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                return Poll::Pending;
            }
        }
        let waker = Some(cx.waker().clone());
        // SAFETY: The future was borrowed uniquely, and is pinned. After unregister() no callback
        // reads the waker, which may then be written. The drop of the future unregisters it.
        let (old, registered) = unsafe {
            this.registration.unregister();
            let old = this.waker.get().replace(waker);
            (old, this.registration.register(&this.fence, Self::wake, this.waker.get().cast()))
        };
        drop(old);
        match registered {
            Ok(()) => Poll::Pending,
            // It is signalled.
            Err(_) => Poll::Ready(this.finish()),
        }
    }
}

impl Drop for FenceFuture {
    fn drop(&mut self) {
        // SAFETY: It is ours.
        unsafe { self.registration.unregister() };
    }
}

impl fmt::Debug for FenceFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FenceFuture").field("fence", &self.fence).finish()
    }
}

impl IntoFuture for Fence {
    type Output = Result;
    type IntoFuture = FenceFuture;

    fn into_future(self) -> FenceFuture {
        FenceFuture { fence: self, registration: Registration::new(), waker: UnsafeCell::new(None) }
    }
}

impl IntoFuture for &Fence {
    type Output = Result;
    type IntoFuture = FenceFuture;

    fn into_future(self) -> FenceFuture {
        self.clone().into_future()
    }
}
