/**
 * How each process wants to be stopped.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { isTrue } from "../formats/boolean.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import { parseSignal } from "../formats/signals.ts";
import { DEFAULT_STOP_WAIT_SECS, findProcessNames } from "./programs.ts";
import { SectionReader } from "./section_reader.ts";

/** How one process wants to be stopped. */
export interface StopOrder {
  /** Its name, such as `SIGTERM`. */
  readonly signal: string;
  /** Whether its whole process group gets the signal. */
  readonly asGroup: boolean;
  /** What it gets to end by itself, ms. */
  readonly waitMs: number;
}

/** Reads how every process wants to be stopped. */
export function readStopOrders(
  document: ConfigDocument,
  env: Environment,
  hostName: string,
): ReadonlyMap<string, StopOrder> {
  const orders = new Map<string, StopOrder>();
  for (const [header, section] of document) {
    const program = parseProgramHeader(header)?.name;
    if (program === undefined) continue;
    const reader = new SectionReader(header, section, env);
    const order = {
      signal: parseSignal(reader.text("stopsignal", "TERM")) ?? "SIGTERM",
      asGroup: isTrue(reader.text("stopasgroup", "false")),
      waitMs: reader.integer("stopwaitsecs", DEFAULT_STOP_WAIT_SECS) * 1000,
    };
    for (const name of findProcessNames(document, program, env, hostName)) orders.set(name, order);
  }
  return orders;
}
