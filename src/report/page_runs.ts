/**
 * The picture of the runs over time: a bar a run, what it did in colours, where it died a mark.
 *
 * @module
 */
import { type Html, html } from "../formats/html.ts";
import { renderDuration } from "./durations.ts";
import type { RunDocument, StatusDocument } from "./status_document.ts";

/** The picture's width in its own units; it is stretched to what there is. */
const WIDTH = 1_000;

/** A bar's height, and that of a lane with its gap. */
const BAR = 22;
const LANE = 34;

/** A phase of a run is never narrower, or a load of seconds in a day would not be seen. */
const NARROWEST = 3;

/** What a piece of a bar stands for. */
type Piece = "loading" | "serving" | "unhealthy" | "stopped" | "down";

/** What the colours mean, in the order in which they are explained. */
const LEGEND: readonly (readonly [Piece | "death", string])[] = [
  ["loading", "loading"],
  ["serving", "serving"],
  ["unhealthy", "unhealthy until it ended"],
  ["stopped", "ended by a stop"],
  ["death", "died"],
];

interface Scale {
  readonly beginMs: number;
  readonly lengthMs: number;
}

/**
 * Renders the picture.
 *
 * @param document The status.
 * @returns A figure; a sentence where nothing has run yet.
 */
export function renderRunsPicture({ runs, at }: StatusDocument): Html {
  const [first] = runs;
  if (first === undefined) return html`<p class="quiet">Nothing has run yet.</p>`;
  const beginMs = Math.min(...runs.map(({ spawned_at }) => Date.parse(spawned_at)));
  const nowMs = Date.parse(at);
  const scale = { beginMs, lengthMs: Math.max(1_000, nowMs - beginMs) };
  const lanes = [...Map.groupBy(runs, ({ program }) => program)];
  return html`<figure>
${lanes.map(([program, own]) => renderLane(program, own, scale, nowMs))}
<div class="axis" aria-hidden="true"><span>${
    renderDuration(nowMs - beginMs)
  } ago</span><span>now</span></div>
<figcaption class="legend">${
    LEGEND.map(([name, text]) => html`<span><i class="key ${name}"></i>${text}</span>`)
  }</figcaption>
</figure>`;
}

function renderLane(
  program: string,
  runs: readonly RunDocument[],
  scale: Scale,
  nowMs: number,
): Html {
  const deaths = runs.filter(({ died_at, stopped }) => died_at !== null && !stopped).length;
  const label = `${program}: ${runs.length} ${runs.length === 1 ? "run" : "runs"}, ` +
    `${deaths} of them died; the table of runs tells each`;
  return html`
    <div class="lane">
      <div class="name">${program}</div>
      <svg viewBox="0 0 ${WIDTH} ${LANE}" preserveAspectRatio="none" role="img"
        aria-label="${label}">
    ${runs.map((run) => renderRun(run, scale, nowMs))}
      </svg>
    </div>
  `;
}

function renderRun(run: RunDocument, scale: Scale, nowMs: number): Html {
  const spawnedMs = Date.parse(run.spawned_at);
  const startedMs = run.started_at === null ? undefined : Date.parse(run.started_at);
  const diedMs = run.died_at === null ? undefined : Date.parse(run.died_at);
  const endMs = diedMs ?? nowMs;
  const title = html`<title>${describeRun(run, nowMs)}</title>`;
  const isHung = run.unhealthy !== null;
  const main = isHung ? "unhealthy" : run.stopped ? "stopped" : "serving";
  const place = (ms: number) =>
    Math.min(WIDTH - NARROWEST, Math.max(0, (ms - scale.beginMs) / scale.lengthMs * WIDTH));
  const piece = (kind: Piece, fromMs: number, toMs: number) => {
    const x = place(fromMs);
    const width = Math.max(NARROWEST, place(toMs) - x);
    return html`
      <rect class="${kind}" x="${round(x)}" y="${LANE - BAR}" width="${round(width)}"
        height="${BAR}" />
    `;
  };
  const isDeath = diedMs !== undefined && !run.stopped;
  return html`<g class="run">${title}${piece("loading", spawnedMs, startedMs ?? endMs)}${
    startedMs === undefined ? undefined : piece(main, startedMs, endMs)
  }${
    isDeath
      ? html`
        <rect class="death" x="${round(
          place(endMs) - 1,
        )}" y="0" width="${NARROWEST}" height="${LANE}" />
      `
      : undefined
  }</g>`;
}

const round = (number: number) => Number(number.toFixed(1));

/**
 * Says what became of a run, in one line.
 *
 * @param run The run.
 * @param nowMs The time of day, ms since 1970.
 * @returns Such as `run 2: loaded 12 s, served 2 h 5 min, SIGKILL (host_out_of_memory)`.
 */
export function describeRun(run: RunDocument, nowMs: number): string {
  const spawnedMs = Date.parse(run.spawned_at);
  const endMs = run.died_at === null ? nowMs : Date.parse(run.died_at);
  const words = [`loaded ${renderDuration(readMs(run.started_at, endMs) - spawnedMs)}`];
  if (run.started_at !== null) {
    words.push(`served ${renderDuration(endMs - Date.parse(run.started_at))}`);
  }
  if (run.died_at !== null) words.push(describeEnd(run));
  return `run ${run.run}: ${words.join(", ")}`;
}

/**
 * Says how a run ended.
 *
 * @param run The run.
 * @returns Such as `SIGKILL (host_out_of_memory)`; `""` while it goes on.
 */
export function describeEnd({ died_at, stopped, exit, cause, unhealthy }: RunDocument): string {
  if (died_at === null) return "";
  const how = exit?.text ?? (stopped ? "stopped" : unhealthy === null ? "ended" : "unhealthy");
  return cause === null || cause === "unknown" ? how : `${how} (${cause})`;
}

function readMs(time: string | null, fallback: number): number {
  return time === null ? fallback : Date.parse(time);
}
