exports.gamma = () => require("beta");
