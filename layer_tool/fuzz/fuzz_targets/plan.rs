//! Plans of images: whatever they and lists of files say, a plan comes back from what its layers
//! and units say, in whatever order, and a report tells each of its files once.
#![no_main]

use image::budget;
use image::oci::MAX_LAYERS;
use image::plan::{self, Layer, Plan, UnitSpec};
use image::report::changes::What;
use image::report::{Facts, Format, Image, Options};
use image::validate::{validate, OtherMachines};
use layer::compress::Compression;
use layer::files::Files;
use layer::metadata::Metadata;
use layer_tool_fuzz::directory;
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files that are written to put a plan together again.
const MOST: usize = 8;

fn write(name: &str, json: &impl Serialize) -> PathBuf {
    let path = directory().join(name);
    fs::write(&path, serde_json::to_vec(json).expect("JSON")).expect("a file");
    path
}

fn read<T: DeserializeOwned>(json: Option<&[u8]>) -> Option<T> {
    serde_json::from_slice(json?).ok()
}

// A plan, then an older one and lists of files if there are any, with a zero between each two.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(3, |&byte| byte == 0);
    let Some(plan) = read::<Plan>(parts.next()) else {
        return;
    };
    let old = read::<Plan>(parts.next()).unwrap_or_else(|| plan.clone());
    let files = read::<Files>(parts.next());
    comes_back(&plan);

    let paths = [write("plan.json", &plan), write("old.json", &old)];
    let options = Options {
        plans: paths.to_vec(),
        files: files
            .iter()
            .map(|files| write("files.json", files))
            .collect(),
        against: Some(paths[1].clone()),
    };
    let facts = match Facts::read(&options) {
        Ok(facts) => facts,
        Err(error) => return assert!(files.is_some(), "{error}"),
    };
    for format in [Format::Text, Format::Json, Format::Html] {
        let written = facts.write(format, &mut io::sink(), Path::new("sink"));
        written.expect("a sink takes all");
    }
    let [new, old] = &facts.images[..] else {
        panic!("two images have {} facts", facts.images.len());
    };
    for image in [new, old] {
        each_file_once(image, files.as_ref());
    }
    changes(old, new);
    within_budget(&paths[0], new);
    let valid = validate(
        &image::validate::Options {
            plan: paths[0].clone(),
            output: "/dev/null".into(),
            threshold_mib: 1,
            warn_layer_count: 2,
            warnings: Vec::new(),
            hub: "pip".to_owned(),
            machine: Some("x86_64".to_owned()),
            other_machines: OtherMachines::Warning,
        },
        &mut io::sink(),
    );
    assert_eq!(valid.is_ok(), new.layers.len() <= MAX_LAYERS);
});

/// Puts a plan together again, of what its layers and units say.
fn comes_back(plan: &Plan) {
    let units: usize = plan.layers.iter().map(|layer| layer.units.len()).sum();
    if plan.layers.len() + units > MOST {
        return;
    }
    let mut plan = plan.clone();
    for (number, layer) in plan.layers.iter_mut().enumerate() {
        layer.name += &number.to_string();
        layer.content.files = 0;
        for unit in &mut layer.units {
            unit.group.clone_from(&layer.name);
            // What more files would be, no layer has.
            unit.content.files >>= 8;
            layer.content.files += unit.content.files;
            if unit.excluded.is_none() {
                unit.excluded.bytes = 0;
            }
        }
        let content = &mut layer.content;
        for size in [&mut content.size, &mut content.uncompressed_size] {
            *size >>= 1;
        }
    }
    let name = |layer: usize| format!("layer{layer}.json");
    let layers = plan.layers.iter().enumerate();
    let layers = layers.map(|(at, layer)| write(&name(at), &metadata(layer)));
    let layers = layers.collect();
    let mut units = Vec::new();
    // The last layer's first: only within a layer the order counts.
    for layer in plan.layers.iter().rev() {
        for unit in &layer.units {
            let json = serde_json::to_vec(&unit).expect("JSON");
            let sidecar = directory().join(format!("unit{}.json", units.len()));
            fs::write(&sidecar, json).expect("a file");
            units.push(UnitSpec {
                name: unit.name.clone(),
                kind: unit.kind,
                group: unit.group.clone(),
                reason: unit.reason.clone(),
                sidecar,
            });
        }
    }
    let output = directory().join("output.json");
    plan::write(&plan::Options {
        name: plan.name.clone(),
        layers,
        units,
        output: output.clone(),
    })
    .expect("a plan");
    let same = |path: &Path, layers: &[&[Layer]]| {
        let written = Plan::read(path).expect("a plan");
        let written = serde_json::to_string(&written.layers).expect("JSON");
        let layers = serde_json::to_string(&layers.concat()).expect("JSON");
        assert_eq!(written, layers);
    };
    same(&output, &[&plan.layers]);

    let joined = directory().join("joined.json");
    plan::join(String::new(), &[output.clone(), output.clone()], &joined).expect("a plan");
    same(&joined, &[&plan.layers, &plan.layers]);
    for output in [output, joined] {
        fs::remove_file(output).expect("an output");
    }
}

fn metadata(layer: &Layer) -> Metadata {
    Metadata {
        name: layer.name.clone(),
        media_type: Compression::None,
        digest: layer.content.digest.clone(),
        diff_id: None,
        size: layer.content.size,
        uncompressed_size: layer.content.uncompressed_size,
        entries: 0,
        files: layer.content.files,
        machines: layer.content.machines.clone(),
        compression: Compression::None,
        level: None,
        compressor: None,
    }
}

/// Of a layer that is listed, each file is one unit's.
fn each_file_once(image: &Image, files: Option<&Files>) {
    let listed: HashMap<&str, usize> = files
        .iter()
        .flat_map(|files| &files.layers)
        .map(|listing| (listing.digest.as_str(), listing.files.len()))
        .collect();
    for layer in &image.layers {
        let told = layer
            .units
            .iter()
            .flat_map(|unit| unit.paths.iter().flatten());
        let listed = listed.get(layer.digest.as_str());
        assert_eq!(told.count(), listed.copied().unwrap_or_default());
    }
}

/// Nothing of an image has changed against itself; what is gone and what is new make up for all
/// units that another has more.
fn changes(old: &Image, new: &Image) {
    let none = old.changes.as_ref().expect("changes");
    assert!(none.units.is_empty() && none.new_layers == 0, "{none:?}");
    let units = |image: &Image| {
        image
            .layers
            .iter()
            .map(|layer| layer.units.len())
            .sum::<usize>()
    };
    let changes = &new.changes.as_ref().expect("changes").units;
    let count = |what| changes.iter().filter(|change| change.what == what).count();
    assert_eq!(
        units(old) + count(What::Added),
        units(new) + count(What::Removed)
    );
}

/// A budget of all bytes is kept, and one of a byte less is exceeded.
fn within_budget(plan: &Path, image: &Image) {
    let check = |total| {
        let options = budget::Options {
            plans: vec![plan.to_owned()],
            files: Vec::new(),
            layers: Vec::new(),
            total: Some(total),
            uncompressed: true,
        };
        budget::check(&options, &mut io::sink()).is_ok()
    };
    assert!(check(image.uncompressed_size));
    if let Some(less) = image.uncompressed_size.checked_sub(1) {
        assert!(!check(less));
    }
}
