/**
 * A running instance's status on stdout: once, or for as long as it runs.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { escapeJson } from "../formats/terminal_text.ts";
import { type LiveInstance, SUSPENDED } from "../status/choose_instance.ts";
import { readInstance } from "../status/find_instances.ts";
import { refreshStatus } from "../status/refresh_status.ts";
import { renderStatusLine, renderStatusTable } from "../status/status_table.ts";
import { writeAll } from "./write_all.ts";

/** Between two looks at the file, ms. */
const POLL_INTERVAL_MS = 200;

/** Clears the terminal and begins at its top. */
const CLEAR = "\x1b[2J\x1b[H";

interface Way {
  readonly isJson: boolean;
}

/** Prints the status. */
export function printStatus(instance: LiveInstance, way: Way): void {
  writeAll(render(instance, way));
}

function render({ status, kind }: LiveInstance, { isJson }: Way): string {
  if (isJson) return `${escapeJson(JSON.stringify(status))}\n`;
  const isColoured = Deno.stdout.isTerminal() && !Deno.noColor;
  const note = kind === "suspended" ? `${SUSPENDED}\n\n` : "";
  return note + renderStatusTable(status, { now: new Date(), isColoured });
}

/**
 * Follows the status until the instance has ended: draws it again in a terminal, else prints a line, or a
 * JSON document, at each change.
 */
export async function watchStatus(first: LiveInstance, way: Way): Promise<void> {
  const redraws = Deno.stdout.isTerminal() && !way.isJson;
  let shown = "";
  let instance = first;
  for (;;) {
    const now = new Date();
    const status = refreshStatus(instance.status, now);
    const text = render({ ...instance, status }, way);
    // The time that passes is no change.
    const change = redraws ? text : JSON.stringify({ ...status, at: "", kind: instance.kind });
    if (change !== shown) {
      if (redraws) writeAll(CLEAR + text);
      else writeAll(way.isJson ? text : `${renderStatusLine(status, now)}\n`);
    }
    shown = change;
    await delay(POLL_INTERVAL_MS);
    const next = readInstance(first.directory);
    if (next?.kind === "running" || next?.kind === "suspended") {
      instance = { ...next, kind: next.kind };
    } else {
      const how = next?.kind === "killed" ? "was killed" : "has ended";
      if (!way.isJson) writeAll(`${new Date().toISOString()} standard-supervisor ${how}\n`);
      return;
    }
  }
}
