/**
 * One launch as its caller sees it: a handle with events, a status and a way to stop.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { PipedOutput } from "../output/piped_output.ts";
import { listenToSignals, type ProcessSignals, type SignalSource } from "../linux/signals.ts";
import { closeAll } from "../log/detach.ts";
import { errorText } from "../log/error_text.ts";
import type { Logger } from "../log/logger.ts";
import {
  type ExitReport,
  type GiveUpExitCode,
  type Outcome,
  reportExit,
} from "../policy/outcome.ts";
import { type OutputTarget, OWN_OUTPUT } from "../output/plan_output.ts";
import { maskText } from "../formats/secrets.ts";
import type { ProbeCounts } from "../status/metrics.ts";
import type { RunView } from "../supervise/supervise_options.ts";
import { Deliveries, EventLog } from "./event_log.ts";
import { callSafely } from "./call_safely.ts";
import { StopSource } from "./stop_source.ts";
import type { EventPayload, LaunchEvent } from "../events/launch_event.ts";
import { advanceStatus, INITIAL_STATUS, type SupervisionStatus } from "../status/status.ts";

/** What a launch needs. */
export interface LaunchOptions {
  /** The command and its arguments. */
  readonly argv: readonly string[];
  /**
   * The environment: what is asked for, and the engine's whole environment, nothing of this process's
   * mixed in. Without it both are this process's own, values that are not UTF-8 included.
   */
  readonly env?: Environment | undefined;
  /** Stops everything when it is aborted, as {@linkcode Supervised.stop} does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Signals to act on: SIGTERM, SIGINT and SIGQUIT stop, a second one kills, SIGHUP, SIGUSR1 and SIGUSR2
   * go to the engine. `"process"` takes this process's while it runs (SIGUSR1 then does not reach other
   * listeners, nor open Deno's debugger); a program that must lose none passes `listenToSignals()`,
   * called in its first line. Without it signals are left alone.
   */
  readonly signals?: SignalSource | "process" | undefined;
  /**
   * Receives log lines.
   *
   * @default {stderr, one line an event, by LOG_LEVEL and LOG_FORMAT}
   */
  readonly log?: Logger | undefined;
  /**
   * Where the engine's stdout and stderr go: to this process's own, or into the streams of the handle.
   * Who asks for streams should read both: a full one makes the engine wait, though never its stop.
   *
   * @default {"inherit"}
   */
  readonly output?: "inherit" | "piped" | undefined;
  /** Called with each event, as it happens; what it throws is logged. */
  readonly onEvent?: ((event: LaunchEvent) => void) | undefined;
  /**
   * Become a child subreaper, so that processes which the engine orphans become children of this one
   * and are reaped by it. That is not given back at the end. As PID 1 orphans come here in any case.
   *
   * @default {false}
   */
  readonly adoptOrphans?: boolean | undefined;
  /**
   * This process is there for the engine only: its stdin is the engine's, and a direct launch
   * (`PROCESS_AUTO_RECOVERY=false`) replaces it, and nothing returns; without FFI the engine runs as a
   * child that gets every signal.
   *
   * @default {false}
   */
  readonly replace?: boolean | undefined;
  /** Called before this process is replaced, to write out what is still to be said. */
  readonly flush?: (() => Promise<void>) | undefined;
}

/** A launch that goes on. Disposing of it stops it and waits for the end. */
export interface Supervised extends AsyncDisposable, AsyncIterable<LaunchEvent> {
  /** The pid of supervisord, or of the engine in a direct launch; `undefined` before it is spawned. */
  readonly pid: number | undefined;
  /** Where it stands now. */
  readonly status: SupervisionStatus;
  /**
   * How everything ended. Rejects with a `ConfigurationError` where the configuration cannot be written
   * where `SUPERVISOR_CONFIG_PATH` says, or an argument cannot be carried to a program.
   */
  readonly outcome: Promise<Outcome>;
  /** The exit code that says so, by `PROCESS_GIVE_UP_EXIT_CODE`, and one line for people. */
  readonly exit: Promise<ExitReport>;
  /** The engine's output where `output` is `"piped"`. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** What it writes to stderr, and what an installer says. */
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /**
   * What the engine's current or last run wrote last, oldest first: at most 64 KiB of each stream, what
   * looks secret masked. Empty with `PROCESS_LOG_EVIDENCE=off`, and in a direct launch.
   *
   * @returns The lines.
   */
  lastLines(): string[];
  /**
   * Stops everything: the engine gets its stop signal and its grace. Asked twice it is as asked once.
   *
   * @param reason Who or what asks, for the outcome; `stop()` by default.
   * @returns How everything ended.
   */
  stop(reason?: string): Promise<Outcome>;
}

/** Told of each event, with the status after it. */
export type Follower = (event: LaunchEvent, status: SupervisionStatus) => void;

