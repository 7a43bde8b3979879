/**
 * Crashes in a row with an unlimited budget: as many recoveries, and nothing that grows with them.
 *
 * Run: `deno run -A bench/endurance.ts [--crashes 1000] [--supervisord PATH]`. Compares the medians of the
 * first and the last tenth of the crashes; exits with 1 where anything grew past its bound.
 */
import { parseArgs } from "@std/cli/parse-args";
import { python } from "../tests/support/engines.ts";
import { pause, readUsage } from "../tests/support/processes.ts";
import { Run } from "../tests/support/run.ts";
import { chooseSupervisord } from "../tests/support/supervisords.ts";

/** From the engine's first instruction to its death, ms: long enough to be seen alive. */
const LIFE_MS = 10;

/**
 * What resident memory may grow between the first and the last tenth, KiB. The program's first tenth
 * holds its warm-up, code that is compiled as it is used: 6 MiB were measured. So a leak is looked for
 * in the second half, which must stay within {@linkcode LATE_GROWTH_KIB}.
 */
const GROWTH_KIB = { program: 12 * 1024, supervisord: 2 * 1024 } as const;

/** What it may grow between the sixth and the last tenth, KiB: 400 crashes of 1,000. */
const LATE_GROWTH_KIB = 3 * 1024;

/**
 * A small heap, so that garbage which nobody has collected yet does not count as growth: without it the
 * program grew by 11 MiB in 1,000 crashes and by 16 MiB in 4,000.
 */
const SMALL_HEAP = "--max-old-space-size=12,--max-semi-space-size=1";

/** Of descriptors, which come and go with the engine that happens to live. */
const GROWTH_DESCRIPTORS = 4;

/**
 * So many engine processes crash beside each other: after ten crashes in a row that did not last, each
 * waits 9 s for its next start.
 */
const CRASHES_EACH = 10;

/** How long all of it may take, ms: the pauses of ten crashes, and some time for each crash. */
const PATIENCE_MS = { pauses: 60_000, crash: 200 } as const;

interface Sample {
  readonly starts: number;
  readonly rssKib: number;
  readonly pssKib: number;
  readonly descriptors: number;
  readonly files: number;
}

function countEntries(directory: string): number {
  try {
    return [...Deno.readDirSync(directory)].length;
  } catch {
    return NaN; // It has just ended.
  }
}

