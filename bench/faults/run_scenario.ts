/** One run of a scenario, start to end, and whether all held that must. */
import { readEvents, waitForEvent } from "../../tests/support/engines.ts";
import {
  askEngine,
  findFreePort,
  type InitReport,
  waitUntil,
} from "../../tests/support/namespace.ts";
import { wallMs } from "../../tests/support/processes.ts";
import type { Run, RunEnd } from "../../tests/support/run.ts";
import type { InstalledSupervisord } from "../../tests/support/supervisords.ts";
import { LOG_EVENTS } from "../../src/log/log_events.ts";
import { errorText } from "../../src/log/error_text.ts";
import { kill, type Scenario, type Scene } from "./scenario.ts";
import { INIT_REPORT, setScene, startRun, type Surroundings } from "./scene.ts";
import { type Leftovers, settle } from "./settle.ts";

/** How much longer than its bound a run may take before it is given up on, ms. */
const PATIENCE_MS = 20_000;

/** What one run came to. */
export interface Result {
  readonly survived: boolean;
  /** As the scenario's expectation measures it, ms; `NaN` where the run broke off. */
  readonly tookMs: number;
  /** The exit code; of a run that survived, the one after SIGTERM. */
  readonly code: number;
  readonly left: number;
  readonly zombies: number;
  /** What did not hold, each with the run's output. */
  readonly deviations: readonly string[];
}

/** What was seen until a run's end. */
interface Outcome {
  readonly survived: boolean;
  /** Of the engine; `NaN` where nobody counts them. */
  readonly starts: number;
  readonly tookMs: number;
  readonly end: RunEnd;
  readonly leftovers: Leftovers;
}

/**
 * Runs a scenario once.
 *
 * @param scenario Which one.
 * @param supervisord Which supervisord to run it under.
 * @param surroundings Whether the program is PID 1.
 * @returns What it came to; an error is a deviation.
 */
export async function runScenario(
  scenario: Scenario,
  supervisord: InstalledSupervisord,
  surroundings: Surroundings,
): Promise<Result> {
  try {
    const port = findFreePort();
    await using run = startRun(scenario, supervisord, surroundings, port);
    const scene = await setScene(run, scenario, port);
    const faultMs = wallMs();
    await scenario.inflict(scene);
    const outcome = scenario.expects.kind === "exits"
      ? await seeExit(scenario, scene, faultMs)
      : await seeSurvival(scenario, scene, faultMs);
    return judge(scenario, run, surroundings, outcome);
  } catch (error) {
    const deviations = [`${surroundings}: ${errorText(error)}`];
    return { survived: false, tookMs: NaN, code: -1, left: NaN, zombies: NaN, deviations };
  }
}

async function seeExit(scenario: Scenario, scene: Scene, faultMs: number): Promise<Outcome> {
  await scenario.settle?.(scene);
  const end = await scene.run.waitForEnd(scenario.expects.withinMs + PATIENCE_MS);
  const leftovers = { left: [], zombies: 0 };
  return { survived: false, starts: NaN, tookMs: end.atMs - faultMs, end, leftovers };
}

async function seeSurvival(scenario: Scenario, scene: Scene, faultMs: number): Promise<Outcome> {
  const { run, port, program } = scene;
  const recovers = scenario.expects.kind === "recovers";
  const recoveredMs = recovers ? (await waitForEvent(run, "start", 2)).wall_ns / 1e6 : NaN;
  if (recovers) await waitForLoad(scene);
  await scenario.settle?.(scene);
  await waitUntil(run, async () => await askEngine(port, "GET", "/health") === 200, "service");
  const leftovers = await settle(scene);
  const tookMs = (recovers ? recoveredMs : wallMs()) - faultMs;
  const survived = run.end === undefined;
  const starts = readEvents(run).filter(({ event }) => event === "start").length;
  kill(program, "SIGTERM");
  const end = await run.waitForEnd(scenario.expects.withinMs + PATIENCE_MS);
  return { survived, starts, tookMs, end, leftovers };
}

/** Waits until the second engine has loaded; the first may have died before it had. */
async function waitForLoad({ run, engine }: Scene): Promise<void> {
  await run.waitFor(
    () => readEvents(run).find(({ event, pid }) => event === "loaded" && pid !== engine.innerPid),
    "the second engine's load",
  );
}

/** Lines that hold something of ours and are not one whole event each. */
function findBrokenEvents(text: string): string[] {
  return text.split("\n").filter((line) => line.includes('"source":"standard-supervisor"'))
    .filter((line) => {
      try {
        const { ts, level, event, message } = JSON.parse(line);
        return Number.isNaN(Date.parse(ts)) || typeof level !== "string" ||
          typeof message !== "string" || !Object.hasOwn(LOG_EVENTS, event);
      } catch {
        return true;
      }
    });
}

/** Compares what was seen with what must hold. */
function judge(
  scenario: Scenario,
  run: Run,
  surroundings: Surroundings,
  { survived, starts, tookMs, end, leftovers }: Outcome,
): Result {
  const deviations: string[] = [];
  const expect = (holds: boolean, text: string) => {
    if (!holds) deviations.push(run.describe(`${text} (${surroundings})`));
  };
  const { expects, killsProgram } = scenario;
  const endsNamespace = surroundings === "as PID 1" && killsProgram !== undefined;
  const init: InitReport | undefined = surroundings === "as PID 1"
    ? undefined
    : JSON.parse(run.read(INIT_REPORT));
  const left = [
    ...leftovers.left,
    ...init?.left ?? [],
    ...run.readLeft().map(({ command }) => command),
  ];
  // A killed program reaps nothing any more.
  const zombies = leftovers.zombies + (killsProgram === undefined ? init?.zombies ?? 0 : 0);
  const code = endsNamespace ? 128 + 9 : end.code;
  const files = endsNamespace ? [] : run.readTemporary();
  expect(files.length === 0, `files left: ${files}`);
  if (expects.kind !== "exits") {
    expect(survived, "did not survive");
    expect(starts === (expects.kind === "recovers" ? 2 : 1), `${starts} starts`);
  }
  expect(code === (expects.kind === "exits" ? expects.code : 0), `exit code ${code}`);
  expect(tookMs <= expects.withinMs, `took ${tookMs} ms`);
  expect(left.length === 0, `left behind: ${left.join(" | ")}`);
  expect(zombies === 0, `${zombies} zombies`);
  for (const line of findBrokenEvents(run.read("stderr"))) {
    expect(false, `a line of the log is no event: ${line}`);
  }
  return { survived, tookMs, code, left: left.length, zombies, deviations };
}
