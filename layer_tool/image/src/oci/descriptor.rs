//! What an image says of one layer, for programs that make images themselves.

use super::config::about_layer;
use super::Descriptor;
use layer::error::Result;
use layer::metadata::{create_json, Metadata};
use layer::output::distinct;
use serde_json::json;
use std::path::Path;

/// Writes what an image says of the layer that `metadata` describes, in the file `output`: its
/// manifest the descriptor (descriptor.md), its configuration the rest.
///
/// # Errors
/// The metadata cannot be read, or has no diffID; the output cannot be written.
pub fn write(metadata: &Path, output: &Path) -> Result<()> {
    distinct([("--output", output)], [("metadata", metadata)])?;
    let layer = Metadata::read(metadata)?;
    let (diff_id, history) = about_layer(metadata, &layer)?;
    let mut descriptor = Descriptor::new(
        layer.media_type.media_type(),
        layer.digest.clone(),
        layer.size,
    );
    descriptor.others.extend([
        ("diff_id".to_owned(), json!(diff_id)),
        ("history".to_owned(), json!([history])),
    ]);
    create_json(output, &descriptor)?.commit()
}
