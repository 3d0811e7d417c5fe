//! The command line.

mod cli;

use clap::{Args, Parser, Subcommand};
use layer_tool::compress::Compression;
use layer_tool::error::{Error, Result};
use layer_tool::{
    concat, fragment, image_plan, layer, links, list, params, repo_mapping, split, tree_links,
    validate,
};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

/// Writes container image layers from mtree manifests.
///
/// Each argument --params=FILE stands for the lines of FILE, one argument each.
/// Exit codes: 0, 1 for an error in the input, 2 for wrong usage.
#[derive(Parser)]
#[command(name = "layer_tool", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Layer(LayerArgs),
    Concat(ConcatArgs),
    Split(SplitArgs),
    Links(LinksArgs),
    TreeLinks(TreeLinksArgs),
    Ls(LsArgs),
    RepoMapping(RepoMappingArgs),
    Report(cli::report::ReportArgs),
    Plan(PlanArgs),
    Validate(ValidateArgs),
    Files(cli::report::FilesArgs),
    Base(cli::report::BaseArgs),
    Budget(cli::report::BudgetArgs),
    Describe(cli::images::DescribeArgs),
    Descriptor(cli::images::DescriptorArgs),
    Image(Box<cli::images::ImageArgs>),
    Index(cli::images::IndexArgs),
    Archive(cli::images::ArchiveArgs),
    Load(cli::images::LoadArgs),
    Digest(cli::images::DigestArgs),
}

/// Writes a layer: a tar of what manifests name, compressed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  layer_tool layer --manifest app.mtree --output app.tar.gz --metadata app.json
  layer_tool layer --manifest app.mtree --output app.tar.zst --compress zstd --level 19
  layer_tool layer --params=app.params --threads 1")]
struct LayerArgs {
    /// mtree(5) manifest of what goes where; several are taken as one.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// The layer.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// How to compress.
    #[arg(long, value_enum, default_value = "gzip")]
    compress: Compression,
    /// Level: gzip 0 to 12 (default 5), zstd 1 to 22 (default 3).
    #[arg(long, value_name = "N")]
    level: Option<u32>,
    /// Threads that compress; the bytes do not depend on it. Default: the CPUs that there are.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// JSON of digest, diffID, sizes, number of entries and media type.
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// The layer's name, for its metadata.
    #[arg(long, default_value = "")]
    name: String,
    /// Write a fragment for `concat`: no folders, no end of an archive. Its sidecar goes to
    /// --metadata.
    #[arg(long, requires = "metadata")]
    fragment: bool,
    /// Leave out of the fragment what this is for: paths in the image without a leading `/`,
    /// `**` for any number of folders.
    #[arg(long, value_name = "GLOB", requires = "fragment")]
    exclude: Vec<String>,
    /// Write a fragment by path, with its folders in their places, but for DIR and those above
    /// it: a slice of a layer by path, of which earlier slices have these. / for the first one.
    #[arg(long, value_name = "DIR", requires = "fragment")]
    slice_below: Option<String>,
    /// Write entries by path, with ./ before it, and identical files again, as other programs do
    /// of a sorted manifest. Default: files that are alike by name, and identical ones as hard
    /// links.
    #[arg(long, conflicts_with = "fragment")]
    by_path: bool,
    /// Write identical files again. Default: they are hard links, but for what programs are likely
    /// to change in place.
    #[arg(long)]
    no_hard_links: bool,
}

/// Puts fragments together into a layer, without compressing them again.
///
/// The layer holds what one `layer` over the manifests of all fragments would hold.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool layer --fragment --manifest numpy.mtree --output numpy.part --metadata numpy.json
  layer_tool layer --fragment --manifest pandas.mtree --output pandas.part --metadata pandas.json
  layer_tool concat --fragment numpy.part --sidecar numpy.json \\
    --fragment pandas.part --sidecar pandas.json --output layer.tar.gz --metadata layer.json")]
struct ConcatArgs {
    /// A fragment; several follow each other in the layer.
    #[arg(long, value_name = "FILE")]
    fragment: Vec<PathBuf>,
    /// The sidecar of each fragment, in the same order.
    #[arg(long, value_name = "FILE")]
    sidecar: Vec<PathBuf>,
    /// The layer. Default: none is written, only its metadata.
    #[arg(long, value_name = "FILE", required_unless_present = "metadata")]
    output: Option<PathBuf>,
    /// JSON of digest, diffID, sizes, number of entries and media type. Without it nothing is
    /// hashed or decompressed.
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// How the fragments are compressed.
    #[arg(long, value_enum, default_value = "gzip")]
    compress: Compression,
    /// Their level: gzip 0 to 12 (default 5), zstd 1 to 22 (default 3).
    #[arg(long, value_name = "N")]
    level: Option<u32>,
    /// Threads that decompress for the diffID. Default: the CPUs that there are.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// The layer's name, for its metadata.
    #[arg(long, default_value = "")]
    name: String,
    /// Leave the diffID out: nothing is decompressed then.
    #[arg(long, requires = "metadata")]
    no_diff_id: bool,
}

