//! Checks of an image by its plan.

use crate::oci::MAX_LAYERS;
use crate::plan::{Kind, Layer, Plan, Unit};
use crate::report::table::human;
use layer::elf::NO_MACHINE;
use layer::error::{Error, Result};
use layer::output::{arguments, distinct, Output};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Bytes of a tar without entries (POSIX ustar: two blocks of zeros).
const END_OF_ARCHIVE: u64 = 1024;

/// The layer of the packages that no key of a tier names.
const PACKAGES: &str = "packages";

/// What to check, and against what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The plan's file.
    pub plan: PathBuf,
    /// Where the warnings go, if there is no error.
    pub output: PathBuf,
    /// MiB that the layer of ungrouped packages can have without a warning.
    pub threshold_mib: u64,
    /// The number of layers from which on there is a warning.
    pub warn_layer_count: usize,
    /// What else there is to warn of, found before.
    pub warnings: Vec<String>,
    /// The name of the hub in suggested keys.
    pub hub: String,
    /// The machine that the image is for, as [`layer::elf`] names it; None: any will do.
    pub machine: Option<String>,
    /// What a file for another machine is.
    pub other_machines: OtherMachines,
}

/// What a program or shared object for another machine than the image's is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherMachines {
    /// A warning.
    Warning,
    /// An error.
    Error,
}

/// Writes warnings to a file and to `err`.
///
/// # Errors
/// What is no plan; too many layers; files for another machine, where that is an error; a
/// file that cannot be written.
pub fn validate(options: &Options, err: &mut impl Write) -> Result<()> {
    distinct(
        arguments("--output", [&options.output]),
        arguments("--plan", [&options.plan]),
    )?;
    let plan = Plan::read(&options.plan)?;
    // The label that the user wrote, where the plan has one.
    let image = match plan.name.as_str() {
        "" => options.plan.clone(),
        name => name.into(),
    };
    let count = plan.layers.len();
    if count > MAX_LAYERS {
        return Err(Error::Content {
            path: image,
            problem: format!(
                "the image has {count} layers, and image stores take {MAX_LAYERS} at most; \
                 put more into one group"
            ),
        });
    }
    let others = plan
        .layers
        .iter()
        .flat_map(|layer| &layer.units)
        .flat_map(|unit| other_machines(unit, options.machine.as_deref()))
        .collect::<Vec<_>>();
    if options.other_machines == OtherMachines::Error && !others.is_empty() {
        return Err(Error::Content {
            path: image,
            problem: format!(
                "{}; depend on builds for that platform, leave files out by `exclude` of a \
                 layer_tier, or accept them by other_machines = \"warning\"",
                others.join(", ")
            ),
        });
    }
    let mut warnings = options.warnings.clone();
    warnings.extend(
        plan.layers
            .iter()
            .filter_map(|layer| took_nothing(&plan.name, layer)),
    );
    if count >= options.warn_layer_count {
        warnings.push(format!(
            "{}: the image has {count} layers (warn_layer_count = {}), and image stores take \
             {MAX_LAYERS} at most, those of the base image included; put more into one group",
            image.display(),
            options.warn_layer_count
        ));
    }
    for layer in &plan.layers {
        if layer.name == PACKAGES
            && layer.content.size > options.threshold_mib.saturating_mul(1 << 20)
        {
            let text = suggestion(layer, options.threshold_mib, &options.hub);
            warnings.push(format!("{}: {text}", image.display()));
        }
    }
    warnings.extend(others.into_iter().map(|other| {
        format!(
            "{}: {other}; depend on a build of it for that platform",
            image.display()
        )
    }));
    let text: String = warnings
        .iter()
        .map(|warning| format!("layer_tool: warning: {warning}\n"))
        .collect();
    let mut output = Output::create(&options.output)?;
    output
        .write_all(text.as_bytes())
        .map_err(Error::io("write", &options.output))?;
    err.write_all(text.as_bytes())
        .map_err(Error::io("write", Path::new("standard error")))?;
    output.commit()
}

