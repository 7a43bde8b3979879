/**
 * Ours and the Python original side by side, as the Markdown table of docs/coming_from_python.md.
 *
 *     ORIGINAL_SUPERVISOR=/venv/bin/standard-supervisor deno run -A bench/original.ts [--rounds 5] [--patience-secs 15]
 *
 * Everything is measured from outside and the same way for both, round by round in one run. Ours runs
 * through `deno run`; a compiled executable starts no slower.
 */
import {
  python,
  readEvents,
  recordingEngine,
  sleeper,
  waitForEvent,
  waitForStart,
} from "../tests/support/engines.ts";
import { isAlive, pause, readUsage, signalProcess, wallMs } from "../tests/support/processes.ts";
import { type InstalledSupervisord, readSupervisords } from "../tests/support/supervisords.ts";
import { type Contestant, readContestants } from "./contestants.ts";
import { measureOneCrash, STARTED_MS } from "./one_crash.ts";
import { median, readOption } from "./report.ts";

/** How long the drain of an engine takes, s; the grace period is the default of both, 30 s. */
const DRAIN_SECS = 8;

const WORKERS = 3;

/** Compilers and caches of a start are still at work before this, ms. */
const SETTLED_MS = 3_000;

/** What a row of the table shows for one contestant. */
interface Reading {
  /** Medians are taken of it. */
  readonly value: number;
  /** What goes with it, such as an exit code. */
  readonly note?: string;
}

type Unit = "ms" | "s" | "processes" | "MB";

/** The rows, in the order in which a round measures them. */
const ROWS: readonly (readonly [title: string, unit: Unit])[] = [
  ["Start: the command to the engine's first instruction", "ms"],
  ["Restart: SIGKILL to the next engine's first instruction", "ms"],
  ["Stop: SIGTERM to exit", "ms"],
  ["Give-up: the last failed start to exit", "ms"],
  [`Drain: SIGTERM to exit, of an engine that takes ${DRAIN_SECS} s`, "s"],
  ["Orphans: workers of a killed engine beside the next one", "processes"],
  ["Memory besides the engine, resident", "MB"],
  ["Memory besides the engine, shared pages in parts", "MB"],
];

async function measureTimes(contestant: Contestant): Promise<readonly Reading[]> {
  const { first, restart, stop, code } = await measureOneCrash(contestant);
  return [{ value: first }, { value: restart }, { value: stop, note: `exit code ${code}` }];
}

/** From the last of two failed starts to the end; a contestant that does not end is stopped. */
async function measureGiveUp(
  { run: start }: Contestant,
  supervisord: InstalledSupervisord,
  patienceMs: number,
): Promise<Reading> {
  await using run = start(
    (directory) => python(supervisord, "dies_at_once.py", "0", "3", `${directory}/starts`),
    { env: { PROCESS_MAX_START_RETRIES: "1" } },
  );
  const last = await waitForStart(run, 2);
  try {
    const { code, atMs } = await run.waitForEnd(patienceMs);
    return { value: atMs - last.atMs, note: `exit code ${code}` };
  } catch {
    return { value: Infinity, note: `still there after ${patienceMs / 1000} s` };
  }
}

async function measureDrain(
  { run: start }: Contestant,
  supervisord: InstalledSupervisord,
): Promise<Reading> {
  await using run = start((directory) =>
    recordingEngine(supervisord, directory, "--drain-secs", String(DRAIN_SECS))
  );
  await waitForEvent(run, "loaded");
  await pause(STARTED_MS);
  const sentMs = wallMs();
  run.signal("SIGTERM");
  const { code, atMs } = await run.waitForEnd();
  const isDrained = readEvents(run).some(({ event }) => event === "exit");
  const left = run.readLeft().length;
  return {
    value: (atMs - sentMs) / 1000,
    note: `exit code ${code}, ` + (isDrained ? "drained" : "not drained") +
      (left === 0 ? "" : `, ${left} left running`),
  };
}

/** Workers of a killed engine that live on beside the next one. */
async function measureOrphans(
  { run: start }: Contestant,
  supervisord: InstalledSupervisord,
): Promise<Reading> {
  await using run = start((directory) =>
    recordingEngine(supervisord, directory, "--workers", String(WORKERS))
  );
  await waitForEvent(run, "loaded");
  const { workers = [], pid } = await waitForEvent(run, "workers");
  await pause(STARTED_MS);
  signalProcess(pid, "SIGKILL");
  await waitForEvent(run, "loaded", 2);
  return { value: workers.filter(isAlive).length, note: `of ${WORKERS}` };
}

/** All that is there besides the engine. The bench's own Deno shares pages with ours. */
async function measureMemory({ run: start }: Contestant): Promise<readonly Reading[]> {
  await using run = start(sleeper);
  const { pid: enginePid } = await waitForStart(run);
  await pause(SETTLED_MS);
  const others = run.readLeft().filter(({ pid }) => pid !== enginePid);
  const usages = others.map(({ pid }) => readUsage(pid));
  const sum = (key: "rssKib" | "pssKib") => usages.reduce((kib, usage) => kib + usage[key], 0);
  const note = `${others.length} processes`;
  return [{ value: sum("rssKib") / 1024, note }, { value: sum("pssKib") / 1024, note }];
}

function renderReadings(readings: readonly Reading[], unit: Unit): string {
  const value = median(readings.map(({ value }) => value));
  const digits = unit === "s" || unit === "MB" ? 1 : 0;
  const text = value === Infinity ? "never" : `${value.toFixed(digits)} ${unit}`;
  const notes = [...new Set(readings.map(({ note }) => note).filter((note) => note !== undefined))];
  return notes.length === 0 ? text : `${text} (${notes.join("; ")})`;
}

async function main(args: readonly string[]): Promise<number> {
  const rounds = readOption(args, "rounds", 5);
  const patienceMs = readOption(args, "patience-secs", 15) * 1000;
  const supervisord = readSupervisords().at(-1)!;
  const contestants = readContestants(supervisord)
    .filter(({ name, isOurs }) => isOurs || name === "the Python original");
  if (contestants.length < 2) {
    console.error("Cannot compare without ORIGINAL_SUPERVISOR: the original's executable");
    return 2;
  }
  const results = new Map(contestants.map((one) => [one, ROWS.map((): Reading[] => [])]));
  for (let round = 0; round < rounds; round++) {
    for (const [contestant, columns] of results) {
      const readings = [
        ...await measureTimes(contestant),
        await measureGiveUp(contestant, supervisord, patienceMs),
        await measureDrain(contestant, supervisord),
        await measureOrphans(contestant, supervisord),
        ...await measureMemory(contestant),
      ];
      readings.forEach((reading, index) => columns[index]?.push(reading));
    }
  }
  console.log(`| | ${contestants.map(({ name }) => name).join(" | ")} |`);
  console.log(`| --- |${" --- |".repeat(contestants.length)}`);
  ROWS.forEach(([title, unit], index) => {
    const cells = contestants.map((one) => renderReadings(results.get(one)?.[index] ?? [], unit));
    console.log(`| ${title} | ${cells.join(" | ")} |`);
  });
  console.log(`\nMedians of ${rounds} rounds.`);
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
