"""The lockfile of crates, as crate_universe wants it."""

def _crates_lockfile_impl(rctx):
    # Cargo.lock names the registry by the repository of its index.
    index = rctx.read(rctx.attr.cargo_lockfile).partition("source = \"registry+")[2].partition("\"")[0]
    registry = index.rpartition("/")[2].removesuffix("-index")
    rctx.template("cargo-bazel-lock.json", rctx.attr.lockfile, {"{registry}": registry})
    rctx.file("BUILD.bazel")

crates_lockfile = repository_rule(
    implementation = _crates_lockfile_impl,
    doc = "Completes the addresses in a lockfile by `tools/lock-crates`.",
    attrs = {
        "cargo_lockfile": attr.label(mandatory = True, allow_single_file = True),
        "lockfile": attr.label(mandatory = True, allow_single_file = True),
    },
)