/// Splits manifests into groups by regular expressions on the path in the image.
///
/// An expression is searched in the absolute path (/app/main.py); the first group that
/// finds itself takes the entry. Lookaround works.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool split --manifest all.mtree --group 'libs=/site-packages/(?!app)' --default app \\
    --output libs=libs.mtree --output app=app.mtree")]
struct SplitArgs {
    /// mtree(5) manifest; several are taken as one.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Group and expression, in the order of the tries.
    #[arg(long, value_name = "NAME=REGEX", value_parser = named::<String>)]
    group: Vec<(String, String)>,
    /// The group of what no expression matches.
    #[arg(long, value_name = "NAME")]
    default: String,
    /// What stands before the path that an expression is searched in.
    #[arg(long, value_name = "TEXT", default_value = "/")]
    prefix: String,
    /// Artifacts whose path this does not find are no links: their targets are written.
    #[arg(long, value_name = "REGEX")]
    links: Option<String>,
    /// The target whose attribute `layer_groups` has the groups, for errors.
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Manifest of a group; a group without one is dropped.
    #[arg(long, required = true, value_name = "NAME=FILE", value_parser = named::<PathBuf>)]
    output: Vec<(String, PathBuf)>,
    /// Sources that a group's manifest does not use, one a line, without those whose names have
    /// newlines.
    #[arg(long, value_name = "NAME=FILE", value_parser = named::<PathBuf>)]
    unused: Vec<(String, PathBuf)>,
}

