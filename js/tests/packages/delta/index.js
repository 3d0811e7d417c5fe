exports.delta = "delta";
