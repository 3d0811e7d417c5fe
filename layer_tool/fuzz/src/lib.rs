//! What fuzz targets share.

use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A folder of this process: to make one takes longer than most executions.
pub fn folder() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));
    FOLDER.path()
}
