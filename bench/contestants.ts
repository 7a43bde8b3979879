/** The ways to run one engine that are compared: ours, plain supervisord, the Python original. */
import { makeCommand, makeEnvironment, Run, type RunOptions } from "../tests/support/run.ts";
import type { InstalledSupervisord } from "../tests/support/supervisords.ts";

/** One way to run an engine. */
export interface Contestant {
  readonly name: string;
  /** Whether the stated bounds are for it. */
  readonly isOurs: boolean;
  /** Runs it; the engine's command may name files in the run's directory. */
  readonly run: (
    engine: (directory: string) => readonly string[],
    options?: Partial<RunOptions>,
  ) => Run;
}

/** Writes what a managed run would ask of supervisord, for use without one. */
function writePlainConfig(
  directory: string,
  engine: readonly string[],
  options: RunOptions,
): string {
  const path = `${directory}/plain.conf`;
  const [program = "", ...args] = makeCommand(
    ["-o", path, "--", ...engine],
    ["-A"],
    "generate_config.ts",
  );
  const { success, stderr } = new Deno.Command(program, {
    args,
    env: {
      ...makeEnvironment(options),
      SUPERVISOR_UNIX_HTTP_SERVER_FILE: `${directory}/plain.sock`,
      SUPERVISOR_SUPERVISORD_PIDFILE: `${directory}/plain.pid`,
    },
    clearEnv: true,
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return path;
}

/**
 * Finds who takes part. The Python original does where `ORIGINAL_SUPERVISOR` names its executable.
 *
 * @param supervisord The supervisord that ours and the plain run use.
 * @returns At least two.
 */
export function readContestants(supervisord: InstalledSupervisord): Contestant[] {
  const contestants: Contestant[] = [
    {
      name: "standard-supervisor",
      isOurs: true,
      run: (engine, options = {}) => new Run({ supervisord, args: engine, ...options }),
    },
    {
      name: `supervisord ${supervisord.version}`,
      isOurs: false,
      run: (engine, options = {}) =>
        new Run({
          supervisord,
          args: [],
          ...options,
          command: (directory) => [
            supervisord.path,
            ...["-s", "-n", "-c"],
            writePlainConfig(directory, engine(directory), { args: [], ...options }),
          ],
        }),
    },
  ];
  const original = Deno.env.get("ORIGINAL_SUPERVISOR");
  if (original !== undefined && original !== "") {
    const path = `${original.slice(0, original.lastIndexOf("/"))}:${Deno.env.get("PATH")}`;
    contestants.push({
      name: "the Python original",
      isOurs: false,
      run: (engine, options = {}) =>
        new Run({
          args: [],
          ...options,
          env: { PATH: path, ...options.env },
          command: (directory) => [
            "env",
            `SUPERVISOR_CONFIG_PATH=${directory}/original.conf`,
            original,
            ...engine(directory),
          ],
        }),
    });
  }
  return contestants;
}
