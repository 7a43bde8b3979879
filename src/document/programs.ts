/**
 * The programs of a document: what supervisord will call their processes, and how long they may take
 * to stop.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import { SectionReader } from "./section_reader.ts";

function findGroup(document: ConfigDocument, program: string): string {
  for (const [header, section] of document) {
    if (!header.startsWith("group:")) continue;
    const programs = section.get("programs")?.split(",").map((name) => name.trim());
    if (programs?.includes(program)) return header.slice("group:".length);
  }
  return program;
}

/** Names the processes of a program as supervisord will. */
export function findProcessNames(
  document: ConfigDocument,
  program: string,
  env: Environment,
  hostName: string,
): ReadonlySet<string> {
  const header = [...document.keys()].find((name) => parseProgramHeader(name)?.name === program) ??
    program;
  const reader = new SectionReader(header, document.get(header) ?? new Map(), env);
  const group = findGroup(document, program);
  const count = reader.integer("numprocs", 1);
  const first = reader.integer("numprocs_start", 0);
  const names = new Set<string>();
  for (let number = first; number < first + count; number++) {
    const process = reader.expand(
      "process_name",
      "%(program_name)s",
      new Map<string, string | number>([
        ["process_num", number],
        ["numprocs", count],
        ["group_name", group],
        ["host_node_name", hostName],
      ]),
    );
    names.add(`${group}:${process}`);
  }
  return names;
}

/** supervisord's default of `stopwaitsecs`, s. */
export const DEFAULT_STOP_WAIT_SECS = 10;

/** What stopping takes beyond the programs' own patience, ms: a loop of supervisord's, and its exit. */
const STOP_MARGIN_MS = 5_000;

/**
 * How long a stop of everything may take: supervisord stops one group after another, and waits for
 * the slowest program of each.
 */
export function findShutdownGraceMs(document: ConfigDocument, env: Environment): number {
  const groups = new Map<string, number>();
  for (const [header, section] of document) {
    const program = parseProgramHeader(header)?.name;
    if (program === undefined) continue;
    const group = findGroup(document, program);
    const reader = new SectionReader(header, section, env);
    const secs = reader.integer("stopwaitsecs", DEFAULT_STOP_WAIT_SECS);
    groups.set(group, Math.max(groups.get(group) ?? 0, secs));
  }
  const totalSecs = [...groups.values()].reduce((sum, secs) => sum + secs, 0);
  return totalSecs * 1000 + STOP_MARGIN_MS;
}
