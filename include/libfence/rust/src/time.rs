// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Points in time.

use crate::ffi;
use std::time::{Duration, Instant};

/// A point in time, in nanoseconds of `CLOCK_MONOTONIC`: the limit of a wait, a deadline, or
/// the time at which a fence was signalled.
///
/// A function that takes an `impl Into<Time>` takes a [`Duration`] from now and an [`Instant`],
/// too. One `Time` can be the limit of several waits.
///
/// ```
/// use libfence::Time;
/// use std::time::{Duration, Instant};
///
/// let limit = Time::from(Duration::from_millis(5));
/// assert!(limit > Time::now() && limit < Time::FOREVER);
/// assert!(Time::from(Instant::now()) <= Time::now());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub(crate) i64);

impl Time {
    /// No limit.
    pub const FOREVER: Self = Self(ffi::LIBFENCE_FOREVER);
    /// In the past: a wait with this limit only tests.
    pub const PAST: Self = Self(0);

    /// The current time.
    pub fn now() -> Self {
        const SECOND: i64 = 1_000_000_000;
        // SAFETY: Any number is allowed.
        Self(unsafe { ffi::libfence_deadline(SECOND) } - SECOND)
    }

    /// The time in nanoseconds of `CLOCK_MONOTONIC`.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The time of that many nanoseconds of `CLOCK_MONOTONIC`.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The time since an earlier one; 0 if that is not earlier.
    pub fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same time as an [`Instant`], as exactly as two clocks can be read at once; `None` for
    /// a time that an `Instant` cannot have, such as [`Time::FOREVER`].
    pub fn to_instant(self) -> Option<Instant> {
        let (now, clock) = (Self::now(), Instant::now());
        if self == Self::FOREVER {
            None
        } else if self >= now {
            clock.checked_add(self.saturating_duration_since(now))
        } else {
            clock.checked_sub(now.saturating_duration_since(self))
        }
    }
}

/// That much time from now. A time that does not fit is [`Time::FOREVER`].
impl From<Duration> for Time {
    fn from(duration: Duration) -> Self {
        let nanos = i64::try_from(duration.as_nanos()).unwrap_or(ffi::LIBFENCE_FOREVER);
        // SAFETY: Any number is allowed.
        Self(unsafe { ffi::libfence_deadline(nanos) })
    }
}

/// Never earlier than the instant, and later by the time between two reads of the clock.
impl From<Instant> for Time {
    fn from(instant: Instant) -> Self {
        match instant.checked_duration_since(Instant::now()) {
            Some(left) => left.into(),
            None => Self(Self::now().0.saturating_sub(
                i64::try_from(instant.elapsed().as_nanos()).unwrap_or(ffi::LIBFENCE_FOREVER),
            )),
        }
    }
}
