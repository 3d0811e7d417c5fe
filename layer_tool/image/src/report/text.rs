//! A report as tables for a terminal.

use super::changes::{Change, Changes};
use super::table::{aligned, human};
use super::{sum, Duplicate, Facts, Image, Unit};
use layer::exclude::Excluded;
use layer::metadata::Metadata;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Hexadecimal digits of a digest that tell units apart.
const SHORT: usize = 12;

/// Rows of what is listed biggest first.
const ROWS: usize = 10;

pub fn metadata(layers: &[Metadata], out: &mut impl Write) -> io::Result<()> {
    let row = |name: &str, files: u64, size: u64, digest: &str| {
        [
            name.to_owned(),
            files.to_string(),
            size.to_string(),
            human(size),
            digest.to_owned(),
        ]
    };
    let mut rows = vec![["layer", "files", "bytes", "size", "digest"].map(str::to_owned)];
    rows.extend(
        layers
            .iter()
            .map(|layer| row(&layer.name, layer.files, layer.size, layer.digest.as_str())),
    );
    rows.push(row(
        "total",
        sum(layers.iter().map(|layer| layer.files)),
        sum(layers.iter().map(|layer| layer.size)),
        "",
    ));
    aligned(&rows, [true, false, false, false, true], out)
}

pub fn facts(facts: &Facts, out: &mut impl Write) -> io::Result<()> {
    for (number, image) in facts.images.iter().enumerate() {
        if facts.images.len() > 1 {
            let gap = if number > 0 { "\n" } else { "" };
            writeln!(out, "{gap}{}\n", image.name)?;
        }
        units(image, out)?;
        biggest(image, out)?;
        duplicates(&image.duplicates, out)?;
        if let (Some(changes), Some(against)) = (&image.changes, &facts.against) {
            changed(changes, against, out)?;
        }
    }
    Ok(())
}

fn units(image: &Image, out: &mut impl Write) -> io::Result<()> {
    let row = |name: String, of: [u64; 3], digest: &str, note: &str| {
        let digest = digest.trim_start_matches("sha256:");
        [
            name,
            of[0].to_string(),
            human(of[1]),
            human(of[2]),
            digest.chars().take(SHORT).collect(),
            note.to_owned(),
        ]
    };
    let header = [
        "layer",
        "files",
        "uncompressed",
        "compressed",
        "digest",
        "reason",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    for layer in &image.layers {
        rows.push(row(
            layer.name.clone(),
            [layer.files, layer.uncompressed_size, layer.size],
            &layer.digest,
            &in_others("", &layer.shared_with),
        ));
        rows.extend(layer.units.iter().map(|unit| {
            row(
                format!("  {}", unit.name),
                [unit.files, unit.uncompressed_size, unit.size],
                &unit.digest,
                &reason(unit),
            )
        }));
    }
    rows.push(row(
        "total".to_owned(),
        [image.files, image.uncompressed_size, image.size],
        "",
        "",
    ));
    aligned(&rows, [true, false, false, false, true, true], out)
}

fn reason(unit: &Unit) -> String {
    let excluded = match unit.excluded {
        Excluded { files: 0, .. } => String::new(),
        Excluded { files, bytes } => format!(", without {files} files of {}", human(bytes)),
    };
    in_others(&format!("{}{excluded}", unit.reason), &unit.shared_with)
}

fn in_others(text: &str, others: &[String]) -> String {
    match (text, others) {
        (_, []) => text.to_owned(),
        ("", _) => format!("also in {}", others.join(", ")),
        _ => format!("{text}; also in {}", others.join(", ")),
    }
}

fn biggest(image: &Image, out: &mut impl Write) -> io::Result<()> {
    let mut files: Vec<_> = image
        .layers
        .iter()
        .flat_map(|layer| layer.units.iter().map(move |unit| (layer, unit)))
        .flat_map(|(layer, unit)| unit.paths.iter().flatten().map(move |file| (layer, file)))
        .collect();
    if files.is_empty() {
        return Ok(());
    }
    files.sort_by_key(|(_, file)| Reverse(file.uncompressed_size));
    let mut rows = vec![["uncompressed", "compressed", "layer", "file"].map(str::to_owned)];
    rows.extend(files.iter().take(ROWS).map(|(layer, file)| {
        [
            human(file.uncompressed_size),
            human(file.size),
            layer.name.clone(),
            file.path.clone(),
        ]
    }));
    writeln!(
        out,
        "\nThe biggest of {} files and links; compressed is an estimate, the share of the \
         package's bytes:\n",
        files.len()
    )?;
    aligned(&rows, [false, false, true, true], out)
}

fn duplicates(duplicates: &[Duplicate], out: &mut impl Write) -> io::Result<()> {
    if duplicates.is_empty() {
        return Ok(());
    }
    let wasted = sum(duplicates.iter().map(|duplicate| duplicate.wasted));
    writeln!(
        out,
        "\nThe same content in several files, {} times, takes {} more than once:\n",
        duplicates.len(),
        human(wasted)
    )?;
    let mut rows = vec![["more", "files", "layers", "the first"].map(str::to_owned)];
    rows.extend(duplicates.iter().take(ROWS).map(|duplicate| {
        let layers: BTreeSet<_> = duplicate.copies.iter().map(|copy| &*copy.layer).collect();
        [
            human(duplicate.wasted),
            duplicate.copies.len().to_string(),
            layers.into_iter().collect::<Vec<_>>().join(", "),
            duplicate.copies[0].path.clone(),
        ]
    }));
    aligned(&rows, [false, false, true, true], out)
}

fn changed(changes: &Changes, against: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "\nAgainst {against}: {} of layers are new ({})\n",
        human(changes.new_layers_size),
        changes.new_layers
    )?;
    let mut rows =
        vec![["change", "layer", "unit", "uncompressed", "compressed"].map(str::to_owned)];
    for change in &changes.units {
        rows.push([
            change.what.name().to_owned(),
            place(change),
            change.unit.clone(),
            difference(change.uncompressed_sizes),
            difference(change.sizes),
        ]);
        for file in change.files.iter().flatten().take(ROWS) {
            rows.push([
                format!("  {}", file.what.name()),
                String::new(),
                file.path.clone(),
                difference(file.uncompressed_sizes),
                String::new(),
            ]);
        }
        let more = change.files.iter().flatten().skip(ROWS).count();
        if more > 0 {
            let [empty, none] = [String::new(), String::new()];
            rows.push([
                format!("  and {more} more"),
                String::new(),
                String::new(),
                empty,
                none,
            ]);
        }
    }
    if rows.len() == 1 {
        return writeln!(out, "No package has changed.");
    }
    aligned(&rows, [true, true, true, false, false], out)
}

fn place(change: &Change) -> String {
    match (&change.old_layer, &change.layer) {
        (Some(old), Some(new)) if old != new => format!("{old} to {new}"),
        (old, new) => new.as_ref().or(old.as_ref()).cloned().unwrap_or_default(),
    }
}

fn difference([old, new]: [u64; 2]) -> String {
    if new < old {
        format!("-{}", human(old - new))
    } else {
        format!("+{}", human(new - old))
    }
}
