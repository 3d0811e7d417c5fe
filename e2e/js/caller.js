// Starts a program in Python, as a service starts a worker, and prints what it says.
const { spawnSync } = require("node:child_process");
const path = require("node:path");

const worker = spawnSync(path.join(__dirname, "worker"), ["6", "7"], { encoding: "utf8" });
process.stderr.write(worker.error ? `${worker.error}\n` : worker.stderr);
console.log(worker.status, worker.stdout.trim());
