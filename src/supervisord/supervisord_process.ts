/**
 * One running supervisord: spawned, asked, woken, stopped.
 *
 * Permissions: `--allow-run` of supervisord, those of `rpc_client.ts`, `output.ts`, `log_tail.ts`.
 *
 * @module
 */
import { withDeadline } from "../log/with_deadline.ts";
import type { OrderFailure } from "../policy/order_failure.ts";
import { withGivenOpenFiles } from "../linux/open_files.ts";
import { LogTail } from "./log_tail.ts";
import { openPipes, type OutputWriters } from "../output/plan_output.ts";
import type { SupervisordStatus } from "../policy/observation.ts";
import { type RpcAddress, RpcClient } from "./rpc_client.ts";
import type { LogLine } from "../formats/supervisord_log.ts";
import { openLibc } from "../linux/libc.ts";
import { readWait, type WaitsFor } from "../linux/wait_channel.ts";
import { FAULT, RpcFault } from "../formats/xmlrpc.ts";
import { errorText } from "../log/error_text.ts";
import { parseProcessInfos, type ProcessInfo } from "./process_info.ts";
import { readLines, relayOutput } from "../output/relay.ts";
import { sendSignal, trySignal } from "../linux/send_signal.ts";

/** What it takes to spawn supervisord. */
export interface SpawnOptions {
  /** How to run it: a program and its first arguments. */
  readonly command: readonly [string, ...string[]];
  /** The configuration it reads. */
  readonly configPath: string;
  /** Its variables. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Whether they come on top of our own environment, which it inherits as it is: Deno cannot tell values
   * that are not UTF-8, and they must reach the engine anyway.
   */
  readonly inheritsEnv: boolean;
  /** Where it listens. */
  readonly address: RpcAddress;
  /** Whether its own output is copied to where the engine's goes, since its programs may write there. */
  readonly sharesOwn: boolean;
  /** Where that is. */
  readonly outputWriters: OutputWriters;
  /** Whether it changes to another user, who has to be let into its own output. */
  readonly changesUser: boolean;
  /** Called with each line of its own words: what is wrong with a configuration, a traceback. */
  readonly onWords: (line: string) => void;
  /** Its log and the directory that holds it; absent where it is not a file. */
  readonly log: { readonly path: string; readonly directory: string } | undefined;
  /** Called with lines of its log, as they are written. */
  readonly onLog: (lines: readonly LogLine[]) => void;
  /** Called once a minute while it does not answer and nothing tells why, with how long, s. */
  readonly onDoubt: (silentSecs: number) => void;
  /** Called when it has ended. */
  readonly onEnd: () => void;
}

const HOPELESS_FAULTS: ReadonlySet<number> = new Set([FAULT.noFile, FAULT.notExecutable]);

const MOOT_FAULTS: ReadonlySet<number> = new Set([FAULT.alreadyStarted, FAULT.notRunning]);

/** How long one answer may take before supervisord counts as silent for now, ms. */
const ANSWER_MS = 1_000;

/** How long it may take to turn its loop, ms; short, so that a second signal is heard. */
const WAKE_MS = 250;

/**
 * How long it may work on after it was asked to end, ms. A signal that comes between fork and exec is
 * lost: the child still has our handler then, and nobody behind it.
 */
const ASK_AGAIN_MS = 50;

/** How long it may stay silent before it counts as hung, ms. Its import alone takes 0.2 s. */
const HUNG_MS = 30_000;

/** How often it is said that nothing tells whether it hangs, ms. */
const DOUBT_EVERY_MS = 60_000;

/** How long the last of its output may take to be copied after its end, ms. */
const DRAIN_MS = 2_000;

/** What one question without an answer adds to the silence at most, ms: itself, and the pause before. */
const MAX_SILENCE_MS = 2 * ANSWER_MS;

/** One running supervisord. */
export class SupervisordProcess {
  /** Its pid. */
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #client: RpcClient;
  readonly #log: LogTail | undefined;
  readonly #relays: Promise<unknown>;
  readonly #end = new AbortController();
  #status: SupervisordStatus = { kind: "starting" };
  #lastAskedMs = performance.now();
  #silentMs = 0;
  #doubtAtMs = HUNG_MS;
  #hasAnswered = false;
  #isEnding = false;
  readonly #onDoubt: (silentSecs: number) => void;
  #askedToEndMs = -Infinity;

  /**
   * Spawns supervisord in a session of its own, so that a terminal's Ctrl-C reaches only us.
   *
   * @throws {Error} If it cannot be spawned.
   */
  constructor(options: SpawnOptions) {
    const [program, ...args] = options.command;
    this.#onDoubt = options.onDoubt;
    this.#log = options.log === undefined
      ? undefined
      : new LogTail(options.log.path, options.log.directory, options.onLog);
    const command = new Deno.Command(program, {
      args: [...args, "-n", "-c", options.configPath],
      clearEnv: !options.inheritsEnv,
      env: { ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    });
    this.#child = withGivenOpenFiles(() => command.spawn());
    this.pid = this.#child.pid;
    if (options.changesUser) openPipes(this.pid);
    this.#client = new RpcClient(options.address);
    const { stdout, stderr } = this.#child;
    this.#relays = Promise.all(
      options.sharesOwn
        ? [
          relayOutput(stdout, options.outputWriters.stdout, this.#end.signal),
          relayOutput(stderr, options.outputWriters.stderr, this.#end.signal),
        ]
        : [readLines(stdout, options.onWords), readLines(stderr, options.onWords)],
    );
    this.#child.status.then(({ code, signal }) => {
      const hasAnswered = this.#hasAnswered;
      this.#status = { kind: "ended", code, signal: signal ?? undefined, hasAnswered };
      options.onEnd();
    }).catch((error) => options.onWords(`its end cannot be seen: ${errorText(error)}`));
  }

