/**
 * How cost grows: docs/performance.md has what it prints.
 *
 *     deno run -A bench/growth.ts [--rounds 5] [--minutes 3] [--only variables,lines] [--write]
 *
 * Sizes are interleaved, round by round. No quantity begins a round once it has taken `--minutes`. `--write` puts all that was
 * measured so far, kept in `.cache/bench/growth.json`, into the document. Exits with 1 where something grows faster
 * than in proportion: where ten times as much costs more than twenty times as much.
 */
import { MACHINE_PYTHON } from "../tests/support/python_environments.ts";
import { type Plot, showPlot, writeBlock, writePlots } from "./document.ts";
import type { Growth, GrowthBench } from "./growth/growth.ts";
import { HOST } from "./growth/host.ts";
import { LINES } from "./growth/lines.ts";
import { PROGRAMS } from "./growth/programs.ts";
import { RESTARTS } from "./growth/restarts.ts";
import { VARIABLES } from "./growth/variables.ts";
import { WORKERS } from "./growth/workers.ts";
import { describeMachine } from "./machine.ts";
import { OURS_BY_DENO } from "./peers/contenders/ours.ts";
import { SUPERVISORDS } from "./peers/contenders/supervisord.ts";
import { CACHE } from "./peers/install.ts";
import { renderTable } from "./peers/table.ts";
import { renderLines } from "./plot.ts";
import { Bounds, median, readOption, readWords, showNumber } from "./report.ts";

const GROWTHS: readonly Growth[] = [PROGRAMS, RESTARTS, VARIABLES, HOST, WORKERS, LINES];

/** What was measured of one quantity. */
interface Measured {
  readonly name: string;
  readonly date: string;
  readonly rounds: number;
  /** For each size the median of each curve. */
  readonly rows: readonly (readonly number[])[];
  /** For each size the lowest of each curve. */
  readonly lowest: readonly (readonly number[])[];
}

const KEPT = `${CACHE}/growth.json`;

function readKept(): Measured[] {
  try {
    return JSON.parse(Deno.readTextFileSync(KEPT));
  } catch {
    return [];
  }
}

async function measure(
  growth: Growth,
  bench: GrowthBench,
  rounds: number,
  mostMs: number,
): Promise<Measured> {
  const readings = growth.sizes.map((): (readonly number[])[] => []);
  const beganMs = performance.now();
  let done = 0;
  for (; done < rounds; done++) {
    if (done > 0 && performance.now() - beganMs > mostMs) break;
    for (const [index, size] of growth.sizes.entries()) {
      readings[index]!.push(await growth.measure(size, bench));
    }
  }
  const sumUp = (summarize: (values: readonly number[]) => number) =>
    readings.map((some) =>
      growth.curves.map((_, curve) => summarize(some.map((values) => values[curve]!)))
    );
  return {
    name: growth.name,
    date: new Date().toISOString().slice(0, 10),
    rounds: done,
    rows: sumUp(median),
    lowest: sumUp((values) => Math.min(...values)),
  };
}

function renderRows({ xTitle, yTitle, curves, sizes }: Growth, { rows }: Measured): string {
  return renderTable([
    [xTitle, ...curves.map((curve) => `${curve}, ${yTitle}`)],
    ...sizes.map((size, index) => [showNumber(size), ...(rows[index] ?? []).map(showNumber)]),
  ]);
}

async function draw(growth: Growth, { rows }: Measured): Promise<Plot> {
  const curves = growth.curves.map((label, curve) => ({
    label,
    points: growth.sizes.map((x, index) => ({ x, y: rows[index]![curve]! })),
  }));
  return [`growth_${growth.name}`, await renderLines(growth.title, { ...growth, curves })];
}

async function write(kept: readonly Measured[]): Promise<void> {
  const known: { growth: Growth; measured: Measured; plot: Plot }[] = [];
  for (const growth of GROWTHS) {
    const measured = kept.find(({ name }) => name === growth.name);
    if (measured === undefined) continue;
    known.push({ growth, measured, plot: await draw(growth, measured) });
  }
  const parts = known.flatMap(({ growth, measured, plot }) => [
    `### ${growth.title}`,
    `${growth.text} Medians of ${measured.rounds} rounds, ${measured.date}.`,
    showPlot(plot, growth.title),
    renderRows(growth, measured),
  ]);
  const text = [`${describeMachine()}; supervisord ${VERSION}.`, ...parts].join("\n\n");
  writePlots(known.map(({ plot }) => plot));
  writeBlock("performance.md", "growth", text);
}

const VERSION = "4.3.0";

/** From one size to the next, the cost may grow so much faster than the size. */
const TOLERANCE = 2;

/** What stays below this is the machine's noise, in the unit of the curve. */
const NOISE = 20;

/** By the lowest: a machine that does something else makes nothing quicker. */
function judge(growth: Growth, { lowest }: Measured, bounds: Bounds): void {
  if (growth === LINES) return; // A speed may grow.
  growth.curves.forEach((curve, column) => {
    for (let index = 1; index < growth.sizes.length; index++) {
      const [size, before] = [growth.sizes[index]!, growth.sizes[index - 1]!];
      const [cost, was] = [lowest[index]![column]!, lowest[index - 1]![column]!];
      bounds.expect(
        `${growth.title}, ${curve}: ${showNumber(was)} at ${before}, ${
          showNumber(cost)
        } at ${size}`,
        cost <= NOISE || cost <= was * TOLERANCE * size / before,
      );
    }
  });
}

async function main(args: readonly string[]): Promise<number> {
  const only = readWords(args, "only");
  const plain = SUPERVISORDS.find(({ name }) => name.endsWith(VERSION))!;
  const [ours, alone] = [await OURS_BY_DENO.find(false), await plain.find(false)];
  if (typeof ours === "string" || typeof alone === "string") {
    console.error(`Cannot measure: ${[ours, alone].find((one) => typeof one === "string")}`);
    return 2;
  }
  const bench = { ours, plain: alone, python: MACHINE_PYTHON, idleSecs: 0 };
  const rounds = readOption(args, "rounds", 5);
  const mostMs = readOption(args, "minutes", 3) * 60_000;
  const bounds = new Bounds();
  let kept = readKept();
  for (const growth of GROWTHS) {
    if (only.length > 0 && !only.includes(growth.name)) continue;
    try {
      const measured = await measure(growth, bench, rounds, mostMs);
      kept = [...kept.filter(({ name }) => name !== growth.name), measured];
      console.log(`\n${growth.title}\n${renderRows(growth, measured)}`);
      judge(growth, measured, bounds);
    } catch (error) {
      console.error(error);
      bounds.expect(`${growth.title}: cannot be measured`, false);
    }
  }
  Deno.writeTextFileSync(KEPT, JSON.stringify(kept, null, 1));
  if (args.includes("--write")) await write(kept);
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
