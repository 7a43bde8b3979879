/** One container of a case: started, looked at from outside, and removed. */
import { askEngine, findFreePort } from "../support/namespace.ts";
import type { EngineEvent } from "../support/engines.ts";
import { readOrEmpty } from "../support/files.ts";
import { isAlive, pause, wallMs } from "../support/processes.ts";
import { FIXTURES } from "../support/run.ts";
import { mustPodman, podman } from "./podman.ts";

/** What any step of a case may take, ms; a busy machine needs much of it. */
export const STEP_MS = 90_000;

/**
 * How long podman waits at a stop before it kills, s: the exit code is 137 then. The engine's grace is 30 s unless
 * a case says otherwise, and nothing may take that long.
 */
export const STOP_SECS = 25;

/** What was left of the dead gets so long to go, ms. */
const SETTLE_MS = 5_000;

/** What to start. */
export interface ContainerOptions {
  readonly image: string;
  /** Options of `podman run`. */
  readonly options?: readonly string[];
  readonly env?: (port: number) => Readonly<Record<string, string>>;
  /** The command; a function gets the port that the engine shall listen on. */
  readonly command: (port: number) => readonly string[];
}

/** A process in the container. */
export interface ContainerProcess {
  /** As the host sees it. */
  readonly pid: number;
  /** As the container sees it. */
  readonly innerPid: number;
  readonly command: string;
  readonly isZombie: boolean;
}

/** A started container. Dispose of it: that kills and removes it. */
export class Container implements AsyncDisposable {
  readonly id: string;
  readonly port: number;
  /** On the host; the container has it as `/record`. */
  readonly directory: string;
  /** PID 1's pid on the host. */
  pid: number;

  private constructor(id: string, port: number, directory: string, pid: number) {
    this.id = id;
    this.port = port;
    this.directory = directory;
    this.pid = pid;
  }

  /** Starts it in the background. */
  static async start({ image, options = [], env, command }: ContainerOptions) {
    const port = findFreePort();
    const directory = Deno.makeTempDirSync({ prefix: "container-test-" });
    Deno.chmodSync(directory, 0o777); // the container's user may be any
    const id = await mustPodman([
      ...["run", "--detach", "--network", "host"],
      ...["--volume", `${FIXTURES}:/fixtures:ro`, "--volume", `${directory}:/record`],
      ...Object.entries(env?.(port) ?? {}).map(([name, value]) => `--env=${name}=${value}`),
      ...options,
      image,
      ...command(port),
    ]);
    return new Container(id, port, directory, Number(await inspect(id, "State.Pid")));
  }

  /** @returns What the engine has recorded so far. */
  readEvents(): EngineEvent[] {
    return readOrEmpty(`${this.directory}/events`).split("\n").slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** @returns Every process of the container, by its control group; zombies too. */
  readProcesses(): ContainerProcess[] {
    const found: ContainerProcess[] = [];
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name) || !readOrEmpty(`/proc/${name}/cgroup`).includes(this.id)) continue;
      const pids = /^NSpid:\s+(.*)$/m.exec(readOrEmpty(`/proc/${name}/status`))?.[1] ?? "";
      const command = readOrEmpty(`/proc/${name}/cmdline`).replaceAll("\0", " ").trimEnd();
      const isZombie = !isAlive(Number(name));
      const innerPid = Number(pids.split(/\s+/).at(-1));
      // conmon, its monitor, may be in the same group.
      if (!command.includes("conmon")) {
        found.push({ pid: Number(name), innerPid, command, isZombie });
      }
    }
    return found;
  }

  /** @returns The process whose command line has these words in it. */
  findProcess(words: RegExp): ContainerProcess {
    const found = this.readProcesses().find(({ command }) => words.test(command));
    if (found === undefined) throw new Error(`No process ${words} in the container`);
    return found;
  }

  /** Runs a line of shell in it. */
  exec(line: string): Promise<string> {
    return mustPodman(["exec", this.id, "sh", "-c", line]);
  }

  /** Restarts it, and looks up its new PID 1. */
  async restart(): Promise<void> {
    await mustPodman(["restart", "--time", `${STOP_SECS}`, this.id]);
    this.pid = Number(await inspect(this.id, "State.Pid"));
  }

  /** Stops it as anybody would, with more time than the engine's grace needs. */
  stop(): Promise<string> {
    return mustPodman(["stop", "--time", `${STOP_SECS}`, this.id]);
  }

  /** Sends the engine an order, such as `crash?exit=7`. */
  async order(order: string): Promise<void> {
    await askEngine(this.port, "POST", `/control/${order}`);
  }

  /** @returns Whether the engine answers. */
  async answers(): Promise<boolean> {
    return await askEngine(this.port, "GET", "/health") === 200;
  }

  /** Waits until the engine has loaded so many times, and answers. */
  async waitServed(times = 1): Promise<void> {
    const loaded = () => this.readEvents().filter(({ event }) => event === "loaded").length;
    await this.waitFor(async () => loaded() >= times && await this.answers(), "an answer");
  }

  /** Waits until supervision takes the engine for started: its `startsecs`, and a bit, after its start. */
  async waitStarted(): Promise<void> {
    const start = this.readEvents().findLast(({ event }) => event === "start");
    await this.waitFor(
      () => wallMs() - (start?.wall_ns ?? 0) / 1e6 > 1_500,
      "the engine's startsecs",
    );
  }

  /** Waits for something, with a deadline. */
  async waitFor(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (const since = wallMs(); !await condition();) {
      if (wallMs() - since > STEP_MS) throw new Error(`Waited ${STEP_MS} ms in vain for ${what}`);
      if (!isAlive(this.pid)) throw new Error(`The container ended before ${what}`);
      await pause(10);
    }
  }

  /**
   * Waits for the container's end.
   *
   * @returns When PID 1 ended, by the wall clock, ms; how many processes lived on {@linkcode SETTLE_MS} after
   * that; the exit code as podman has it.
   */
  async waitForEnd(deadlineMs = STEP_MS): Promise<{ atMs: number; left: number; code: number }> {
    for (const since = wallMs(); isAlive(this.pid);) {
      if (wallMs() - since > deadlineMs) throw new Error(`No end within ${deadlineMs} ms`);
      await pause(5);
    }
    const atMs = wallMs();
    const left = await this.countLeft(0);
    const code = Number(await mustPodman(["wait", this.id]));
    return { atMs, left, code };
  }

  /**
   * Counts what lives beside what is expected; it has {@linkcode SETTLE_MS} to go.
   *
   * @param expected How many processes belong there.
   * @returns How many more there are; zombies count.
   */
  async countLeft(expected: number): Promise<number> {
    for (const since = wallMs();; await pause(20)) {
      const left = this.readProcesses().length - expected;
      if (left <= 0 || wallMs() - since > SETTLE_MS) return Math.max(left, 0);
    }
  }

  /** @returns What it wrote so far, both streams. */
  async readLogs(): Promise<string> {
    const { stdout, stderr } = await podman(["logs", this.id]);
    return `${stdout}${stderr}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await podman(["rm", "--force", "--time", "0", this.id]);
    Deno.removeSync(this.directory, { recursive: true });
  }
}

/** @returns A fact of a container, by Go's template. */
export function inspect(id: string, field: string): Promise<string> {
  return mustPodman(["inspect", "--format", `{{.${field}}}`, id]);
}
