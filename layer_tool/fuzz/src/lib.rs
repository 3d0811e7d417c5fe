//! What fuzz targets share.

use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A directory of this process: to make one takes longer than most executions.
pub fn directory() -> &'static Path {
    static DIR: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));
    DIR.path()
}
