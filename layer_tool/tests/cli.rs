//! The program as people and builds run it.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/base.rs"]
mod base;
#[path = "cli/budget.rs"]
mod budget;
#[path = "cli/concat.rs"]
mod concat;
#[path = "cli/descriptor.rs"]
mod descriptor;
#[path = "cli/directory.rs"]
mod directory;
#[path = "cli/exclude.rs"]
mod exclude;
#[path = "cli/faults.rs"]
mod faults;
#[path = "cli/foreign.rs"]
mod foreign;
#[path = "cli/hard_links.rs"]
mod hard_links;
#[path = "cli/image.rs"]
mod image;
#[path = "cli/layer.rs"]
mod layer;
#[path = "cli/links.rs"]
mod links;
#[path = "cli/listings.rs"]
mod listings;
#[path = "cli/ls.rs"]
mod ls;
#[path = "cli/outputs.rs"]
mod outputs;
#[path = "cli/pax.rs"]
mod pax;
#[path = "cli/pinned.rs"]
mod pinned;
#[path = "cli/plan.rs"]
mod plan;
#[path = "cli/readers.rs"]
mod readers;
#[path = "cli/repo_mapping.rs"]
mod repo_mapping;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/scale.rs"]
mod scale;
#[path = "cli/split.rs"]
mod split;
#[path = "cli/tree.rs"]
mod tree;
