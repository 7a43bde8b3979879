import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd } from "../support/ends.ts";
import { readEvents, readPids, recordingEngine, waitForEvent } from "../support/engines.ts";
import { isAlive, signalProcess, wallMs } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// supervisord itself fails: the run recovers or ends with 125, and never hangs.

/** The bench measures what it really takes; here a noisy machine must pass. */
const PROMPT_MS = 5_000;

/** One run whose engine serves. */
interface Served {
  readonly run: Run;
  readonly engine: number;
  readonly supervisord: number;
  /** The private run directory. */
  readonly directory: string;
}

/** Waits for the end of everything; it must come soon. */
async function expectPromptEnd(run: Run, code: number, sinceMs: number): Promise<void> {
  const { atMs } = await expectEnd(run, code, { pids: () => readPids(run) });
  assert(atMs - sinceMs < PROMPT_MS, run.describe(`ended after ${atMs - sinceMs} ms`));
}

for (const [index, supervisord] of readSupervisords().entries()) {
  const serve = async (look: (served: Served) => Promise<void>): Promise<void> => {
    await using run = new Run({
      supervisord,
      args: (directory) => recordingEngine(supervisord, directory, "--workers", "3"),
      env: { SUPERVISOR_PROGRAM_STARTSECS: "0" },
    });
    const { pid } = await waitForEvent(run, "loaded");
    const directory = run.path(`tmp/${run.readTemporary()[0]}`);
    await look({ run, engine: pid, supervisord: run.findSupervisord()!, directory });
  };

  describe(`supervise() with supervisord ${supervisord.version}`, () => {
    it("ends with 125 and nothing left when supervisord is killed", () =>
      serve(async ({ run, supervisord }) => {
        signalProcess(supervisord, "SIGKILL");
        await expectPromptEnd(run, 125, wallMs());
      }));

    it("still restarts and stops with its socket or its run directory deleted", async () => {
      const deletions: ((directory: string) => void)[] = [
        (directory) => Deno.removeSync(`${directory}/supervisor.sock`),
        (directory) => Deno.removeSync(directory, { recursive: true }),
      ];
      await Promise.all(deletions.map((remove) =>
        serve(async ({ run, engine, directory }) => {
          remove(directory);
          signalProcess(engine, "SIGKILL");
          await waitForEvent(run, "loaded", 2);
          run.signal("SIGTERM");
          await expectPromptEnd(run, 0, wallMs());
        })
      ));
    });

    it("goes on where supervisord was stopped for a while", () =>
      serve(async ({ run, engine, supervisord }) => {
        signalProcess(supervisord, "SIGSTOP");
        signalProcess(engine, "SIGKILL");
        await run.waitFor(() => run.end !== undefined || !isAlive(engine), "the engine's death");
        signalProcess(supervisord, "SIGCONT");
        await waitForEvent(run, "loaded", 2);
        run.signal("SIGTERM");
        await expectPromptEnd(run, 0, wallMs());
      }));

    // A stopped one is the same in every version.
    if (index > 0) return;
    it("stops the engine in order though supervisord is stopped", () =>
      serve(async ({ run, supervisord }) => {
        signalProcess(supervisord, "SIGSTOP");
        run.signal("SIGTERM");
        await expectPromptEnd(run, 0, wallMs());
        assertEquals(readEvents(run).at(-1)?.event, "exit");
        assertEquals(readEvents(run).at(-1)?.code, 0, "the engine ended by itself");
      }));
  });
}
