//! The command lines of the commands.

pub mod images;
pub mod report;
