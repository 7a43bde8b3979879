/**
 * The engine's output on its way through us: from two pipes that it writes to, or supervisord for it, to our
 * own output, with the last of it kept.
 *
 * Permissions: `--allow-ffi` to see what is in the pipes, to enlarge them, and to be woken once for each read;
 * without it they are small, and a short silence counts as an empty pipe.
 *
 * @module
 */
import { withDeadline } from "../log/with_deadline.ts";
import { delay } from "@std/async/delay";
import type { Libc } from "../linux/libc.ts";
import { detach } from "../log/detach.ts";
import type { Logger } from "../log/logger.ts";
import { quickenOwnOutput } from "./own_output.ts";
import { enlargePipe, openPipeEnd, type PipeEnd } from "../linux/pipe_end.ts";
import { relayOutput } from "./relay.ts";
import type { HeldPipes } from "./held_pipes.ts";
import type { OutputWriters } from "./plan_output.ts";
import { type OutputTail, TailBuffer } from "./output_tail.ts";

const STREAMS = [["stdout", 1], ["stderr", 2]] as const;

/** So much at once is a flood, for which our own output is enlarged, bytes: a pipe's usual size. */
const FLOOD_BYTES = 64 * 1024;

/** How long {@linkcode OutputTail.settle} may take, ms, and which silence counts without a gauge. */
const SETTLE_MS = 100;
const SILENCE_MS = 5;

/** Between two times that the pipes are held again, ms: whoever kills what holds them may go on. */
const HOLD_AGAIN_MS = { min: 10, max: 5_000 } as const;

/** At the end: how long the reader may take nothing, and how long it may take in all, ms. */
const LAST_WORDS_MS = { idle: 1_000, most: 5_000 } as const;

/** What it takes. */
export interface EngineOutputOptions {
  /** The pipes. */
  readonly pipes: HeldPipes;
  /** Where to. */
  readonly outputWriters: OutputWriters;
  /** Whether that is our own output. */
  readonly isOwn: boolean;
  /** The C library; `undefined` where FFI is not permitted. */
  readonly libc: Libc | undefined;
  /** Takes the pids of processes that hold the pipes: they are not the engine's. */
  readonly ownChildren: Set<number>;
  /** Receives log lines. */
  readonly log: Logger;
}

/** The engine's output. */
export class EngineOutput {
  /** The last of it. */
  readonly tail: OutputTail;
  readonly #options: EngineOutputOptions;
  readonly #buffer = new TailBuffer();
  readonly #ends: ReadonlyMap<"stdout" | "stderr", PipeEnd>;
  /** Bytes of the run before that are still to come. */
  readonly #stale = { stdout: 0, stderr: 0 };
  readonly #relays: Promise<unknown>;
  readonly #end = new AbortController();
  readonly #endQuick: () => void;
  #arrivals = 0;
  #isLarge = false;
  #isReleased = false;

