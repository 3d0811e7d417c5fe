//! The commands for whole images.

use clap::Args;
use layer_tool::describe::describe;
use layer_tool::error::{Error, Result};
use layer_tool::oci::config::Settings;
use layer_tool::oci::layout::{Choice, Layout, Trust};
use layer_tool::oci::platform::Platform;
use layer_tool::oci::{archive, descriptor, image, index, load, pairs, Names};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Describes a layer that something else wrote, for `image`.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool describe certificates.tar.gz --metadata certificates.json")]
pub struct DescribeArgs {
    /// The layer: a tar of any compression.
    layer: PathBuf,
    /// JSON of digest, diffID, sizes, number of entries and media type.
    #[arg(long, value_name = "FILE")]
    metadata: PathBuf,
    /// The layer's name, for its metadata.
    #[arg(long, default_value = "")]
    name: String,
}

impl DescribeArgs {
    pub fn run(self) -> Result<()> {
        describe(&self.layer, &self.name, &self.metadata)
    }
}

/// Writes what an image says of a layer, for programs that make images themselves.
///
/// The descriptor of the manifest (mediaType, digest, size), and of the configuration `diff_id` and
/// `history`. Only the metadata is read.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool descriptor app.json --output app.descriptor.json")]
pub struct DescriptorArgs {
    /// The metadata of the layer.
    metadata: PathBuf,
    /// The descriptor, a JSON object.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl DescriptorArgs {
    pub fn run(self) -> Result<()> {
        descriptor::write(&self.metadata, &self.output)
    }
}

/// Names of an image in its layout.
#[derive(Args)]
struct NameArgs {
    /// Tag in the layout (org.opencontainers.image.ref.name).
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Name that `load` gives it: [HOST[:PORT]/]NAME:TAG (io.containerd.image.name).
    #[arg(long, value_name = "NAME:TAG")]
    repo_tag: Option<String>,
    /// Annotation of the image; repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::named::<String>)]
    annotation: Vec<(String, String)>,
    /// File of annotations, NAME=VALUE lines; --annotation replaces them.
    #[arg(long, value_name = "FILE")]
    annotation_file: Option<PathBuf>,
}

impl NameArgs {
    fn split(self) -> Result<(Names, BTreeMap<String, String>)> {
        let names = Names {
            tag: self.tag,
            repo_tag: self.repo_tag,
        };
        let annotations = with_file(self.annotation_file, self.annotation)?;
        Ok((names, annotations.into_iter().collect()))
    }
}

/// The pairs of a file, and those that go before them.
fn with_file(file: Option<PathBuf>, given: Vec<(String, String)>) -> Result<Vec<(String, String)>> {
    let mut pairs = file.as_deref().map_or(Ok(Vec::new()), pairs::read)?;
    pairs.extend(given);
    Ok(pairs)
}

/// Writes an image of layers as an OCI image layout, a folder.
///
/// The metadata says all of a layer; what is copied is read once, for its digest. Layers are hard links where nobody may
/// write the file and the file system can, else clones or copies. Empty ones are left out.
#[derive(Args)]
#[command(after_help = "\
Examples:
  layer_tool image --layer app.tar.gz --metadata app.json --platform linux/amd64 \\
    --entrypoint /app --env LANG=C.UTF-8 --tag latest --output image
  layer_tool image --base debian --layer app.tar.gz --metadata app.json \\
    --entrypoint /app --user nobody --output image
  layer_tool image --base debian --metadata app.json --sparse --output sparse --digest digest")]
pub struct ImageArgs {
    /// The layout, which is not there yet or an empty folder.
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,
    /// Metadata of a layer, lowest first; repeatable.
    #[arg(long, value_name = "FILE")]
    metadata: Vec<PathBuf>,
    /// The layer of each --metadata, in the same order.
    #[arg(long, value_name = "FILE")]
    layer: Vec<PathBuf>,
    /// Write configuration and manifest, and no layer.
    #[arg(long, conflicts_with = "layer")]
    sparse: bool,
    /// OCI image layout of the image below.
    #[arg(long, value_name = "FOLDER")]
    base: Option<PathBuf>,
    /// Tag of the image in that layout, where it has several for the platform
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
    /// The file that the image starts: where it is a Python script, --python goes before the
    /// entrypoint.
    #[arg(long, value_name = "FILE", requires = "python")]
    launcher: Option<PathBuf>,
    /// Path of the Python interpreter in the image. Its folder is the last one of the variable PATH,
    /// for programs of the image that look for a Python there; an --env of that name says otherwise.
    #[arg(long, value_name = "PATH")]
    python: Option<String>,
    /// Variable of the environment; repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// File of variables, NAME=VALUE lines; they replace those of --env.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Folder to start in, absolute.
    #[arg(long, value_name = "PATH")]
    workdir: Option<String>,
    /// USER or USER:GROUP, each an id or a name.
    #[arg(long)]
    user: Option<String>,
    /// Label; repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::named::<String>)]
    label: Vec<(String, String)>,
    /// File of labels, NAME=VALUE lines; --label replaces them.
    #[arg(long, value_name = "FILE")]
    label_file: Option<PathBuf>,
    /// PORT or PORT/PROTOCOL; repeatable.
    #[arg(long, value_name = "PORT")]
    exposed_port: Vec<String>,
    /// Folder whose content is none of the image's, an absolute path; repeatable.
    #[arg(long, value_name = "PATH")]
    volume: Vec<String>,
    #[command(flatten)]
    names: NameArgs,
}

