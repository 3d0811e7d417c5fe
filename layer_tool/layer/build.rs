//! Holds the compressors to the versions of Cargo.lock: a layer's bytes depend on them.

use std::env;
use std::error::Error;

const LOCKFILE: &str = include_str!("../Cargo.lock");

fn main() -> Result<(), Box<dyn Error>> {
    const SYSTEM: &str = "ZSTD_SYS_USE_PKG_CONFIG";
    println!("cargo:rerun-if-env-changed={SYSTEM}");
    if env::var_os(SYSTEM).is_some() {
        return Err(format!(
            "{SYSTEM} is set, by which zstd-sys takes the system's libzstd, whose version gives a \
             layer other bytes; unset it"
        )
        .into());
    }
    // libdeflate itself does not say which one it is.
    let version = locked("libdeflate-sys").ok_or("Cargo.lock names no libdeflate-sys")?;
    println!("cargo:rustc-env=LIBDEFLATE={version}");
    Ok(())
}

/// The version of a package.
fn locked(package: &str) -> Option<&'static str> {
    let (_, rest) = LOCKFILE.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    rest.split('"').next()
}
