//! `image`: layers to an image.

use super::common::{trust, with_file, NameArgs};
use super::named;
use ::image::oci::config::Settings;
use ::image::oci::image;
use ::image::oci::platform::Platform;
use layer::error::{Error, Result};
use std::path::PathBuf;

/// Writes an image from layers, as an OCI image layout, which is a directory.
///
/// The metadata of a layer says everything about it; what is copied is read once, for its digest.
/// Layers become hard links if nobody may write the file and the file system allows it, else clones
/// or copies. Empty layers are left out.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  layer_tool image --layer app.tar.gz --metadata app.json --platform linux/amd64 \\
    --entrypoint /app --env LANG=C.UTF-8 --tag latest --output image
  layer_tool image --base debian --layer app.tar.gz --metadata app.json \\
    --entrypoint /app --user nobody --output image
  layer_tool image --base debian --metadata app.json --sparse --output sparse --digest digest")]
pub struct Args {
    /// The layout: a directory that does not exist yet or is empty.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Metadata of a layer; repeat it, lowest layer first.
    #[arg(long, value_name = "FILE")]
    metadata: Vec<PathBuf>,
    /// The layer of each --metadata, in the same order.
    #[arg(long, value_name = "FILE")]
    layer: Vec<PathBuf>,
    /// Write configuration and manifest, and no layer.
    #[arg(long, conflicts_with = "layer")]
    sparse: bool,
    /// OCI image layout of the image below.
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// Tag of the image in that layout, if it has several for the platform
    /// (org.opencontainers.image.ref.name).
    #[arg(long, value_name = "TAG", requires = "base")]
    base_tag: Option<String>,
    /// Do not read each --layer for its digest: the build that wrote its metadata vouches for it.
    #[arg(long)]
    trust_layers: bool,
    /// Do not read the blobs of --base for their digests: the build that wrote it vouches for them.
    #[arg(long, requires = "base")]
    trust_base: bool,
    /// OS/ARCHITECTURE[/VARIANT]. Default: that of the base.
    #[arg(long)]
    platform: Option<Platform>,
    /// File for the digest of the manifest.
    #[arg(long, value_name = "FILE")]
    digest: Option<PathBuf>,
    /// A word of the entrypoint; repeatable.
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    entrypoint: Vec<String>,
    /// A word of the command, which follows the entrypoint; repeatable.
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    cmd: Vec<String>,
    /// The file that the image starts. If it is a Python script, --python goes before the
    /// entrypoint.
    #[arg(long, value_name = "FILE", requires = "python")]
    launcher: Option<PathBuf>,
    /// Path of the Python interpreter in the image. Its directory is put at the end of the variable
    /// PATH, for programs of the image that look for a Python there, unless --env sets PATH.
    #[arg(long, value_name = "PATH")]
    python: Option<String>,
    /// Variable of the environment; repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// File of variables, NAME=VALUE lines; they replace those of --env.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Directory to start in, absolute.
    #[arg(long, value_name = "PATH")]
    workdir: Option<String>,
    /// USER or USER:GROUP, each an id or a name.
    #[arg(long)]
    user: Option<String>,
    /// Label; repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = named::<String>)]
    label: Vec<(String, String)>,
    /// File of labels, NAME=VALUE lines; --label replaces them.
    #[arg(long, value_name = "FILE")]
    label_file: Option<PathBuf>,
    /// PORT or PORT/PROTOCOL; repeatable.
    #[arg(long, value_name = "PORT")]
    exposed_port: Vec<String>,
    /// Absolute path of a directory that is mounted when the image runs; repeatable.
    #[arg(long, value_name = "PATH")]
    volume: Vec<String>,
    #[command(flatten)]
    names: NameArgs,
}

impl Args {
    pub fn run(self) -> Result<()> {
        if !self.sparse && self.layer.len() != self.metadata.len() {
            return Err(Error::Usage(format!(
                "{} --layer, but {} --metadata; give one layer for each, or --sparse",
                self.layer.len(),
                self.metadata.len()
            )));
        }
        let directory = |path: &'_ str| {
            path.rsplit_once('/')
                .map(|(directory, _)| directory.to_owned())
        };
        let given = |words: Vec<String>| Some(words).filter(|words| !words.is_empty());
        let of_file = with_file(self.env_file, Vec::new())?.into_iter();
        let of_file = of_file.map(|(name, value)| format!("{name}={value}"));
        let env = self.env.into_iter().chain(of_file).collect();
        let mut settings = Settings {
            entrypoint: given(self.entrypoint),
            cmd: given(self.cmd),
            env,
            end_of_path: self.python.as_deref().and_then(directory),
            workdir: self.workdir,
            user: self.user,
            labels: with_file(self.label_file, self.label)?
                .into_iter()
                .collect(),
            exposed_ports: self.exposed_port,
            volumes: self.volume,
        };
        if let (Some(launcher), Some(python)) = (self.launcher, self.python) {
            settings.start_by_python(&launcher, &python)?;
        }
        let (names, annotations) = self.names.split()?;
        image::write(&image::Options {
            metadata: self.metadata,
            layers: (!self.sparse).then_some(self.layer),
            trust_layers: trust(self.trust_layers),
            base: self.base,
            base_tag: self.base_tag,
            trust_base: trust(self.trust_base),
            platform: self.platform,
            settings,
            annotations,
            names,
            output: self.output,
            digest: self.digest,
        })
    }
}
