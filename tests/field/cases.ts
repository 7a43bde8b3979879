/** The cases that every engine goes through, each in a run of its own, and what was seen of each. */
import { assert, assertEquals } from "@std/assert";
import { STABLE_MS } from "../../src/policy/engine_death.ts";
import { expectEnd } from "../support/ends.ts";
import { waitUntil } from "../support/namespace.ts";
import { isAlive, pause, signalProcess, wallMs } from "../support/processes.ts";
import { makeCommand, ROOT } from "../support/run.ts";
import type { BadStart, Drain, Fault, FieldEngine, Mender } from "./engine.ts";
import { SLOW_SECS } from "./engine.ts";
import { Served, type ServedOptions } from "./served.ts";

/** How an engine is run. */
export type RunWith = Omit<ServedOptions, "env" | "command">;

/** What was seen of a start. */
export interface StartFacts {
  /** When it was said to have started, s after its spawn. */
  readonly startedSecs: number;
  /** When it first answered. */
  readonly answeredSecs: number;
  /** What it answered when it was said to have started. */
  readonly status: number;
}

/** What was seen of a fault. */
export interface FaultFacts {
  readonly by: Mender;
  /** From the signal until every process and the answers were there again; unset where nobody fixed it. */
  readonly secs?: number;
  /** The longest time without a good answer. */
  readonly silentSecs: number;
  /** Whether it answered at the end. */
  readonly serves: boolean;
}

/** What was seen of a start that could not succeed. */
export interface BadStartFacts {
  readonly code: number;
  readonly starts: number;
  readonly secs: number;
  readonly cause: string;
}

/** What was seen of a drain. */
export interface DrainFacts {
  readonly isAnswered: boolean;
  readonly code: number;
  /** From SIGTERM to the end. */
  readonly secs: number;
}

/** An answer to a request that comes as soon as it is said to have started takes no longer, ms. */
const FIRST_ANSWER_MS = 20_000;

/** Whoever fixes it has done so by then, ms. */
const MEND_MS = 180_000;

/** What is not fixed by then is not, ms. */
const PATIENCE_MS = 20_000;

/** Where it may be fixed or not, ms: LitServe's shutdown takes up to half a minute. */
const LONG_PATIENCE_MS = 60_000;

/** What is left of the dead has gone by then, ms. */
const SETTLE_MS = 5_000;

/** How long a start that cannot succeed may take with all its retries, ms. */
const GIVE_UP_MS = 180_000;

const toSecs = (ms: number) => ms / 1000;

/** The bare names of the processes, sorted. */
function listRoles(served: Served): string[] {
  return [...served.readRoles().values()].sort();
}

/** Stops it: exit code 0, nothing left. */
async function stop(served: Served, engine: FieldEngine): Promise<void> {
  served.readFamily();
  served.run.signal("SIGTERM");
  await expectEnd(served.run, 0, {
    pids: () => served.seenPids,
    engineFiles: engine.leaves ?? /^$/,
    deadlineMs: 30_000,
  });
  assertEquals(served.segments, [], served.run.describe("left in /dev/shm"));
}

