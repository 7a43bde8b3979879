/** What lives in a process namespace, seen from outside, and an init that tells what a run leaves behind. */
import { readOrEmpty } from "./files.ts";
import { DEADLINE_MS, type Run } from "./run.ts";
import { pause } from "./processes.ts";

/** One process of a run. */
export interface TreeProcess {
  /** As this process sees it. */
  readonly pid: number;
  /** As its own namespace sees it, and as it records itself. */
  readonly innerPid: number;
  readonly parentPid: number;
  readonly isZombie: boolean;
  /** Its arguments joined by blanks, of a zombie its name. */
  readonly command: string;
}

function readTreeProcess(pid: number): TreeProcess | undefined {
  const status = readOrEmpty(`/proc/${pid}/status`);
  if (status === "") return undefined;
  const read = (key: string) => new RegExp(`^${key}:\\s+(.*)$`, "m").exec(status)?.[1] ?? "";
  const command = readOrEmpty(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trimEnd();
  return {
    pid,
    innerPid: Number(read("NSpid").split(/\s+/).at(-1)),
    parentPid: Number(read("PPid")),
    isZombie: read("State").startsWith("Z"),
    command: command === "" ? read("Name") : command,
  };
}

/**
 * Finds every descendant of a process. Of `unshare -pf` that is all its namespace holds, for its orphans
 * go to its own init.
 *
 * @param root The process.
 * @returns The descendants, without it.
 */
export function readTree(root: number): TreeProcess[] {
  const all: TreeProcess[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const process = /^\d+$/.test(name) ? readTreeProcess(Number(name)) : undefined;
    if (process !== undefined) all.push(process);
  }
  const children = Map.groupBy(all, ({ parentPid }) => parentPid);
  const found: TreeProcess[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      queue.push(child.pid);
    }
  }
  return found;
}

/** Runs what follows as an only child, waits for it alone, and tells what it leaves: it reaps nothing else. */
const INIT = `
import json, os, sys, time
report, patience, *command = sys.argv[1:]
child = os.fork()
if child == 0:
    os.execvp(command[0], command)
status = os.waitpid(child, 0)[1]
ended = time.monotonic()
def read():
    live, zombies = [], 0
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open("/proc/%s/stat" % name) as stat:
                state = stat.read().rpartition(")")[2].split()[0]
            with open("/proc/%s/cmdline" % name) as cmdline:
                words = cmdline.read().replace("\\0", " ")
        except OSError:
            continue
        if state in "ZX":
            zombies += 1
        else:
            live.append("%s %s" % (name, words))
    return live, zombies
live, zombies = read()
facts = {"zombies": zombies}
while live and time.monotonic() - ended < float(patience):
    time.sleep(0.02)
    live, _ = read()
facts.update(left=live, emptyMs=(time.monotonic() - ended) * 1000)
with open(report + ".new", "w") as file:
    json.dump(facts, file)
os.rename(report + ".new", report)
os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

/** What {@linkcode underInit} found when the program had ended. */
export interface InitReport {
  /** Live processes, once patience had ended. */
  readonly left: string[];
  /** Zombies at once after the end. */
  readonly zombies: number;
  /** From the program's end until nothing lived, ms. */
  readonly emptyMs: number;
}

/**
 * Runs the command in a process namespace of its own under an init, so not as PID 1.
 *
 * @param report The file that takes an {@linkcode InitReport}.
 * @param patienceSecs How long what the program leaves may go on to live, s.
 * @returns The wrapper.
 */
export function underInit(report: string, patienceSecs = 0): string[] {
  const init = ["/usr/bin/python3", "-S", "-I", "-c", INIT, report, String(patienceSecs)];
  return ["unshare", "-pf", "--mount-proc", "--kill-child", ...init];
}

/**
 * Asks an engine over HTTP; no proxy.
 *
 * @returns The status; 0 where no answer comes in time.
 */
export async function askEngine(
  port: number,
  method: string,
  path: string,
  timeoutMs = 1_000,
): Promise<number> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    timer = setTimeout(() => connection.close(), timeoutMs);
    const request = `${method} ${path} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(request));
    const buffer = new Uint8Array(1024);
    const count = await connection.read(buffer) ?? 0;
    const head = new TextDecoder().decode(buffer.subarray(0, count));
    return Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
  } catch {
    return 0;
  } finally {
    clearTimeout(timer);
  }
}

/** @returns A port that nobody listens on at the moment. */
export function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Waits until a condition holds for a run that may have ended.
 *
 * @param run The run, for the error.
 * @param condition What to wait for.
 * @param what Its name.
 * @param deadlineMs How long at most, ms.
 */
export async function waitUntil(
  run: Run,
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs: number = DEADLINE_MS,
): Promise<void> {
  for (const begin = performance.now(); !(await condition());) {
    if (performance.now() - begin > deadlineMs) {
      throw new Error(run.describe(`Waited ${deadlineMs} ms in vain for ${what}`));
    }
    await pause(10);
  }
}
