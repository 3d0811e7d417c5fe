//! `plan`: what layers and fragments say of themselves to the plan of an image.

use image::plan;
use layer::error::Result;
use std::path::PathBuf;

/// Writes the plan of an image: the units of each layer, why they are there, and their sizes.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool plan --layer libs.json --output plan.json \\
    --unit '{\"name\": \"numpy\", \"kind\": \"distribution\", \"group\": \"libs\",
             \"reason\": \"large\", \"sidecar\": \"numpy.json\"}'
  layer_tool plan --plan base.json --plan app.json --output image.json")]
pub struct Args {
    /// The name of the image, for reports.
    #[arg(long, default_value = "")]
    name: String,
    /// The metadata of a layer; repeat it in the order of the image.
    #[arg(long, required_unless_present = "plan", value_name = "FILE")]
    layer: Vec<PathBuf>,
    /// A unit of the layer that `group` names: kind is interpreter, distribution, target,
    /// dependency, own or layer; sidecar is that of its fragment, or the metadata of a layer that
    /// is one unit.
    #[arg(long, required_unless_present = "plan", value_name = "JSON")]
    unit: Vec<plan::UnitSpec>,
    /// Another plan, whose layers are taken as they are; repeat it in the order of the image.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["layer", "unit"])]
    plan: Vec<PathBuf>,
    /// The plan, a JSON object.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        if !self.plan.is_empty() {
            return plan::join(self.name, &self.plan, &self.output);
        }
        plan::write(&plan::Options {
            name: self.name,
            layers: self.layer,
            units: self.unit,
            output: self.output,
        })
    }
}
