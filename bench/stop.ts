/**
 * SIGTERM in the first moments of a start, a drain of eight seconds, and a second SIGTERM within it.
 *
 *     deno run -A bench/stop.ts [--tries 50] [--parallel 2] [--drain-secs 8]
 */
import { recordingEngine, sleeper, waitForEvent } from "../tests/support/engines.ts";
import { pause, wallMs } from "../tests/support/processes.ts";
import { Run } from "../tests/support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../tests/support/supervisords.ts";
import { Bounds, median, printTable, readOption } from "./report.ts";

interface Stop {
  readonly code: number;
  /** Ended by the signal itself, before our program could listen to it. */
  readonly wasDeaf: boolean;
  readonly tookMs: number;
  /** Processes, and names in `TMPDIR`. */
  readonly left: readonly string[];
  /** What Python's own trial left in `TMPDIR`. */
  readonly trials: number;
  readonly text: string;
}

/**
 * What Python writes to see whether `TMPDIR` can be written (`_get_default_tempdir()` of its
 * Lib/tempfile.py). A supervisord that is ended between that and the file's removal leaves it
 * (docs/limits.md).
 */
const TRIAL = { name: /^[a-z0-9_]{8}$/, texts: ["", "blat"], mostShare: 0.1 } as const;

function findLeft(run: Run): Pick<Stop, "left" | "trials"> {
  const processes = run.readLeft().map(({ pid, command }) => `${pid} ${command}`);
  const isTrial = (name: string) =>
    TRIAL.name.test(name) && Deno.lstatSync(run.path(`tmp/${name}`)).isFile &&
    TRIAL.texts.some((text) => text === run.read(`tmp/${name}`));
  const names = run.readTemporary();
  const files = names.filter((name) => !isTrial(name));
  return { left: [...processes, ...files], trials: names.length - files.length };
}

async function stopEarly(supervisord: InstalledSupervisord, afterMs: number): Promise<Stop> {
  await using run = new Run({
    supervisord,
    args: sleeper,
  });
  await pause(run.spawnedMs + afterMs - wallMs());
  const sentMs = wallMs();
  run.signal("SIGTERM");
  const { code, signal, atMs } = await run.waitForEnd();
  return {
    code,
    wasDeaf: signal === "SIGTERM",
    tookMs: atMs - sentMs,
    ...findLeft(run),
    text: run.describe(`SIGTERM after ${afterMs} ms`),
  };
}

async function stopDraining(
  supervisord: InstalledSupervisord,
  drainSecs: number,
  signals: 1 | 2,
): Promise<Stop> {
  await using run = new Run({
    supervisord,
    args: (directory) => {
      const options = ["--workers", "3", "--drain-secs", String(drainSecs)];
      return recordingEngine(supervisord, directory, ...options);
    },
    env: { SUPERVISOR_PROGRAM_STOPWAITSECS: "30" },
  });
  await waitForEvent(run, "loaded");
  let sentMs = wallMs();
  run.signal("SIGTERM");
  if (signals === 2) {
    await waitForEvent(run, "term");
    sentMs = wallMs();
    run.signal("SIGTERM");
  }
  const { code, signal, atMs } = await run.waitForEnd((drainSecs + 20) * 1_000);
  return {
    code,
    wasDeaf: signal === "SIGTERM",
    tookMs: atMs - sentMs,
    ...findLeft(run),
    text: run.describe("a drain"),
  };
}

async function main(args: readonly string[]): Promise<number> {
  const tries = readOption(args, "tries", 50);
  const parallel = readOption(args, "parallel", 2);
  const drainSecs = readOption(args, "drain-secs", 8);
  const bounds = new Bounds();
  for (const supervisord of readSupervisords()) {
    const rows: (string | number)[][] = [];
    const add = (name: string, stops: readonly Stop[]) => {
      const others = stops.filter(({ code, wasDeaf }) => code !== 0 && !wasDeaf);
      const left = stops.filter((stop) => stop.left.length > 0);
      for (const stop of [...others, ...left].slice(0, 2)) console.log(stop.text, stop.left);
      bounds.expect(`${name}: a clean exit`, others.length === 0);
      bounds.expect(`${name}: nothing left`, left.length === 0);
      const trials = stops.reduce((sum, stop) => sum + stop.trials, 0);
      bounds.expect(
        `${name}: Python's own trial left in few`,
        trials <= 1 + TRIAL.mostShare * stops.length,
      );
      const times = stops.map(({ tookMs }) => tookMs);
      const count = (match: (stop: Stop) => boolean) => stops.filter(match).length;
      rows.push([
        name,
        stops.length,
        count(({ code }) => code === 0),
        count(({ wasDeaf }) => wasDeaf),
        others.length,
        left.length,
        trials,
        median(times),
        Math.max(...times),
      ]);
      return times;
    };
    for (const afterMs of [50, 150, 300]) {
      const stops: Stop[] = [];
      let begun = 0;
      await Promise.all(Array.from({ length: parallel }, async () => {
        while (begun++ < tries) stops.push(await stopEarly(supervisord, afterMs));
      }));
      add(`SIGTERM ${afterMs} ms after the command`, stops);
    }
    const [drained, killed] = await Promise.all([
      stopDraining(supervisord, drainSecs, 1),
      stopDraining(supervisord, drainSecs, 2),
    ]);
    const [drainedMs = 0] = add(`a drain of ${drainSecs} s, stopwaitsecs 30`, [drained]);
    bounds.expect("the drain is not cut short", drainedMs >= drainSecs * 1_000);
    const [killedMs = 0] = add("a second SIGTERM in the drain", [killed]);
    bounds.expect("all gone within 1 s of a second SIGTERM", killedMs <= 1_000);
    console.log(`\nsupervisord ${supervisord.version}`);
    printTable([
      [
        "",
        "tries",
        "exit 0",
        "before it listened",
        "other",
        "left",
        "Python's trial",
        "median ms",
        "max ms",
      ],
      ...rows,
    ]);
  }
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
