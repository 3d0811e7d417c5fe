//! What an image has that another one has not, and the other way round.

use super::{sum, File, Image, Layer, Unit};
use crate::plan::Kind;
use layer::entries::by_component;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// The difference of two images.
#[derive(Clone, Debug, Serialize)]
pub struct Changes {
    /// Compressed bytes of the layers that the old image has not: what a registry that has
    /// the old image is sent.
    pub new_layers_size: u64,
    /// How many layers that is.
    pub new_layers: usize,
    /// In the order of the layers, then what is gone.
    pub units: Vec<Change>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// The old image has no unit of that name.
    Added,
    /// The new image has no unit of that name.
    Removed,
    /// It has other bytes.
    Changed,
    /// It has the same bytes in another layer.
    Moved,
}

impl What {
    /// As JSON has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Moved => "moved",
        }
    }
}

/// A unit that is not as it was.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What happened.
    pub what: What,
    /// The unit's name.
    pub unit: String,
    /// The layer that had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_layer: Option<String>,
    /// The layer that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Compressed bytes before and now.
    pub sizes: [u64; 2],
    /// Bytes of the tar before and now.
    pub uncompressed_sizes: [u64; 2],
    /// The files of a changed unit that differ; None: those of one of the two are not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<FileChange>>,
}

/// A file that is not as it was.
#[derive(Clone, Debug, Serialize)]
pub struct FileChange {
    /// What happened.
    pub what: What,
    /// Its path, escaped.
    pub path: String,
    /// Bytes of the tar before and now.
    pub uncompressed_sizes: [u64; 2],
}

impl Changes {
    /// What is in `new` and not in `old`, and what is gone.
    #[must_use]
    pub fn of(old: &Image, new: &Image) -> Self {
        let layers: HashSet<_> = old.layers.iter().map(|layer| &layer.digest).collect();
        let new_layers: Vec<_> = new
            .layers
            .iter()
            .filter(|layer| !layers.contains(&layer.digest))
            .collect();

        // The same bytes first, then the same name in the same layer, then that alone: globs
        // may have cut a unit into several of one name.
        let same: [fn(Placed<'_>) -> Same<'_>; 4] = [
            |placed| same(placed, true, true),
            |placed| same(placed, true, false),
            |placed| same(placed, false, true),
            |placed| same(placed, false, false),
        ];
        let mut before: Vec<_> = placed(old).map(Some).collect();
        let now: Vec<_> = placed(new).collect();
        let mut pairs = vec![None; now.len()];
        for same in same {
            // Of units that are the same in this way the first is the last of its list.
            let mut found: HashMap<_, Vec<_>> = HashMap::new();
            for (at, old) in before.iter().enumerate().rev() {
                if let Some(old) = *old {
                    found.entry(same(old)).or_default().push(at);
                }
            }
            for (pair, &new) in pairs.iter_mut().zip(&now) {
                if pair.is_none() {
                    let at = found.get_mut(&same(new)).and_then(Vec::pop);
                    *pair = at.and_then(|at| before[at].take());
                }
            }
        }
        let units = pairs
            .into_iter()
            .zip(now)
            .filter_map(|(old, new)| change(old, Some(new)))
            .chain(
                before
                    .into_iter()
                    .flatten()
                    .filter_map(|old| change(Some(old), None)),
            )
            .collect();
        Self {
            new_layers_size: sum(new_layers.iter().map(|layer| layer.size)),
            new_layers: new_layers.len(),
            units,
        }
    }
}

type Placed<'a> = (&'a Layer, &'a Unit);

fn placed(image: &Image) -> impl Iterator<Item = Placed<'_>> {
    let units = |layer: &'_ Layer| layer.units.len();
    image
        .layers
        .iter()
        .flat_map(move |layer| (0..units(layer)).map(move |at| (layer, &layer.units[at])))
}

/// By what two units are told to be one: name and kind always, digest and layer if that counts.
type Same<'a> = (&'a str, Kind, Option<&'a str>, Option<&'a str>);

fn same((layer, unit): Placed<'_>, digest: bool, name: bool) -> Same<'_> {
    (
        &unit.name,
        unit.kind,
        digest.then_some(&unit.digest),
        name.then_some(&layer.name),
    )
}

/// None for what is as it was.
fn change(old: Option<Placed<'_>>, new: Option<Placed<'_>>) -> Option<Change> {
    let what = match (old, new) {
        (Some((a, old)), Some((b, new))) if old.digest == new.digest => {
            if a.name == b.name {
                return None;
            }
            What::Moved
        }
        (Some(_), Some(_)) => What::Changed,
        (Some(_), None) => What::Removed,
        (None, _) => What::Added,
    };
    let of =
        |size: fn(&Unit) -> u64| [old, new].map(|placed| placed.map_or(0, |(_, unit)| size(unit)));
    Some(Change {
        what,
        unit: new.or(old).map(|(_, unit)| unit.name.clone())?,
        old_layer: old.map(|(layer, _)| layer.name.clone()),
        layer: new.map(|(layer, _)| layer.name.clone()),
        sizes: of(|unit| unit.size),
        uncompressed_sizes: of(|unit| unit.uncompressed_size),
        files: match (what, old, new) {
            (What::Changed, Some((_, old)), Some((_, new))) => {
                let both = old.paths.as_ref().zip(new.paths.as_ref());
                both.map(|(old, new)| files(old, new))
            }
            _ => None,
        },
    })
}

/// The difference of two lists of files, each in the order of [`by_component`].
fn files(old: &[File], new: &[File]) -> Vec<FileChange> {
    let mut changes = Vec::new();
    let mut tell = |what, file: &File, uncompressed_sizes| {
        changes.push(FileChange {
            what,
            path: file.path.clone(),
            uncompressed_sizes,
        });
    };
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return changes,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => by_component(old.path.as_bytes(), new.path.as_bytes()),
        };
        let before = if order.is_le() { old.next() } else { None };
        let now = if order.is_ge() { new.next() } else { None };
        match (before, now) {
            (Some(old), Some(new)) => {
                if (&old.digest, &old.link, old.uncompressed_size)
                    != (&new.digest, &new.link, new.uncompressed_size)
                {
                    let sizes = [old.uncompressed_size, new.uncompressed_size];
                    tell(What::Changed, new, sizes);
                }
            }
            (Some(old), None) => tell(What::Removed, old, [old.uncompressed_size, 0]),
            (None, Some(new)) => tell(What::Added, new, [0, new.uncompressed_size]),
            (None, None) => return changes,
        }
    }
}
