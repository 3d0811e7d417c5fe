module.exports = require("gamma");
