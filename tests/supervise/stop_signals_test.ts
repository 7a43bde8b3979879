import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { python } from "../support/engines.ts";
import { inBatches, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// The engine gets just the stop signal that is asked for, from supervisord and from us in its place, and the log names it.

/** What STOPSIGNAL says, the number that the engine gets, and the name in the log. */
const SIGNALS: readonly (readonly [string, number, string])[] = [
  ...[["POLL", 29, "SIGIO"], ["IOT", 6, "SIGABRT"], ["CLD", 17, "SIGCHLD"]] as const,
  ...[["RTMIN", 34, "SIGRTMIN"], ["RTMAX", 64, "SIGRTMAX"], ["34", 34, "SIGRTMIN"]] as const,
  ...[["64", 64, "SIGRTMAX"], ["sigusr1", 10, "SIGUSR1"], ["3", 3, "SIGQUIT"]] as const,
];

for (const supervisord of readSupervisords()) {
  describe(`STOPSIGNAL with supervisord ${supervisord.version}`, () => {
    for (const isStuck of [false, true]) {
      const title = isStuck ? "is sent by us in place of a supervisord that is stuck" : "is sent";
      it(title, async () => {
        await inBatches(SIGNALS, 3, async ([text, number, name]) => {
          await using run = new Run({
            supervisord,
            args: (directory) => python(supervisord, "records_signals.py", `${directory}/got`),
            env: { SUPERVISOR_PROGRAM_STOPSIGNAL: text, SUPERVISOR_PROGRAM_STOPWAITSECS: "15" },
          });
          await run.waitFor(() => run.readNumbers("got.ready").length === 1, "the engine");
          await run.waitFor(() => / started after /.test(run.read("stderr")), "the start");
          if (isStuck) signalProcess(run.findSupervisord()!, "SIGSTOP");
          signalProcess(run.findProgram()!, "SIGTERM");
          const { code } = await run.waitForEnd();
          assertEquals([run.readNumbers("got"), code], [[[number]], 0], run.describe(text));
          // An engine that ends at once may have ended before anything is said of it.
          const named = [...run.read("stderr").matchAll(/(?:gets|sending) (SIG\S+)/g)];
          for (const [, signal] of named) assertEquals(signal, name, run.describe(text));
          assert(!isStuck || named.length > 0, run.describe(`${text} is named`));
        });
      });
    }
  });
}
