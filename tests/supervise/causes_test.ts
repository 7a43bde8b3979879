import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findFreePort } from "../support/namespace.ts";
import { wallMs } from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// What an engine says when it dies decides whether it is worth another start, and tells the exit code.

interface Case {
  readonly what: string;
  readonly line: string;
  readonly code: number;
  readonly cause: string;
  /** Starts, where one may be retried. */
  readonly starts: number;
  /** With `PROCESS_GIVE_UP_EXIT_CODE=cause`. */
  readonly exitCode: number;
  /** Who listens on the engine's port. */
  readonly port?: "stranger" | "nobody";
}

const IN_USE = "OSError: [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): " +
  "address already in use";

const CASES: readonly Case[] = [
  {
    ...{ what: "wrong arguments", code: 2, cause: "bad_arguments", starts: 1, exitCode: 78 },
    line: "vllm: error: unrecognized arguments: --modle",
  },
  {
    ...{ what: "no GPU", code: 1, cause: "gpu_lost", starts: 1, exitCode: 69 },
    line: "RuntimeError: No CUDA GPUs are available",
  },
  {
    ...{ what: "a stranger on its port", code: 1, cause: "port_in_use", starts: 1, exitCode: 75 },
    ...{ line: IN_USE, port: "stranger" },
  },
  {
    ...{ what: "its port in use, by now free", code: 1, cause: "port_in_use", starts: 2 },
    ...{ exitCode: 75, line: IN_USE, port: "nobody" },
  },
  {
    ...{ what: "too little GPU memory", code: 1, cause: "gpu_out_of_memory", starts: 2 },
    ...{
      exitCode: 71,
      line: "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB",
    },
  },
  {
    ...{ what: "nothing that tells", code: 3, cause: "unknown", starts: 2, exitCode: 70 },
    line: "goodbye",
  },
];

interface Ended {
  readonly starts: number;
  readonly code: number;
  readonly secs: number;
  readonly text: string;
}

async function runCase(
  supervisord: InstalledSupervisord,
  { line, code, port: holder }: Case,
  env: Record<string, string>,
): Promise<Ended> {
  const port = findFreePort();
  using listener = holder === "stranger" ? Deno.listen({ hostname: "127.0.0.1", port }) : undefined;
  assert(holder !== "stranger" || listener !== undefined);
  const beganMs = wallMs();
  await using run = new Run({
    supervisord,
    args: (directory) => [
      ...[`${FIXTURES}/dies_saying.sh`, `${directory}/starts`, String(code), line],
      ...["--host", "127.0.0.1", "--port", String(port)],
    ],
    env: {
      ...{ PROCESS_ENGINE: "vllm", PROCESS_MAX_START_RETRIES: "1" },
      ...{ PROCESS_GIVE_UP_EXIT_CODE: "cause", LOG_FORMAT: "json", ...env },
    },
  });
  const end = await run.waitForEnd();
  return {
    starts: run.readNumbers("starts").length,
    code: end.code,
    secs: (end.atMs - beganMs) / 1000,
    text: run.read("stderr"),
  };
}

function readCauses(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith('{"ts"')).map((line) => JSON.parse(line))
    .flatMap(({ cause }: { cause?: string }) => cause ?? []);
}

for (const supervisord of readSupervisords()) {
  describe(`the cause of a failed start under supervisord ${supervisord.version}`, () => {
    it("decides about another start, and tells the exit code", async () => {
      const rows = ["| cause | starts | exit code | s | starts with PROCESS_RETRY_HOPELESS | s |"];
      for (const one of CASES) {
        const [ended, retried] = await Promise.all([
          runCase(supervisord, one, {}),
          runCase(supervisord, one, { PROCESS_RETRY_HOPELESS: "true" }),
        ]);
        const told = { starts: ended.starts, code: ended.code };
        assertEquals(
          told,
          { starts: one.starts, code: one.exitCode },
          `${one.what}: ${ended.text}`,
        );
        assertEquals([retried.starts, retried.code], [2, one.exitCode], one.what);
        if (one.starts === 2) {
          assertEquals(readCauses(ended.text), [one.cause], `${one.what}: ${ended.text}`);
        } else {
          assert(ended.text.includes(`cause: ${one.cause}`), `${one.what}: ${ended.text}`);
          assertEquals(readCauses(retried.text), [one.cause], `${one.what}: ${retried.text}`);
        }
        rows.push(
          `| ${one.what} | ${ended.starts} | ${ended.code} | ${ended.secs.toFixed(1)} | ` +
            `${retried.starts} | ${retried.secs.toFixed(1)} |`,
        );
      }
      console.log(rows.join("\n"));
    });
  });
}
