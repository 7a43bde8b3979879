/** How contenders are found and installed, each by its ordinary client; private ones lie below `.cache/`. */
import { findOnPath } from "../../tests/support/chromium.ts";
import { prepareCachedEnvironment } from "../../tests/support/python_environments.ts";
import { ROOT } from "../../tests/support/run.ts";

/** What the benches install and keep. */
export const CACHE: string = `${ROOT}/.cache/bench`;

/** How long one installation may take, ms. */
const INSTALL_MS = 180_000;

/** @returns What a command prints on both streams, trimmed; `undefined` where it cannot be run or fails. */
export async function ask(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      signal: AbortSignal.timeout(INSTALL_MS),
    }).output();
    const decoder = new TextDecoder();
    return success ? `${decoder.decode(stdout)}${decoder.decode(stderr)}`.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** A package of Debian's, found. */
export interface DebianPackage {
  readonly path: string;
  readonly version: string;
}

/**
 * Finds a program of Debian's, and installs it where that is allowed.
 *
 * @param name The package.
 * @param program Its program.
 * @param mayInstall Whether apt-get may be used.
 * @returns It, or why it cannot be had.
 */
export async function findDebian(
  name: string,
  program: string,
  mayInstall: boolean,
): Promise<DebianPackage | string> {
  if (findOnPath([program]) === undefined) {
    if (!mayInstall) return `${program} is not on PATH (--install: by apt-get)`;
    if (await ask("apt-get", "install", "-y", "--no-install-recommends", name) === undefined) {
      return `apt-get install ${name} failed`;
    }
  }
  const path = findOnPath([program]);
  if (path === undefined) return `${name} installs no ${program}`;
  const version = await ask("dpkg-query", "-W", "-f", "${Version}", name);
  return { path, version: version ?? "of unknown version" };
}

/**
 * Makes a Python environment with packages of PyPI's.
 *
 * @param name Its name.
 * @param packages What to install.
 * @returns Its directory, or why it cannot be had.
 */
export async function findPython(
  name: string,
  packages: readonly string[],
): Promise<{ directory: string } | string> {
  const directory = await prepareCachedEnvironment(name, packages);
  return directory === undefined ? `pip cannot install ${packages.join(" ")}` : { directory };
}

/**
 * Installs a package of npm's.
 *
 * @param name The package.
 * @param version Its version.
 * @param program Its program.
 * @returns The program's path, or why it cannot be had.
 */
export async function findNode(
  name: string,
  version: string,
  program: string,
): Promise<{ path: string } | string> {
  const directory = `${CACHE}/${name}-${version}`;
  const path = `${directory}/node_modules/.bin/${program}`;
  if (await ask(path, "--version") !== undefined) return { path };
  Deno.mkdirSync(directory, { recursive: true });
  const quiet = ["--silent", "--no-fund", "--no-audit"];
  const printed = await ask(
    ...["npm", "install", ...quiet, "--prefix", directory, `${name}@${version}`] as const,
  );
  return printed === undefined ? `npm cannot install ${name}@${version}` : { path };
}

/**
 * Finds a program that a variable names.
 *
 * @param variable The variable.
 * @returns Its path, or why it cannot be had.
 */
export function findNamed(variable: string): { path: string } | string {
  const path = Deno.env.get(variable) ?? "";
  return path === "" ? "no executable of it is named" : { path };
}
