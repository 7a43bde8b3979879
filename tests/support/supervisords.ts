/**
 * The supervisord installations that process tests run against: those of `TEST_SUPERVISORDS`
 * (paths, separated by colons), else the first `supervisord` on PATH.
 */

/** One installed supervisord. */
export interface InstalledSupervisord {
  /** Its executable. */
  readonly path: string;
  /** The Python interpreter it runs on, for tests that ask supervisord's own parser. */
  readonly python: string;
  /** What `--version` prints. */
  readonly version: string;
}

function findOnPath(name: string): string | undefined {
  for (const directory of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if (Deno.statSync(`${directory}/${name}`).isFile) return `${directory}/${name}`;
    } catch { /* not here */ }
  }
  return undefined;
}

function readInstalled(path: string): InstalledSupervisord {
  const { stdout, success } = new Deno.Command(path, { args: ["--version"], stderr: "null" })
    .outputSync();
  if (!success) throw new Error(`Cannot run ${path} --version`);
  const [firstLine = ""] = Deno.readTextFileSync(path).split("\n", 1);
  return {
    path,
    python: firstLine.replace(/^#!\s*/, "").trim(),
    version: new TextDecoder().decode(stdout).trim(),
  };
}

/** @returns Every installation to test against; never empty, so that no test passes by running nothing. */
export function readSupervisords(): InstalledSupervisord[] {
  const paths = (Deno.env.get("TEST_SUPERVISORDS") ?? findOnPath("supervisord") ?? "")
    .split(":").filter((path) => path !== "");
  if (paths.length === 0) throw new Error("No supervisord found: set TEST_SUPERVISORDS or PATH");
  return paths.map(readInstalled);
}

/**
 * Chooses the installation that a bench runs against.
 *
 * @param path Its executable, as `--supervisord` gives it; by default the last one to test against.
 * @returns The installation.
 */
export function chooseSupervisord(path?: string): InstalledSupervisord {
  return path === undefined ? readSupervisords().at(-1)! : readInstalled(path);
}
