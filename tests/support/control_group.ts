/** Control groups of version 1 of a test's own; where there are none, tests that need them are skipped by name. */
import { pause } from "./processes.ts";

const ROOT = "/sys/fs/cgroup";

/** A control group; dispose of it when its processes have ended. */
export class ControlGroup implements AsyncDisposable {
  /** Its directory. */
  readonly path: string;

  /** @param controller Which, `memory` or `pids`. */
  constructor(controller: string) {
    this.path = Deno.makeTempDirSync({
      dir: `${ROOT}/${controller}`,
      prefix: "standard-supervisor-",
    });
  }

  /** The wrapper that runs a command in it. */
  get wrapper(): string[] {
    return ["/bin/sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', this.path];
  }

  /** @returns What a file of it says. */
  read(name: string): string {
    return Deno.readTextFileSync(`${this.path}/${name}`);
  }

  /** Sets a file of it. */
  write(name: string, value: number): void {
    Deno.writeTextFileSync(`${this.path}/${name}`, String(value));
  }

  /** Removes it once its last process is reaped. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let round = 0;; round++) {
      try {
        return Deno.removeSync(this.path);
      } catch (error) {
        if (round > 500) throw error;
        await pause(10);
      }
    }
  }
}

function findProblem(controller: string, file: string, text: RegExp): string | undefined {
  try {
    const group = Deno.makeTempDirSync({ dir: `${ROOT}/${controller}`, prefix: "probe-" });
    const isGood = text.test(Deno.readTextFileSync(`${group}/${file}`));
    Deno.removeSync(group);
    return isGood ? undefined : `needs a kernel with ${file} in ${ROOT}/${controller}`;
  } catch {
    return `needs root and ${ROOT}/${controller}`;
  }
}

/** Why memory cannot be limited here; `undefined` where it can. */
export function findMemoryProblem(): string | undefined {
  return findProblem("memory", "memory.oom_control", /^oom_kill \d+$/m);
}

/** Why the number of processes cannot be limited here; `undefined` where it can. */
export function findPidsProblem(): string | undefined {
  return findProblem("pids", "pids.max", /^max$/m);
}
