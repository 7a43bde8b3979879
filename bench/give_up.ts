/**
 * How often an engine that always dies is started, and how soon after its last death we end.
 *
 *     deno run -A bench/give_up.ts [--runs 20] [--parallel 6] [--retries 3] [--recoveries 3]
 */
import { type Deaths, runDeaths } from "../tests/support/deaths.ts";
import { readSupervisords } from "../tests/support/supervisords.ts";
import { Bounds, printTable, readOption } from "./report.ts";

const DELAYS_MS = [0, 1, 5, 50, 900, 1000, 1100, 1500];

/** From the last death to the end, eight runs at once on two cores, ms; one alone takes a fifth of it. */
const END_MS = 500;

/** How early a timer may fire, ms. */
const CLOCK_MS = 5;

/** Dies surely before it counts as started; dies surely after; or it depends. */
function classify(delayMs: number): "start" | "recovery" | "border" {
  if (delayMs < 500) return "start";
  return delayMs > 1_200 ? "recovery" : "border";
}

async function main(args: readonly string[]): Promise<number> {
  const runs = readOption(args, "runs", 20);
  const parallel = readOption(args, "parallel", 6);
  const retries = readOption(args, "retries", 3);
  const recoveries = readOption(args, "recoveries", 3);
  const env = {
    PROCESS_MAX_START_RETRIES: String(retries),
    PROCESS_MAX_RECOVERY_ATTEMPTS: String(recoveries),
  };
  const bounds = new Bounds();
  for (const supervisord of readSupervisords()) {
    const results = new Map<number, Deaths[]>(DELAYS_MS.map((delayMs) => [delayMs, []]));
    const queue = Array.from({ length: runs }, () => DELAYS_MS).flat();
    await Promise.all(Array.from({ length: parallel }, async () => {
      for (let delayMs = queue.shift(); delayMs !== undefined; delayMs = queue.shift()) {
        results.get(delayMs)?.push(await runDeaths(supervisord, delayMs, env));
      }
    }));
    console.log(
      `\nsupervisord ${supervisord.version}, ${runs} runs of each, ${retries} retries, ${recoveries} recoveries`,
    );
    const rows = [...results].map(([delayMs, deaths]) => {
      const kind = classify(delayMs);
      const most = 1 + (kind === "start" ? 0 : recoveries) + (kind === "recovery" ? 0 : retries);
      const least = kind === "border" ? 1 + Math.min(retries, recoveries) : most;
      const starts = deaths.map(({ startsMs }) => startsMs.length);
      const codes = [...new Set(deaths.map(({ code }) => code))];
      const endMs = Math.max(...deaths.map((death) => death.endMs));
      const keeps = kind === "start"
        ? deaths.filter(({ pausesMs }) =>
          pausesMs.every((pauseMs, index) => pauseMs >= (index + 1) * 1_000 - CLOCK_MS)
        ).length
        : deaths.length;
      const isExact = Math.min(...starts) >= least && Math.max(...starts) <= most;
      bounds.expect(`${delayMs} ms: starts`, isExact);
      bounds.expect(`${delayMs} ms: exit code 1`, codes.join() === "1");
      bounds.expect(`${delayMs} ms: ended within ${END_MS} ms`, endMs <= END_MS);
      bounds.expect(`${delayMs} ms: back-off`, keeps === deaths.length);
      bounds.expect(`${delayMs} ms: nothing left`, deaths.every(({ left }) => left === 0));
      return [
        delayMs,
        Math.min(...starts),
        Math.max(...starts),
        least === most ? String(most) : `${least}–${most}`,
        codes.join(" "),
        endMs,
        kind === "start" ? `${keeps} of ${deaths.length}` : "-",
      ];
    });
    printTable([
      [
        "dies after ms",
        "starts min",
        "max",
        "expected",
        "exit codes",
        "last death to end max ms",
        "back-off kept",
      ],
      ...rows,
    ]);
  }
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
