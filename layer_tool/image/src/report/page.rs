//! A report as one page, for which a browser needs nothing else.
//!
//! The page's own files stand in `page/`. Its data says each unit once, whatever the number
//! of images, and its files as a tree, so that a directory's name is there once.

use super::{Changes, Facts, File, Unit};
use layer::mtree::vis;
use serde_json::{json, Value};
use std::collections::HashMap;
use std::io::{self, Write};

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// Writes the page.
///
/// # Errors
/// `out` fails.
pub fn write(facts: &Facts, out: &mut impl Write) -> io::Result<()> {
    // In a script element nothing but `</` and `<!--` has a meaning.
    let data = data(facts).to_string().replace('<', "\\u003c");
    let title = match &facts.images[..] {
        [image] => escaped(&image.name),
        images => format!("{} images", images.len()),
    };
    // The parts come one after another: none is searched for what another has.
    let mut rest = PAGE;
    for (place, part) in [
        ("{{title}}", &*title),
        ("{{style}}", STYLE),
        ("{{data}}", &data),
        ("{{script}}", SCRIPT),
    ] {
        let (before, after) = rest.split_once(place).unwrap_or((rest, ""));
        out.write_all(before.as_bytes())?;
        out.write_all(part.as_bytes())?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A path as people know it.
fn shown(path: &str) -> String {
    vis::unescape(path.as_bytes()).map_or_else(
        |_| path.to_owned(),
        |bytes| String::from_utf8_lossy(&bytes).into_owned(),
    )
}

fn data(facts: &Facts) -> Value {
    let mut units = Vec::new();
    let mut known: HashMap<(&str, bool), usize> = HashMap::new();
    let mut number = |unit| {
        let Unit { digest, paths, .. }: &Unit = unit;
        *known.entry((digest, paths.is_some())).or_insert_with(|| {
            units.push(json!({
                "name": unit.name,
                "kind": unit.kind,
                "digest": unit.digest,
                "size": [unit.size, unit.uncompressed_size],
                "files": unit.files,
                "tree": unit.paths.as_ref().map(|paths| tree(paths)),
            }));
            units.len() - 1
        })
    };
    let mut images = Vec::new();
    for image in &facts.images {
        let mut layers = Vec::new();
        for layer in &image.layers {
            let units: Vec<_> = layer
                .units
                .iter()
                .map(|unit| {
                    json!({
                        "unit": number(unit),
                        "reason": unit.reason,
                        "excluded": unit.excluded,
                        "shared": unit.shared_with,
                    })
                })
                .collect();
            layers.push(json!({
                "name": layer.name,
                "digest": layer.digest,
                "size": [layer.size, layer.uncompressed_size],
                "files": layer.files,
                "shared": layer.shared_with,
                "units": units,
            }));
        }
        let duplicates: Vec<_> = image
            .duplicates
            .iter()
            .map(|duplicate| {
                let at: Vec<_> = duplicate.copies.iter().map(|copy| copy.at).collect();
                json!([duplicate.wasted, at])
            })
            .collect();
        images.push(json!({
            "name": image.name,
            "size": [image.size, image.uncompressed_size],
            "files": image.files,
            "layers": layers,
            "duplicates": duplicates,
            "changes": image.changes.as_ref().map(changes),
        }));
    }
    json!({"against": facts.against, "images": images, "units": units})
}

fn changes(changes: &Changes) -> Value {
    let units: Vec<_> = changes
        .units
        .iter()
        .map(|change| {
            let files: Option<Vec<_>> = change.files.as_ref().map(|files| {
                files
                    .iter()
                    .map(|file| json!([file.what, shown(&file.path), file.uncompressed_sizes]))
                    .collect()
            });
            json!({
                "what": change.what,
                "unit": change.unit,
                "layers": [change.old_layer, change.layer],
                "sizes": [change.sizes, change.uncompressed_sizes],
                "files": files,
            })
        })
        .collect();
    json!({"size": changes.new_layers_size, "layers": changes.new_layers, "units": units})
}

/// Files as a directory: its name, then what it holds in the order of the paths, a file as its
/// name and its size, a directory as an array.
fn tree(files: &[File]) -> Value {
    let mut open = vec![(String::new(), vec![json!("")])];
    for file in files {
        let (directory, name) = match file.path.rsplit_once('/') {
            Some((directory, name)) => (format!("{directory}/"), name),
            None => (String::new(), &*file.path),
        };
        // What is outermost has an empty name.
        while open
            .last()
            .is_some_and(|(top, _)| !directory.starts_with(top.as_str()))
        {
            close(&mut open);
        }
        let mut known = open.last().map_or(0, |(top, _)| top.len());
        while let Some(length) = directory[known..].find('/') {
            let path = directory[..=known + length].to_owned();
            open.push((path, vec![json!(shown(&directory[known..known + length]))]));
            known += length + 1;
        }
        if let Some((_, children)) = open.last_mut() {
            children.push(json!(shown(name)));
            children.push(json!(file.uncompressed_size));
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop()
        .map_or(Value::Null, |(_, children)| Value::Array(children))
}

/// Puts the innermost directory into that above it.
fn close(open: &mut Vec<(String, Vec<Value>)>) {
    let Some((_, children)) = open.pop() else {
        return;
    };
    if let Some((_, parent)) = open.last_mut() {
        parent.push(Value::Array(children));
    }
}
