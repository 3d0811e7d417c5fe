//! `concat`: fragments to a layer.

use super::{threads, values};
use layer::compress::Compression;
use layer::concat;
use layer::encoding::Encoding;
use layer::error::{Error, Result};
use std::path::PathBuf;

/// Puts fragments together into a layer, without compressing them again.
///
/// The layer has the entries that one `layer` over the manifests of all fragments would have.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool layer --fragment --manifest numpy.mtree --output numpy.part --metadata numpy.json
  layer_tool layer --fragment --manifest pandas.mtree --output pandas.part --metadata pandas.json
  layer_tool concat --fragment numpy.part --sidecar numpy.json \\
    --fragment pandas.part --sidecar pandas.json --output layer.tar.gz --metadata layer.json")]
pub struct Args {
    /// A fragment; repeat it in the order of the layer.
    #[arg(long, value_name = "FILE")]
    fragment: Vec<PathBuf>,
    /// The sidecar of each fragment, in the same order.
    #[arg(long, value_name = "FILE")]
    sidecar: Vec<PathBuf>,
    /// The layer. Default: only its metadata is written.
    #[arg(long, value_name = "FILE", required_unless_present = "metadata")]
    output: Option<PathBuf>,
    /// JSON of digest, diffID, sizes, number of entries and media type. Without it, nothing is
    /// hashed or decompressed.
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// How the fragments are compressed.
    #[arg(long, value_parser = values::compression(), default_value = "gzip")]
    compress: Compression,
    /// The level of the fragments: gzip 0 to 12 (default 5), zstd 1 to 22 (default 3).
    #[arg(long, value_name = "N")]
    level: Option<u32>,
    /// Threads that decompress for the diffID. Default: the number of CPUs.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// The layer's name, for its metadata.
    #[arg(long, default_value = "")]
    name: String,
    /// Leave the diffID out, so that nothing is decompressed.
    #[arg(long, requires = "metadata")]
    no_diff_id: bool,
}

impl Args {
    pub fn run(self) -> Result<()> {
        if self.fragment.len() != self.sidecar.len() {
            return Err(Error::Usage(format!(
                "{} --fragment, but {} --sidecar; give one sidecar for each fragment",
                self.fragment.len(),
                self.sidecar.len()
            )));
        }
        concat::write(&concat::Options {
            name: self.name,
            fragments: self.fragment.into_iter().zip(self.sidecar).collect(),
            output: self.output,
            metadata: self.metadata,
            encoding: Encoding::new(self.compress, self.level)?,
            threads: threads(self.threads),
            diff_id: !self.no_diff_id,
        })
    }
}