function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Dies at once until it has been started often enough, then stays; each process counts for itself. */
const ENGINE =
  `own=$0.$SUPERVISOR_PROCESS_NAME; echo >>"$own"; if [ "$(wc -l <"$own")" -gt "$1" ]; then echo "0 0 $$" >>"$0"; exec sleep 1000; fi; shift; exec "$@"`;

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, { string: ["crashes", "supervisord"] });
  const processes = Math.ceil(Number(options.crashes ?? 1000) / CRASHES_EACH);
  const crashes = processes * CRASHES_EACH;
  const supervisord = chooseSupervisord(options.supervisord);
  await using run = new Run({
    supervisord,
    args: (directory) => [
      ...["/bin/sh", "-c", ENGINE, `${directory}/starts`, String(CRASHES_EACH)],
      ...python(supervisord, "dies_at_once.py", String(LIFE_MS), "3", `${directory}/starts`),
    ],
    env: {
      PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited",
      PROCESS_MAX_START_RETRIES: "0",
      SUPERVISOR_PROGRAM_STARTSECS: "0",
      SUPERVISOR_PROGRAM_NUMPROCS: String(processes),
      SUPERVISOR_PROGRAM_PROCESS_NAME: "%(program_name)s_%(process_num)s",
      DENO_V8_FLAGS: SMALL_HEAP,
    },
  });
  await run.waitFor(() => run.readNumbers("starts").length > 0, "the first start");
  const pids = { program: run.findProgram()!, supervisord: run.findSupervisord()! };
  const directory = run.path(`tmp/${run.readTemporary()[0]}`);
  const samples: Record<keyof typeof pids, Sample[]> = { program: [], supervisord: [] };
  const beganMs = performance.now();
  for (let starts = 0; starts < crashes + processes;) {
    starts = run.readNumbers("starts").length;
    for (const who of ["program", "supervisord"] as const) {
      const { rssKib, pssKib } = readUsage(pids[who]);
      const descriptors = countEntries(`/proc/${pids[who]}/fd`);
      samples[who].push({ starts, rssKib, pssKib, descriptors, files: countEntries(directory) });
    }
    if (
      run.end !== undefined ||
      performance.now() - beganMs > PATIENCE_MS.pauses + crashes * PATIENCE_MS.crash
    ) {
      console.error(run.describe(`Ended after ${starts} starts`));
      return 1;
    }
    await pause(100);
  }
  const tookMs = performance.now() - beganMs;
  run.signal("SIGTERM");
  const { code } = await run.waitForEnd();

  const failures: string[] = [];
  const expect = (holds: boolean, text: string) => {
    if (!holds) failures.push(text);
  };
  const starts = run.readNumbers("starts").length;
  const recoveries = run.read("stderr").split(": restarting ").length - 1;
  expect(starts === crashes + processes, `${starts} starts`);
  expect(recoveries === crashes, `${recoveries} recoveries`);
  expect(code === 0, `exit code ${code}`);
  expect(run.readLeft().length === 0, "processes are left");
  expect(run.readTemporary().length === 0, "files are left");

  console.log(
    `${
      new Date().toISOString().slice(0, 10)
    }, supervisord ${supervisord.version}, Deno ${Deno.version.deno}: ` +
      `${recoveries} recoveries of ${crashes} crashes in ${(tookMs / 1000).toFixed(1)} s, ` +
      `${(tookMs / crashes).toFixed(1)} ms each, of which the engine lived ${LIFE_MS}\n\n` +
      `| process | measure | first ${crashes / 10} | last ${crashes / 10} | bound |\n` +
      `|---|---|---:|---:|---:|`,
  );
  for (const who of ["program", "supervisord"] as const) {
    const bounds = {
      rssKib: GROWTH_KIB[who],
      // It depends on who else runs Deno or Python on this machine just then.
      pssKib: Infinity,
      descriptors: GROWTH_DESCRIPTORS,
      files: 0,
    };
    for (const key of ["rssKib", "pssKib", "descriptors", "files"] as const) {
      const first = median(
        samples[who].filter(({ starts }) => starts <= crashes / 10).map((sample) => sample[key]),
      );
      const last = median(
        samples[who].filter(({ starts }) => starts > crashes * 0.9).map((sample) => sample[key]),
      );
      const name = {
        rssKib: "RSS, KiB",
        pssKib: "PSS, KiB",
        descriptors: "descriptors",
        files: "",
      };
      if (key === "files" && who === "supervisord") continue;
      console.log(
        `| ${key === "files" ? "run directory" : who} | ${name[key] || "files"} | ${first} | ` +
          `${last} | ${bounds[key] === Infinity ? "none" : `+${bounds[key]}`} |`,
      );
      expect(last - first <= bounds[key], `${who}: ${key} grew from ${first} to ${last}`);
      if (key !== "rssKib") continue;
      const sixth = median(
        samples[who].filter(({ starts }) => starts > crashes * 0.5 && starts <= crashes * 0.6)
          .map((sample) => sample[key]),
      );
      console.log(
        `| ${who} | RSS from the sixth tenth, KiB | ${sixth} | ${last} | +${LATE_GROWTH_KIB} |`,
      );
      expect(last - sixth <= LATE_GROWTH_KIB, `${who}: grew late from ${sixth} to ${last}`);
    }
  }
  for (const text of failures) console.error(`Not as expected: ${text}`);
  console.log(failures.length === 0 ? "\nNothing grows." : "");
  return failures.length === 0 ? 0 : 1;
}

Deno.exit(await main(Deno.args));
