//! What is another matter on each system.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::*;
