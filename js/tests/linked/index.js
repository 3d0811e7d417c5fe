exports.linked = true;
