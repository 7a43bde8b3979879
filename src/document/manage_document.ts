/**
 * From what the user asked for to the private files that supervisord reads in a managed run.
 *
 * @module
 */
import { escapePercent } from "../formats/expansion.ts";
import { escapeGlob } from "../formats/glob.ts";
import { findDirectory, findOwnStream } from "../formats/paths.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import { placeHere } from "./included.ts";

/** What a section's option says of our stdout or stderr; `undefined` where it says nothing of them. */
function readStream(key: string, value: string): "stdout" | "stderr" | undefined {
  return key.endsWith("logfile") ? findOwnStream(value) : undefined;
}

/** Tells whether anything but the engine writes to our stdout or stderr. */
export function hasOtherWriters(document: ConfigDocument, engine: string): boolean {
  return [...document].some(([name, section]) =>
    name !== engine && [...section].some(([key, value]) => readStream(key, value) !== undefined)
  );
}

/** What a managed run writes. */
export interface ManagedDocument {
  /** The file that supervisord reads. */
  readonly document: ConfigDocument;
  /** What must have the last word over files that the user includes; absent where there are none. */
  readonly overlay: ConfigDocument | undefined;
}

/** Files that supervisord reads after ours. */
export interface Includes {
  /** Absolute patterns of their names. */
  readonly patterns: readonly string[];
  /** The document with what they say. */
  readonly merged: ConfigDocument;
}

/** What supervisord opens to reach our stdout and our stderr. */
interface OutputPaths {
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a managed run's files lie. */
export interface ManagedPaths {
  /** The engine's section. */
  readonly engine: string;
  /** The engine's command, with what gives it its streams. */
  readonly command: string;
  /** What `%(here)s` means: where the user's file lies. */
  readonly here: string;
  /** Where the overlay is written. */
  readonly overlay: string;
  /** The log that nobody asked for but us. */
  readonly logfile: string;
  /** What supervisord opens to reach our stdout and our stderr, and the same for the engine. */
  readonly output: OutputPaths & { readonly engine: OutputPaths };
  /** What is included; `undefined` where nothing is. */
  readonly includes: Includes | undefined;
  /** Whether the user chose supervisord's log level; at `debug` it logs all output a second time. */
  readonly keepsLoglevel: boolean;
}

/**
 * Turns what the user asked for into what a managed run needs: the restarts of the engine and of
 * critical programs are the policy's, so supervisord must neither restart them nor judge whether they
 * started; and supervisord's
 * own log, a hint for us that needs lines of level info, is quiet on the container's output.
 *
 * A stop tells each program's leader alone, as a container's runtime does: under a signal to the whole
 * group the workers of an engine that drains would die first, and every stream with them. What is left
 * then is told by `supervise/stopping.ts`, and a kill spares those who clean up. Where the environment
 * says otherwise, that is done.
 */
export function manageDocument(
  document: ConfigDocument,
  said: ConfigDocument,
  managedHeaders: readonly string[],
  paths: ManagedPaths,
): ManagedDocument {
  const restarts: Readonly<Record<string, string>> = {
    // They are started by an order of ours, so that each carries its run's mark from the first moment.
    autostart: "false",
    autorestart: "false",
    startretries: "0",
    startsecs: "0",
  };
  const managed = new Map<string, Map<string, string>>();
  const placeOutput = (section: string, key: string, value: string): string => {
    const stream = readStream(key, value);
    if (stream === undefined) return value;
    return (section === paths.engine ? paths.output.engine : paths.output)[stream];
  };
  for (const [name, section] of document) {
    managed.set(
      name,
      new Map(
        [...section].map(([key, value]) => [
          key,
          placeHere(placeOutput(name, key, value), paths.here),
        ]),
      ),
    );
  }
  const set = (name: string, values: Readonly<Record<string, string>>) => {
    for (const [key, value] of Object.entries(values)) managed.get(name)?.set(key, value);
  };
  for (const header of managedHeaders) set(header, restarts);
  set(paths.engine, { command: paths.command });
  for (const [name, section] of managed) {
    if (parseProgramHeader(name) === undefined || said.get(name)?.has("stopasgroup")) continue;
    section.delete("stopasgroup");
    if (!said.get(name)?.has("killasgroup")) section.delete("killasgroup");
  }
  set("supervisord", { silent: "true", nodaemon: "true" });
  if (!document.get("supervisord")?.has("childlogdir")) {
    // Else it is TMPDIR, expanded, which may hold a percent sign.
    set("supervisord", { childlogdir: findDirectory(paths.overlay) });
  }
  if (document.get("supervisord")?.get("logfile") === paths.logfile && !paths.keepsLoglevel) {
    set("supervisord", { loglevel: "info" });
  }
  if (paths.includes === undefined) return { document: managed, overlay: undefined };
  const { merged } = paths.includes;
  const patterns = [...paths.includes.patterns, escapeGlob(paths.overlay)];
  set("include", { files: patterns.map(escapePercent).join(" ") });
  const overlay = new Map<string, ReadonlyMap<string, string>>();
  for (const [name, section] of merged) {
    const placed = [...section].map(([key, value]) => [key, placeOutput(name, key, value)] as const)
      .filter(([key, value]) => value !== section.get(key));
    if (placed.length > 0) overlay.set(name, new Map(placed));
  }
  // Whatever an included file says, we must be able to ask and to decide.
  for (const name of ["supervisord", "unix_http_server"]) {
    overlay.set(name, managed.get(name) ?? new Map());
  }
  for (const header of managedHeaders) {
    // The engine's command is the command line's.
    const command = managed.get(header)?.get("command");
    overlay.set(
      header,
      new Map([
        ...overlay.get(header) ?? [],
        ...Object.entries(restarts),
        ...(command === undefined ? [] : [["command", command] as const]),
      ]),
    );
  }
  return { document: managed, overlay };
}
