module.exports = "kappa";