  /** Begins to copy. */
  constructor(options: EngineOutputOptions) {
    const { pipes, outputWriters, isOwn, libc } = options;
    this.#options = options;
    this.#endQuick = libc !== undefined && isOwn ? quickenOwnOutput(libc) : () => {};
    this.#ends = new Map(STREAMS.flatMap(([stream, descriptor]) => {
      if (libc === undefined) return [];
      const end = openPipeEnd(libc, `/proc/${pipes.pid}/fd/${descriptor}`);
      return end === undefined ? [] : [[stream, end] as const];
    }));
    this.#relays = Promise.all(STREAMS.map(([stream]) =>
      relayOutput(
        this.#open(stream),
        outputWriters[stream],
        this.#end.signal,
        (bytes) => this.#take(stream, bytes),
      )
    ));
    detach(this.#keepHeld(), "holding the engine's output pipes", options.log);
    this.tail = {
      readLines: () => this.#buffer.readLines(),
      settle: (quietMs = 1) => this.#settle(quietMs),
      begin: () => this.#begin(),
    };
  }

  /** Has another process hold the pipes if the one that does is killed: the next run opens them through it. */
  async #keepHeld(): Promise<void> {
    const { pipes, ownChildren, log } = this.#options;
    for (
      let pauseMs: number = HOLD_AGAIN_MS.min;;
      pauseMs = Math.min(2 * pauseMs, HOLD_AGAIN_MS.max)
    ) {
      await pipes.lost;
      const lost = pipes.pid;
      if (this.#isReleased) return;
      if (!pipes.holdAgain()) {
        log.error(
          `the shell that holds the engine's output pipes (pid ${lost}) was killed and cannot be ` +
            "replaced here: the next start will fail",
        );
        return;
      }
      ownChildren.add(pipes.pid);
      log.warn(
        `the shell that holds the engine's output pipes (pid ${lost}) was killed: pid ${pipes.pid} ` +
          "takes its place",
      );
      await delay(pauseMs, { persistent: false });
    }
  }

  /** Our own end of a pipe where that can be had: Deno's wakes us at every write. */
  #open(stream: "stdout" | "stderr"): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { pipes } = this.#options;
    const own = this.#ends.get(stream)?.read();
    if (own === undefined) return pipes[stream];
    pipes[stream].cancel().catch(() => {}); // Closed already.
    return own;
  }

  #take(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    this.#arrivals++;
    if (bytes.length >= FLOOD_BYTES) this.#noteFlood();
    const stale = Math.min(this.#stale[stream], bytes.length);
    this.#stale[stream] -= stale;
    this.#buffer.take(stream, bytes.subarray(stale));
  }

  /** Not before it is needed: the pipe is not ours alone. */
  #noteFlood(): void {
    const { libc, isOwn } = this.#options;
    if (this.#isLarge || libc === undefined || !isOwn) return;
    this.#isLarge = true;
    for (const [, descriptor] of STREAMS) enlargePipe(libc, descriptor);
  }

  #begin(): void {
    this.#buffer.clear();
    for (const [stream, end] of this.#ends) this.#stale[stream] = end.countWaiting();
  }

  /** What was read from a pipe arrives at some later turn of the loop: silence tells that it has. */
  async #settle(quietMs: number): Promise<void> {
    const untilMs = performance.now() + SETTLE_MS;
    const isGauged = this.#ends.size === STREAMS.length;
    let arrivals: number;
    do {
      arrivals = this.#arrivals;
      await delay(isGauged ? quietMs : Math.max(quietMs, SILENCE_MS));
    } while ((this.#isWaiting() || arrivals !== this.#arrivals) && performance.now() < untilMs);
  }

  /**
   * Copies what is still in the pipes, as long as somebody takes it, and lets go; supervisord must have ended.
   * Who got away may hold them indefinitely: they are at their end when they are empty.
   */
  async release(): Promise<void> {
    const { pipes, outputWriters } = this.#options;
    this.#isReleased = true;
    await pipes.close();
    const beginMs = performance.now();
    const left = Promise.race([this.#relays, this.#stopWhenEmpty()]);
    for (let taken = -1; taken !== outputWriters.taken;) {
      if (performance.now() - beginMs >= LAST_WORDS_MS.most) break;
      taken = outputWriters.taken;
      let isCopied = false;
      await withDeadline(left.then(() => isCopied = true), LAST_WORDS_MS.idle);
      if (isCopied) break;
    }
    this.#end.abort();
    for (const end of this.#ends.values()) end.close();
    this.#endQuick();
  }

  /** Reads no more once nothing is in the pipes, as far as that can be seen, and writes what was read. */
  async #stopWhenEmpty(): Promise<void> {
    if (this.#ends.size < STREAMS.length) return await new Promise(() => {});
    for (let arrivals = -1; arrivals !== this.#arrivals || this.#isWaiting();) {
      if (this.#end.signal.aborted) return;
      arrivals = this.#arrivals;
      await delay(SILENCE_MS);
    }
    this.#end.abort();
    await this.#relays;
  }

  #isWaiting(): boolean {
    return [...this.#ends.values()].some((end) => end.countWaiting() > 0);
  }
}
