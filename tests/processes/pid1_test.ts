import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { AS_PID_1, PID_NAMESPACE_PROBLEM } from "../support/isolation.ts";
import { readTree, waitUntil } from "../support/namespace.ts";
import { itOfFlags, itUnless } from "../support/needs.ts";
import { FLAGS_PROBLEM } from "../support/program.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// As PID 1 the program adopts orphans and reaps them, them only, and is stopped as a container is.

const [supervisord] = readSupervisords();

/** Orphans that end at once, as many as asked. */
const ORPHANS = `
n=0; while [ $n -lt "$1" ]; do n=$((n + 1)); (sleep 0.01 & ) ; done
echo done >"$0"; exec sleep 1000`;

interface Options {
  readonly orphans: number;
  readonly env?: Record<string, string>;
  readonly permissions?: readonly string[];
}

function start({ orphans, env, permissions }: Options): Run {
  return new Run({
    supervisord,
    args: (directory) => ["/bin/sh", "-c", ORPHANS, `${directory}/done`, String(orphans)],
    env,
    permissions,
    wrapper: AS_PID_1,
  });
}

function countZombies(run: Run): number {
  return readTree(run.pid).filter(({ isZombie }) => isZombie).length;
}

const inNamespace = itUnless(PID_NAMESPACE_PROBLEM);
const inNamespaceWithFlags = FLAGS_PROBLEM === undefined ? inNamespace : itOfFlags;

describe("adoptOrphans()", () => {
  inNamespace("reaps orphans as PID 1, and none of Deno's own children", async () => {
    // A probe whose status was stolen would never answer, and the engine would not be started.
    await using run = start({
      orphans: 500,
      env: {
        PROCESS_HEALTH_COMMAND: `/bin/sh -c 'echo >>"$TMPDIR/../probes"'`,
        PROCESS_HEALTH_PERIOD_SECS: "1",
        PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
        PROCESS_STARTUP_TIMEOUT_SECS: "10",
      },
    });
    await run.waitFor(() => run.read("done") !== "", "the orphans");
    const probes = run.read("probes").length;
    await run.waitFor(() => run.read("probes").length >= probes + 2, "further probes");
    await waitUntil(run, () => countZombies(run) === 0, "the end of all zombies", 2_000);
    await stopCleanly(run);
  });

  inNamespaceWithFlags("warns once as PID 1 without FFI, and names what would do it", async () => {
    await using run = start({ orphans: 5, permissions: ["-A", "--deny-ffi"] });
    await run.waitFor(() => run.read("done") !== "", "the orphans");
    const warnings = run.read("stderr").split("\n").filter((line) =>
      line.includes("--init") && line.includes("tini")
    );
    assertEquals(warnings.length, 1, run.describe("warnings"));
    await stopCleanly(run);
  });

  inNamespace("ends as PID 1 with the engine's code where no restart is due", async () => {
    await using run = new Run({
      supervisord,
      args: [`${FIXTURES}/dies_at_once.sh`, "7"],
      env: { SUPERVISOR_PROGRAM_AUTORESTART: "false" },
      wrapper: AS_PID_1,
    });
    await expectEnd(run, 7);
  });
});
