/** The tables of a soak, as Markdown. */
import { median } from "../report.ts";
import type { Journal, Tally } from "./journal.ts";
import { findTrends, GROWTH, type Measure, type Sample } from "./samples.ts";

/** So many points over time are shown. */
const POINTS = 10;

const TITLES: Readonly<Record<Measure, string>> = {
  anonymousKib: "CLI: anonymous memory, KiB",
  descriptors: "CLI: descriptors",
  threads: "CLI: threads",
  supervisordKib: "supervisord: anonymous memory, KiB",
  supervisordDescriptors: "supervisord: descriptors",
  shmKib: "`/dev/shm`, KiB",
  temporaryKib: "TMPDIR, KiB",
};

/** @returns Every table of a soak. */
export function renderTables(journal: Journal): string {
  const { samples } = journal;
  const faults = [...journal.faults].sort(([a], [b]) => a.localeCompare(b));
  const endings = [...journal.endings].sort(([a], [b]) => a.localeCompare(b));
  return [
    "## Faults that one instance lived through",
    renderTable(
      ["fault", "times", "to service, ms (median / max)", "broken"],
      faults.map(([name, tally]) => [name, count(tally), renderTimes(tally), `${tally.broken}`]),
    ),
    "## Instances beside it",
    renderTable(
      ["scenario", "times", "to recovery or exit, ms (median / max)", "exit code", "broken"],
      endings.map(([name, tally]) => [
        name,
        count(tally),
        renderTimes(tally),
        [...tally.codes].join(", "),
        `${tally.broken}`,
      ]),
    ),
    "## What the one instance used",
    renderTable(
      [
        "at, s",
        "CLI: anonymous, MiB",
        "PSS, MiB",
        "descriptors",
        "threads",
        "supervisord: anonymous, MiB",
        "descriptors",
        "`/dev/shm`, KiB",
        "TMPDIR, KiB",
      ],
      choosePoints(samples).map((sample) => [
        sample.atSecs.toFixed(0),
        mib(sample.anonymousKib),
        mib(sample.pssKib),
        `${sample.descriptors}`,
        `${sample.threads}`,
        mib(sample.supervisordKib),
        `${sample.supervisordDescriptors}`,
        `${sample.shmKib}`,
        `${sample.temporaryKib}`,
      ]),
    ),
    "## Whether it grows",
    ...renderTrends(samples),
  ].join("\n\n");
}

function renderTrends(samples: readonly Sample[]): string[] {
  const trends = findTrends(samples);
  if (trends.length === 0) return ["The soak was too short to tell."];
  return [
    "The first sixth of the time is the warm-up; medians of the first and the last quarter of the rest, " +
    "and the median of the slopes between all pairs of samples.",
    renderTable(
      ["measure", "first quarter", "last quarter", "slope an hour", "may grow by", "grows"],
      trends.map(({ measure, first, last, slope, grows }) => [
        TITLES[measure],
        first.toFixed(0),
        last.toFixed(0),
        slope.toFixed(1),
        `${GROWTH[measure]}`,
        grows ? "**yes**" : "no",
      ]),
    ),
  ];
}

function choosePoints(samples: readonly Sample[]): Sample[] {
  const step = Math.max(1, (samples.length - 1) / (POINTS - 1));
  const chosen = Array.from({ length: POINTS }, (_, at) => samples[Math.round(at * step)]);
  return chosen.filter((sample) => sample !== undefined);
}

function count({ tookMs, broken }: Tally): string {
  return `${Math.max(tookMs.length, broken)}`;
}

function renderTimes({ tookMs }: Tally): string {
  return `${median(tookMs).toFixed(0)} / ${Math.max(...tookMs).toFixed(0)}`;
}

function mib(kib: number): string {
  return (kib / 1024).toFixed(1);
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const renderRow = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => column === 0 ? "---" : "---:");
  return [renderRow(head), renderRow(rule), ...rows.map(renderRow)].join("\n");
}
