/** Sets a run up until it is as a scenario wants it, and looks at what belongs to it. */
import { readEvents, waitForEvent } from "../../tests/support/engines.ts";
import { AS_PID_1 } from "../../tests/support/isolation.ts";
import { askEngine, readTree, type TreeProcess, underInit } from "../../tests/support/namespace.ts";
import { DEADLINE_MS, FIXTURES, Run } from "../../tests/support/run.ts";
import type { InstalledSupervisord } from "../../tests/support/supervisords.ts";
import { PYTHON, type Scenario, type Scene, WORKERS } from "./scenario.ts";

/** What stands around the program: nothing, or an init that reaps the program alone and tells what is left. */
export type Surroundings = "as PID 1" | "under an init";

/** The init's report, in the run's directory. */
export const INIT_REPORT = "init.json";

/** Starts the run of a scenario. */
export function startRun(
  scenario: Scenario,
  supervisord: InstalledSupervisord,
  surroundings: Surroundings,
  port: number,
): Run {
  const env = Object.entries(scenario.env ?? {})
    .map(([name, value]) => [name, value.replace("PORT", String(port))]);
  return new Run({
    supervisord,
    args: (directory) => [
      ...scenario.through?.(directory) ?? [],
      ...[PYTHON, "-S", `${FIXTURES}/engine.py`, "--port", String(port)],
      ...["--workers", String(WORKERS), "--record", `${directory}/record`],
      ...scenario.isQuiet ? [] : ["--chatter"],
      ...scenario.engineArgs ?? [],
    ],
    wrapper: (directory) => [
      ...scenario.wrapper?.(directory) ?? [],
      ...surroundings === "as PID 1"
        ? AS_PID_1
        : underInit(`${directory}/${INIT_REPORT}`, scenario.killsProgram?.lingerSecs),
    ],
    // Any death is one of a started engine, so none is held back by back-off.
    env: {
      ...{ SUPERVISOR_PROGRAM_STARTSECS: "0", LOG_FORMAT: "json", LOG_LEVEL: "debug" },
      ...Object.fromEntries(env),
    },
  });
}

/** Waits until the run is as its scenario wants it. */
export async function setScene(run: Run, scenario: Scenario, port: number): Promise<Scene> {
  const after = scenario.after ?? "loaded";
  const supervisord = await run.waitFor(() => run.findSupervisord(), "supervisord");
  const program = await run.waitFor(() => run.findProgram(), "the program");
  const found = after === "supervisord" ? undefined : await waitForEngine(run, after);
  if (after === "loaded" && scenario.env?.PROCESS_HEALTH_URL !== undefined) {
    await run.waitFor(() => run.read("stderr").includes(" started after "), "readiness");
  }
  return {
    run,
    port,
    program,
    supervisord,
    get engine() {
      if (found?.engine !== undefined) return found.engine;
      throw new Error(run.describe(`${scenario.name}: no live engine after "${after}"`));
    },
    workers: found?.workers ?? [],
    order: async (path) => {
      const status = await askEngine(port, "POST", path, DEADLINE_MS);
      if (status !== 202) throw new Error(run.describe(`${path} was answered with ${status}`));
    },
    findRunDirectory: () => {
      const name = run.readTemporary().find((name) => name.startsWith("standard-supervisor-"));
      return run.path(`tmp/${name}`);
    },
  };
}

/** Waits for an event of the first engine, and finds it and its workers among the processes. */
async function waitForEngine(
  run: Run,
  event: string,
): Promise<{ readonly engine?: TreeProcess; readonly workers: TreeProcess[] }> {
  const { pid } = await waitForEvent(run, event);
  if (event === "exit") return { workers: [] };
  const pids = readEvents(run).find(({ workers }) => workers !== undefined)?.workers ?? [];
  const tree = readTree(run.pid);
  const engine = tree.find(({ innerPid }) => innerPid === pid);
  const workers = tree.filter(({ innerPid }) => pids.includes(innerPid));
  if (engine === undefined || (event !== "start" && workers.length < WORKERS)) {
    throw new Error(run.describe(`Cannot find engine ${pid} and workers ${pids}`));
  }
  return { engine, workers };
}
