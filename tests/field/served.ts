/** One supervised run of a real engine, asked over HTTP. */
import { pause, signalProcess, wallMs } from "../support/processes.ts";
import { readTree, type TreeProcess, waitUntil } from "../support/namespace.ts";
import { Run } from "../support/run.ts";
import { SHARED_MEMORY_PROBLEM, SharedMemory } from "../support/shared_memory.ts";
import type { InstalledSupervisord } from "../support/supervisords.ts";
import type { FieldEngine, Place, Question } from "./engine.ts";

/** Until it serves, ms. */
const BOOT_MS = 120_000;

/** An answer that takes longer is none, ms. */
const ANSWER_MS = 2_000;

/** What an engine may take of shared memory, KiB: below a third of the memory Ray goes elsewhere. */
const SHARED_KIB = 8 * 1024 * 1024;

/** Our log as JSON, and a grace that is longer than any request here. */
const SETTINGS = {
  LOG_FORMAT: "json",
  SUPERVISOR_PROGRAM_STOPWAITSECS: "10",
  PROCESS_HANG_GRACE_SECS: "1",
};

/** A line of ours. */
export interface LogEvent {
  readonly event: string;
  readonly message: string;
  readonly pid?: number;
  readonly duration_ms?: number;
}

/** What is run of an engine. */
export interface ServedOptions {
  readonly supervisord: InstalledSupervisord;
  readonly bin: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly command?: ((place: Place) => readonly string[]) | undefined;
}

/** The guard, and the shell that holds the pipes of its output. */
const OURS = ["guard", "output-holder"];

/** One run. Dispose of it. */
export class Served implements AsyncDisposable {
  readonly run: Run;
  readonly port: number;
  readonly #engine: FieldEngine;
  readonly #memory: SharedMemory | undefined;
  /** Keeps no connection: whoever accepts the next one answers. */
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  /** Every process of the engine that was seen. */
  readonly #seen = new Set<number>();

  private constructor(engine: FieldEngine, options: ServedOptions, memory?: SharedMemory) {
    this.#engine = engine;
    this.#memory = memory;
    this.port = options.port;
    const place = (directory: string) => ({ directory, bin: options.bin, port: options.port });
    this.run = new Run({
      supervisord: options.supervisord,
      args: (directory) => {
        engine.prepare?.(place(directory));
        return (options.command ?? engine.command)(place(directory));
      },
      env: (directory) => ({
        ...SETTINGS,
        HOME: directory, // gunicorn and Ray keep files there.
        ...engine.env?.(place(directory)),
        ...options.env,
      }),
      wrapper: memory?.wrapper ?? [],
    });
  }

  /** @param engine The engine. @param options How to run it. @returns It, not yet serving. */
  static async start(engine: FieldEngine, options: ServedOptions): Promise<Served> {
    const memory = SHARED_MEMORY_PROBLEM === undefined
      ? await SharedMemory.mount(SHARED_KIB)
      : undefined;
    return new Served(engine, options, memory);
  }

  /** What we have said. */
  get events(): LogEvent[] {
    return this.run.read("stderr").split("\n").filter((line) => line.startsWith('{"ts"'))
      .map((line) => JSON.parse(line));
  }

  /** How often it was said to have started. */
  get starts(): number {
    return this.events.filter(({ event }) => event === "started" || event === "recovered").length;
  }

  /** @returns What we said first of its start. */
  async waitStarted(): Promise<LogEvent> {
    return await this.run.waitFor(
      () => this.events.find(({ event }) => event === "started"),
      "the engine to count as started",
      BOOT_MS,
    );
  }

  /** Waits until it answers. */
  async waitAnswered(): Promise<void> {
    const isGood = async () => this.run.end !== undefined || await this.ask() === 200;
    await waitUntil(this.run, isGood, "an answer", BOOT_MS);
  }

  /** The process that supervisord has started, if it lives. */
  get main(): TreeProcess | undefined {
    const supervisord = this.run.findSupervisord();
    return readTree(this.run.pid).find(({ parentPid, isZombie, command }) =>
      parentPid === supervisord && !isZombie && !OURS.some((words) => command.includes(words))
    );
  }

  /** Every living process of the engine. */
  readFamily(): TreeProcess[] {
    const supervisord = this.run.findSupervisord();
    const family = readTree(this.run.pid).filter(({ pid, isZombie, command }) =>
      pid !== supervisord && !isZombie && !OURS.some((words) => command.includes(words))
    );
    for (const { pid } of family) this.#seen.add(pid);
    return family;
  }

  /** Every process of the engine that was seen, whether it lives or not. */
  get seenPids(): number[] {
    return [...this.#seen];
  }

  /** What each living process is. */
  readRoles(): ReadonlyMap<TreeProcess, string> {
    const { main } = this;
    const roles = new Map<TreeProcess, string>();
    if (main === undefined) return roles;
    for (const process of this.readFamily()) {
      const role = process.pid === main.pid ? "main" : this.#engine.nameRole(process, main);
      if (role !== undefined) roles.set(process, role);
    }
    return roles;
  }

  /** The names of what lies in `/dev/shm`, where it has one of its own. */
  get segments(): string[] {
    return this.#memory?.names ?? [];
  }

  /** @returns The status of the answer, 0 where there is none in time. */
  async ask(
    question: Question = this.#engine.question,
    timeoutMs: number = ANSWER_MS,
  ): Promise<number> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${question.path}`, {
        signal: AbortSignal.timeout(timeoutMs),
        client: this.#client,
        headers: { "content-type": "application/json" },
        ...(question.json === undefined
          ? {}
          : { method: "POST", body: JSON.stringify(question.json) }),
      });
      await response.text();
      return response.status;
    } catch {
      return 0; // Refused, reset, cut or too late.
    }
  }

  /** Asks over and over, until it is told to stop. @returns The longest time without a good answer, ms. */
  async measureSilence(until: AbortSignal): Promise<number> {
    let goodMs = wallMs();
    let longestMs = 0;
    while (!until.aborted) {
      const isGood = await this.ask() === 200;
      longestMs = Math.max(longestMs, wallMs() - goodMs);
      if (isGood) goodMs = wallMs();
      await pause(50);
    }
    return longestMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Some overwrite their environment, and with it the mark by which a run's end finds them.
    const family = this.run.end === undefined ? this.readFamily() : [];
    await this.run[Symbol.asyncDispose]();
    for (const { pid } of family) signalProcess(pid, "SIGKILL");
    this.#client.close();
    await this.#memory?.[Symbol.asyncDispose]();
  }
}
