/** Copies of the code to make mistakes in, and Deno run in them. */
import { ROOT } from "../support/run.ts";

/** What tests need. */
const CODE = [
  ...["src", "tests", ".ci"],
  ...["cli.ts", "generate_config.ts", "mod.ts"],
] as const;

/** A mistake may well leave something without a use. */
const ALLOWED = { noUnusedLocals: false, noUnusedParameters: false };

/**
 * Copies the code.
 *
 * @param directory Where to; made here.
 * @returns The directory.
 */
export function copyCode(directory: string): string {
  Deno.mkdirSync(directory);
  for (const name of CODE) copy(`${ROOT}/${name}`, `${directory}/${name}`);
  const config = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  Object.assign(config.compilerOptions, ALLOWED);
  Deno.writeTextFileSync(`${directory}/deno.json`, JSON.stringify(config));
  return directory;
}

function copy(from: string, to: string): void {
  if (!Deno.statSync(from).isDirectory) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) copy(`${from}/${name}`, `${to}/${name}`);
}

/** @returns The import map of `DENO_IMPORTS`, the copy's own. */
export function importMap(directory: string): string[] {
  const imports = Deno.env.get("DENO_IMPORTS") ?? "";
  return imports === ""
    ? []
    : [imports.replace(/^--import-map=(?!\/|\w+:)/, `--import-map=${directory}/`)];
}

/** How Deno is run. */
export interface DenoOptions {
  /** When it is killed, ms. */
  readonly limitMs?: number;
  /** A command and its first arguments that runs the whole as its last ones. */
  readonly wrapper?: readonly string[];
}

/** What came of it. */
export interface DenoEnd {
  readonly code: number;
  /** Both streams. */
  readonly text: string;
  /** Whether it took too long. */
  readonly isLate: boolean;
}

/** A process namespace ends with its init, which must not be Deno: that reaps no orphans. */
const INIT = ["/bin/sh", "-c", '"$@"; exit $?', "sh"] as const;

/**
 * Runs Deno in a copy of the code.
 *
 * @param directory The copy.
 * @param args Deno's arguments.
 * @param options How.
 * @returns How it ended.
 */
export async function runDeno(
  directory: string,
  args: readonly string[],
  { limitMs, wrapper = [] }: DenoOptions = {},
): Promise<DenoEnd> {
  const init = wrapper.length > 0 ? INIT : [];
  const [command = "", ...rest] = [...wrapper, ...init, Deno.execPath(), ...args];
  const child = new Deno.Command(command, {
    args: rest,
    cwd: directory,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = limitMs === undefined ? undefined : setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL"); // What unshare started dies with it: --kill-child.
  }, limitMs);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr), isLate };
}
