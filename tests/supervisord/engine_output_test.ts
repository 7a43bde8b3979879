import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openLibc } from "../../src/linux/libc.ts";
import { EngineOutput } from "../../src/output/engine_output.ts";
import { planOutput } from "../../src/output/plan_output.ts";
import { TailBuffer } from "../../src/output/output_tail.ts";
import { createLogger } from "../../src/log/logger.ts";
import { launch } from "../../src/launch/launch.ts";
import { isAlive, pause } from "../support/processes.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// The pipes of the engine's output and what is kept of them, with FFI and without.

/** A reader that takes what it is let take. */
class Reader {
  text = "";
  #open: Promise<void> = Promise.resolve();
  #resolve: (() => void) | undefined;

  stall(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.#open, this.#resolve] = [promise, resolve];
  }

  goOn(): void {
    this.#resolve?.();
  }

  async write(data: Uint8Array): Promise<number> {
    await this.#open;
    this.text += new TextDecoder("latin1").decode(data);
    return data.length;
  }
}

const ignore = () => {};
const LOG = { debug: ignore, info: ignore, warn: ignore, error: ignore, critical: ignore };

/** The engine's output into two readers. */
function open(libc: ReturnType<typeof openLibc>) {
  const [stdout, stderr] = [new Reader(), new Reader()];
  const plan = planOutput(
    { stdout, stderr, isOwn: false },
    { user: undefined, keepsTail: true, hasOthers: false },
  );
  assert(plan.enginePipes !== undefined, "pipes");
  const output = new EngineOutput({
    ...{ pipes: plan.enginePipes, outputWriters: plan.outputWriters, isOwn: false, libc },
    ...{ ownChildren: new Set<number>(), log: LOG },
  });
  /** Runs a script as supervisord would write: to the pipes, by their paths. */
  const write = async (script: string) => {
    const { success } = await new Deno.Command("/bin/sh", {
      args: ["-c", `exec >"$0" 2>"$1"; ${script}`, plan.engine.stdout, plan.engine.stderr],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    assert(success, script);
  };
  return { ...{ stdout, stderr, plan, output, write }, pid: plan.enginePipes.pid };
}

for (const [way, libc] of [["with FFI", openLibc()], ["without FFI", undefined]] as const) {
  describe(`EngineOutput ${way}`, () => {
    it("keeps the last lines of a run and only of it, once it has settled", async () => {
      const { output, plan, stdout, stderr, pid } = open(libc);
      const { tail } = output;
      const writeNow = (path: string, text: string) => {
        using file = Deno.openSync(path, { write: true });
        file.writeSync(new TextEncoder().encode(text));
      };
      for (const run of ["first", "second"]) {
        tail.begin();
        // Nothing is read before this has gone through.
        writeNow(plan.engine.stdout, `${run} begins\n`);
        writeNow(plan.engine.stderr, `${run} warns\n${run} dies`);
        // Without FFI a silence counts as the end, which a busy machine may make.
        if (libc === undefined) await pause(200);
        await tail.settle();
        const lines = tail.readLines();
        assertEquals(lines.toSorted(), [`${run} begins`, `${run} dies`, `${run} warns`]);
      }
      tail.begin();
      assertEquals(tail.readLines(), []);
      await output.release();
      assertEquals(stdout.text, "first begins\nsecond begins\n");
      assertEquals(stderr.text, "first warns\nfirst diessecond warns\nsecond dies");
      assert(!isAlive(pid), "who held the pipes has ended");
    });

    it("settles within a moment though the reader stalls, and makes the writer wait", async () => {
      const { output, write, stdout } = open(libc);
      stdout.stall();
      let isWritten = false;
      const writing = write("head -c 8000000 /dev/zero; echo; echo last").then(() => {
        isWritten = true;
      });
      const beginMs = performance.now();
      await output.tail.settle();
      // A loaded machine may be late by some; without the limit it never ends.
      assert(performance.now() - beginMs < 2_000, "settled");
      assert(!isWritten, "the writer waits: nothing grows here");
      stdout.goOn();
      await writing;
      await output.tail.settle();
      assertEquals(output.tail.readLines().at(-1), "last");
      await output.release();
      assertEquals(stdout.text.length, 8_000_000 + "\nlast\n".length);
    });

    it("at the end waits for a reader that is slow, and not for one that takes nothing", async () => {
      const slow = open(libc);
      slow.stdout.stall();
      await slow.write("head -c 50000 /dev/zero");
      setTimeout(() => slow.stdout.goOn(), 300);
      await slow.output.release();
      assertEquals(slow.stdout.text.length, 50_000);

      const stalled = open(libc);
      stalled.stdout.stall();
      await stalled.write("echo lost");
      const beginMs = performance.now();
      await stalled.output.release();
      assert(performance.now() - beginMs < 8_000, "a second, and what the machine's load takes");
      assertEquals(stalled.stdout.text, "");
      stalled.stdout.goOn();
    });

    it("lets a writer go on whose reader stalls in a stop, and keeps what is dropped", async () => {
      const { output, write, stdout, plan } = open(libc);
      stdout.stall();
      plan.outputWriters.hurry();
      await write("head -c 8000000 /dev/zero; echo; echo last");
      await output.tail.settle();
      assertEquals(output.tail.readLines().at(-1), "last");
      stdout.goOn();
      await output.release();
      assert(stdout.text.length < 4_000_000, "dropped");
    });
  });
}

it("EngineOutput counts what the run before left in a pipe to that run", async () => {
  const { output, write, stdout } = open(openLibc());
  stdout.stall();
  output.tail.begin();
  // Two chunks are read ahead; the rest stays in the pipe.
  await write("for i in 1 2 3 4 5; do head -c 200000 /dev/zero; echo; done; echo old");
  await output.tail.settle();
  output.tail.begin();
  stdout.goOn();
  await write("echo new");
  await output.tail.settle();
  assertEquals(output.tail.readLines(), ["new"]);
  await output.release();
});

/** Counts its starts in a file, says so on both streams, and dies. */
const DIES =
  'echo x >>"$1"; n=$(wc -l <"$1"); echo "out $n"; echo "err $n" >&2; printf "last $n" >&2; ' +
  "exit 1";

/** Runs an engine that dies three times, and gives what was kept of each run when the next one began. */
async function readKept(
  supervisord: InstalledSupervisord,
  env: (directory: string) => Record<string, string> = () => ({}),
) {
  const directory = Deno.makeTempDirSync({ prefix: "engine-output-test-" });
  const { clear } = TailBuffer.prototype;
  const kept: string[][] = [];
  TailBuffer.prototype.clear = function (this: TailBuffer) {
    kept.push(this.readLines());
    clear.call(this);
  };
  try {
    const engine = launch({
      argv: ["/bin/sh", "-c", DIES, "sh", `${directory}/starts`],
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        TMPDIR: directory,
        SUPERVISORD_PATH: supervisord.path,
        SUPERVISOR_CONFIG_PATH: `${directory}/supervisord.conf`,
        PROCESS_MAX_START_RETRIES: "2",
        SUPERVISOR_PROGRAM_STARTSECS: "600",
        ...env(directory),
      },
      log: createLogger({
        level: "critical",
        format: "text",
        write: () => {},
        now: () => new Date(),
      }),
      output: "piped",
    });
    const [stdout, stderr] = await Promise.all([
      new Response(engine.stdout).text(),
      new Response(engine.stderr).text(),
      engine.exit,
    ]);
    return { kept, stdout, stderr };
  } finally {
    TailBuffer.prototype.clear = clear;
    Deno.removeSync(directory, { recursive: true });
  }
}

const OUT = "out 1\nout 2\nout 3\n";
const ERR = "err 1\nlast 1err 2\nlast 2err 3\nlast 3";

for (const supervisord of readSupervisords()) {
  describe(`the evidence of a run with supervisord ${supervisord.version}`, () => {
    it("is what the engine said in that run, and nothing of a sidecar's", async () => {
      const { kept, stdout, stderr } = await readKept(supervisord, () => ({
        SUPERVISOR_PROGRAM__SIDE_COMMAND: 'sh -c "while :; do echo side >&2; sleep 0.01; done"',
      }));
      assertEquals(kept.map((lines) => lines.toSorted()), [
        [],
        ["err 1", "last 1", "out 1"],
        ["err 2", "last 2", "out 2"],
      ]);
      assertEquals(stdout, OUT);
      assertEquals(stderr.replaceAll("side\n", ""), ERR);
      assert(stderr.includes("side\n"), "the sidecar's lines come too");
    });

    it("is without a stream that the user sends to a file of his own", async () => {
      const { kept, stdout } = await readKept(
        supervisord,
        (directory) => ({ SUPERVISOR_PROGRAM_STDOUT_LOGFILE: `${directory}/out.log` }),
      );
      assertEquals(kept, [[], ["err 1", "last 1"], ["err 2", "last 2"]]);
      assertEquals(stdout, "");
    });

    it("is none with PROCESS_LOG_EVIDENCE=off", async () => {
      const { kept, stdout, stderr } = await readKept(
        supervisord,
        () => ({ PROCESS_LOG_EVIDENCE: "off" }),
      );
      assertEquals(kept, []);
      assertEquals([stdout, stderr], [OUT, ERR]);
    });
  });
}
