//! The parts that run for every entry, to be counted by callgrind: `hot PART ROUNDS`. A round
//! is 1000 entries.

use layer::entry::{Attributes, Body, Entry};
use layer::error::Location;
use layer::image_path::ImagePath;
use layer::mtree;
use layer::tar::{encode_header, Kind};
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

fn path(number: usize) -> String {
    format!(
        "app.runfiles/_main/site-packages/package_{:03}/module_{number:06}.py",
        number % 100
    )
}

/// Entries of what is done again and again, so that making it is no part of the count.
const ROUND: usize = 1000;

/// A manifest's lines to records.
fn parse(rounds: usize) -> usize {
    let mut manifest = "#mtree\n/set type=file uid=0 gid=0 mode=0755 time=0\n".to_owned();
    for number in 0..ROUND {
        let path = path(number);
        manifest += &format!("./{path} contents=bazel-out/k8-fastbuild/bin/{path}\n");
    }
    (0..rounds)
        .map(|_| {
            mtree::parse(black_box(manifest.as_bytes()))
                .filter(Result::is_ok)
                .count()
        })
        .sum()
}

/// Entries to tar headers, one in eight of them with a pax record.
fn headers(rounds: usize) -> usize {
    let attributes = Arc::new(Attributes::default());
    let location = Location::new(Path::new("m"), 1);
    let entries: Vec<_> = (0..ROUND)
        .filter_map(|number| {
            let mut path = path(number).into_bytes();
            if number % 8 == 0 {
                path.extend_from_slice("\u{e9}".as_bytes());
            }
            Some(Entry {
                path: ImagePath::new(&path).ok()?,
                attributes: Arc::clone(&attributes),
                body: Body::Dir,
                parent_of: None,
                dmode: 0o755,
                location: location.clone(),
            })
        })
        .collect();
    let mut bytes = Vec::new();
    for entry in (0..rounds).flat_map(|_| &entries) {
        bytes.clear();
        encode_header("", black_box(entry), Kind::File(1), &mut bytes);
        black_box(&bytes);
    }
    rounds * ROUND
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let rounds = arguments.get(1).and_then(|rounds| rounds.parse().ok());
    let done = match (arguments.first().map(String::as_str), rounds) {
        (Some("parse"), Some(rounds)) => parse(rounds),
        (Some("headers"), Some(rounds)) => headers(rounds),
        _ => {
            eprintln!("usage: hot parse|headers ROUNDS");
            return ExitCode::from(2);
        }
    };
    println!("{done}");
    ExitCode::SUCCESS
}
