/**
 * The status as text for people: what stands in a terminal after `--status`.
 *
 * @module
 */
import { showText } from "../formats/terminal_text.ts";
import { renderDuration } from "../formats/duration.ts";
import type { ProgramDocument, RunDocument, StatusDocument } from "./status_document.ts";
import type { State } from "./situation.ts";

/** How the table is drawn. */
export interface TableOptions {
  /** The time of day. */
  readonly now: Date;
  /** Whether states have colours. */
  readonly isColoured: boolean;
}

/** SGR codes: green is well, yellow will be, red is not. */
const COLOURS: Readonly<Record<State, number>> = {
  installing: 33,
  loading: 33,
  running: 32,
  backing_off: 31,
  recovering: 33,
  unhealthy: 31,
  draining: 33,
  stopped: 33,
  ended: 33,
  fatal: 31,
  gave_up: 31,
};

/** Renders the status as a table. */
export function renderStatusTable(status: StatusDocument, options: TableOptions): string {
  const { instance } = status;
  const { now } = options;
  const paint = (text: string, state: State) =>
    options.isColoured ? `\x1b[${COLOURS[state]}m${text}\x1b[0m` : text;
  const head = [
    `standard-supervisor ${instance.supervisor_version}, pid ${instance.pid}, up ` +
    `${sinceThen(instance.started_at, now)}, ${instance.config_path}`,
    `${instance.engine}: ${instance.command.join(" ")}`,
  ];
  const situation = [
    ` for ${sinceThen(status.since, now)}: ${status.reason}`,
    `ready: ${status.ready ? "yes" : "no"}, healthy: ${status.healthy ? "yes" : "no"}` +
    renderProbe(status, now),
  ];
  const programs = alignColumns([
    ["PROGRAM", "STATE", "PID", "UP", "STARTS", "RECOVERIES", "LAST EXIT", "NEXT"],
    ...status.programs.map((program) => renderProgram(program, status, now)),
  ], (cells, row) => {
    const state = status.programs[row - 1]?.state;
    return state === undefined ? cells : cells.with(1, paint(cells[1] ?? "", state));
  });
  const runs = alignColumns([
    ["RUN", "PROGRAM", "SPAWNED", "LOADED IN", "RAN", "END", "CAUSE", "THEN"],
    ...status.runs.map((run) => renderRun(run, now)),
  ]);
  return [
    ...head.map(showText),
    "",
    paint(status.state, status.state) + situation.map(showText).join("\n"),
    "",
    ...(status.programs.length === 0 ? ["no program has been started yet"] : programs),
    ...(status.runs.length === 0 ? [] : ["", ...runs]),
    ...renderLastDeath(status.runs).map(showText),
    "",
  ].join("\n");
}

/** One line that tells a change. */
export function renderStatusLine(status: StatusDocument, now: Date): string {
  const others = status.programs.slice(1).map(({ name, state }) => `, ${name} ${state}`).join("");
  return showText(`${now.toISOString()} ${status.state}: ${status.reason}${others}`);
}

function renderProbe({ probe }: StatusDocument, now: Date): string {
  if (probe === null) return "";
  const since = sinceThen(probe.since, now);
  return probe.ok ? `, probe: good for ${since}` : `, probe: fails for ${since}, ${probe.reason}`;
}

function renderProgram(
  { name, state, pid, since, starts, recoveries, failed_starts, last_exit, next }: ProgramDocument,
  { runs }: StatusDocument,
  now: Date,
): string[] {
  const current = runs.findLast((run) => run.program === name && run.died_at === null);
  const last = runs.findLast((run) => run.program === name && run.died_at !== null && !run.stopped);
  const cause = last?.cause == null || last.cause === "unknown" ? "" : ` (${last.cause})`;
  const failed = failed_starts === null || failed_starts.count === 0
    ? ""
    : `, failed starts ${failed_starts.count} of ${failed_starts.limit}`;
  return [
    name,
    state,
    pid === null ? "-" : String(pid),
    pid === null ? "-" : sinceThen(current?.spawned_at ?? since, now),
    starts === null ? "-" : String(starts),
    recoveries === null
      ? "-"
      : (recoveries.limit === null
        ? `${recoveries.used} used, no limit`
        : `${recoveries.used} used, ${recoveries.left} left`) + failed,
    (last === undefined ? last_exit?.text ?? "-" : renderEnd(last)) + cause,
    renderNext(next, now),
  ];
}

function renderNext(next: ProgramDocument["next"], now: Date): string {
  if (next === null) return "-";
  const action = next.action.replaceAll("_", " ");
  if (next.at === null) return action;
  const ms = Date.parse(next.at) - now.getTime();
  return ms <= 0 ? `${action} now` : `${action} in ${renderDuration(ms)}`;
}

function renderRun(run: RunDocument, now: Date): string[] {
  const { spawned_at, started_at, died_at, next } = run;
  const between = (from: string, to: string) => renderDuration(Date.parse(to) - Date.parse(from));
  return [
    String(run.run),
    run.program,
    spawned_at.replace(/\.\d+Z$/, "Z"),
    started_at === null ? "-" : between(spawned_at, started_at),
    between(spawned_at, died_at ?? now.toISOString()),
    died_at === null ? "runs" : renderEnd(run),
    run.cause ?? "-",
    next === null
      ? "-"
      : next.action === "none"
      ? `the end (${next.rule})`
      : next.attempt === null
      ? next.action
      : `${next.action} ${next.attempt}${next.limit === null ? "" : ` of ${next.limit}`}`,
  ];
}

function renderEnd({ stopped, exit, unhealthy }: RunDocument): string {
  if (stopped) return "stopped";
  return exit?.text ?? (unhealthy === null ? "ended" : "stopped as unhealthy");
}

/** What told the last death, and what to do about it. */
function renderLastDeath(runs: readonly RunDocument[]): string[] {
  const last = runs.findLast(({ cause }) => cause !== null && cause !== "unknown");
  if (last === undefined) return [];
  const { run, program, cause, meaning, evidence, advice } = last;
  return [
    "",
    `run ${run} of ${program} died of ${cause}: ${meaning}`,
    ...evidence.map((line) => `  ${line}`),
    ...(advice === null ? [] : [advice]),
  ];
}

function sinceThen(at: string, now: Date): string {
  return renderDuration(Math.max(0, now.getTime() - Date.parse(at)));
}

/** Pads every column but the last to its widest cell; `paint` colours the padded cells of a row. */
function alignColumns(
  rows: readonly (readonly string[])[],
  paint = (cells: string[], _row: number) => cells,
): string[] {
  const shown = rows.map((row) => row.map(showText));
  const widths =
    shown[0]?.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0))) ?? [];
  return shown.map((row, at) =>
    paint(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)), at).join("  ").trimEnd()
  );
}
