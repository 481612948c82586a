// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Errors: the errnos of the C library.

use core::ffi::c_int;
use core::fmt;
use core::num::NonZeroU16;
use std::io;

/// An errno, such as [`code::EIO`]: the result of a fence that has failed, or the reason why
/// a function has.
///
/// ```
/// use libfence::{code::EIO, Error};
///
/// assert_eq!(Error::from_raw_os_error(5), EIO);
/// assert_eq!(EIO.to_errno(), -5);
/// assert_eq!(std::io::Error::from(EIO).raw_os_error(), Some(5));
/// println!("{EIO}");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error(NonZeroU16);

/// A result with an [`Error`].
pub type Result<T = (), E = Error> = core::result::Result<T, E>;

impl Error {
    /// The largest errno.
    const MAX: u16 = 4095;

    const fn new(errno: u16) -> Self {
        match NonZeroU16::new(errno) {
            Some(errno) if errno.get() <= Self::MAX => Self(errno),
            _ => code::EINVAL,
        }
    }

    /// The error of an errno as [`std::io::Error`] has it: positive, at most 4095. Any other
    /// number gives `EINVAL`.
    pub fn from_raw_os_error(errno: i32) -> Self {
        Self::new(u16::try_from(errno).unwrap_or(0))
    }

    /// The errno: positive.
    pub const fn raw_os_error(self) -> i32 {
        self.0.get() as i32
    }

    /// The errno as C code returns it: negative. (The name is that of the kernel's `Error`.)
    pub const fn to_errno(self) -> c_int {
        -(self.0.get() as c_int)
    }

    /// A result of a C function: negative on failure.
    pub(crate) fn check(result: c_int) -> Result<c_int> {
        if result < 0 {
            Err(Self::from_raw_os_error(result.wrapping_neg()))
        } else {
            Ok(result)
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match code::NAMES.iter().find(|(error, _)| error == self) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "Error({})", self.0),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&io::Error::from(*self), f)
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::from_raw_os_error(error.raw_os_error())
    }
}

/// An error without an errno becomes `EIO`.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        error.raw_os_error().map_or(code::EIO, Self::from_raw_os_error)
    }
}

macro_rules! codes {
    ($($name:ident $errno:literal $text:literal)*) => {
        /// The errnos that fences and this crate have most often. The numbers are those of
        /// Linux, on all CPUs that libfence supports.
        pub mod code {
            use super::{Error, NonZeroU16};
            $(
                #[doc = $text]
                pub const $name: Error = Error(NonZeroU16::new($errno).unwrap());
            )*
            pub(super) const NAMES: &[(Error, &str)] = &[$(($name, stringify!($name))),*];
        }
    };
}

codes! {
    ENOENT 2 "There is no such object; a fence of a timeline that was dropped has it."
    EINTR 4 "A signal handler has run."
    EIO 5 "Input or output has failed."
    EBADF 9 "The descriptor is not open."
    ENOMEM 12 "There is no memory."
    EPERM 1 "The operation is not allowed."
    EBUSY 16 "The object is in use."
    ENODEV 19 "There is no such device."
    EINVAL 22 "An argument is invalid."
    ENFILE 23 "The system has too many open files."
    EMFILE 24 "The process has too many open files."
    EPROTONOSUPPORT 93 "A descriptor comes from an incompatible version of the library."
    ETIMEDOUT 110 "A wait has timed out."
    ECANCELED 125 "The work was cancelled; a fence that was dropped has it."
    EOWNERDEAD 130 "The process that had to signal has ended."
}
