/**
 * The page's tables: the programs, and every run that is remembered.
 *
 * @module
 */
import { type Html, html, type HtmlPart } from "../formats/html.ts";
import { renderDuration } from "./durations.ts";
import { describeEnd } from "./page_runs.ts";
import type { ProgramDocument, RunDocument, StatusDocument } from "./status_document.ts";

function renderTable(title: string, heads: readonly string[], rows: readonly Html[]): Html {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${title}">
      <table>
        <thead>
          <tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    </div>
  `;
}

function renderRow(head: HtmlPart, cells: readonly HtmlPart[]): Html {
  return html`
    <tr><th scope="row">${head}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
  `;
}

/** A time of day, and how long ago that was. */
function renderAgo(time: string, nowMs: number): Html {
  return html`<time datetime="${time}" title="${time}">${
    renderDuration(nowMs - Date.parse(time))
  } ago</time>`;
}

/**
 * Renders the programs.
 *
 * @param document The status.
 * @returns A table.
 */
export function renderPrograms({ programs, at }: StatusDocument): Html {
  if (programs.length === 0) return html`<p class="quiet">Nothing has been started yet.</p>`;
  const nowMs = Date.parse(at);
  return renderTable(
    "Programs",
    ["Program", "State", "Since", "Process", "Starts", "Recoveries", "Failed starts", "Last end"],
    programs.map((program) => renderProgram(program, nowMs)),
  );
}

function renderProgram(program: ProgramDocument, nowMs: number): Html {
  const { name, role, state, since, pid, starts, recoveries, failed_starts, last_exit } = program;
  return renderRow(html`${name}<small>${role}</small>`, [
    html`<span class="state ${state}">${state.replaceAll("_", " ")}</span>`,
    renderAgo(since, nowMs),
    pid ?? "none",
    starts ?? "",
    recoveries === null ? "" : renderBudget(recoveries.used, recoveries.limit, "recoveries used"),
    failed_starts === null
      ? ""
      : renderBudget(failed_starts.count, failed_starts.limit, "failed starts in a row"),
    last_exit?.text ?? "",
  ]);
}

function renderBudget(used: number, limit: number | null, what: string): Html {
  if (limit === null) return html`${used}, no limit`;
  const label = `${used} of ${limit} ${what}`;
  return html`
    <meter min="0" max="${limit || 1}" value="${Math.min(used, limit)}" aria-label="${label}"
      title="${label}"></meter> ${used} of ${limit}
  `;
}

/**
 * Renders the runs, the newest first.
 *
 * @param document The status.
 * @returns A table.
 */
export function renderRuns({ runs, at }: StatusDocument): Html {
  if (runs.length === 0) return html`<p class="quiet">Nothing has run yet.</p>`;
  const nowMs = Date.parse(at);
  return renderTable(
    "Runs",
    ["Run", "Began", "Ready after", "Lasted", "Ended with", "Then"],
    runs.toReversed().map((run) => renderRun(run, nowMs)),
  );
}

function renderRun(run: RunDocument, nowMs: number): Html {
  const spawnedMs = Date.parse(run.spawned_at);
  const endMs = run.died_at === null ? nowMs : Date.parse(run.died_at);
  return renderRow(html`${run.run}<small>${run.program}</small>`, [
    renderAgo(run.spawned_at, nowMs),
    run.started_at === null
      ? run.died_at === null ? "not yet" : "never"
      : renderDuration(Date.parse(run.started_at) - spawnedMs),
    renderDuration(endMs - spawnedMs),
    run.died_at === null ? html`<span class="quiet">goes on</span>` : renderWhy(run),
    renderNext(run),
  ]);
}

function renderWhy(run: RunDocument): Html {
  const end = html`<strong>${describeEnd(run)}</strong>`;
  const more = [run.meaning, run.unhealthy, run.advice].filter((text) => text !== null);
  if (more.length === 0 && run.evidence.length === 0) return end;
  return html`
    <details
      id="run-${run.program}-${run.run}"><summary>${end}</summary>${more.map((text) =>
        html`<p>${text}</p>`
      )}${run.evidence.length === 0
        ? undefined
        : html`<pre>${run.evidence.join("\n")}</pre>`}</details>
  `;
}

function renderNext({ next, orphans }: RunDocument): HtmlPart {
  const swept = orphans === null || orphans === 0
    ? undefined
    : html`<small>${orphans} left behind, killed</small>`;
  if (next === null) return swept;
  if (next.action === "none") {
    return html`no restart<small>${(next.rule ?? "").replaceAll("_", " ")}</small>${swept}`;
  }
  const pause = next.delay_ms === null || next.delay_ms === 0
    ? "at once"
    : `after ${renderDuration(next.delay_ms)}`;
  const of = next.limit === null ? "" : ` of ${next.limit}`;
  return html`${next.action} ${next.attempt}${of}<small>${pause}</small>${swept}`;
}
