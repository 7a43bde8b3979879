/** The fault table as Markdown, which docs/faults.md shows. */
import { median } from "../report.ts";
import type { Result } from "./run_scenario.ts";
import { type Scenario, WORKERS } from "./scenario.ts";

/** @returns The date and the machine, and the table's head. */
export function renderHead(supervisordVersion: string): string {
  const memory = /MemTotal:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/meminfo"))?.[1];
  return `${new Date().toISOString().slice(0, 10)}, supervisord ${supervisordVersion}, ` +
    `Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ` +
    `${(Number(memory) / 1048576).toFixed(0)} GiB; engine with ${WORKERS} workers\n\n` +
    `| fault | runs | survived | to recovery or exit, ms (median / max) | exit code | processes left | zombies left |\n` +
    `|---|---:|---:|---:|---:|---:|---:|`;
}

/** @returns The row of a scenario. */
export function renderRow({ name, expects }: Scenario, results: readonly Result[]): string {
  const times = results.map(({ tookMs }) => tookMs).filter((ms) => !Number.isNaN(ms));
  const longest = times.length === 0 ? NaN : Math.max(...times);
  const survived = results.filter((result) => result.survived).length;
  const codes = [...new Set(results.map(({ code }) => code))].join(", ");
  const exits = expects.kind === "exits";
  const cells = [
    name,
    results.length,
    exits ? "exits" : `${survived} of ${results.length}`,
    `${median(times).toFixed(0)} / ${longest.toFixed(0)}`,
    exits ? codes : `${codes} (after SIGTERM)`,
    Math.max(...results.map(({ left }) => left)),
    Math.max(...results.map(({ zombies }) => zombies)),
  ];
  return `| ${cells.join(" | ")} |`;
}
