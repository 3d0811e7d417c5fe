// Prints what two packages that need each other say, and where it stands.
console.log(require("ping").both(), require("lodash").last(["a", "b"]), __dirname);
