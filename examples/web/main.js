// Answers each request with a greeting.
const { createServer } = require("node:http");

createServer((_request, response) => response.end("hello\n")).listen(process.env.PORT || 8080);
