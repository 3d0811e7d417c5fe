console.log(require("ping").both());
