module.exports = require("beta");
