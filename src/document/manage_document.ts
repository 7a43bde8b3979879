/**
 * From what the user asked for to the private files that supervisord reads in a managed run.
 *
 * @module
 */
import { escapePercent } from "../formats/expansion.ts";
import { findDirectory } from "../formats/paths.ts";
import type { ConfigDocument } from "../formats/render.ts";

/** A program's own stdout or stderr, as a path. */
const OUTPUT = /^\/(dev|proc\/self)\/((?<stdout>stdout|fd\/1)|(?<stderr>stderr|fd\/2))$/;

/** What a managed run writes. */
export interface ManagedDocument {
  /** The file that supervisord reads. */
  readonly document: ConfigDocument;
  /** What must have the last word over files that the user includes; absent where there are none. */
  readonly overlay: ConfigDocument | undefined;
}

/** Where a managed run's files lie. */
export interface ManagedPaths {
  /** The engine's command, with what gives it its stdin. */
  readonly command: string;
  /** What `%(here)s` and relative paths of `[include]` mean: where the user's file lies. */
  readonly here: string;
  /** Where the overlay is written. */
  readonly overlay: string;
  /** The log that nobody asked for but us. */
  readonly logfile: string;
  /** What supervisord opens to reach our stdout and our stderr. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whether the user chose supervisord's log level; at `debug` it logs all output a second time. */
  readonly keepsLoglevel: boolean;
}

/**
 * Turns what the user asked for into what a managed run needs: the engine's restarts are the
 * policy's, so supervisord must neither restart it nor judge whether it started; and supervisord's
 * own log, a hint for us that needs lines of level info, is quiet on the container's output.
 *
 * @param document What {@linkcode buildDocument} built.
 * @param engineName The engine's program name.
 * @param paths Where the files lie.
 * @returns The sections for the private files that supervisord reads.
 */
export function manageDocument(
  document: ConfigDocument,
  engineName: string,
  paths: ManagedPaths,
): ManagedDocument {
  const engine = `program:${engineName}`;
  const engineOverlay: Readonly<Record<string, string>> = {
    autorestart: "false",
    startretries: "0",
    startsecs: "0",
  };
  const managed = new Map<string, Map<string, string>>();
  const placeOutput = (key: string, value: string): string => {
    const descriptor = key.endsWith("logfile") ? OUTPUT.exec(value)?.groups : undefined;
    if (descriptor === undefined) return value;
    return descriptor.stdout === undefined ? paths.stderr : paths.stdout;
  };
  for (const [name, section] of document) {
    managed.set(
      name,
      new Map(
        [...section].map(([key, value]) => [key, placeHere(placeOutput(key, value), paths.here)]),
      ),
    );
  }
  const set = (name: string, values: Readonly<Record<string, string>>) => {
    for (const [key, value] of Object.entries(values)) managed.get(name)?.set(key, value);
  };
  set(engine, { ...engineOverlay, command: paths.command });
  set("supervisord", { silent: "true", nodaemon: "true" });
  if (!document.get("supervisord")?.has("childlogdir")) {
    // Else it is TMPDIR, expanded, which may hold a percent sign.
    set("supervisord", { childlogdir: findDirectory(paths.overlay) });
  }
  if (document.get("supervisord")?.get("logfile") === paths.logfile && !paths.keepsLoglevel) {
    set("supervisord", { loglevel: "info" });
  }
  const patterns = managed.get("include")?.get("files");
  if (patterns === undefined) return { document: managed, overlay: undefined };
  const files = patterns.split(/\s+/).filter((pattern) => pattern !== "")
    .map((pattern) =>
      pattern.startsWith("/") ? pattern : `${escapePercent(paths.here)}/${pattern}`
    );
  set("include", { files: [...files, escapePercent(paths.overlay)].join(" ") });
  return {
    document: managed,
    overlay: new Map([
      // Whatever an included file says, we must be able to ask and to decide.
      ["supervisord", managed.get("supervisord") ?? new Map()],
      ["unix_http_server", managed.get("unix_http_server") ?? new Map()],
      [engine, new Map(Object.entries(engineOverlay))],
    ]),
  };
}

/** Writes out `%(here)s`, since supervisord reads a copy that lies elsewhere than the user's file. */
function placeHere(value: string, here: string): string {
  return value.replace(
    /%(?:%|\(here\)s)/g,
    (found) => found === "%%" ? found : escapePercent(here),
  );
}
