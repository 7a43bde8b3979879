/**
 * The page at `/`: one document that needs nothing from elsewhere, shows the status, and commands nothing.
 *
 * It refreshes itself by fetching itself: what is shown is made in one place, here, and works without a
 * script too.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Html, markup } from "../formats/html.ts";
import { maskText } from "../formats/secrets.ts";
import { renderDuration } from "../formats/duration.ts";
import { renderRunsPicture } from "./page_runs.ts";
import { PAGE_STYLE } from "./page_style.ts";
import { renderPrograms, renderRuns } from "./page_tables.ts";
import type { State } from "./situation.ts";
import type { StatusDocument } from "./status_document.ts";

/** Between two refreshes of a page that is looked at, ms. */
const REFRESH_MS = 2_000;

/**
 * Replaces the parts that have changed, and only those: what is open stays open, what is selected
 * selected, and a screen reader says the state only when it is another.
 */
const PAGE_SCRIPT = `
"use strict";
const show = (text) => {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    const next = fresh.getElementById(part.id);
    if (next === null || next.innerHTML === part.dataset.source) continue;
    const source = next.innerHTML;
    const open = [...part.querySelectorAll("details[open]")].map(({ id }) => id);
    const focus = part.contains(document.activeElement) ? document.activeElement : null;
    const at = focus === null ? -1 : [...part.querySelectorAll("summary, [tabindex]")].indexOf(focus);
    const scrolls = [...part.querySelectorAll(".scroll, pre")].map((one) => [one.scrollLeft, one.scrollTop]);
    part.replaceChildren(...next.childNodes);
    part.dataset.source = source;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (at >= 0) part.querySelectorAll("summary, [tabindex]")[at]?.focus({ preventScroll: true });
    [...part.querySelectorAll(".scroll, pre")].forEach((one, index) => {
      [one.scrollLeft, one.scrollTop] = scrolls[index] ?? [0, 0];
    });
  }
  document.title = fresh.title;
};
const lost = document.getElementById("lost");
const refresh = async () => {
  if (document.hidden) return;
  try {
    const response = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    show(await response.text());
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
};
const refreshAlways = async () => {
  await refresh();
  setTimeout(refreshAlways, ${REFRESH_MS});
};
for (const part of document.querySelectorAll("[data-part]")) part.dataset.source = part.innerHTML;
setTimeout(refreshAlways, ${REFRESH_MS});
document.addEventListener("visibilitychange", refresh);
`;

function digest(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** The page's Content-Security-Policy: its own style and script, and nothing else from anywhere. */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  `style-src ${digest(PAGE_STYLE)}`,
  `script-src ${digest(PAGE_SCRIPT)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Renders the page. */
export function renderPage(document: StatusDocument, lines?: readonly string[]): string {
  const { state, instance, at } = document;
  const name = state.replaceAll("_", " ");
  const upMs = Date.parse(at) - Date.parse(instance.started_at);
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}: ${instance.engine} – standard-supervisor</title>
<link rel="icon" href="data:,">
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<main>
<header>
<h1>${instance.engine} <code>${instance.command.join(" ")}</code></h1>
<div class="now"><span id="state" data-part role="status">${renderState(state, name)}</span>
<span id="since" data-part class="quiet">${renderSince(document)}</span></div>
<div id="reason" data-part>${renderReason(document)}</div>
<p id="lost" role="alert" hidden>standard-supervisor does not answer: what is shown is old.</p>
</header>
${[
    renderSection("picture", "Runs over time", renderRunsPicture(document)),
    renderSection("programs", "Programs", renderPrograms(document)),
    renderSection("runs", "Runs", renderRuns(document)),
    lines === undefined ? undefined : renderSection("lines", "Last lines", renderLines(lines)),
  ]}</main>
<footer><span id="age" data-part>Shown as of <time datetime="${at}">${at.slice(11, 19)}</time> UTC;
up for ${renderDuration(upMs)}.</span> standard-supervisor ${instance.supervisor_version},
pid ${instance.pid}, ${instance.config_path}</footer>
<script>${new Html(PAGE_SCRIPT)}</script>
</body>
</html>
`.text;
}

/** A screen reader says the state when it is another; what counts on stands outside. */
function renderState(state: State, name: string): Html {
  return markup`<span class="state ${state}">${name}</span>`;
}

function renderSection(id: string, title: string, part: Html): Html {
  return markup`<section aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
<div id="${id}" data-part>${part}</div></section>
`;
}

function renderSince({ ready, since, at }: StatusDocument): string {
  const forTime = renderDuration(Date.parse(at) - Date.parse(since));
  return `${ready ? "takes requests" : "takes no requests"}, for ${forTime}`;
}

function renderReason({ reason, probe }: StatusDocument): Html {
  return markup`<p>${reason}</p>${
    probe === null
      ? undefined
      : markup`<p class="quiet">Health probe: ${probe.ok ? "good" : probe.reason ?? "bad"}</p>`
  }`;
}

function renderLines(lines: readonly string[]): Html {
  return lines.length === 0
    ? markup`<p class="quiet">The engine has printed nothing.</p>`
    : markup`<pre tabindex="0" role="region" aria-label="The engine's last lines">${
      lines.map(maskText).join("\n")
    }</pre>`;
}
