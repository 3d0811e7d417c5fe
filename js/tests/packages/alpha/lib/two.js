exports.same = "the same content in two files";
