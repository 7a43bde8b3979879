/**
 * How often the kernel's OOM killer has struck in this container: its cgroup counts it.
 *
 * A process that it kills ends with SIGKILL, as any killed one does, and the kernel's own log is not the
 * container's to read.
 *
 * Permissions: all of them for `/proc`; `--allow-read=/sys/fs/cgroup`.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.events)
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (memory.oom_control)
 * @module
 */
import { mayReadProc } from "../host/ask_permission.ts";

/**
 * Finds the file that counts.
 *
 * @see https://man7.org/linux/man-pages/man7/cgroups.7.html
 */
export function findOomCounter(cgroup: string, mountinfo: string): string | undefined {
  const groups = cgroup.split("\n").map((line) => line.split(":"));
  const pathOf = (isIt: (controllers: string[], id: string) => boolean): string | undefined =>
    groups.find(([id = "", controllers = ""]) => isIt(controllers.split(","), id))
      ?.slice(2).join(":");
  const legacy = pathOf((controllers) => controllers.includes("memory"));
  const path = legacy ?? pathOf((_, id) => id === "0");
  if (path === undefined) return undefined;
  for (const line of mountinfo.split("\n")) {
    // 35 31 0:32 /root /mount/point rw,relatime - cgroup cgroup rw,memory
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", point = ""] = before.split(" ");
    const [type, , options = ""] = after.split(" ");
    const isRight = legacy === undefined
      ? type === "cgroup2"
      : type === "cgroup" && options.split(",").includes("memory");
    if (!isRight) continue;
    // Without a cgroup namespace a container's path begins with what its mount shows as the root.
    const inner = root === "/" ? path : path.startsWith(root) ? path.slice(root.length) : "";
    const directory = inner === "/" || inner.startsWith("/..") ? point : `${point}${inner}`;
    return `${directory}/${legacy === undefined ? "memory.events" : "memory.oom_control"}`;
  }
  return undefined;
}

/** Parses `memory.events` or `memory.oom_control`. */
export function parseOomKills(text: string): number | undefined {
  const [, count] = /^oom_kill (\d+)$/m.exec(text) ?? [];
  return count === undefined ? undefined : Number(count);
}

/** How long a killed process may take to be gone, ms: memory of hundreds of gigabytes takes seconds. */
const DYING_MS = 10_000;

/** Watches the count. */
export class OomWatch {
  readonly #path: string | undefined;
  #count: number | undefined;
  #struckMs = -Infinity;

  /** Begins with what the count is now. */
  constructor() {
    if (!mayReadProc()) return;
    try {
      this.#path = findOomCounter(
        Deno.readTextFileSync("/proc/self/cgroup"),
        Deno.readTextFileSync("/proc/self/mountinfo"),
      );
    } catch { /* No /proc, or no permission: then nothing can be said. */ }
    this.#count = this.#read();
  }

  /** How often it has struck, as far as was looked; `undefined` where that cannot be known. */
  get count(): number | undefined {
    return this.#count;
  }

  #read(): number | undefined {
    try {
      return this.#path === undefined
        ? undefined
        : parseOomKills(Deno.readTextFileSync(this.#path));
    } catch {
      return undefined;
    }
  }

  /** Looks at the count; to be called often, since only a rise since the last look tells when. */
  look(nowMs: number): boolean {
    const count = this.#read();
    if (count !== undefined && this.#count !== undefined && count > this.#count) {
      this.#struckMs = nowMs;
    }
    this.#count = count ?? this.#count;
    return nowMs - this.#struckMs < DYING_MS;
  }
}

/** The memory that this container may use: its cgroup's limit, else the machine's memory. */
export function readMemoryLimit(): { readonly bytes: number; readonly isOwn: boolean } | undefined {
  if (!mayReadProc()) return undefined;
  let machine: number;
  try {
    const [, kib] = /^MemTotal:\s+(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/meminfo")) ?? [];
    machine = Number(kib) * 1024;
    if (!(machine > 0)) return undefined;
  } catch {
    return undefined;
  }
  try {
    const counter = findOomCounter(
      Deno.readTextFileSync("/proc/self/cgroup"),
      Deno.readTextFileSync("/proc/self/mountinfo"),
    ) ?? "";
    const file = counter.replace(/memory\.events$/, "memory.max")
      .replace(/memory\.oom_control$/, "memory.limit_in_bytes");
    // "max", or a number beyond all memory, is none.
    const bytes = Number(Deno.readTextFileSync(file));
    if (bytes > 0 && bytes < machine) return { bytes, isOwn: true };
  } catch { /* There is none. */ }
  return { bytes: machine, isOwn: false };
}
