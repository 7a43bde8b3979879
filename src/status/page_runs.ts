/**
 * The picture of the runs over time: a bar a run, what it did in colours, where it died a mark.
 *
 * @module
 */
import { type Html, markup } from "../formats/html.ts";
import { renderDuration } from "../formats/duration.ts";
import type { RunDocument, StatusDocument } from "./status_document.ts";

/** A phase of a run is never narrower, or a load of seconds in a day would not be seen, %. */
const NARROWEST = 0.3;

/** The upper edge of bars, below the words, and that of death marks; their lower edge is the picture's, px. */
const BAR_TOP = 20;
const MARK_TOP = 4;

/** Two words about deaths are at least so far apart, %; the newer one is told. */
const WORDS_APART = 34;

/** What a piece of a bar stands for. */
type Piece = "loading" | "serving" | "unhealthy";

/** What the colours mean. */
const LEGEND: readonly (readonly [Piece | "death", string])[] = [
  ["loading", "loading"],
  ["serving", "serving"],
  ["unhealthy", "unhealthy"],
  ["death", "died"],
];

interface Scale {
  readonly beginMs: number;
  readonly lengthMs: number;
}

/** Renders the picture. */
export function renderRunsPicture({ runs, at }: StatusDocument): Html {
  const [first] = runs;
  if (first === undefined) return markup`<p class="quiet">Nothing has run yet.</p>`;
  const beginMs = Math.min(...runs.map(({ spawned_at }) => Date.parse(spawned_at)));
  const nowMs = Date.parse(at);
  const scale = { beginMs, lengthMs: Math.max(1_000, nowMs - beginMs) };
  const lanes = [...Map.groupBy(runs, ({ program }) => program)];
  return markup`<figure>
${lanes.map(([program, own]) => renderLane(program, own, scale, nowMs))}
<div class="axis" aria-hidden="true"><span>${
    renderDuration(nowMs - beginMs)
  } ago</span><span>now</span></div>
<figcaption class="legend">${
    LEGEND.map(([name, text]) => markup`<span><i class="key ${name}"></i>${text}</span>`)
  }</figcaption>
</figure>`;
}

function renderLane(
  program: string,
  runs: readonly RunDocument[],
  scale: Scale,
  nowMs: number,
): Html {
  const deaths = runs.filter(isDeath).length;
  const label = `${program}: ${runs.length} ${runs.length === 1 ? "run" : "runs"}, ` +
    `${deaths} of them died; the table of runs tells each`;
  return markup`<div class="lane"><div class="name">${program}</div>
<svg role="img" aria-label="${label}">
${runs.map((run) => renderRun(run, scale, nowMs))}${renderCauses(runs, scale)}
</svg></div>`;
}

/** Where a time stands, % from the left. */
function place(ms: number, { beginMs, lengthMs }: Scale): number {
  const at = (ms - beginMs) / lengthMs * 100;
  return Math.min(100 - NARROWEST, Math.max(0, at));
}

function renderRun(run: RunDocument, scale: Scale, nowMs: number): Html {
  const spawnedMs = Date.parse(run.spawned_at);
  const startedMs = run.started_at === null ? undefined : Date.parse(run.started_at);
  const endMs = run.died_at === null ? nowMs : Date.parse(run.died_at);
  const hungMs = readMs(run.unhealthy_at, endMs);
  const piece = (kind: Piece, fromMs: number, toMs: number) => {
    const x = place(fromMs, scale);
    const width = Math.max(NARROWEST, place(toMs, scale) - x);
    return markup`<rect class="${kind}" x="${round(x)}%" y="${BAR_TOP}" width="${round(width)}%"/>`;
  };
  return markup`<g class="run"><title>${describeRun(run, nowMs)}</title>${
    piece("loading", spawnedMs, Math.min(startedMs ?? endMs, hungMs))
  }${startedMs === undefined ? undefined : piece("serving", startedMs, hungMs)}${
    hungMs < endMs ? piece("unhealthy", hungMs, endMs) : undefined
  }${
    isDeath(run)
      ? markup`<rect class="death" x="${round(place(endMs, scale))}%" y="${MARK_TOP}"/>`
      : undefined
  }</g>`;
}

/** Why it died, beside the marks: the newest first, and others as far as there is room. */
function renderCauses(runs: readonly RunDocument[], scale: Scale): Html[] {
  const words: Html[] = [];
  let next = Infinity;
  for (const run of runs.toReversed()) {
    const at = place(Date.parse(run.died_at ?? ""), scale);
    if (!isDeath(run) || next - at < WORDS_APART) continue;
    next = at;
    const [anchor, dx] = at > 50 ? ["end", -5] : ["start", 6];
    words.push(
      markup`<text x="${round(at)}%" y="14" dx="${dx}" text-anchor="${anchor}" aria-hidden="true">${
        run.cause === null || run.cause === "unknown" ? describeEnd(run) : run.cause
      }</text>`,
    );
  }
  return words;
}

const isDeath = ({ died_at, stopped }: RunDocument) => died_at !== null && !stopped;

const round = (number: number) => Number(number.toFixed(2));

/** Says what became of a run, in one line. */
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

/** Says how a run ended. */
export function describeEnd({ died_at, stopped, exit, cause, unhealthy }: RunDocument): string {
  if (died_at === null) return "";
  const how = exit?.text ?? (stopped ? "stopped" : unhealthy === null ? "ended" : "unhealthy");
  return cause === null || cause === "unknown" ? how : `${how} (${cause})`;
}

function readMs(time: string | null, fallback: number): number {
  return time === null ? fallback : Date.parse(time);
}
