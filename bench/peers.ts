/**
 * Ours and other supervisors, in scenarios, interleaved in one run: docs/performance.md is written by it.
 *
 *     deno run -A bench/peers.ts [--rounds 20] [--minutes 5] [--idle-secs 30] [--only start,stop]
 *         [--contenders s6,circus] [--install] [--write] [--again]
 *
 * No scenario begins a round once it has taken `--minutes`. `--contenders` takes parts of names. Python's and Node's
 * contenders are installed privately; `--install` may use apt-get for the others. `--write` writes docs/performance.md, its
 * plots and the table of docs/coming_from_python.md from all that was measured so far, kept in `.cache/bench/peers.json`;
 * `--again` does so without measuring. Exits with 1 where a claim of bench/peers/bounds.ts does not hold.
 */
import { MACHINE_PYTHON } from "../tests/support/python_environments.ts";
import { sleeper, waitForStart } from "../tests/support/engines.ts";
import { type Plot, showPlot, writeBlock, writePlots } from "./document.ts";
import { describeMachine, readLoad } from "./machine.ts";
import { renderAbilities } from "./peers/abilities.ts";
import { judge } from "./peers/bounds.ts";
import { type Contender, start } from "./peers/contender.ts";
import { SOURCES } from "./peers/contenders.ts";
import { CACHE } from "./peers/install.ts";
import { measureScenario } from "./peers/measure.ts";
import type { Result } from "./peers/results.ts";
import { SCENARIOS } from "./peers/scenarios.ts";
import { renderSideBySide } from "./peers/side_by_side.ts";
import { makePanels, renderResult } from "./peers/table.ts";
import { renderBars } from "./plot.ts";
import { Bounds, readOption, readWords } from "./report.ts";

/** What is kept between runs. */
interface Kept {
  readonly machine: string;
  /** Why some are missing. */
  readonly missing: readonly string[];
  readonly results: readonly Result[];
}

const FILE = `${CACHE}/peers.json`;

function readKept(): Kept {
  try {
    return JSON.parse(Deno.readTextFileSync(FILE));
  } catch {
    return { machine: describeMachine(), missing: [], results: [] };
  }
}

/** New results in place of old ones of the same scenario, in the order of the scenarios. */
function merge(old: readonly Result[], fresh: readonly Result[]): Result[] {
  return SCENARIOS.flatMap(({ name }) =>
    fresh.find((result) => result.name === name) ?? old.find((result) => result.name === name) ?? []
  );
}

/** Starts it once: that fills the caches, and tells whether it works here. */
async function tryOut(contender: Contender): Promise<string | undefined> {
  try {
    await using run = start(contender, (directory) => ({ engine: sleeper(directory) }));
    using _company = contender.accompany?.(run) ?? { [Symbol.dispose]: () => {} };
    await waitForStart(run);
    return undefined;
  } catch (error) {
    console.error(error);
    return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
  }
}

async function findContenders(
  parts: readonly string[],
  mayInstall: boolean,
): Promise<{ contenders: Contender[]; missing: string[] }> {
  const contenders: Contender[] = [];
  const missing: string[] = [];
  const sources = SOURCES.filter(({ name }) =>
    parts.length === 0 || parts.some((part) => name.includes(part))
  );
  for (const { name, find } of sources) {
    const found = await find(mayInstall);
    const problem = typeof found === "string" ? found : await tryOut(found);
    if (problem !== undefined) missing.push(`${name} (${problem})`);
    else if (typeof found !== "string") contenders.push(found);
  }
  return { contenders, missing };
}

/** The block of the document. */
async function render(
  { machine, missing, results }: Kept,
): Promise<{ text: string; plots: Plot[] }> {
  const plots = await Promise.all(
    results.map(async (result): Promise<Plot> => [
      result.name,
      await renderBars(makePanels(result)),
    ]),
  );
  const dates = [...new Set(results.map(({ date }) => date))].join(", ");
  const parts = [
    `${dates}; ${machine}.${
      missing.length === 0 ? "" : ` Skipped: ${missing.join("; ")}.`
    } Medians, lowest and highest in brackets, of as many rounds as each table says.`,
    "### What each does at all",
    renderAbilities(results),
    ...results.flatMap((result, index) => {
      const counts = result.rows.map(({ rounds }) => rounds.length);
      const rounds = Math.max(...counts);
      return [
        `### ${result.title}`,
        `${result.text} ${rounds === 1 ? "One round" : `${rounds} rounds`}.`,
        showPlot(plots[index]!, result.title),
        renderResult(result),
      ];
    }),
  ];
  return { text: parts.join("\n\n"), plots };
}

async function measure(args: readonly string[], old: Kept): Promise<Kept> {
  const extent = {
    rounds: readOption(args, "rounds", 20),
    mostMs: readOption(args, "minutes", 5) * 60_000,
  };
  const bench = { python: MACHINE_PYTHON, idleSecs: readOption(args, "idle-secs", 30) };
  const only = readWords(args, "only");
  const { contenders, missing } = await findContenders(
    readWords(args, "contenders"),
    args.includes("--install"),
  );
  for (const text of missing) console.log(`Skipped: ${text}`);
  const fresh: Result[] = [];
  for (const scenario of SCENARIOS) {
    if (only.length > 0 && !only.includes(scenario.name)) continue;
    const beganMs = performance.now();
    console.log(`\n${scenario.title}: load ${readLoad().toFixed(2)} before it`);
    const result = await measureScenario(scenario, contenders, bench, extent);
    fresh.push(result);
    console.log(renderResult(result));
    console.log(`${((performance.now() - beganMs) / 1_000).toFixed(0)} s`);
  }
  return { machine: describeMachine(), missing, results: merge(old.results, fresh) };
}

async function main(args: readonly string[]): Promise<number> {
  const old = readKept();
  const kept = args.includes("--again") ? old : await measure(args, old);
  Deno.mkdirSync(CACHE, { recursive: true });
  Deno.writeTextFileSync(FILE, JSON.stringify(kept, null, 1));
  if (args.includes("--write") || args.includes("--again")) {
    const { text, plots } = await render(kept);
    writePlots(plots);
    writeBlock("performance.md", "peers", text);
    writeBlock("coming_from_python.md", "side by side", renderSideBySide(kept.results));
  }
  const bounds = new Bounds();
  for (const { claim, holds } of judge(kept.results)) bounds.expect(claim, holds);
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