impl ImageArgs {
    pub fn run(self) -> Result<()> {
        if !self.sparse && self.layer.len() != self.metadata.len() {
            return Err(Error::Usage(format!(
                "{} --layer, but {} --metadata; give one layer for each, or --sparse",
                self.layer.len(),
                self.metadata.len()
            )));
        }
        let folder = |path: &'_ str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let given = |words: Vec<String>| Some(words).filter(|words| !words.is_empty());
        let of_file = with_file(self.env_file, Vec::new())?.into_iter();
        let of_file = of_file.map(|(name, value)| format!("{name}={value}"));
        let env = self.env.into_iter().chain(of_file).collect();
        let mut settings = Settings {
            entrypoint: given(self.entrypoint),
            cmd: given(self.cmd),
            env,
            end_of_path: self.python.as_deref().and_then(folder),
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

fn trust(is_trusted: bool) -> Trust {
    if is_trusted {
        Trust::BuildSystem
    } else {
        Trust::Nobody
    }
}

/// Puts the images of several layouts into one, as an index by platform.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool index image_amd64 image_arm64 --tag latest --output image")]
pub struct IndexArgs {
    /// OCI image layouts.
    #[arg(required = true, value_name = "FOLDER")]
    layouts: Vec<PathBuf>,
    /// The layout, which is not there yet or an empty folder.
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,
    /// Write no layer.
    #[arg(long)]
    sparse: bool,
    /// Do not read layers for their digests: the build that wrote the layouts vouches for them.
    #[arg(long)]
    trust_layers: bool,
    /// File for the digest of the index.
    #[arg(long, value_name = "FILE")]
    digest: Option<PathBuf>,
    #[command(flatten)]
    names: NameArgs,
}

impl IndexArgs {
    pub fn run(self) -> Result<()> {
        let (names, annotations) = self.names.split()?;
        index::write(&index::Options {
            layouts: self.layouts,
            trust: trust(self.trust_layers),
            sparse: self.sparse,
            annotations,
            names,
            output: self.output,
            digest: self.digest,
        })
    }
}

/// Which image of a layout.
#[derive(Args)]
struct ChoiceArgs {
    /// OCI image layout.
    #[arg(value_name = "FOLDER")]
    layout: PathBuf,
    /// OS/ARCHITECTURE[/VARIANT], of several.
    #[arg(long)]
    platform: Option<Platform>,
    /// Tag of the image in the layout, of several for one platform
    /// (org.opencontainers.image.ref.name).
    #[arg(long)]
    tag: Option<String>,
    /// Name in the store: [HOST[:PORT]/]NAME:TAG; repeatable. Default: what the layout says of
    /// this image.
    #[arg(long, value_name = "NAME:TAG")]
    repo_tag: Vec<String>,
}

impl From<ChoiceArgs> for archive::Options {
    fn from(args: ChoiceArgs) -> Self {
        Self {
            layout: args.layout,
            choice: Choice {
                platform: args.platform,
                tag: args.tag,
            },
            repo_tags: args.repo_tag,
        }
    }
}

/// Writes an image as a docker-archive, for `docker load`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  layer_tool archive image --repo-tag app:latest --output image.tar
  layer_tool archive image --output - | ssh host docker load")]
pub struct ArchiveArgs {
    #[command(flatten)]
    choice: ChoiceArgs,
    /// The archive; - for standard output.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl ArchiveArgs {
    pub fn run(self) -> Result<()> {
        archive::write(&self.choice.into(), &self.output)
    }
}

/// Loads an image into Docker or podman, without a file between.
///
/// Of several images that for the platform of this machine.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool load image --repo-tag app:latest")]
pub struct LoadArgs {
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Program whose `load` reads the image. Default: docker, else podman, on PATH.
    #[arg(long, value_name = "PROGRAM")]
    with: Option<PathBuf>,
}

impl LoadArgs {
    pub fn run(self) -> Result<()> {
        load::load(&self.choice.into(), self.with)
    }
}

/// Prints the digest of a layout's image or index.
#[derive(Args)]
pub struct DigestArgs {
    /// OCI image layout of one image or index.
    #[arg(value_name = "FOLDER")]
    layout: PathBuf,
}

impl DigestArgs {
    pub fn run(self) -> Result<()> {
        let layout = Layout::open(&self.layout)?;
        match &layout.index().manifests[..] {
            [image] => writeln!(crate::stdout(), "{}", image.digest)
                .map_err(Error::io("write", Path::new("standard output"))),
            images => {
                Err(layout.error(format!("holds {} images where one is meant", images.len())))
            }
        }
    }
}