/// The first file of a unit for each machine that is not the image's, or for none.
fn other_machines(unit: &Unit, machine: Option<&str>) -> Vec<String> {
    let wrong = |(other, path): (&String, &String)| {
        let file = format!("{path} of {}", unit.name);
        if other == NO_MACHINE {
            return Some(format!(
                "{file} is for no machine (e_machine 0), so nothing can load it"
            ));
        }
        let machine = machine.filter(|machine| other != machine)?;
        Some(format!(
            "{file} is for {other}, and the image for {machine}"
        ))
    };
    unit.content.machines.iter().filter_map(wrong).collect()
}

/// A warning of a layer whose regular expression found nothing.
fn took_nothing(image: &str, layer: &Layer) -> Option<String> {
    let [unit] = &layer.units[..] else {
        return None;
    };
    let expression = unit.reason.strip_prefix("layer_groups: ")?;
    (layer.content.uncompressed_size <= END_OF_ARCHIVE).then(|| {
        format!(
            "attribute layer_groups of {image}: {expression} for {:?} matches no path in the image, or \
             earlier entries take all files that it matches; correct it or leave it out",
            layer.name
        )
    })
}

/// The name of a group that tells what is inside.
fn group_name(packages: &[(&str, u64)]) -> String {
    match packages {
        [(one, _)] => (*one).to_owned(),
        [(one, _), (two, _)] => format!("{one}_{two}"),
        [(one, _), (two, _), rest @ ..] => format!("{one}_{two}_and_{}_more", rest.len()),
        [] => String::new(),
    }
}

/// Groups of at most the threshold each, where one package is not more by itself, that
/// leave no more than the threshold.
fn suggestion(layer: &Layer, threshold_mib: u64, hub: &str) -> String {
    let threshold = threshold_mib.saturating_mul(1 << 20);
    let mut text = format!(
        "layer {} has {} (warn_remote_cache_threshold_mb = {threshold_mib}), all of which is \
         uploaded again when one package changes",
        layer.name,
        human(layer.content.size)
    );
    // What globs cut, or two hubs have, is of one name.
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for unit in &layer.units {
        if unit.kind == Kind::Distribution {
            let size = sizes.entry(&unit.name).or_default();
            *size = size.saturating_add(unit.content.size);
        }
    }
    if sizes.is_empty() {
        text += "; leave out root and layer_groups to group packages with a layer_tier";
        return text;
    }
    let mut largest: Vec<_> = sizes.into_iter().collect();
    largest.sort_by_key(|&(_, size)| std::cmp::Reverse(size));

    let mut left = layer.content.size;
    let mut groups: Vec<(u64, Vec<(&str, u64)>)> = Vec::new();
    for (name, size) in largest {
        if left <= threshold {
            break;
        }
        left = left.saturating_sub(size);
        let fitting = groups
            .iter_mut()
            .find(|(sum, _)| sum.saturating_add(size) <= threshold);
        match fitting {
            Some((sum, packages)) => {
                *sum += size;
                packages.push((name, size));
            }
            None => groups.push((size, vec![(name, size)])),
        }
    }

    text += "; add these groups to your tier, or make one:\n\nlayer_tier(\n    name = \"tier\",\n    groups = {\n";
    let mut too_large = Vec::new();
    for (_, packages) in &groups {
        let group = group_name(packages);
        for (name, size) in packages {
            // Writing to a String does not fail.
            let _ = writeln!(
                text,
                "        \"@{hub}//{name}\": \"{group}\",  # {}",
                human(*size)
            );
            if *size > threshold {
                too_large.push(*name);
            }
        }
    }
    text += "    },\n)\n";
    let _ = writeln!(
        text,
        "\nOr set `layer_budget = N` there: the largest packages then get a layer each, with N layers in all."
    );
    for name in too_large {
        let _ = writeln!(
            text,
            "\n{name} alone is larger than that; split it with a glob, such as \"@{hub}//{name}:**/*.so\"."
        );
    }
    text
}
