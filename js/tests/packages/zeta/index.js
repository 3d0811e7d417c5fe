module.exports = "zeta";
