/**
 * Runs of the command line program as a child: its output in files, everything it starts marked by a
 * variable, so that what is left of it can be seen, and killed by pid.
 */
import {
  killMarked,
  type LiveProcess,
  pause,
  readMarked,
  signalProcess,
  wallMs,
} from "./processes.ts";
import { FLAGS_PROBLEM, TEST_PROGRAM } from "./program.ts";
import type { InstalledSupervisord } from "./supervisords.ts";

/** The repository's root. */
export const ROOT: string = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** The stand-in programs. */
export const FIXTURES: string = `${ROOT}/tests/fixtures`;

/** What every run may take to begin, or to end where nothing says how long, ms. */
export const DEADLINE_MS = 20_000;

/** What to run, and how. */
export interface RunOptions {
  /** Options and command; a function gets the run's directory. */
  readonly args: readonly string[] | ((directory: string) => readonly string[]);
  /** Given as `SUPERVISORD_PATH`. */
  readonly supervisord?: InstalledSupervisord | undefined;
  /** Variables beside those that are there; ours (`SUPERVISOR_…`, `PROCESS_…`) are not inherited. */
  readonly env?:
    | Readonly<Record<string, string>>
    | ((directory: string) => Readonly<Record<string, string>>)
    | undefined;
  /** Runs this instead of the program: another one to compare with. */
  readonly command?: ((directory: string) => readonly string[]) | undefined;
  /** What Deno permits; all by default. */
  readonly permissions?: readonly string[] | undefined;
  /** A command and its first arguments that runs the whole as its last ones. */
  readonly wrapper?: readonly string[] | ((directory: string) => readonly string[]) | undefined;
}

/** How a run ended. */
export interface RunEnd {
  /** The exit code; 128 + n after signal n. */
  readonly code: number;
  readonly signal: string | null;
  /** When, by the wall clock, ms. */
  readonly atMs: number;
}

const OURS =
  /^(SUPERVISOR|STANDARD_SUPERVISOR|PROCESS_|ENGINE_|LOG_|TMPDIR$|XDG_RUNTIME_DIR$|SAGEMAKER_)/;

/** @returns The environment of a run, without the marker. */
export function makeEnvironment(options: RunOptions, directory = ""): Record<string, string> {
  const { env } = options;
  const inherited = Object.entries(Deno.env.toObject()).filter(([name]) => !OURS.test(name));
  const path = options.supervisord?.path;
  return {
    ...Object.fromEntries(inherited),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    ...(path === undefined ? {} : { SUPERVISORD_PATH: path }),
    ...(typeof env === "function" ? env(directory) : env),
  };
}

/**
 * @returns The command line of one of the two programs, from any directory: `deno run` of it, or the executable of
 * {@linkcode TEST_PROGRAM}, which has all permissions.
 * @throws {TypeError} If the executable is asked for other permissions.
 */
export function makeCommand(
  args: readonly string[],
  permissions: readonly string[] = ["-A"],
  program = "cli.ts",
): string[] {
  const name = COMMANDS.get(program);
  if (TEST_PROGRAM === undefined || name === undefined) {
    return makeDenoCommand(args, permissions, program);
  }
  if (permissions.join() !== "-A") throw new TypeError(`Such a test ${FLAGS_PROBLEM}`);
  return [TEST_PROGRAM.replace(/[^/]*$/, name), ...args];
}

/** The two programs, and what the executable of each is called. */
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ["cli.ts", "standard-supervisor"],
  ["generate_config.ts", "generate-supervisor-config"],
]);

/** @returns The command line of `deno run … cli.ts`, from any directory, with the import map in use. */
export function makeDenoCommand(
  args: readonly string[],
  permissions: readonly string[] = ["-A"],
  program = "cli.ts",
): string[] {
  const imports = (Deno.env.get("DENO_IMPORTS") ?? "").split(" ").filter((word) => word !== "")
    .map((word) => word.replace(/^--import-map=(?!\/|\w+:)/, `--import-map=${ROOT}/`));
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    ...imports,
    ...permissions,
    `${ROOT}/${program}`,
    ...args,
  ];
}

/** supervisord's command line, an interpreter before it. */
const SUPERVISORD = /^\S+ (?:\S+\/supervisord|-m supervisor\.supervisord) .*-c /;

/** Opens the files, then becomes the command: nothing stands between it and them. */
const REDIRECT = 'exec >>"$1" 2>>"$2" && shift 2 && exec "$@"';

/** One run. Dispose of it: that kills what is left of it, and removes its files. */
export class Run implements AsyncDisposable {
  /** A directory of its own; `tmp` in it is its `TMPDIR`. */
  readonly directory: string;
  /** When it was spawned, by the wall clock, ms. */
  readonly spawnedMs: number;
  /** The process that was spawned: the program itself, or its wrapper. */
  readonly pid: number;
  readonly #marker: string;
  readonly #ended: Promise<RunEnd>;
  #end: RunEnd | undefined;

