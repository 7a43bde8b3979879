/** The original Python package, asked what it makes of environments and arguments. */
import { prepareCachedEnvironment } from "./python_environments.ts";

const VERSION = "0.1.16";

/** The Python that the original is installed for: `ORIGINAL_PYTHON`, else one of an environment made from PyPI. */
export async function findOriginalPython(): Promise<string | undefined> {
  const named = Deno.env.get("ORIGINAL_PYTHON") ?? "";
  if (named !== "") return named;
  const directory = await prepareCachedEnvironment("original", [
    `model-hosting-container-standards==${VERSION}`,
    "supervisor==4.3.0",
  ]);
  return directory === undefined ? undefined : `${directory}/bin/python`;
}

/** One environment and command, and the file that we made of it. */
export interface OriginalCase {
  readonly environment: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  /** `-p`; `null` for the default. */
  readonly name: string | null;
  /** Our text; `null` where we refuse. */
  readonly ours: string | null;
  /** Variables that go with it. */
  readonly oursEnvironment: Readonly<Record<string, string>>;
}

/** Sections of values as supervisord's parser reads them; `command` as arguments. */
export type ParsedSections = Record<string, Record<string, string | string[]>>;

/** What the original said. */
export interface OriginalAnswers {
  readonly cases: readonly {
    readonly original: { readonly error: string } | { readonly sections: ParsedSections };
    readonly ours: ParsedSections | null;
  }[];
  /** An exit code for each command line. */
  readonly codes: readonly number[];
}

/**
 * Asks the original, all in one process.
 *
 * @param python Its Python.
 * @param cases For its generator.
 * @param commandLines Arguments for its command.
 */
export async function askOriginal(
  python: string,
  cases: readonly OriginalCase[],
  commandLines: readonly (readonly string[])[] = [],
): Promise<OriginalAnswers> {
  const child = new Deno.Command(python, {
    args: [new URL("original.py", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(JSON.stringify({ cases, commandLines })))
    .then(() => writer.close());
  const { success, stdout, stderr } = await child.output();
  await written;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
