/**
 * Launching the engine without supervisord.
 *
 * Permissions: `--allow-ffi` to be replaced by the engine; else `--allow-run` of the engine, which then
 * runs as a child.
 *
 * @module
 */
import { withDeadline } from "../log/with_deadline.ts";
import type { Environment } from "../configuration/configuration.ts";
import { encodeCStrings, encodePointers, type Libc } from "../linux/libc.ts";
import { readGivenOpenFiles, setOpenFiles, withGivenOpenFiles } from "../linux/open_files.ts";
import type { ProcessSignals, SignalSource } from "../linux/signals.ts";
import { OutputWriter } from "../output/output_writer.ts";
import { relayOutput } from "../output/relay.ts";
import type { Exit } from "../formats/exit.ts";
import { SIGNAL_NUMBERS } from "../formats/signals.ts";
import type { OutputTarget } from "../output/plan_output.ts";
import { subscribeToStops } from "./stop_source.ts";

const SIGPIPE = 13;
const SIG_DFL = 0n;
const SIG_IGN = 1n;

/** What a stop gives an engine that runs as a child, ms: supervisord's engines have as much by default. */
const STOP_GRACE_MS = 30_000;

/** How long the last of the output may take to be copied, ms: a process that got away may hold it. */
const DRAIN_MS = 2_000;

/** What is launched. */
export interface DirectCommand {
  /** The command and its arguments. */
  readonly argv: readonly string[];
  /** Where its program lies. */
  readonly path: string;
  /** Its whole environment; `undefined` for our own, byte for byte. */
  readonly env: Environment | undefined;
}

/**
 * Replaces this process by the command: same pid, same descriptors, nothing in between.
 *
 * Deno ignores SIGPIPE, and what is ignored stays so across execve(2), so it is set back: else
 * `engine | head` would never end. What it caught is handed over as it came: ignored, where it was.
 */
export function replaceProcess(
  libc: Libc,
  { argv, path, env }: DirectCommand,
  ignored: readonly Deno.Signal[],
): void {
  const openFiles = readGivenOpenFiles();
  const strings = encodeCStrings(argv);
  const [program] = strings;
  if (program === undefined) return;
  libc.signal(SIGPIPE, SIG_DFL);
  for (const signal of ignored) libc.signal(SIGNAL_NUMBERS[signal] ?? 0, SIG_IGN);
  if (openFiles !== undefined) setOpenFiles(libc, BigInt(openFiles));
  if (env === undefined) libc.execvp(program, encodePointers(libc, strings));
  else {
    const [file] = encodeCStrings([path]);
    const variables = encodeCStrings(
      Object.entries(env).map(([name, value]) => `${name}=${value}`),
    );
    if (file === undefined) return;
    libc.execve(file, encodePointers(libc, strings), encodePointers(libc, variables));
  }
}

/** Every signal that can be passed on to a child. */
const FORWARDED: readonly Deno.Signal[] = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGCONT",
  "SIGWINCH",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
];

/**
 * Runs the command as a child in our place where we cannot be replaced, and passes every signal on to it.
 *
 * @throws {Error} If it cannot be spawned.
 */
export async function runAsChild(
  command: DirectCommand,
  ignored: readonly Deno.Signal[],
): Promise<Exit> {
  const pending: Deno.Signal[] = [];
  let child: Deno.ChildProcess | undefined;
  const forward = (signal: Deno.Signal) => {
    if (child === undefined) pending.push(signal);
    else kill(child, signal);
  };
  const listeners = FORWARDED.filter((signal) => !ignored.includes(signal)).map((signal) => {
    const listener = () => forward(signal);
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  try {
    child = spawn(command, "inherit", "inherit");
    pending.forEach(forward);
    return toExit(await child.status);
  } finally {
    for (const remove of listeners) remove();
  }
}

/** How a child is run beside a program that goes on. */
export interface ChildOptions {
  /** The C library, `undefined` where FFI is not permitted. */
  readonly libc: Libc | undefined;
  /** Where its output goes. */
  readonly output: OutputTarget;
  /** What may ask for a stop, and signals for it. */
  readonly signals: SignalSource;
  /** Called with its pid. */
  readonly onSpawn: (pid: number) => void;
}

/**
 * Runs the command as a child beside a program that goes on. A stop sends it the signal that asked, or
 * SIGTERM; a second one, or 30 s, SIGKILL.
 *
 * @throws {Error} If it cannot be spawned.
 */
export async function runChild(command: DirectCommand, options: ChildOptions): Promise<Exit> {
  const { output, signals } = options;
  const child = spawn(command, "null", output.isOwn ? "inherit" : "piped");
  const end = new AbortController();
  const relays = output.isOwn ? Promise.resolve() : Promise.all([
    relayOutput(child.stdout, new OutputWriter(output.stdout), end.signal),
    relayOutput(child.stderr, new OutputWriter(output.stderr), end.signal),
  ]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = subscribeToStops(signals, {
    onForward: (signal) => kill(child, signal),
    onStop: () => {
      const [by, again] = signals.stopSignals;
      if (again !== undefined) return kill(child, "SIGKILL");
      kill(child, isSignal(by) ? by : "SIGTERM");
      timer ??= setTimeout(() => kill(child, "SIGKILL"), STOP_GRACE_MS);
    },
  });
  try {
    options.onSpawn(child.pid); // Whoever hears of it may ask for a stop.
    const exit = toExit(await child.status);
    await withDeadline(relays, DRAIN_MS);
    return exit;
  } finally {
    end.abort();
    clearTimeout(timer);
    unsubscribe();
  }
}

function spawn(
  { argv: [program = "", ...args], env }: DirectCommand,
  stdin: "inherit" | "null",
  output: "inherit" | "piped",
): Deno.ChildProcess {
  const command = new Deno.Command(program, {
    args,
    clearEnv: env !== undefined,
    env: { ...env },
    stdin,
    stdout: output,
    stderr: output,
  });
  return withGivenOpenFiles(() => command.spawn());
}

function isSignal(by: string | undefined): by is Deno.Signal {
  return by !== undefined && FORWARDED.includes(by as Deno.Signal);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch { /* It has ended already. */ }
}

function toExit({ code, signal }: Deno.CommandStatus): Exit {
  return signal === null ? { kind: "code", code } : { kind: "signal", signal };
}

/** The signals that a source's process was told to ignore; a source of a caller's own knows of none. */
export function readIgnored(
  signals: SignalSource | ProcessSignals | undefined,
): readonly Deno.Signal[] {
  return signals !== undefined && "ignored" in signals ? signals.ignored : [];
}
