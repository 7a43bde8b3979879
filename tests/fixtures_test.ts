import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type EngineEvent, readEvents, readPids, waitForEvent } from "./support/engines.ts";
import { isThere } from "./support/files.ts";
import { isAlive, signalProcess } from "./support/processes.ts";
import { FIXTURES, Run } from "./support/run.ts";

// The stand-in programs themselves: a test that trusts them must not be fooled by them.

/** A running engine.py. Dispose of it: no process and no file of it stays. */
class StandIn extends Run {
  constructor(...args: string[]) {
    super({
      args: [],
      command: (directory) => [
        ...["python3", `${FIXTURES}/engine.py`, "--port", "0"],
        ...["--record", `${directory}/record`, ...args],
      ],
    });
  }

  event(name: string): Promise<EngineEvent> {
    return waitForEvent(this, name);
  }

  async workers(): Promise<readonly number[]> {
    return (await this.event("workers")).workers ?? [];
  }

  eventNames(): string[] {
    return readEvents(this).map(({ event }) => event);
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

  async expectDeath(code: number, signal: Deno.Signal | null = null): Promise<void> {
    const end = await this.waitForEnd();
    assertEquals({ code: end.code, signal: end.signal }, { code, signal }, this.describe("end"));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    // A worker that has overwritten its environment has lost the marker of its run.
    for (const pid of readPids(this)) signalProcess(pid, "SIGKILL");
    await super[Symbol.asyncDispose]();
  }
}

describe("engine.py", () => {
  it("opens its port only when loaded, then serves", async () => {
    await using engine = new StandIn("--load-secs", "0.3", "--model", "m");
    await engine.event("start");
    assertEquals(engine.eventNames(), ["start"]);
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
    const workers = await engine.workers();
    const response = await fetch(await engine.url("/v1/completions"), {
      method: "POST",
      body: JSON.stringify({ max_tokens: 10, stream: true }),
    });
    const begin = performance.now();
    Deno.kill(engine.pid, "SIGTERM");
    const stream = await response.text();
    assertEquals(stream.match(/^data: \{/gm)?.length, 10);
    assert(stream.endsWith("data: [DONE]\n\n"));
    await engine.expectDeath(0);
    assert(performance.now() - begin >= 300);
    assertEquals(workers.filter(isAlive), []);
    assertEquals(engine.eventNames(), ["start", "workers", "loaded", "term", "exit"]);
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
      await engine.expectDeath(code, signal);
      const events = engine.eventNames();
      assertEquals([events[0], events.at(-1)], ["start", "exit"]);
    });
  }

  it("crashes with the exit code asked for, its workers stopped", async () => {
    await using engine = new StandIn("--workers", "3");
    const workers = await engine.workers();
    assertEquals(workers.length, 3);
    await engine.control("crash?exit=7");
    await engine.expectDeath(7);
    assertEquals(workers.filter(isAlive), []);
  });

  it("leaves its workers behind when it is killed or told to", async () => {
    for (const [args, end] of [[[], "signal?name=KILL"], [["--leave-workers"], "crash"]] as const) {
      await using engine = new StandIn("--workers", "2", "--daemon-worker", ...args);
      const workers = await engine.workers();
      await engine.control(end);
      await engine.waitForEnd();
      assertEquals(workers.filter(isAlive), workers);
    }
  });

  it("goes down with a worker that dies", async () => {
    await using engine = new StandIn("--workers", "2");
    const workers = await engine.workers();
    await engine.event("loaded");
    Deno.kill(workers[0]!, "SIGKILL");
    await engine.expectDeath(1);
  });

  it("has a worker whose environment cannot be read, and one that holds a file", async () => {
    using device = {
      path: Deno.makeTempFileSync(),
      [Symbol.dispose]: () => Deno.removeSync(device.path),
    };
    const holding = ["--hold", device.path];
    await using engine = new StandIn("--clobber-environ-worker", "session", ...holding);
    const [pid] = await engine.workers();
    assertEquals(Deno.readTextFileSync(`/proc/${pid}/environ`).replaceAll("\0", ""), "");
    assert(Deno.readTextFileSync(`/proc/${engine.pid}/environ`).includes("PATH="));
    await engine.waitFor(() => {
      const held = Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => {
        try {
          return Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
        } catch {
          return "";
        }
      });
      return held.includes(device.path);
    }, "the held file");
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
    const output = await new Deno.Command(`${FIXTURES}/${name}`, { args }).output();
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
    await using run = new Run({
      args: [],
      command: (directory) => [`${FIXTURES}/ignores_term.py`, `${directory}/ready`],
    });
    await run.waitFor(() => isThere(run.path("ready")), "its handlers");
    for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"] as const) run.signal(signal);
    assert(isAlive(run.pid));
    run.signal("SIGKILL");
    assertEquals((await run.waitForEnd()).signal, "SIGKILL");
  });
});
