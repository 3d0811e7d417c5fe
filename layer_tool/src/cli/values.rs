//! Values that have a name: the crates know nothing of a command line.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use image::report;
use image::validate::OtherMachines;
use layer::compress::Compression;
use layer::ls;

pub fn compression() -> impl TypedValueParser<Value = Compression> {
    one_of([
        ("gzip", Compression::Gzip, "One gzip member (RFC 1952)"),
        ("zstd", Compression::Zstd, "One zstd frame (RFC 8878)"),
        ("none", Compression::None, "Plain tar"),
    ])
}

pub fn list_format() -> impl TypedValueParser<Value = ls::Format> {
    one_of([
        (
            "text",
            ls::Format::Text,
            "One line per entry, like `ls -l`, with unprintable bytes escaped",
        ),
        ("json", ls::Format::Json, "An array of objects"),
        ("mtree", ls::Format::Mtree, "mtree(5), without the contents"),
    ])
}

pub fn report_format() -> impl TypedValueParser<Value = report::Format> {
    one_of([
        ("text", report::Format::Text, "Tables"),
        (
            "json",
            report::Format::Json,
            "An array for metadata, an object for plans",
        ),
        (
            "html",
            report::Format::Html,
            "One page that loads nothing else",
        ),
    ])
}

pub fn other_machines() -> impl TypedValueParser<Value = OtherMachines> {
    one_of([
        ("warning", OtherMachines::Warning, "A warning"),
        ("error", OtherMachines::Error, "An error"),
    ])
}

/// Takes the names of values, and tells these and what they mean.
fn one_of<T, const N: usize>(
    values: [(&'static str, T, &'static str); N],
) -> impl TypedValueParser<Value = T>
where
    T: Clone + Send + Sync + 'static,
{
    let names = values
        .iter()
        .map(|(name, _, help)| PossibleValue::new(*name).help(*help));
    PossibleValuesParser::new(names.collect::<Vec<_>>()).try_map(move |name| {
        let named = values.iter().find(|value| value.0 == name);
        named.map(|value| value.1.clone()).ok_or("no such value")
    })
}
