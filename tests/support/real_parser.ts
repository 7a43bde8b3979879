/** Asks an installed supervisord's own parser, many configurations in one Python process. */
import type { InstalledSupervisord } from "./supervisords.ts";

/** One configuration to parse. */
export interface ParserCase {
  /** The file's text. */
  readonly text: string;
  /** Further files beside it, by name, for `[include]`. */
  readonly files?: Readonly<Record<string, string>>;
  /** supervisord's whole environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Read it as supervisorctl does. */
  readonly client?: boolean;
}

/** A process as supervisord understood it: its attributes by name, and the command's words. */
export type ParsedProcess = Readonly<Record<string, unknown>> & { readonly argv: string[] };

/** A process group as supervisord understood it. */
export interface ParsedGroup {
  readonly kind: string;
  readonly name: string;
  readonly priority: number;
  readonly processes: readonly ParsedProcess[];
  readonly [attribute: string]: unknown;
}

/** What supervisord made of one configuration. */
export type ParserResult =
  | { readonly ok: false; readonly error: string }
  | {
    readonly ok: true;
    /** Each value by section and key after one expansion, `null` where that fails. */
    readonly values: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
    readonly root: Readonly<Record<string, unknown>>;
    readonly plugins: readonly (readonly unknown[])[];
    readonly groups: readonly ParsedGroup[];
  };

/** The directory the configurations stand in, so what `%(here)s` expands to. */
export interface ParserDirectory extends Disposable {
  readonly path: string;
}

/** @returns A directory of its own that is removed when disposed. */
export function makeParserDirectory(): ParserDirectory {
  const path = Deno.makeTempDirSync({ prefix: "real-parser-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Python's dictionaries come as pairs. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("pairs" in value)) return value;
  return Object.fromEntries(value.pairs as [string, unknown][]);
}

/**
 * Has every case parsed.
 *
 * @param supervisord Whose parser to ask.
 * @param directory Where the configurations stand.
 * @param cases The configurations.
 * @returns One result for each, in order.
 */
export async function parseWithSupervisord(
  supervisord: InstalledSupervisord,
  directory: ParserDirectory,
  cases: readonly ParserCase[],
): Promise<ParserResult[]> {
  const script = new URL("real_parser.py", import.meta.url).pathname;
  const child = new Deno.Command(supervisord.python, {
    args: ["-W", "ignore", script, directory.path],
    env: { LC_ALL: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.output();
  const input = ReadableStream.from(cases.map((parserCase) => `${JSON.stringify(parserCase)}\n`));
  await input.pipeThrough(new TextEncoderStream()).pipeTo(child.stdin);
  const { stdout, success } = await output;
  const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
  if (!success || lines.length !== cases.length) {
    throw new Error(`Cannot parse ${cases.length} cases with ${supervisord.path}: ${lines.length}`);
  }
  return lines.map((line) => JSON.parse(line, revive));
}
