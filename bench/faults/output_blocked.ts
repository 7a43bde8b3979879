/** What the engine prints is not read, or is hard to carry. */
import { readWait } from "../../src/linux/wait_channel.ts";
import { waitForEvent } from "../../tests/support/engines.ts";
import { askEngine, waitUntil } from "../../tests/support/namespace.ts";
import type { Run } from "../../tests/support/run.ts";
import { kill, PYTHON, RECOVERY, type Scenario } from "./scenario.ts";

/** One line of a million bytes. */
const PRINT = "/control/print?bytes=1000000";

/** More than all pipes on the way hold. */
const PRINT_MUCH = "/control/print?bytes=8000000";

/** stdout becomes a pipe: its reader never reads, or is gone. */
function onPipe(reader: "stalls" | "gone"): string[] {
  const keep = reader === "stalls" ? "os.set_inheritable(r, True)" : "os.close(r)";
  const script =
    `import os, sys\nr, w = os.pipe()\nos.dup2(w, 1)\n${keep}\nos.execvp(sys.argv[1], sys.argv[1:])`;
  return [PYTHON, "-S", "-I", "-c", script];
}

function countLongLines(run: Run, stream: "stdout" | "stderr"): number {
  return run.read(stream).match(/^x{1000000}$/gm)?.length ?? 0;
}

/** The scenarios, in the table's order. */
export const OUTPUT_BLOCKED: readonly Scenario[] = [
  {
    name: "closed stdout, SIGKILL engine",
    expects: RECOVERY,
    wrapper: () => onPipe("gone"),
    inflict: async ({ order, engine }) => {
      await order(PRINT);
      kill(engine.pid, "SIGKILL");
    },
  },
  {
    name: "1 MB lines, on stdout and stderr",
    isQuiet: true,
    expects: { kind: "serves on", withinMs: 5_000 },
    inflict: async ({ order }) => {
      for (const stream of ["stdout", "stderr", "stdout", "stderr"]) {
        await order(`${PRINT}&stream=${stream}`);
      }
    },
    settle: ({ run }) =>
      waitUntil(
        run,
        () => countLongLines(run, "stdout") === 2 && countLongLines(run, "stderr") === 2,
        "four whole lines",
      ),
  },
  {
    name: "stalled stdout reader, SIGTERM",
    expects: { kind: "exits", code: 0, withinMs: 8_000 },
    parallel: 4,
    wrapper: () => onPipe("stalls"),
    inflict: async ({ port, program, run, supervisord }) => {
      void askEngine(port, "POST", PRINT_MUCH); // Blocked, it may never answer.
      await waitUntil(
        run,
        async () => await readWait(supervisord, undefined) === "reader",
        "supervisord to be blocked",
      );
      kill(program, "SIGTERM");
    },
    settle: async ({ run }) => {
      await waitForEvent(run, "term");
    },
  },
];
