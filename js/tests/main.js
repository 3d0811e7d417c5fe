require("alpha");