/** The engine's profile as `--check` says it. */
async function checkProfile(engine: FieldEngine, { bin, port }: RunWith): Promise<void> {
  const directory = Deno.makeTempDirSync();
  try {
    const place = { directory, bin, port };
    engine.prepare?.(place);
    const [command = "", ...args] = makeCommand(["--check", ...engine.command(place)]);
    const { stdout, stderr } = await new Deno.Command(command, {
      args,
      env: { NO_COLOR: "1", ...engine.env?.(place) },
      cwd: ROOT,
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const profile = /\(PROCESS_ENGINE=(\w+)\)/.exec(said)?.[1] ?? "none";
    assertEquals(profile, engine.profile, said);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** It is recognized, and serves once it is said to have started. */
export async function runStart(engine: FieldEngine, options: RunWith): Promise<StartFacts> {
  await checkProfile(engine, options);
  await using served = await Served.start(engine, options);
  const { spawnedMs } = served.run;
  const answered = served.waitAnswered().then(() => toSecs(wallMs() - spawnedMs));
  const started = await served.waitStarted();
  // Ray has requests wait for its replicas.
  const status = await served.ask(undefined, FIRST_ANSWER_MS);
  assertEquals(status, 200, served.run.describe("the answer when it is said to have started"));
  const answeredSecs = await answered;
  await stop(served, engine);
  return { startedSecs: toSecs(started.duration_ms ?? NaN), answeredSecs, status };
}

/** One of its processes is killed, or hangs. */
export async function runFault(
  engine: FieldEngine,
  fault: Fault,
  options: RunWith,
): Promise<FaultFacts> {
  await using served = await Served.start(engine, {
    ...options,
    env: fault.isProbed === true ? probe(fault.healthPath ?? engine.healthPath, options.port) : {},
  });
  const { run } = served;
  await served.waitStarted();
  await served.waitAnswered();
  await pause(STABLE_MS + 500); // A run that did not last is not recovered at once.
  const before = listRoles(served);
  const family = served.readFamily();
  const segments = served.segments.length;
  const main = served.main;
  const [victim] = [...served.readRoles()].find(([, role]) => role === fault.role) ?? [];
  assert(victim !== undefined && main !== undefined, run.describe(`${fault.role} in ${before}`));

  const polling = new AbortController();
  const silence = served.measureSilence(polling.signal);
  const beganMs = wallMs();
  signalProcess(victim.pid, fault.signal);
  const isWhole = async () =>
    !isAlive(victim.pid) && listRoles(served).join() === before.join() &&
    await served.ask() === 200;
  let secs: number | undefined;
  try {
    const patienceMs = fault.by === "nobody"
      ? PATIENCE_MS
      : typeof fault.by === "string"
      ? MEND_MS
      : LONG_PATIENCE_MS;
    await waitUntil(run, isWhole, `what was there before: ${before}`, patienceMs);
    secs = toSecs(wallMs() - beganMs);
  } catch (error) {
    if (!fault.by.includes("nobody")) {
      throw new Error(`${listRoles(served)}; ${error instanceof Error ? error.message : error}`);
    }
  } finally {
    polling.abort();
  }
  const silentSecs = toSecs(await silence);
  const serves = await served.ask() === 200;
  const isOurs = served.main?.pid !== main.pid;
  const by = isOurs ? "us" : secs === undefined ? "nobody" : "engine";
  const expected: readonly Mender[] = typeof fault.by === "string" ? [fault.by] : fault.by;
  assert(expected.includes(by), run.describe(`${by} fixes it, not ${fault.by}`));
  if (by !== "nobody" || fault.serves !== undefined) {
    assertEquals(serves, by !== "nobody" || fault.serves, run.describe("whether it serves"));
  }
  if (by === "us") {
    const gone = () => family.every(({ pid }) => !isAlive(pid));
    await waitUntil(run, gone, "the end of the dead run's processes", SETTLE_MS);
    assertEquals(served.segments.length, segments, `files in /dev/shm: ${served.segments}`);
  }
  if (by === "nobody" && fault.signal === "SIGSTOP") signalProcess(victim.pid, "SIGCONT");
  await stop(served, engine);
  return { by, ...(secs === undefined ? {} : { secs }), silentSecs, serves };
}

function probe(path: string | undefined, port: number): Record<string, string> {
  return {
    PROCESS_HEALTH_URL: path === undefined ? "auto" : `http://127.0.0.1:${port}${path}`,
    PROCESS_HEALTH_PERIOD_SECS: "1",
    PROCESS_HEALTH_TIMEOUT_SECS: "2",
    PROCESS_HEALTH_FAILURE_THRESHOLD: "2",
  };
}

/** It cannot start. */
export async function runBadStart(
  engine: FieldEngine,
  bad: BadStart,
  options: RunWith,
): Promise<BadStartFacts> {
  using _stranger = bad.isPortHeld === true
    ? Deno.listen({ hostname: "0.0.0.0", port: options.port })
    : undefined;
  await using served = await Served.start(engine, { ...options, command: bad.command });
  const { run } = served;
  const looking = setInterval(() => served.readFamily(), 200);
  try {
    await run.waitForEnd(GIVE_UP_MS);
  } finally {
    clearInterval(looking);
  }
  const { atMs } = await expectEnd(run, bad.code, {
    pids: () => served.seenPids,
    engineFiles: engine.leaves ?? /^$/,
  });
  const died = served.events.filter(({ event }) => event === "died").length;
  const last = served.events.findLast(({ event }) => event === "exit");
  const cause = /cause: (\w+)/.exec(last?.message ?? "")?.[1] ?? "unknown";
  const seen = { starts: died + 1, cause };
  const { starts, mostStarts = starts } = bad;
  const isRight = seen.starts >= starts && seen.starts <= mostStarts && cause === bad.cause;
  assert(isRight, run.describe(`${JSON.stringify(seen)}, not ${JSON.stringify(bad)}`));
  assertEquals(served.segments, [], run.describe("left in /dev/shm"));
  return { code: bad.code, ...seen, secs: toSecs(atMs - run.spawnedMs) };
}

/** SIGTERM comes while a request is being answered. */
export async function runDrain(
  engine: FieldEngine,
  drain: Drain,
  options: RunWith,
): Promise<DrainFacts> {
  await using served = await Served.start(engine, { ...options, env: drain.env });
  await served.waitStarted();
  await served.waitAnswered();
  const answer = served.ask(engine.slow, (SLOW_SECS + 10) * 1_000);
  let isOver = false;
  void answer.then(() => isOver = true);
  await pause(1_000);
  assert(!isOver, served.run.describe("the request is in flight"));
  served.readFamily();
  const beganMs = wallMs();
  served.run.signal("SIGTERM");
  const isAnswered = await answer === 200;
  const { atMs, code } = await expectEnd(served.run, 0, {
    pids: () => served.seenPids,
    engineFiles: engine.leaves ?? /^$/,
    deadlineMs: 30_000,
  });
  assertEquals(isAnswered, drain.isAnswered, served.run.describe("whether it was answered"));
  assertEquals(served.segments, [], served.run.describe("left in /dev/shm"));
  return { isAnswered, code, secs: toSecs(atMs - beganMs) };
}
