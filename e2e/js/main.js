// Serves one page that every kind of package has a part in, asks for it, and prints it.
const express = require("express");
const { crc32 } = require("@node-rs/crc32");
const { greet } = require("greeting");
const ping = require("ping");
const getIterator = require("es6-iterator/get");
const nextTick = require("next-tick");

async function main() {
  const { Chalk } = await import("chalk");
  const { customAlphabet } = await import("nanoid");
  const { shout } = await import("@e2e/shout");
  const red = new Chalk({ level: 1 }).red("red");

  const app = express();
  app.get("/:name", (request, response) => {
    response.json({
      greeting: shout(greet(request.params.name)),
      id: customAlphabet("x", 4)(),
      red,
      crc: crc32(request.params.name),
      cycle: ping.both(),
      iterator: getIterator("ab").next().value,
      bindir: process.env.JS_BINARY__BINDIR,
      cpu: process.env.JS_BINARY__TARGET_CPU,
      node: process.version,
    });
  });
  const server = app.listen(0, "127.0.0.1", async () => {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/world`);
    console.log(answer.status, await answer.text());
    nextTick(() => server.close());
  });
}

main();
