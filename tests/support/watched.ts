/** Runs of the stand-in that has the metrics of real engines, and the orders that it takes. */
import { python, readEvents, waitForEvent } from "./engines.ts";
import { findFreePort } from "./namespace.ts";
import { signalProcess } from "./processes.ts";
import { Run } from "./run.ts";
import type { InstalledSupervisord } from "./supervisords.ts";

/** The engines whose metrics it knows. */
export const WATCHED_ENGINES = ["vllm", "sglang", "llama_cpp", "tgi", "triton"] as const;

/** One of them. */
export type WatchedEngine = (typeof WATCHED_ENGINES)[number];

/** Arguments without which a real one has no metrics, or none of its own port. */
function listArguments(engine: WatchedEngine, port: number): string[] {
  switch (engine) {
    case "sglang":
      return ["--port", String(port), "--enable-metrics", "1"];
    case "llama_cpp":
      return ["--port", String(port), "--metrics", "1"];
    case "triton":
      return ["--http-port", String(port), "--metrics-port", String(findFreePort())];
    default:
      return ["--port", String(port)];
  }
}

/** One supervised stand-in. Dispose of it. */
export class Watched implements AsyncDisposable {
  readonly run: Run;
  readonly port: number;

  /**
   * @param supervisord What runs it.
   * @param engine Whose metrics it has.
   * @param env Settings.
   * @param args Further arguments of the stand-in.
   */
  constructor(
    supervisord: InstalledSupervisord,
    engine: WatchedEngine,
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ) {
    this.port = findFreePort();
    this.run = new Run({
      supervisord,
      args: (directory) => [
        ...python(supervisord, "metrics_engine.py").filter((word) => word !== "-I"),
        ...["--engine", engine, "--record", `${directory}/record`],
        ...listArguments(engine, this.port),
        ...args,
      ],
      env: {
        PROCESS_ENGINE: engine,
        PROCESS_HANG_GRACE_SECS: "1",
        PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited",
        ...env,
      },
    });
  }

  /** Waits until its server is up for the so-many-th time. @returns Its worker's pid. */
  async waitForLoad(times = 1): Promise<number> {
    const { workers: [worker = 0] = [] } = await waitForEvent(this.run, "loaded", times);
    return worker;
  }

  /** How often it was started. */
  get starts(): number {
    return readEvents(this.run).filter(({ event }) => event === "start").length;
  }

  /** How many canaries it was sent. */
  get asked(): number {
    return readEvents(this.run).filter(({ event }) => event === "asked").length;
  }

  /** What standard-supervisor said. */
  get said(): string {
    return this.run.read("stderr");
  }

  /** Orders something: `requests?count=3`. */
  async order(what: string): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.port}/control/${what}`, {
      method: "POST",
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${what}: ${response.status}`);
  }

  /** Stops the worker, as a GPU that hangs does. */
  freeze(worker: number): void {
    if (!signalProcess(worker, "SIGSTOP")) throw new Error(`No worker ${worker}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run[Symbol.asyncDispose]();
  }
}
