/**
 * The supervisord that an executable of scripts/build.sh carries, for images that have Python and nothing more.
 *
 * Permissions: `--allow-read` of the executable, `--allow-write` of the run directory.
 *
 * @module
 */
import { errorText } from "../log/error_text.ts";

/** Runs supervisord from the directory that this file lies in, whatever `PYTHONSAFEPATH` says. */
const SCRIPT = `import os, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
sys.dont_write_bytecode = True  # it is read once
`;

/** Where Python finds no directory for temporary files: supervisord insists on one at its start. */
const TEMPORARY = `import tempfile
tempfile.tempdir = here
`;

const MAIN = `from supervisor.supervisord import main
main()
`;

/** The supervisord in this executable. */
export interface EmbeddedSupervisord {
  /** Its version. */
  readonly version: string;
  /** The directory of its Python package. */
  readonly source: URL;
}

/** Finds the supervisord in this executable, which lies beside its first module. */
export function findEmbedded(): EmbeddedSupervisord | undefined {
  if (!Deno.build.standalone) return undefined;
  try {
    const source = new URL("supervisord/supervisor/", Deno.mainModule);
    return { source, version: Deno.readTextFileSync(new URL("version.txt", source)).trim() };
  } catch {
    return undefined;
  }
}

/**
 * Puts the supervisord of this executable into a run directory.
 *
 * Python compiles it again at each start, since nothing of it is kept.
 *
 * @throws {Error} If it cannot be written.
 */
export function unpackEmbedded(
  { source }: EmbeddedSupervisord,
  directory: string,
  lacksTemporary: boolean,
): string {
  const script = `${directory}/supervisord`;
  try {
    copyDirectory(source, `${directory}/supervisor`);
    Deno.writeTextFileSync(script, SCRIPT + (lacksTemporary ? TEMPORARY : "") + MAIN);
    Deno.chmodSync(script, 0o644);
  } catch (error) {
    throw new Error(`Cannot unpack supervisord into ${directory}: ${errorText(error)}`);
  }
  return script;
}

/** Copies files for everybody to read: supervisord may become another user before it has read all of them. */
function copyDirectory(from: URL, to: string): void {
  Deno.mkdirSync(to);
  Deno.chmodSync(to, 0o755);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyDirectory(new URL(`${name}/`, from), `${to}/${name}`);
    else {
      Deno.writeFileSync(`${to}/${name}`, Deno.readFileSync(new URL(name, from)));
      Deno.chmodSync(`${to}/${name}`, 0o644);
    }
  }
}
