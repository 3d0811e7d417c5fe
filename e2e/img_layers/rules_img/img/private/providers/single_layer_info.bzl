"""A layer, with the fields that rules_img 0.3.19 has, and one of a release to come."""

FIELDS = dict([(field, "Any.") for field in [
    "blob",
    "compact_stream",
    "estargz",
    "layer_input_files",
    "layer_input_files_cas",
    "media_type",
    "metadata",
    "mtree",
    "sources",
    "to_come",
    "ztoc",
]])

SingleLayerInfo = provider(
    doc = "A layer.",
    fields = FIELDS,
)
