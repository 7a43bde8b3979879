/**
 * Launching the engine without supervisord.
 *
 * Permissions: `--allow-ffi` to be replaced by the engine; else `--allow-run` of the engine, which then
 * runs as a child.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { encodeCStrings, encodePointers, type Libc } from "../host/libc.ts";
import type { Exit } from "../formats/exit.ts";

const SIGPIPE = 13;
const SIG_DFL = null;

/**
 * Replaces this process by the command: same pid, same descriptors, nothing in between.
 *
 * Deno ignores SIGPIPE, and what is ignored stays so across execve(2), so it is set back: else
 * `engine | head` would never end.
 *
 * @param libc The C library.
 * @param argv The command and its arguments.
 * @returns Only where it failed.
 */
export function replaceProcess(libc: Libc, argv: readonly string[]): void {
  const strings = encodeCStrings(argv);
  const [program] = strings;
  if (program === undefined) return;
  libc.signal(SIGPIPE, SIG_DFL);
  libc.execvp(program, encodePointers(libc, strings));
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
 * Runs the command as a child and passes every signal on to it.
 *
 * @param argv The command and its arguments.
 * @param env Its environment, on top of our own.
 * @returns How it ended.
 * @throws {Error} If it cannot be spawned.
 */
export async function runChild(argv: readonly string[], env: Environment): Promise<Exit> {
  const [program = "", ...args] = argv;
  const pending: Deno.Signal[] = [];
  let child: Deno.ChildProcess | undefined;
  const forward = (signal: Deno.Signal) => {
    try {
      if (child === undefined) pending.push(signal);
      else child.kill(signal);
    } catch { /* It has ended already. */ }
  };
  const listeners = FORWARDED.map((signal) => {
    const listener = () => forward(signal);
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  try {
    child = new Deno.Command(program, {
      args,
      env: { ...env },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    pending.forEach(forward);
    const { code, signal } = await child.status;
    return signal === null ? { kind: "code", code } : { kind: "signal", signal };
  } finally {
    for (const remove of listeners) remove();
  }
}
