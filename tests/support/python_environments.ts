/**
 * Python's virtual environments for tests: cached ones with packages from PyPI, made once below
 * `.cache/tests`, and empty ones of a test's own.
 */
import { ROOT } from "./run.ts";

const CACHE = `${ROOT}/.cache/tests`;

/** How long one installation may take, ms. */
const INSTALL_MS = 120_000;

const PYTHONS = ["/usr/bin/python3", "python3"];

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(INSTALL_MS),
    }).outputSync().success;
  } catch {
    return false;
  }
}

/** The machine's Python. */
export const MACHINE_PYTHON: string =
  PYTHONS.find((python) => succeeds(python, ["-S", "-c", "import venv"])) ?? "python3";

function makeEnvironment(directory: string, packages: readonly string[]): boolean {
  const python = `${directory}/bin/python3`;
  const from = ["-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "15"];
  if (succeeds(MACHINE_PYTHON, ["-m", "venv", "--clear", directory])) {
    return packages.length === 0 || succeeds(python, [...from, ...packages]);
  }
  // Debian splits ensurepip off: an environment without pip, filled by the machine's pip.
  return succeeds(MACHINE_PYTHON, ["-m", "venv", "--clear", "--without-pip", directory]) &&
    succeeds(MACHINE_PYTHON, ["-m", "pip", "--python", python, ...from.slice(2), ...packages, "pip"]);
}

/**
 * Makes an environment with packages from PyPI once, for every later run.
 *
 * @param name Its name below the cache.
 * @param packages What to install; pip is always there.
 * @returns Its directory; `undefined` where PyPI or Python is out of reach.
 */
export function prepareCachedEnvironment(
  name: string,
  packages: readonly string[],
): string | undefined {
  const directory = `${CACHE}/${name}`;
  const whole = `${directory}/whole`;
  const wanted = `${packages.join(" ")}\n`;
  try {
    if (Deno.readTextFileSync(whole) === wanted) return directory;
  } catch { /* Not made yet, or not to its end. */ }
  Deno.mkdirSync(CACHE, { recursive: true });
  if (!makeEnvironment(directory, packages)) {
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
export function makeEmptyEnvironment(directory: string, pipFrom?: string): string {
  const python = `${directory}/bin/python`;
  if (!succeeds(MACHINE_PYTHON, ["-m", "venv", "--without-pip", directory])) {
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
