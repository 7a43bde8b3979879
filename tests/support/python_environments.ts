/**
 * Python's virtual environments for tests: cached ones with packages from PyPI, made once below
 * `.cache/tests`, and empty ones of a test's own.
 */
import { ROOT } from "./run.ts";

const CACHE = `${ROOT}/.cache/tests`;

/** How long one installation may take, ms. */
const INSTALL_MS = 120_000;

const PYTHONS = ["/usr/bin/python3", "python3"];

async function succeedsWithin(
  limitMs: number,
  command: string,
  ...args: string[]
): Promise<boolean> {
  try {
    const output = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const signal = AbortSignal.timeout(limitMs);
    return (await new Deno.Command(command, { args, signal, ...output }).output()).success;
  } catch {
    return false;
  }
}

const succeeds = (command: string, ...args: string[]) =>
  succeedsWithin(INSTALL_MS, command, ...args);

async function findMachinePython(): Promise<string> {
  for (const python of PYTHONS) {
    if (await succeeds(python, "-S", "-c", "import venv")) return python;
  }
  return "python3";
}

/** The machine's Python. */
export const MACHINE_PYTHON: string = await findMachinePython();

async function makeEnvironment(
  directory: string,
  packages: readonly string[],
  limitMs: number,
): Promise<boolean> {
  const python = `${directory}/bin/python3`;
  const install = ["install", "--quiet", "--retries", "1", "--timeout", "15"];
  if (await succeeds(MACHINE_PYTHON, "-m", "venv", "--clear", directory)) {
    if (packages.length === 0) return true;
    return await succeedsWithin(limitMs, python, "-m", "pip", ...install, ...packages);
  }
  // Debian splits ensurepip off: an environment without pip, filled by the machine's pip.
  return await succeeds(MACHINE_PYTHON, "-m", "venv", "--clear", "--without-pip", directory) &&
    await succeedsWithin(
      limitMs,
      MACHINE_PYTHON,
      ...["-m", "pip", "--python", python, ...install, "pip", ...packages],
    );
}

/** How an environment is kept. */
export interface CacheOptions {
  /** Where it is kept, `.cache/tests` by default. */
  readonly cache?: string;
  /** How long the installation may take, ms; two minutes by default. */
  readonly limitMs?: number;
}

/**
 * Makes an environment with packages from PyPI once, for every later run.
 *
 * @param name Its name below the cache.
 * @param packages What to install; pip is always there.
 * @param options Where it is kept, and how long it may take.
 * @returns Its directory; `undefined` where PyPI or Python is out of reach.
 */
export async function prepareCachedEnvironment(
  name: string,
  packages: readonly string[],
  { cache = CACHE, limitMs = INSTALL_MS }: CacheOptions = {},
): Promise<string | undefined> {
  const directory = `${cache}/${name}`;
  const whole = `${directory}/whole`;
  const wanted = `${packages.join(" ")}\n`;
  try {
    if (Deno.readTextFileSync(whole) === wanted) return directory;
  } catch { /* Not made yet, or not to its end. */ }
  Deno.mkdirSync(cache, { recursive: true });
  if (!await makeEnvironment(directory, packages, limitMs)) {
    removeIfThere(directory);
    return undefined;
  }
  Deno.writeTextFileSync(whole, wanted);
  return directory;
}

function removeIfThere(directory: string): void {
  try {
    Deno.removeSync(directory, { recursive: true });
  } catch { /* It was never made. */ }
}

/**
 * Makes an empty environment, in a tenth of a second.
 *
 * @param directory Where.
 * @param pipFrom An environment whose pip it shares; without one it has none.
 * @returns Its Python.
 */
export async function makeEmptyEnvironment(directory: string, pipFrom?: string): Promise<string> {
  const python = `${directory}/bin/python`;
  if (!await succeeds(MACHINE_PYTHON, "-m", "venv", "--without-pip", directory)) {
    throw new Error(`Cannot make a virtual environment in ${directory}`);
  }
  if (pipFrom !== undefined) {
    const [own, shared] = [directory, pipFrom].map(findPackages);
    Deno.symlinkSync(`${shared}/pip`, `${own}/pip`);
  }
  return python;
}

/** Where an environment's packages lie. */
function findPackages(directory: string): string {
  for (const { name } of Deno.readDirSync(`${directory}/lib`)) {
    if (name.startsWith("python")) return `${directory}/lib/${name}/site-packages`;
  }
  throw new Error(`${directory} holds no Python`);
}