export class LaunchRun implements Supervised {
  readonly options: LaunchOptions;
  readonly argv: readonly string[];
  readonly log: Logger;
  readonly signals: StopSource;
  /** The signals of this process, where they were asked for. */
  readonly processSignals: SignalSource | undefined;
  readonly output: OutputTarget;
  /** When it began. */
  readonly startedAt: Date = new Date();
  /** Children of ours that are nobody's engine, while they last. */
  readonly ownChildren: Set<number> = new Set();
  readonly outcome: Promise<Outcome>;
  readonly exit: Promise<ExitReport>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  readonly #events = new EventLog<LaunchEvent>();
  readonly #followers = new Set<Follower>();
  readonly #closers: (() => Promise<void> | void)[] = [];
  readonly #giveUpExitCode: GiveUpExitCode;
  readonly #pipes: readonly PipedOutput[];
  readonly #ownSignals: ProcessSignals | undefined;
  readonly #deliveries = new Deliveries<[LaunchEvent, SupervisionStatus]>(
    ([event, status]) => this.#deliver(event, status),
  );
  #status = INITIAL_STATUS;
  #pid: number | undefined;
  #view: RunView | undefined;

  /**
   * @param options What the caller wants, and where to say it.
   * @param configuration What the environment asks for.
   * @param follow Does everything, and tells how it ended.
   */
  constructor(
    options: LaunchOptions & { readonly log: Logger },
    { settings }: Configuration,
    follow: (run: LaunchRun) => Promise<Outcome>,
  ) {
    this.options = options;
    this.argv = options.argv;
    this.log = options.log;
    if (options.signals === "process") this.#ownSignals = listenToSignals();
    this.processSignals = options.signals === "process" ? this.#ownSignals : options.signals;
    this.signals = new StopSource(this.processSignals);
    this.#giveUpExitCode = settings.giveUpExitCode;
    if (options.output === "piped") {
      const [stdout, stderr] = [new PipedOutput(), new PipedOutput()];
      this.#pipes = [stdout, stderr];
      this.output = { stdout, stderr, isOwn: false };
      this.stdout = stdout.readable;
      this.stderr = stderr.readable;
    } else {
      this.#pipes = [];
      this.output = OWN_OUTPUT;
    }
    this.outcome = this.#run(follow);
    this.exit = this.outcome.then((outcome) => this.#report(outcome));
    this.exit.catch(() => {}); // Who does not ask for it hears of it by `outcome`.
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  get status(): SupervisionStatus {
    return this.#status;
  }

  async #run(follow: (run: LaunchRun) => Promise<Outcome>): Promise<Outcome> {
    const { signal } = this.options;
    const abort = () => this.signals.stop("the abort signal");
    const unsubscribe = this.signals.subscribe({
      onStop: () => this.#beginStop(),
      onForward: () => {},
    });
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    try {
      await Promise.resolve(); // The caller has the handle before anything happens.
      const outcome = await follow(this);
      const kind = outcome.kind === "gave_up" ? "gaveUp" : "stopped";
      this.tell({ kind, outcome, exit: this.#report(outcome) });
      return outcome;
    } finally {
      await closeAll(
        [
          ...this.#closers,
          () => signal?.removeEventListener("abort", abort),
          unsubscribe,
          () => this.signals.close(),
          () => this.#ownSignals?.[Symbol.dispose](),
          ...this.#pipes.map((pipe) => () => pipe.close()),
          () => this.#events.end(),
        ],
        "ending",
        this.log,
      );
    }
  }

  #report(outcome: Outcome): ExitReport {
    return reportExit(outcome, this.#giveUpExitCode);
  }

  #beginStop(): void {
    const by = this.signals.stopSignals.at(-1) ?? "somebody";
    this.tell({ kind: "stopping", reason: `${by} came` });
    for (const pipe of this.#pipes) pipe.hurry();
  }

  /** Records the process that everything else descends from. */
  noteSpawn(pid: number): void {
    this.#pid = pid;
    if (this.processSignals === undefined || !keepsDebuggerOpen(this.processSignals)) return;
    this.log.warn(
      "SIGUSR1 opens Deno's debugger on 127.0.0.1:9229 here; --allow-ffi keeps it shut",
    );
  }

  /** Tells of what happened. */
  tell(happened: EventPayload): void {
    const { phase } = this.#status;
    if (happened.kind === "stopping" && (phase === "stopping" || phase === "ended")) return;
    const event: LaunchEvent = { ...happened, at: new Date() };
    this.#status = advanceStatus(this.#status, event);
    this.#events.push(event);
    this.#deliveries.push([event, this.#status]);
  }

  #deliver(event: LaunchEvent, status: SupervisionStatus): void {
    if (this.options.onEvent !== undefined) this.#call(this.options.onEvent, event, status);
    for (const follower of this.#followers) this.#call(follower, event, status);
  }

  #call(follower: Follower, event: LaunchEvent, status: SupervisionStatus): void {
    callSafely(
      () => follower(event, status),
      (error) => this.log.error(`onEvent failed at ${event.kind}: ${errorText(error)}`),
    );
  }

  /** Calls a follower with each event from now on, once the status has taken note of it. */
  follow(follower: Follower): void {
    this.#followers.add(follower);
  }

  /** Closes something once the last event has been told; the end waits for it. */
  closeAtEnd(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Records what can be asked of the run. */
  noteView(view: RunView): void {
    this.#view = view;
  }

  lastLines(): string[] {
    return this.#view?.tail?.readLines().map(maskText) ?? [];
  }

  /** What the engine was asked so far. */
  readCounts(): ProbeCounts | undefined {
    return this.#view?.readCounts();
  }

  stop(reason = "stop()"): Promise<Outcome> {
    this.signals.stop(reason);
    return this.outcome;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<LaunchEvent> {
    yield* this.#events;
    await this.outcome; // A fault of ours is told here too.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("the end of its scope");
  }
}

/** Keeps the debugger shut from now on, where that can be done. */
function keepsDebuggerOpen(signals: SignalSource): boolean {
  return "guard" in signals && signals.guard === "open";
}