/// Checks that the links of manifests point to something in the image.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool links --manifest links.mtree --elsewhere app.mtree --output checked")]
struct LinksArgs {
    /// mtree(5) manifest whose links are checked.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Manifest of what else is in the image; what it names is not read.
    #[arg(long, value_name = "FILE")]
    elsewhere: Vec<PathBuf>,
    /// An empty file, written if no link points to nothing.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes a manifest of the links and empty folders that are in trees.
///
/// With `links=listed` a tree has these links, also where a build tool shows copies of what they
/// lead to: give this manifest to `layer` and `split` before those of the trees.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool tree-links --manifest trees.mtree --output links.mtree
  layer_tool layer --manifest links.mtree --manifest app.mtree --output app.tar.gz")]
struct TreeLinksArgs {
    /// mtree(5) manifest of trees with links=keep; several are taken as one.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Manifest of what else is in the image, and so what a link can lead to.
    #[arg(long, value_name = "FILE")]
    elsewhere: Vec<PathBuf>,
    /// The manifest of links and empty folders.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Lists a layer of any compression.
#[derive(Args)]
#[command(after_help = "\
Examples:
  layer_tool ls app.tar.gz
  skopeo ... | layer_tool ls - --format json")]
struct LsArgs {
    /// The layer; - for standard input.
    layer: PathBuf,
    /// Form of the list.
    #[arg(long, value_enum, default_value = "text")]
    format: list::Format,
}

/// Merges the repository mappings of binaries that share one runfiles tree.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool repo-mapping --output _repo_mapping server.repo_mapping worker.repo_mapping")]
struct RepoMappingArgs {
    /// The mapping of a binary, as Bazel writes it.
    #[arg(required = true, value_name = "FILE")]
    mapping: Vec<PathBuf>,
    /// The mapping of all.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the plan of an image: the units of each layer, why they are there, and their sizes.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool plan --layer libs.json --output plan.json \\
    --unit '{\"name\": \"numpy\", \"kind\": \"distribution\", \"group\": \"libs\",
             \"reason\": \"large\", \"sidecar\": \"numpy.json\"}'
  layer_tool plan --plan base.json --plan app.json --output image.json")]
struct PlanArgs {
    /// The image's name, for reports.
    #[arg(long, default_value = "")]
    name: String,
    /// The metadata of a layer; several follow each other in the image.
    #[arg(long, required_unless_present = "plan", value_name = "FILE")]
    layer: Vec<PathBuf>,
    /// A unit of the layer that `group` names: kind is interpreter, distribution, target,
    /// dependency, own or layer; sidecar is that of its fragment, or the metadata of a layer that
    /// is one unit.
    #[arg(long, required_unless_present = "plan", value_name = "JSON")]
    unit: Vec<image_plan::Wanted>,
    /// Another plan, whose layers are taken as they are; several follow each other.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["layer", "unit"])]
    plan: Vec<PathBuf>,
    /// The plan, a JSON object.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Checks an image by its plan.
///
/// Fails for more layers than image stores take and, if told to, for files of another machine;
/// warns on standard error.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool validate --plan plan.json --output warnings.txt --machine x86_64")]
struct ValidateArgs {
    /// What `plan` wrote.
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// The warnings again; empty without any.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// MiB that the layer `packages` can have without a warning: packages in no group.
    #[arg(long, value_name = "N", default_value = "200")]
    warn_remote_cache_threshold_mb: u64,
    /// The number of layers from which on there is a warning.
    #[arg(long, value_name = "N", default_value = "90")]
    warn_layer_count: usize,
    /// One more thing to warn of; repeatable.
    #[arg(long, value_name = "TEXT")]
    warning: Vec<String>,
    /// The name of the hub in the keys that a warning suggests.
    #[arg(long, value_name = "NAME", default_value = "pip")]
    hub: String,
    /// The machine that the image is for: x86_64, aarch64, ... Default: not checked.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// What a program or shared object for another machine is.
    #[arg(long, value_name = "WHAT", default_value = "warning")]
    other_machines: validate::OtherMachines,
}

fn named<T: From<String>>(argument: &str) -> std::result::Result<(String, T), String> {
    match argument.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned().into())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

fn main() -> ExitCode {
    match run(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do if standard error is closed.
            let _ = writeln!(io::stderr(), "layer_tool: {}", one_line(&error.to_string()));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Names of files, and what other programs wrote, may hold anything.
fn one_line(message: &str) -> String {
    let mut line = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<()> {
    match Cli::parse_from(params::expand(arguments)?).command {
        Command::Layer(args) => write_layer(args),
        Command::Concat(args) => write_concat(args),
        Command::Split(args) => split::split(&split::Options {
            manifests: args.manifest,
            groups: args.group,
            default: args.default,
            prefix: args.prefix,
            links: args.links,
            label: args.label,
            outputs: args.output,
            unused: args.unused,
        }),
        Command::Links(args) => links::check(&links::Options {
            manifests: args.manifest,
            elsewhere: args.elsewhere,
            output: args.output,
        }),
        Command::TreeLinks(args) => tree_links::write(&tree_links::Options {
            manifests: args.manifest,
            elsewhere: args.elsewhere,
            output: args.output,
        }),
        Command::Ls(args) => list::list(&args.layer, args.format, &mut buffered_stdout()),
        Command::RepoMapping(args) => repo_mapping::merge(&args.mapping, &args.output),
        Command::Report(args) => args.run(),
        Command::Files(args) => args.run(),
        Command::Base(args) => args.run(),
        Command::Budget(args) => args.run(),
        Command::Plan(args) if !args.plan.is_empty() => {
            image_plan::join(args.name, &args.plan, &args.output)
        }
        Command::Plan(args) => image_plan::write(&image_plan::Options {
            name: args.name,
            layers: args.layer,
            units: args.unit,
            output: args.output,
        }),
        Command::Validate(args) => validate::validate(
            &validate::Options {
                plan: args.plan,
                output: args.output,
                threshold_mib: args.warn_remote_cache_threshold_mb,
                warn_layer_count: args.warn_layer_count,
                warnings: args.warning,
                hub: args.hub,
                machine: args.machine,
                other_machines: args.other_machines,
            },
            &mut io::stderr().lock(),
        ),
        Command::Describe(args) => args.run(),
        Command::Descriptor(args) => args.run(),
        Command::Image(args) => args.run(),
        Command::Index(args) => args.run(),
        Command::Archive(args) => args.run(),
        Command::Load(args) => args.run(),
        Command::Digest(args) => args.run(),
    }
}

fn write_layer(args: LayerArgs) -> Result<()> {
    if let (true, Some(sidecar)) = (args.fragment, args.metadata.clone()) {
        return fragment::write(&fragment::Options {
            manifests: args.manifest,
            output: args.output,
            sidecar,
            compression: args.compress,
            level: args.level,
            threads: threads(args.threads),
            hard_links: !args.no_hard_links,
            exclude: args.exclude,
            slice_below: args.slice_below,
        });
    }
    layer::write(&layer::Options {
        name: args.name,
        manifests: args.manifest,
        output: args.output,
        metadata: args.metadata,
        compression: args.compress,
        level: args.level,
        threads: threads(args.threads),
        by_path: args.by_path,
        hard_links: !args.no_hard_links,
    })
}

fn write_concat(args: ConcatArgs) -> Result<()> {
    if args.fragment.len() != args.sidecar.len() {
        return Err(Error::Usage(format!(
            "{} --fragment, but {} --sidecar; give one sidecar for each fragment",
            args.fragment.len(),
            args.sidecar.len()
        )));
    }
    concat::write(&concat::Options {
        name: args.name,
        fragments: args.fragment.into_iter().zip(args.sidecar).collect(),
        output: args.output,
        metadata: args.metadata,
        compression: args.compress,
        level: args.level,
        threads: threads(args.threads),
        diff_id: !args.no_diff_id,
    })
}

/// As many threads as were asked for, or as there are CPUs.
fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(
        || thread::available_parallelism().map_or(1, usize::from),
        usize::from,
    )
}

/// Standard output of what people read. It takes all once its reader has seen enough, as `head`
/// has: what a command answers does not depend on that.
struct Shown(io::StdoutLock<'static>);

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }
}

fn stdout() -> impl Write {
    Shown(io::stdout().lock())
}

fn buffered_stdout() -> impl Write {
    io::BufWriter::new(stdout())
}
