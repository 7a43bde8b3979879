import { assert, assertEquals } from "@std/assert";
import { HttpReader } from "./http_reader.ts";

/** A connection that gives these pieces, one a read, and ends. */
function connect(pieces: readonly string[]): HttpReader {
  const queue = pieces.map((piece) => new TextEncoder().encode(piece));
  return new HttpReader({
    read: (buffer) => {
      const piece = queue.shift();
      if (piece !== undefined) buffer.set(piece);
      return Promise.resolve(piece?.length ?? null);
    },
  });
}

const ANSWER = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nh\u00e9llo";

Deno.test("HttpReader.read() reads an answer however it is cut", async () => {
  for (let at = 1; at < ANSWER.length; at++) {
    const answer = await connect([ANSWER.slice(0, at), ANSWER.slice(at)]).read();
    // Content-Length counts bytes, and an accent has two.
    assertEquals(answer, { status: 200, body: "h\u00e9ll" }, `cut at ${at}`);
  }
});

Deno.test("HttpReader.read() refuses what is cut short, endless or not HTTP", async () => {
  const cases: [says: string, pieces: string[]][] = [
    ["cut short", []],
    ["cut short", [ANSWER.slice(0, 20)]],
    ["cut short", [ANSWER.slice(0, -3)]],
    ["not HTTP", ["SSH-2.0-OpenSSH\r\n\r\n"]],
    ["not HTTP", ["HTTP/1.1 200 OK\r\n\r\n"]],
    ["not HTTP", ["x".repeat(16_384), "x".repeat(16_384)]],
  ];
  for (const [says, pieces] of cases) {
    const error: unknown = await connect(pieces).read().catch((error: unknown) => error);
    assert(error instanceof SyntaxError && error.message.includes(says), String(error));
  }
});
