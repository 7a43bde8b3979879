import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { readOrEmpty } from "../support/files.ts";
import { isAlive, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Somebody kills the shell that holds the pipes which the engine writes to.

/** Prints its pid and a count, again and again. */
const TALKS = ["sh", "-c", 'i=0; while :; do i=$((i + 1)); echo "$$ $i"; sleep 0.02; done'];

/** The shell has no variables, and so not the run's marker. */
function findHolder(run: Run): number | undefined {
  const program = run.findProgram();
  const children = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    const stat = readOrEmpty(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === program;
  });
  return children.find((pid) =>
    isAlive(pid) && readOrEmpty(`/proc/${pid}/cmdline`).includes("output-holder")
  );
}

/** The pid of the engine that printed last. */
function readTalking(run: Run): number | undefined {
  const last = run.read("stdout").trimEnd().split("\n").at(-1) ?? "";
  return last === "" ? undefined : Number(last.split(" ")[0]);
}

for (const supervisord of readSupervisords()) {
  describe(`the shell that holds the engine's pipes, with supervisord ${supervisord.version}`, () => {
    it("is replaced when it is killed, and the engine's crash is recovered as ever", async () => {
      await using run = new Run({ supervisord, args: TALKS });
      let engine = await run.waitFor(() => readTalking(run), "output");
      for (let kill = 1; kill <= 3; kill++) {
        const holder = await run.waitFor(() => findHolder(run), "the holder");
        signalProcess(holder, "SIGKILL");
        // At once, or once it has been replaced.
        if (kill !== 2) {
          const isReplaced = () => ![undefined, holder].includes(findHolder(run));
          await run.waitFor(isReplaced, "another holder");
        }
        const before = run.read("stdout").length;
        await run.waitFor(() => run.read("stdout").length > before, "more output");
        assert(isAlive(engine), run.describe("the engine runs on"));
        signalProcess(engine, "SIGKILL");
        engine = await run.waitFor(() => {
          const now = readTalking(run);
          return now !== engine && now;
        }, `the output of engine ${kill + 1}`);
      }
      const said = run.read("stderr").match(/takes its place/g)?.length;
      assertEquals(said, 3, run.describe("a line each"));
      await stopCleanly(run);
    });
  });
}
