/** Where the programs of a real engine lie: installed from PyPI once, kept in the user's cache. */
import { prepareCachedEnvironment } from "../support/python_environments.ts";
import type { FieldEngine } from "./engine.ts";

/** Ray is 150 MB, ms. */
const INSTALL_MS = 300_000;

function findCache(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${home}/standard-supervisor/field`;
}

/** An engine that can be run. */
export interface Installed {
  readonly bin: string;
  readonly version: string;
}

/**
 * Finds an engine, or installs it.
 *
 * @param engine The engine.
 * @returns It, or why it cannot be had.
 */
export async function install(engine: FieldEngine): Promise<Installed | string> {
  const { packages = [], find, readVersion } = engine;
  const [, given = "unknown"] = packages[0]?.split("==") ?? [];
  if (find !== undefined) {
    const found = find();
    if ("missing" in found) return found.missing;
    return { bin: found.bin, version: readVersion?.(found.bin) ?? given };
  }
  const name = packages[0]!.replace(/\[.*\]/, "").replace("==", "-");
  const directory = await prepareCachedEnvironment(name, packages, {
    cache: findCache(),
    limitMs: INSTALL_MS,
  });
  if (directory === undefined) return `${packages.join(", ")} cannot be installed from PyPI`;
  const bin = `${directory}/bin`;
  return { bin, version: readVersion?.(bin) ?? given };
}