  /** @param options What to run. */
  constructor(options: RunOptions) {
    this.directory = Deno.makeTempDirSync({ prefix: "run-test-" });
    Deno.mkdirSync(`${this.directory}/tmp`);
    const id = crypto.randomUUID();
    this.#marker = `SUPERVISION_TEST_RUN=${id}`;
    const args = typeof options.args === "function" ? options.args(this.directory) : options.args;
    const wrapper = typeof options.wrapper === "function"
      ? options.wrapper(this.directory)
      : options.wrapper ?? [];
    const command = [
      ...wrapper,
      ...options.command?.(this.directory) ?? makeCommand(args, options.permissions),
    ];
    this.spawnedMs = wallMs();
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", REDIRECT, "sh", this.path("stdout"), this.path("stderr"), ...command],
      clearEnv: true,
      env: {
        TMPDIR: `${this.directory}/tmp`,
        ...makeEnvironment(options, this.directory),
        SUPERVISION_TEST_RUN: id,
      },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.pid = child.pid;
    this.#ended = child.status.then(({ code, signal }) => {
      this.#end = { code, signal, atMs: wallMs() };
      return this.#end;
    });
  }

  /** How it ended; `undefined` while it runs. */
  get end(): RunEnd | undefined {
    return this.#end;
  }

  /** @returns The path of a file in its directory. */
  path(name: string): string {
    return `${this.directory}/${name}`;
  }

  /** @returns The text of a file in its directory, `""` while there is none. */
  read(name: string): string {
    try {
      return Deno.readTextFileSync(this.path(name));
    } catch {
      return "";
    }
  }

  /** @returns The lines of a file in its directory that are whole, split at blanks, as numbers. */
  readNumbers(name: string): number[][] {
    return this.read(name).split("\n").slice(0, -1).map((line) => line.split(" ").map(Number));
  }

  /** @returns What `what` is, with the run's output. */
  describe(what: string): string {
    return `${what}\n--- end: ${JSON.stringify(this.#end)}\n--- stdout: ${
      this.read("stdout").slice(-2000)
    }\n--- stderr: ${this.read("stderr").slice(-4000)}`;
  }

  /**
   * Waits until a condition holds.
   *
   * @param condition What to wait for; anything but `undefined` and `false` is it.
   * @param what Its name, for the error.
   * @param deadlineMs How long at most, ms.
   * @returns What it yields.
   * @throws {Error} Naming it, with the run's output, if it does not come to hold.
   */
  async waitFor<T>(
    condition: () => T | undefined | false,
    what: string,
    deadlineMs: number = DEADLINE_MS,
  ): Promise<T> {
    let hasEnded = false;
    for (const begin = performance.now();;) {
      const value = condition();
      if (value !== undefined && value !== false) return value;
      if (hasEnded) {
        throw new Error(this.describe(`The run ended before ${what}`));
      }
      hasEnded = this.#end !== undefined; // What it did last is still to be seen.
      if (performance.now() - begin > deadlineMs) {
        throw new Error(this.describe(`Waited ${deadlineMs} ms in vain for ${what}`));
      }
      await pause(4);
    }
  }

  /** Waits for the end of the run, as {@linkcode waitFor} does. */
  async waitForEnd(deadlineMs: number = DEADLINE_MS): Promise<RunEnd> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), deadlineMs);
    });
    const end = await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    if (end === undefined) {
      throw new Error(this.describe(`Waited ${deadlineMs} ms in vain for the run's end`));
    }
    return end;
  }

  /** @returns Every live process of the run, itself included. */
  readLeft(): LiveProcess[] {
    return readMarked(this.#marker);
  }

  /** @returns The pid of the program itself, whatever it is wrapped in. */
  findProgram(): number | undefined {
    return this.readLeft().find(({ command }) =>
      TEST_PROGRAM === undefined
        ? command.startsWith(`${Deno.execPath()} run`) && command.includes("/cli.ts")
        : command.startsWith(`${TEST_PROGRAM} `)
    )?.pid;
  }

  /** @returns The pid of its supervisord. */
  findSupervisord(): number | undefined {
    return this.readLeft().find(({ command }) => SUPERVISORD.test(command))?.pid;
  }

  /** Sends a signal to the spawned process. */
  signal(signal: Deno.Signal): boolean {
    return signalProcess(this.pid, signal);
  }

  /** @returns The names of what its `TMPDIR` holds. */
  readTemporary(): string[] {
    return [...Deno.readDirSync(this.path("tmp"))].map(({ name }) => name);
  }

  /** Kills what is left of the run and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Between fork and exec the run does not carry its marker yet.
    if (this.#end === undefined) signalProcess(this.pid, "SIGKILL");
    await killMarked(this.#marker);
    await this.#ended;
    Deno.removeSync(this.directory, { recursive: true });
  }
}
