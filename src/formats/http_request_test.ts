import { assertEquals } from "@std/assert";
import { findHeadEnd, parseRequestHead } from "./http_request.ts";

const parse = (...lines: string[]) => parseRequestHead([...lines, "", ""].join("\r\n"));

Deno.test("parseRequestHead() reads method, path, and whether the connection goes on", () => {
  const rows: [string[], string, boolean, boolean][] = [
    [["GET / HTTP/1.1", "Host: a"], "/", true, false],
    [["GET /status?x=1 HTTP/1.1"], "/status", true, false],
    [["GET http://a:1/livez HTTP/1.1"], "/livez", true, false],
    [["GET / HTTP/1.0", "Connection: keep-alive"], "/", false, false],
    [["GET / HTTP/1.1", "connection: TE, Close"], "/", false, false],
    [["POST / HTTP/1.1", "Content-Length: 1073741824"], "/", false, true],
    [["GET / HTTP/1.1", "Content-Length: 0"], "/", true, false],
    [["GET / HTTP/1.1", "Transfer-Encoding: chunked"], "/", false, true],
    [["OPTIONS * HTTP/1.1"], "", true, false],
  ];
  for (const [lines, path, keepsAlive, hasBody] of rows) {
    const [method = ""] = lines[0]!.split(" ");
    assertEquals(parse(...lines), { method, path, keepsAlive, hasBody }, lines.join());
  }
});

Deno.test("parseRequestHead() refuses what is no request of HTTP/1", () => {
  for (
    const lines of [
      ["GET /"],
      ["GET / HTTP/2.0"],
      ["get / HTTP/1.1"],
      ["GET / x HTTP/1.1"],
      ["GET / HTTP/1.1", "no header"],
      ["GET / HTTP/1.1", "Content-Length : 1"],
      ["\x16\x03\x01\x02"],
      [""],
    ]
  ) {
    assertEquals(parse(...lines), undefined, lines.join());
  }
});

Deno.test("findHeadEnd() finds the blank line, with and without carriage returns", () => {
  const find = (text: string) => findHeadEnd(new TextEncoder().encode(text));
  assertEquals(find("GET / HTTP/1.1\r\n\r\nrest"), 18);
  assertEquals(find("GET / HTTP/1.1\n\nrest"), 16);
  assertEquals(find("GET / HTTP/1.1\r\nHost: a\r\n"), undefined);
  assertEquals(find(""), undefined);
});
