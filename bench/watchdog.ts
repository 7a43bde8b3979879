/**
 * Hangs, and what is none: every case as often as asked, with the metrics of real engines in turn. A worker is
 * stopped; health is 200 all the time.
 *
 *     deno run -A bench/watchdog.ts [--tries 20] [--parallel 5] [--stall-secs 2]
 */
import { pause, wallMs } from "../tests/support/processes.ts";
import { type InstalledSupervisord, readSupervisords } from "../tests/support/supervisords.ts";
import { Watched, WATCHED_ENGINES, type WatchedEngine } from "../tests/support/watched.ts";
import { Bounds, median, printTable, readOption } from "./report.ts";

/** What one case came to. */
interface Result {
  readonly name: string;
  readonly isRight: boolean;
  /** From the stop of the worker to the word of it, ms. */
  readonly tookMs?: number;
  readonly text: string;
}

/** How long a hang may take to be seen beyond what makes one, ms: scrapes, and two busy cores. */
const MARGIN_MS = 8_000;

const CANARY_SECS = { period: 1, timeout: 1, failures: 2 } as const;

/** One run through every case. */
class Course {
  readonly results: Result[] = [];
  readonly #watched: Watched;
  readonly #prefix: string;

  constructor(watched: Watched, prefix = "") {
    this.#watched = watched;
    this.#prefix = prefix;
  }

  #note(name: string, isRight: boolean, tookMs?: number): void {
    const text = this.#watched.run.describe(name);
    this.results.push({ name: `${this.#prefix}${name}`, isRight, text, ...(tookMs && { tookMs }) });
  }

  /** What is none: nothing may happen for so long. */
  async expectPeace(name: string, ms: number): Promise<void> {
    const { starts } = this.#watched;
    await pause(ms);
    this.#note(name, this.#watched.starts === starts && this.#saidUnhealthy === this.#seen);
  }

  /** What is one: seen in time, and not before it lasted long enough to be one. */
  async expectHang(
    name: string,
    worker: number,
    [leastMs, patienceMs]: readonly [number, number],
  ): Promise<void> {
    const { starts } = this.#watched;
    const frozenMs = wallMs();
    this.#watched.freeze(worker);
    let tookMs: number | undefined;
    while (tookMs === undefined && wallMs() - frozenMs < patienceMs) {
      if (this.#saidUnhealthy > this.#seen) tookMs = wallMs() - frozenMs;
      await pause(5);
    }
    this.#seen = this.#saidUnhealthy;
    const isSeen = tookMs !== undefined;
    const isRight = isSeen && tookMs! >= leastMs;
    if (isSeen) await this.#watched.waitForLoad(starts + 1);
    this.#note(name, isRight, tookMs);
  }

  #seen = 0;

  get #saidUnhealthy(): number {
    return this.#watched.said.split("is unhealthy: ").length - 1;
  }
}

async function runProgress(
  supervisord: InstalledSupervisord,
  engine: WatchedEngine,
  stallSecs: number,
): Promise<Result[]> {
  await using watched = new Watched(supervisord, engine, {
    PROCESS_PROGRESS_TIMEOUT_SECS: String(stallSecs),
  });
  const course = new Course(watched);
  const peaceMs = stallSecs * 1_000 + 1_500;
  const worker = await watched.waitForLoad();
  await course.expectPeace("idle", peaceMs);
  await watched.order("requests?count=64");
  await course.expectPeace("saturated", peaceMs);
  await watched.order("prefill?count=1");
  await course.expectPeace("long prefill", peaceMs);
  await watched.order("requests?count=4");
  await watched.order("metrics?status=500");
  await course.expectPeace("scrapes fail", peaceMs);
  await watched.order("metrics?status=200");
  await course.expectHang("frozen", worker, [stallSecs * 1_000, stallSecs * 1_000 + MARGIN_MS]);
  await watched.order("requests?count=4");
  await course.expectPeace("counters reset by the restart", peaceMs);
  return course.results;
}

async function runCanaries(supervisord: InstalledSupervisord): Promise<Result[]> {
  await using watched = new Watched(supervisord, "vllm", {
    PROCESS_CANARY_PERIOD_SECS: String(CANARY_SECS.period),
    PROCESS_CANARY_TIMEOUT_SECS: String(CANARY_SECS.timeout),
    PROCESS_HEALTH_FAILURE_THRESHOLD: String(CANARY_SECS.failures),
  });
  const course = new Course(watched, "canary: ");
  const worker = await watched.waitForLoad();
  await watched.run.waitFor(() => watched.asked > 0, "a canary");
  await course.expectPeace("idle", 4_000);
  await watched.order("requests?count=64");
  await pause(1_500); // One may be under way.
  const { asked } = watched;
  await course.expectPeace("saturated", 4_000);
  const none = watched.asked === asked;
  course.results.push({ name: "canary: none while saturated", isRight: none, text: watched.said });
  await watched.order("requests?count=0");
  await watched.run.waitFor(() => watched.asked > asked, "a canary once idle");
  const secs = (CANARY_SECS.period * 2 + CANARY_SECS.timeout + 2) * CANARY_SECS.failures;
  await course.expectHang("frozen while idle", worker, [1_000, secs * 1_000 + MARGIN_MS]);
  return course.results;
}

async function runGrace(supervisord: InstalledSupervisord): Promise<Result[]> {
  await using watched = new Watched(supervisord, "vllm", {
    PROCESS_HEALTH_URL: "auto",
    PROCESS_HEALTH_PERIOD_SECS: "1",
    PROCESS_HEALTH_TIMEOUT_SECS: "1",
    PROCESS_HEALTH_FAILURE_THRESHOLD: "2",
  });
  const course = new Course(watched, "health 503: ");
  await watched.waitForLoad();
  await watched.run.waitFor(() => watched.said.includes(" started after "), "readiness");
  await watched.order("requests?count=8");
  await watched.order("health?status=503");
  await course.expectPeace("saturated", 5_000);
  return course.results;
}

async function main(args: readonly string[]): Promise<number> {
  const tries = readOption(args, "tries", 20);
  const parallel = readOption(args, "parallel", 5);
  const stallSecs = readOption(args, "stall-secs", 2);
  const bounds = new Bounds();
  const [supervisord] = readSupervisords();
  const jobs = Array.from({ length: tries }, (_, index) => [
    () => runProgress(supervisord!, WATCHED_ENGINES[index % WATCHED_ENGINES.length]!, stallSecs),
    () => runCanaries(supervisord!),
    () => runGrace(supervisord!),
  ]).flat();
  const results: Result[] = [];
  await Promise.all(Array.from({ length: parallel }, async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      results.push(...await job());
    }
  }));
  console.log(
    `supervisord ${supervisord!.version}; a hang is ${stallSecs} s without progress; ` +
      `${WATCHED_ENGINES.join(", ")} in turn`,
  );
  const rows = [...Map.groupBy(results, ({ name }) => name)].map(([name, all]) => {
    const right = all.filter(({ isRight }) => isRight).length;
    const times = all.flatMap(({ tookMs }) => tookMs ?? []);
    bounds.expect(`${name}: ${right} of ${all.length} right`, right === tries);
    for (const { text } of all.filter(({ isRight }) => !isRight).slice(0, 1)) console.log(text);
    const isHang = times.length > 0;
    return [
      name,
      right,
      all.length,
      ...(isHang ? [Math.min(...times), median(times), Math.max(...times)] : ["", "", ""]),
    ];
  });
  printTable([["", "right", "of", "seen after ms, min", "median", "max"], ...rows]);
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