  /** What is known of it now. */
  get status(): SupervisordStatus {
    return this.#status;
  }

  /** Whether it stops its programs, to end or to start again, on somebody else's order as well. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Asks what its processes do, which also wakes its loop. */
  async readProcesses(): Promise<ProcessInfo[] | undefined> {
    try {
      const infos = parseProcessInfos(
        await this.#client.call("supervisor.getAllProcessInfo", [], ANSWER_MS),
      );
      this.#noteAnswer();
      this.#isEnding = false;
      if (this.#status.kind !== "ended") this.#status = { kind: "answering" };
      this.#log?.read();
      return infos;
    } catch (error) {
      if (this.#status.kind === "ended") return undefined;
      if (error instanceof RpcFault) {
        // It answers, but not this: it is shutting down, or starting again.
        this.#noteAnswer();
        this.#isEnding = true;
        if (this.#status.kind === "answering") this.#status = { kind: "answering", isEnding: true };
        return undefined;
      }
      const nowMs = performance.now();
      // No more than one question's time counts at once: after the whole container was frozen,
      // supervisord has not been asked for all that while.
      this.#silentMs += Math.min(nowMs - this.#lastAskedMs, MAX_SILENCE_MS);
      this.#lastAskedMs = nowMs;
      const hung = await this.#isHung();
      if (this.#status.kind !== "starting" || hung) this.#status = { kind: "silent", hung };
      return undefined;
    }
  }

  /** Blocked on a reader that has stalled, it cannot answer and is not hung: it goes on with it. */
  async #isHung(): Promise<boolean> {
    const waits = await this.readWait();
    if (waits === "reader") this.#noteSilence(0);
    if (waits === "unknown" && this.#silentMs >= this.#doubtAtMs) {
      this.#onDoubt(Math.round(this.#silentMs / 1000));
      this.#doubtAtMs += DOUBT_EVERY_MS;
    }
    return waits === "other" && this.#silentMs >= HUNG_MS;
  }

  /** What it waits for. */
  async readWait(): Promise<WaitsFor> {
    return await readWait(this.pid, openLibc());
  }

  #noteSilence(silentMs: number): void {
    this.#silentMs = silentMs;
    this.#doubtAtMs = HUNG_MS;
  }

  #noteAnswer(): void {
    this.#hasAnswered = true;
    this.#lastAskedMs = performance.now();
    this.#noteSilence(0);
  }

  /** Starts a process. */
  async start(name: string): Promise<OrderFailure | undefined> {
    return await this.#order("supervisor.startProcess", name);
  }

  /** Stops a process with its own stop signal and grace period; returns as {@linkcode start}. */
  async stop(name: string): Promise<OrderFailure | undefined> {
    return await this.#order("supervisor.stopProcess", name);
  }

  async #order(method: string, name: string): Promise<OrderFailure | undefined> {
    try {
      const wait = false; // A stop that waits spins supervisord's loop for as long as it takes.
      await this.#client.call(method, [name, wait], ANSWER_MS);
      return undefined;
    } catch (error) {
      const text = errorText(error);
      const code = error instanceof RpcFault ? error.code : 0;
      return { text, isHopeless: HOPELESS_FAULTS.has(code), isMoot: MOOT_FAULTS.has(code) };
    }
  }

  /**
   * Asks it to stop everything and end, unless it was asked just now. It listens at its next turn:
   * {@linkcode wake} it.
   */
  shutDown(): void {
    const nowMs = performance.now();
    if (nowMs - this.#askedToEndMs < ASK_AGAIN_MS) return;
    this.#askedToEndMs = nowMs;
    if (trySignal(this.pid, "SIGTERM") !== "refused") return;
    this.#client.call("supervisor.shutdown", [], ANSWER_MS).catch(() => {}); // Asked again later.
  }

  /** Makes its loop turn now. */
  async wake(): Promise<"working" | "ending" | "silent"> {
    try {
      await this.#client.call("supervisor.getState", [], WAKE_MS);
      return "working";
    } catch (error) {
      return error instanceof RpcFault ? "ending" : "silent";
    }
  }

  /** Kills it at once; its processes live on. */
  kill(): void {
    if (this.#status.kind !== "ended") sendSignal(this.pid, "SIGKILL");
  }

  /** Waits until its last output is copied and lets go of everything; it must have ended. */
  async close(): Promise<void> {
    this.#client.close();
    this.#log?.close();
    // A process that got away may hold the pipes open indefinitely.
    await withDeadline(this.#relays, DRAIN_MS);
    this.#end.abort();
  }
}
