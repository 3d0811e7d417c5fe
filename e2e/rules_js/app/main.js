// Serves one page that every kind of package has a part in, asks for it, and prints it.
const express = require("express");
const iterator = require("es6-iterator");
const react = require("react");
const { crc32 } = require("@node-rs/crc32");
const { greet } = require("greeting");
const { useSyncExternalStore } = require("use-sync-external-store/shim");

async function main() {
  const { Chalk } = await import("chalk");
  const { customAlphabet } = await import("nanoid");
  const { shout } = await import("@e2e/shout");

  const app = express();
  app.get("/:name", (request, response) => {
    response.json({
      greeting: shout(greet(request.params.name)),
      crc: crc32(request.params.name),
      id: customAlphabet("x", 4)(),
      next: new iterator([1, 2]).next(),
      peer: useSyncExternalStore === react.useSyncExternalStore,
      red: new Chalk({ level: 1 }).red("red"),
      node: process.version,
    });
  });
  const server = app.listen(0, "127.0.0.1", async () => {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/world`);
    console.log(answer.status, await answer.text());
    server.close();
  });
}

main();
