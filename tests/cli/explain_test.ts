import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOfFlags } from "../support/needs.ts";
import { makeCommand, makeEnvironment } from "../support/run.ts";

// --explain as a user runs it: a file, standard input, JSON, misuse, what is no log, a log without end.

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function explain(
  args: readonly string[],
  input: string | Uint8Array<ArrayBuffer> = "",
  permissions?: readonly string[],
): Promise<Ended> {
  const [program = "", ...rest] = makeCommand(["--explain", ...args], permissions);
  const child = new Deno.Command(program, {
    args: rest,
    clearEnv: true,
    env: makeEnvironment({ args }),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = new Blob([input]).stream().pipeTo(child.stdin);
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), written]);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A directory that goes when the test is over. */
function makeDirectory(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

const OOM = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n";

describe("--explain", () => {
  itOfFlags(
    "tells the cause of a log in a file, with the right to read it and no other",
    async () => {
      using directory = makeDirectory();
      const path = `${directory.path}/log`;
      Deno.writeTextFileSync(
        path,
        `INFO loading\n${OOM}RuntimeError: Engine core initialization failed.\n`,
      );
      const { code, stdout, stderr } = await explain([path], "", [`--allow-read=${path}`]);
      assertEquals([code, stderr], [0, ""]);
      assert(stdout.includes("gpu_out_of_memory") && stdout.includes(OOM.trim()), stdout);
    },
  );

  itOfFlags("reads standard input, without any right", async () => {
    for (const args of [[], ["-"]]) {
      const { code, stdout, stderr } = await explain(args, OOM, []);
      assertEquals([code, stderr], [0, ""]);
      assert(stdout.startsWith("cause:   gpu_out_of_memory"), stdout);
    }
  });

  it("prints JSON", async () => {
    const { code, stdout } = await explain(["--json", "--exit-code", "1"], OOM);
    const { cause, evidence, advice, meaning } = JSON.parse(stdout);
    assertEquals([code, cause, evidence], [0, "gpu_out_of_memory", [OOM.trim()]]);
    assert(typeof advice === "string" && typeof meaning === "string");
  });

  it("takes the exit into account", async () => {
    const bySignal = await explain(["--signal", "SIGSEGV", "--json"], "hello\n");
    assertEquals(JSON.parse(bySignal.stdout).cause, "segfault_abort");
    const byCode = await explain(["--exit-code", "3", "--json"], "hello\n");
    assertEquals([byCode.code, JSON.parse(byCode.stdout).cause], [0, "unknown"]);
  });

  it("exits with 2 for misuse and for what cannot be read", async () => {
    using directory = makeDirectory();
    const cases = [
      ["--exit-code", "many"],
      ["--signal", "SIGNOPE"],
      ["--verbose"],
      ["a", "b"],
      [`${directory.path}/nowhere`],
      [directory.path],
    ];
    for (const args of cases) {
      const { code, stdout, stderr } = await explain(args);
      assertEquals([code, stdout], [2, ""], args.join(" "));
      assert(/Cannot .+/.test(stderr) && !stderr.includes("    at "), stderr);
    }
  });

  it("tells nothing of nothing, and of what is no log", async () => {
    const garbage = new Uint8Array(300_000).map((_, at) => (at * 7919 + (at >> 8)) % 256);
    for (const input of ["", "\n\n", garbage]) {
      const { code, stdout } = await explain([], input);
      assertEquals(code, 0);
      assert(stdout.startsWith("cause:   unknown"), stdout);
    }
  });

  it("prints no control characters of a log", async () => {
    const { stdout } = await explain(
      [],
      `CUDA out of memory \x1b]0;title\x07 \x1b[2J \x9b1m \x08\n`,
    );
    // deno-lint-ignore no-control-regex -- they are what it is about
    assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(stdout), JSON.stringify(stdout));
  });

  itOfFlags("reads the end of a log of 100 MB, and no more", async () => {
    using directory = makeDirectory();
    const path = `${directory.path}/log`;
    const file = Deno.openSync(path, { write: true, createNew: true });
    file.truncateSync(100 * 1024 * 1024);
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(
      new TextEncoder().encode("PermissionError: [Errno 13] Permission denied: 'x'\n"),
    );
    file.seekSync(0, Deno.SeekMode.End);
    file.writeSync(new TextEncoder().encode(`\n${OOM}`));
    file.close();
    const { code, stdout } = await explain([path, "--json"], "", [
      `--allow-read=${path}`,
      "--v8-flags=--max-heap-size=60",
    ]);
    assertEquals([code, JSON.parse(stdout).cause], [0, "gpu_out_of_memory"]);
  });

  it("reads the end of a stream that is longer than it holds", async () => {
    const noise = "INFO: all is well\n".repeat(200_000);
    const { code, stdout } = await explain(
      ["--json"],
      `${OOM}${noise}ModuleNotFoundError: No module named 'x'\n`,
    );
    assertEquals([code, JSON.parse(stdout).cause], [0, "missing_dependency"]);
  });
});
