import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { StatusServer } from "../../src/status/status_server.ts";
import { pause } from "../support/processes.ts";
import { ask, exchange, LOADS, parseAnswer, StatusLoad } from "../support/status_client.ts";

// What clients may do to the server, and what it does then.

interface Served extends Disposable {
  readonly server: StatusServer;
  readonly port: number;
  readonly failures: string[];
}

function serve(): Served {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const failures: string[] = [];
  const server = new StatusServer(listener, (path) => {
    if (path === "/throws") throw new Error("no");
    return path === "/"
      ? { status: 200, type: "text/plain", body: "hällo", headers: { "X-More": "1" } }
      : undefined;
  }, (text) => failures.push(text));
  return { server, port: listener.addr.port, failures, [Symbol.dispose]: () => server.close() };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let left = 2_000; !condition(); left--) {
    if (left === 0) throw new Error(`Waited in vain for ${what}`);
    await pause(10);
  }
}

describe("StatusServer", () => {
  it("answers GET, to HEAD without the body, and tells nothing to be kept or guessed", async () => {
    using served = serve();
    const got = await ask(served.port, "/");
    assertEquals([got.status, got.body], [200, "hällo"]);
    for (
      const [name, value] of [
        ["content-type", "text/plain"],
        ["content-length", "6"],
        ["cache-control", "no-store"],
        ["x-content-type-options", "nosniff"],
        ["connection", "close"],
        ["x-more", "1"],
      ]
    ) assertEquals(got.headers.get(name!), value, name);
    assert(![...got.headers.keys()].some((name) => name.startsWith("access-control")));
    const head = await ask(served.port, "/", "HEAD");
    assertEquals([head.status, head.body, head.headers], [200, "", got.headers]);
  });

  it("refuses everything else", async () => {
    using served = serve();
    const { port } = served;
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"]) {
      const answer = await ask(port, "/", method);
      assertEquals([answer.status, answer.headers.get("allow")], [405, "GET, HEAD"], method);
    }
    for (const path of ["/nothing", "//", "/../etc/passwd", "/%2e"]) {
      assertEquals((await ask(port, path)).status, 404, path);
    }
    const status = async (request: string) => parseAnswer(await exchange(port, request)).status;
    assertEquals(await status("\x16\x03\x01\r\n\r\n"), 400);
    assertEquals(await status(`GET / HTTP/1.1\r\nX: ${"x".repeat(9_000)}\r\n\r\n`), 431);
    assertEquals((await ask(port, "/throws")).status, 503);
    assertEquals((await ask(port, "/throws")).status, 503);
    assertEquals(served.failures, ["it cannot answer /throws: no"]);
  });

  it("keeps a connection for a hundred requests", async () => {
    using served = serve();
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: served.port });
    const buffer = new Uint8Array(4_096);
    const said: (string | undefined)[] = [];
    for (let left = 100; left > 0; left--) {
      const path = left % 2 === 0 ? "/" : "/x";
      await connection.write(new TextEncoder().encode(`HEAD ${path} HTTP/1.1\r\n\r\n`));
      const count = await connection.read(buffer) ?? 0;
      const { status, headers } = parseAnswer(new TextDecoder().decode(buffer.subarray(0, count)));
      assertEquals(status, left % 2 === 0 ? 200 : 404);
      said.push(headers.get("connection"));
    }
    assertEquals(said, [...Array(99).fill("keep-alive"), "close"]);
    assertEquals(await connection.read(buffer), null);
  });

  it("answers once who asks again before there is an answer", async () => {
    using served = serve();
    const text = await exchange(served.port, "GET / HTTP/1.1\r\n\r\n".repeat(1_000));
    assertEquals(text.match(/HTTP\/1\.1 200/g)?.length, 1);
    assertEquals(parseAnswer(text).headers.get("connection"), "close");
  });

  it("answers at once where a body was announced, and reads none of it", async () => {
    using served = serve();
    const beganMs = performance.now();
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: served.port });
    const encoder = new TextEncoder();
    await connection.write(
      encoder.encode("POST / HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
    );
    const buffer = new Uint8Array(4_096);
    const count = await connection.read(buffer) ?? 0;
    const answer = parseAnswer(new TextDecoder().decode(buffer.subarray(0, count)));
    assertEquals([answer.status, answer.headers.get("connection")], [405, "close"]);
    assertEquals(await connection.read(buffer), null, "the body was taken for a request");
    assert(performance.now() - beganMs < 5_000);
    await until(() => served.server.connections === 0, "the end of the connection");
  });

  it("cuts off who is slow, silent, or never reads", async () => {
    using served = serve();
    const connections = await Promise.all(
      [1, 2, 3].map(() => Deno.connect({ hostname: "127.0.0.1", port: served.port })),
    );
    const [slow, , greedy] = connections;
    const encoder = new TextEncoder();
    await slow!.write(encoder.encode("GET / HTTP/1.1\r\nX: "));
    const ask = encoder.encode("GET / HTTP/1.1\r\n\r\n".repeat(1_000));
    let isWriting = true;
    (async () => {
      try {
        for (;;) await greedy!.write(ask);
      } catch {
        isWriting = false;
      }
    })();
    await until(() => served.server.connections >= 2, "who is slow, and who is silent");
    await until(() => served.server.connections === 0, "the end of all connections");
    await until(() => !isWriting, "the end of the writing");
    for (const connection of connections) connection.close();
  });

  it("has few connections, and still answers whoever comes next", async () => {
    using served = serve();
    const idle: Deno.Conn[] = [];
    for (let left = 700; left > 0; left--) {
      idle.push(await Deno.connect({ hostname: "127.0.0.1", port: served.port }));
    }
    assertEquals((await ask(served.port, "/")).status, 200);
    assert(served.server.connections <= 512, `${served.server.connections} connections`);
    for (const connection of idle) connection.close();
  });

  it("answers through every burden, and ends at once", async () => {
    for (const kind of LOADS) {
      using served = serve();
      await using load = new StatusLoad(kind, served.port);
      await until(() => served.server.connections > 0, `${kind}: a connection`);
      for (let left = 20; left > 0; left--) {
        assertEquals((await ask(served.port, "/")).status, 200, kind);
      }
      served.server.close();
      assertEquals(served.server.connections, 0, kind);
      assertEquals((await ask(served.port, "/")).status, 0, kind);
      await load.end();
    }
  });
});
