exports.name = "ping";
exports.both = () => [exports.name, require("pong").name].join(" ");
