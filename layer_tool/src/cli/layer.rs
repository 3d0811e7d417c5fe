//! `layer`: manifests to a layer, or to a fragment.

use super::{threads, values};
use ::layer::compress::Compression;
use ::layer::encoding::Encoding;
use ::layer::entries::Order;
use ::layer::error::Result;
use ::layer::{fragment, layer};
use std::path::PathBuf;

/// Writes a layer: a compressed tar of the files that manifests name.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  layer_tool layer --manifest app.mtree --output app.tar.gz --metadata app.json
  layer_tool layer --manifest app.mtree --output app.tar.zst --compress zstd --level 19
  layer_tool layer --params=app.params --threads 1")]
pub struct Args {
    /// mtree(5) manifest that says which file goes where; several are read as one.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// The layer.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// How to compress.
    #[arg(long, value_parser = values::compression(), default_value = "gzip")]
    compress: Compression,
    /// Level: gzip 0 to 12 (default 5), zstd 1 to 22 (default 3).
    #[arg(long, value_name = "N")]
    level: Option<u32>,
    /// Threads that compress. The bytes do not depend on it. Default: the number of CPUs.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// JSON of digest, diffID, sizes, number of entries and media type.
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// The layer's name, for its metadata.
    #[arg(long, default_value = "")]
    name: String,
    /// Write a fragment for `concat`, without directories and without the end of an archive. Its
    /// sidecar goes to --metadata.
    #[arg(long, requires = "metadata")]
    fragment: bool,
    /// Leave the files that this glob matches out of the fragment. It matches paths in the image,
    /// without a leading `/`; `**` matches any number of directories.
    #[arg(long, value_name = "GLOB", requires = "fragment")]
    exclude: Vec<String>,
    /// Write a slice of a layer with --by-path: a fragment that has its directories, except DIR and
    /// those above it, which an earlier slice has. / for the first slice.
    #[arg(long, value_name = "DIR", requires = "fragment")]
    slice_below: Option<String>,
    /// Sort entries by path, write ./ before each path, and write identical files again, as other
    /// programs do with a sorted manifest. Default: similar files are next to each other, and
    /// identical files are hard links.
    #[arg(long, conflicts_with = "fragment")]
    by_path: bool,
    /// Write identical files again. Default: they are hard links, except for files that programs are
    /// likely to change in place.
    #[arg(long)]
    no_hard_links: bool,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let encoding = Encoding::new(self.compress, self.level)?;
        if let (true, Some(sidecar)) = (self.fragment, self.metadata.clone()) {
            return fragment::write(&fragment::Options {
                manifests: self.manifest,
                output: self.output,
                sidecar,
                encoding,
                threads: threads(self.threads),
                hard_links: !self.no_hard_links,
                exclude: self.exclude,
                slice_below: self.slice_below,
            });
        }
        layer::write(&layer::Options {
            name: self.name,
            manifests: self.manifest,
            output: self.output,
            metadata: self.metadata,
            encoding,
            threads: threads(self.threads),
            order: if self.by_path {
                Order::ByPath
            } else {
                Order::Alike
            },
            hard_links: !self.no_hard_links,
        })
    }
}
