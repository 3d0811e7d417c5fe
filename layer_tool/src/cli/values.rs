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
            "A line an entry, as `ls -l` has it, unprintable bytes escaped",
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
            "Of metadata an array, of plans an object",
        ),
        (
            "html",
            report::Format::Html,
            "One page without anything from elsewhere",
        ),
    ])
}

pub fn other_machines() -> impl TypedValueParser<Value = OtherMachines> {
    one_of([
        (
            "warning",
            OtherMachines::Warning,
            "The image is as good as any",
        ),
        ("error", OtherMachines::Error, "The image is of no use"),
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
