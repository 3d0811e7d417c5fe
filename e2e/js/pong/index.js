exports.name = "pong";
exports.both = () => [exports.name, require("ping").name].join(" ");
