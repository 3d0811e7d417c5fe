//! What an image says of a layer.

use crate::directory::Directory;
use crate::image::{image, json, read};
use crate::layer::sha256;
use serde_json::json;
use std::fs;

#[test]
fn descriptors_are_what_an_image_says() {
    for (compress, suffix) in [("gzip", "+gzip"), ("zstd", "+zstd"), ("none", "")] {
        let directory = Directory::new(&[]);
        directory
            .layer("./a size=0\n", &["--compress", compress, "--name=app"])
            .text();
        let layer = directory.read("layer");
        // Nothing else is read.
        fs::remove_file(directory.path("layer")).expect("the layer");
        assert_eq!(
            directory
                .tool(&["descriptor", "json", "--output=descriptor"])
                .text(),
            ""
        );
        let descriptor = json(&directory.read("descriptor"));
        assert_eq!(
            descriptor,
            json!({
                "mediaType": format!("application/vnd.oci.image.layer.v1.tar{suffix}"),
                "digest": sha256(&layer),
                "size": layer.len(),
                "diff_id": json(&directory.read("json"))["diff_id"],
                "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "layer_tool: app"}],
            })
        );

        directory.write("app.tar", &layer);
        directory.write("app.json", &directory.read("json"));
        image(&directory, "layout", &["app"], &["--platform=linux/amd64"]).text();
        let [_, manifest, config] = read(&directory, "layout");
        let of_manifest = &manifest["layers"][0];
        for field in ["mediaType", "digest", "size"] {
            assert_eq!(descriptor[field], of_manifest[field], "{field}");
        }
        assert_eq!(of_manifest.as_object().map(|fields| fields.len()), Some(3));
        assert_eq!(descriptor["diff_id"], config["rootfs"]["diff_ids"][0]);
        assert_eq!(descriptor["history"], config["history"]);
    }
}

#[test]
fn layers_that_no_image_can_have_are_refused() {
    let directory = Directory::new(&[("not", b"{}")]);
    directory.layer("./a size=0\n", &[]).text();
    let mut metadata = json(&directory.read("json"));
    let fields = metadata.as_object_mut().expect("an object");
    assert!(fields.remove("diff_id").is_some());
    directory.write("json", metadata.to_string().as_bytes());
    for (metadata, problem) in [
        (
            "json",
            "json: has no diff_id, which an image needs; write the layer without --no-diff-id",
        ),
        (
            "not",
            "not: not the metadata of a layer (missing field `name`",
        ),
        ("layer", "layer: not the metadata of a layer ("),
        ("missing", "cannot read missing: "),
    ] {
        directory
            .tool(&["descriptor", metadata, "--output=descriptor"])
            .expect_refusal(&[1], problem);
        assert!(!directory.path("descriptor").exists(), "{metadata}");
    }
}
