/**
 * What can be seen of processes that hang, before they are killed: what each thread waits for, and
 * Python's stacks where `py-spy` is on PATH.
 *
 * Command lines are left out: they may hold secrets.
 *
 * Permissions: all of them, for `/proc`; `--allow-run` for `py-spy`.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stack.5.html
 * @module
 */
import { lookUpCommand } from "../host/command_lookup.ts";
import { listThreads, type ProcessEntry } from "../linux/process_table.ts";
import { Slices } from "../linux/yielding.ts";

/** So many processes and threads are looked at: a text that nobody can read helps nobody. */
const MOST = { processes: 64, threads: 2_000, stacks: 8 } as const;

/** Of `/proc/<pid>/status`. */
const STATUS_LINES =
  /^(?:State|Threads|VmRSS|VmSwap|SigPnd|ShdPnd|voluntary_ctxt_switches|nonvoluntary_ctxt_switches):/;

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return "";
  }
}

/** Describes what every thread of some processes waits for. */
export async function describeThreads(
  processes: readonly ProcessEntry[],
  signal: AbortSignal,
): Promise<string> {
  const slices = new Slices();
  const lines: string[] = [];
  let threads = 0;
  for (const { pid, state } of processes.slice(0, MOST.processes)) {
    lines.push("", `# process ${pid} (${readText(`/proc/${pid}/comm`)}), state ${state}`);
    const status = readText(`/proc/${pid}/status`).split("\n");
    lines.push(...status.filter((line) => STATUS_LINES.test(line)));
    for (const thread of listThreads(pid) ?? []) {
      await slices.pause();
      if (signal.aborted || ++threads > MOST.threads) break;
      lines.push(...describeThread(`/proc/${pid}/task/${thread}`, thread));
    }
  }
  if (processes.length > MOST.processes) {
    lines.push(`(${processes.length - MOST.processes} more processes)`);
  }
  return lines.join("\n");
}

function describeThread(directory: string, thread: number): string[] {
  const stat = readText(`${directory}/stat`);
  const state = stat.charAt(stat.lastIndexOf(")") + 2);
  const wait = readText(`${directory}/wchan`);
  // Root alone may read it.
  const stack = readText(`${directory}/stack`);
  const name = readText(`${directory}/comm`);
  return [
    `thread ${thread} (${name}) ${state} waits in ${wait === "" || wait === "0" ? "?" : wait}`,
    ...(stack === "" ? [] : stack.split("\n").map((line) => `    ${line}`)),
  ];
}

/**
 * Describes the Python stacks of processes, as `py-spy` sees them. They are not stopped for it: one that
 * was killed in the middle could leave them stopped.
 */
export async function describePythonStacks(
  processes: readonly ProcessEntry[],
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  ownChildren: Set<number>,
): Promise<string | undefined> {
  const found = lookUpCommand("py-spy", env.PATH);
  if (found.kind !== "found") return undefined;
  const python = processes.filter(({ pid }) => isPython(pid)).slice(0, MOST.stacks);
  const stacks: string[] = [];
  for (const { pid } of python) {
    if (signal.aborted) break;
    stacks.push(`# process ${pid}`, await runPySpy(pid, env, signal, ownChildren));
  }
  return stacks.join("\n");
}

function isPython(pid: number): boolean {
  try {
    return /\/python[\d.]*t?$/.test(Deno.readLinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
}

async function runPySpy(
  pid: number,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  ownChildren: Set<number>,
): Promise<string> {
  let own: number | undefined;
  try {
    const child = new Deno.Command("py-spy", {
      args: ["dump", "--nonblocking", "--pid", String(pid)],
      env: env.PATH === undefined ? {} : { PATH: env.PATH },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).spawn();
    own = child.pid;
    ownChildren.add(own);
    const { stdout, stderr, success } = await child.output();
    const text = new TextDecoder().decode(success ? stdout : stderr);
    // The first line is the command with its arguments.
    return text.replace(/^Process \d+:.*\n/, "").trim();
  } catch {
    return "(py-spy could not be run)";
  } finally {
    if (own !== undefined) ownChildren.delete(own);
  }
}
