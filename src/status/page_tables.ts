/**
 * The page's tables: the programs, and every run that is remembered.
 *
 * @module
 */
import { type Html, type HtmlPart, markup } from "../formats/html.ts";
import { renderDuration } from "../formats/duration.ts";
import { describeEnd } from "./page_runs.ts";
import type { ProgramDocument, RunDocument, StatusDocument } from "./status_document.ts";

interface Row {
  readonly head: HtmlPart;
  readonly cells: readonly HtmlPart[];
}

/** The roles say again what a phone's layout, which is none of a table, takes from the elements. */
function renderTable(title: string, heads: readonly string[], rows: readonly Row[]): Html {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table role="table">
<thead role="rowgroup"><tr role="row">${
    heads.map((head) => markup`<th role="columnheader" scope="col">${head}</th>`)
  }</tr></thead>
<tbody role="rowgroup">${
    rows.map(({ head, cells }) =>
      markup`<tr role="row"><th role="rowheader" scope="row">${head}</th>${
        cells.map((cell, index) =>
          markup`<td role="cell" data-head="${heads[index + 1]}"><div>${cell}</div></td>`
        )
      }</tr>
`
    )
  }</tbody></table></div>`;
}

/** A time of day, and how long ago that was. */
function renderAgo(time: string, nowMs: number): Html {
  return markup`<time datetime="${time}" title="${time}">${
    renderDuration(nowMs - Date.parse(time))
  } ago</time>`;
}

/** Renders the programs. */
export function renderPrograms({ programs, at }: StatusDocument): Html {
  if (programs.length === 0) return markup`<p class="quiet">Nothing has been started yet.</p>`;
  const nowMs = Date.parse(at);
  return renderTable(
    "Programs",
    ["Program", "State", "Since", "Process", "Starts", "Recoveries", "Failed starts", "Last end"],
    programs.map((program) => renderProgram(program, nowMs)),
  );
}

function renderProgram(program: ProgramDocument, nowMs: number): Row {
  const { name, role, state, since, pid, starts, recoveries, failed_starts, last_exit } = program;
  const head = markup`${name}<small>${role}</small>`;
  const cells = [
    markup`<span class="state ${state}">${state.replaceAll("_", " ")}</span>`,
    renderAgo(since, nowMs),
    pid ?? "none",
    starts ?? "",
    recoveries === null ? "" : renderBudget(recoveries.used, recoveries.limit, "recoveries used"),
    failed_starts === null
      ? ""
      : renderBudget(failed_starts.count, failed_starts.limit, "failed starts in a row"),
    last_exit?.text ?? "",
  ];
  return { head, cells };
}

function renderBudget(used: number, limit: number | null, what: string): Html {
  if (limit === null) return markup`${used}, no limit`;
  const label = `${used} of ${limit} ${what}`;
  const marks = markup`low="${limit * 0.4}" high="${limit * 0.9}" optimum="0"`;
  return markup`<meter min="0" max="${limit || 1}" ${marks} value="${
    Math.min(used, limit)
  }" aria-label="${label}" title="${label}"></meter> ${used} of ${limit}`;
}

/** Renders the runs, the newest first. */
export function renderRuns({ runs, at }: StatusDocument): Html {
  if (runs.length === 0) return markup`<p class="quiet">Nothing has run yet.</p>`;
  const nowMs = Date.parse(at);
  return renderTable(
    "Runs",
    ["Run", "Began", "Ready after", "Lasted", "Ended with", "Then"],
    runs.toReversed().map((run) => renderRun(run, nowMs)),
  );
}

function renderRun(run: RunDocument, nowMs: number): Row {
  const spawnedMs = Date.parse(run.spawned_at);
  const endMs = run.died_at === null ? nowMs : Date.parse(run.died_at);
  const head = markup`${run.run}<small>${run.program}</small>`;
  const cells = [
    renderAgo(run.spawned_at, nowMs),
    run.started_at === null
      ? run.died_at === null ? "not yet" : "never"
      : renderDuration(Date.parse(run.started_at) - spawnedMs),
    renderDuration(endMs - spawnedMs),
    run.died_at === null ? markup`<span class="quiet">goes on</span>` : renderWhy(run),
    renderNext(run),
  ];
  return { head, cells };
}

function renderWhy(run: RunDocument): Html {
  const end = markup`<strong>${describeEnd(run)}</strong>`;
  const more = [run.meaning, run.unhealthy, run.advice].filter((text) => text !== null);
  if (more.length === 0 && run.evidence.length === 0) return end;
  return markup`<details id="run-${run.program}-${run.run}"><summary>${end}</summary>${
    more.map((text) => markup`<p>${text}</p>`)
  }${
    run.evidence.length === 0 ? undefined : markup`<pre>${run.evidence.join("\n")}</pre>`
  }</details>`;
}

function renderNext({ next, orphans }: RunDocument): HtmlPart {
  const swept = orphans === null || orphans === 0
    ? undefined
    : markup`<small>${orphans} left behind, killed</small>`;
  if (next === null) return swept;
  if (next.action === "none") {
    return markup`no restart<small>${(next.rule ?? "").replaceAll("_", " ")}</small>${swept}`;
  }
  const pause = next.delay_ms === null || next.delay_ms === 0
    ? "at once"
    : `after ${renderDuration(next.delay_ms)}`;
  const of = next.limit === null ? "" : ` of ${next.limit}`;
  return markup`${next.action} ${next.attempt}${of}<small>${pause}</small>${swept}`;
}
