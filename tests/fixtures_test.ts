import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

// The stand-in programs themselves: a test that trusts them must not be fooled by them.

const fixtures = `${import.meta.dirname}/fixtures/`;
const DEADLINE_MS = 20_000;

/** Waits until `read` yields something, asking every 10 ms, at most {@linkcode DEADLINE_MS}. */
async function waitFor<T>(what: string, read: () => T | undefined | Promise<T | undefined>) {
  for (const start = performance.now(); performance.now() - start < DEADLINE_MS;) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Waited ${DEADLINE_MS} ms in vain for ${what}`);
}

interface EngineEvent {
  event: string;
  pid: number;
  port: number;
  workers: number[];
  code?: number;
  signal?: string;
}

function isAlive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !["Z", "X"].includes(stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3));
  } catch {
    return false;
  }
}

/** A running engine.py; `[Symbol.asyncDispose]` leaves no process and no file of it behind. */
class StandIn {
  readonly #directory = Deno.makeTempDirSync({ prefix: "fixtures-test-" });
  readonly #child: Deno.ChildProcess;
  readonly record = `${this.#directory}/record`;

  constructor(...args: string[]) {
    this.#child = new Deno.Command("python3", {
      args: [`${fixtures}engine.py`, "--port", "0", "--record", this.record, ...args],
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  events(): EngineEvent[] {
    try {
      return Deno.readTextFileSync(this.record).split("\n").filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line));
    } catch {
      return [];
    }
  }

  event(name: string): Promise<EngineEvent> {
    return waitFor(`event ${name}`, () => this.events().find(({ event }) => event === name));
  }

  async url(path: string): Promise<string> {
    return `http://127.0.0.1:${(await this.event("loaded")).port}${path}`;
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(await this.url(path));
    return { status: response.status, text: await response.text() };
  }

  async control(order: string): Promise<void> {
    const response = await fetch(await this.url(`/control/${order}`), { method: "POST" });
    await response.body?.cancel();
    assertEquals(response.status, 202);
  }

  async [Symbol.asyncDispose]() {
    const workers = this.events().flatMap((event) => event.workers ?? []);
    for (const pid of [this.pid, ...workers]) {
      try {
        if (isAlive(pid)) Deno.kill(pid, "SIGKILL");
      } catch { /* gone in between */ }
    }
    await this.status;
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

describe("engine.py", () => {
  it("opens its port only when loaded, then serves", async () => {
    await using engine = new StandIn("--load-secs", "0.3", "--model", "m");
    await engine.event("start");
    assertEquals(engine.events().map(({ event }) => event), ["start"]);
    assertEquals(await engine.get("/health"), { status: 200, text: "" });
    assertEquals(JSON.parse((await engine.get("/v1/models")).text).data[0].id, "m");
    assert((await engine.get("/metrics")).text.includes("vllm:num_requests_running 0"));
    await engine.control("unhealthy");
    assertEquals((await engine.get("/health")).status, 503);
  });

  it("finishes a stream and drains when it is asked to stop", async () => {
    await using engine = new StandIn(
      "--drain-secs",
      "0.3",
      "--token-secs",
      "0.05",
      "--workers",
      "1",
    );
    const { workers } = await engine.event("workers");
    const response = await fetch(await engine.url("/v1/completions"), {
      method: "POST",
      body: JSON.stringify({ max_tokens: 10, stream: true }),
    });
    const begin = performance.now();
    Deno.kill(engine.pid, "SIGTERM");
    const stream = await response.text();
    assertEquals(stream.match(/^data: \{/gm)?.length, 10);
    assert(stream.endsWith("data: [DONE]\n\n"));
    assertEquals(await engine.status, { success: true, code: 0, signal: null });
    assert(performance.now() - begin >= 300);
    assertEquals(workers.filter(isAlive), []);
    assertEquals(engine.events().map(({ event }) => event), [
      "start",
      "workers",
      "loaded",
      "term",
      "exit",
    ]);
  });

  const deaths: [string, string[], { code: number; signal: Deno.Signal | null }][] = [
    ["after a time", ["--die-after", "0.05", "--exit", "9"], { code: 9, signal: null }],
    ["by a signal", ["--die-after", "0", "--signal", "SEGV"], { code: 139, signal: "SIGSEGV" }],
    ["by the SIGPIPE it ignored", ["--die-after", "0", "--signal", "PIPE"], {
      code: 141,
      signal: "SIGPIPE",
    }],
    ["while it loads", ["--load-secs", "0.2", "--die-while-loading"], { code: 1, signal: null }],
  ];
  for (const [when, args, { code, signal }] of deaths) {
    it(`dies ${when}`, async () => {
      await using engine = new StandIn(...args);
      assertEquals(await engine.status, { success: false, code, signal });
      const events = engine.events().map(({ event }) => event);
      assertEquals([events[0], events.at(-1)], ["start", "exit"]);
    });
  }

  it("crashes with the exit code asked for, its workers stopped", async () => {
    await using engine = new StandIn("--workers", "3");
    const { workers } = await engine.event("workers");
    assertEquals(workers.length, 3);
    await engine.control("crash?exit=7");
    assertEquals((await engine.status).code, 7);
    assertEquals(workers.filter(isAlive), []);
  });

  it("leaves its workers behind when it is killed or told to", async () => {
    for (const [args, end] of [[[], "signal?name=KILL"], [["--leave-workers"], "crash"]] as const) {
      await using engine = new StandIn("--workers", "2", "--daemon-worker", ...args);
      const { workers } = await engine.event("workers");
      await engine.control(end);
      await engine.status;
      assertEquals(workers.filter(isAlive), workers);
    }
  });

  it("goes down with a worker that dies", async () => {
    await using engine = new StandIn("--workers", "2");
    const { workers } = await engine.event("workers");
    await engine.event("loaded");
    Deno.kill(workers[0]!, "SIGKILL");
    assertEquals((await engine.status).code, 1);
  });

  it("has a worker whose environment cannot be read, and one that holds a file", async () => {
    await using engine = new StandIn(
      "--clobber-environ-worker",
      "session",
      "--hold",
      `${fixtures}engine.py`,
    );
    const [pid] = (await engine.event("workers")).workers;
    assertEquals(Deno.readTextFileSync(`/proc/${pid}/environ`).replaceAll("\0", ""), "");
    assert(Deno.readTextFileSync(`/proc/${engine.pid}/environ`).includes("PATH="));
    await waitFor("the held file", () => {
      const held = Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => {
        try {
          return Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
        } catch {
          return "";
        }
      });
      return held.includes(`${fixtures}engine.py`) || undefined;
    });
  });

  it("hangs: accepts and does not answer", async () => {
    await using engine = new StandIn();
    await engine.control("hang");
    const url = await engine.url("/health");
    const answer = await fetch(url, { signal: AbortSignal.timeout(300) }).catch(({ name }) => name);
    assertEquals(answer, "TimeoutError");
  });

  it("ignores SIGTERM where told so", async () => {
    await using engine = new StandIn("--ignore-term");
    await engine.event("loaded");
    Deno.kill(engine.pid, "SIGTERM");
    Deno.kill(engine.pid, "SIGUSR1");
    assertEquals((await engine.event("signal")).signal, "USR1");
    assertEquals((await engine.get("/health")).status, 200);
  });
});

describe("small fixtures", () => {
  const run = async (name: string, ...args: string[]) => {
    const output = await new Deno.Command(`${fixtures}${name}`, { args }).output();
    return { ...output, text: new TextDecoder().decode(output.stdout) };
  };

  it("dies_at_once dies as told and records each start", async () => {
    const record = await Deno.makeTempFile();
    assertEquals((await run("dies_at_once.py", "1", "3", record)).code, 3);
    assertEquals((await run("dies_at_once.py", "0", "KILL", record)).signal, "SIGKILL");
    assertEquals((await run("dies_at_once.sh", "4", record)).code, 4);
    assertEquals((await Deno.readTextFile(record)).trim().split("\n").length, 3);
    await Deno.remove(record);
  });

  it("print_args prints every byte of its arguments", async () => {
    const { text } = await run("print_args.py", "a b", "", "ü\n%'\"");
    const decode = (base64: string) =>
      new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
    assertEquals(JSON.parse(text).map(decode), ["a b", "", "ü\n%'\""]);
  });

  it("binary_output writes what its digest says, with no final newline", async () => {
    const hex = async (bytes: Uint8Array<ArrayBuffer>) =>
      Array.from(
        new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
        (byte) => byte.toString(16).padStart(2, "0"),
      ).join("");
    const { stdout, stderr } = await run("binary_output.py", "150001", "7");
    const { text } = await run("binary_output.py", "150001", "7", "--digest");
    assertEquals(text.trim().split("\n"), [await hex(stdout), await hex(stderr)]);
    assert(stdout.length === 150001 && stdout.at(-1) !== 10 && stderr.at(-1) !== 10);
  });

  it("records_start records, then becomes its command", async () => {
    const record = await Deno.makeTempFile();
    const { code } = await run("records_start.sh", record, "sh", "-c", "exit 5");
    assertEquals(code, 5);
    const [line = ""] = (await Deno.readTextFile(record)).split("\n");
    assert(/^\d{19} \d+$/.test(line), line);
    await Deno.remove(record);
  });

  it("ignores_term outlives every polite signal", async () => {
    const ready = await Deno.makeTempFile();
    await Deno.remove(ready);
    const child = new Deno.Command(`${fixtures}ignores_term.py`, { args: [ready] }).spawn();
    await waitFor("its handlers", () => Deno.stat(ready).then(() => true, () => undefined));
    for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"] as const) child.kill(signal);
    assert(isAlive(child.pid));
    child.kill("SIGKILL");
    assertEquals((await child.status).signal, "SIGKILL");
    await Deno.remove(ready);
  });
});
