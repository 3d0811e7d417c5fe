exports.copied = true;
