exports.greet = (name) => `hello ${require("lodash").capitalize(name)}`;
