/**
 * `PROCESS_ON_EVENT`: a command that is run for each event, without a shell, with the event's record on its
 * stdin. It is never in the way: what happens is not held up by it, however slow it is.
 *
 * Permissions: `--allow-run`.
 *
 * @module
 */
import { withDeadline } from "../log/with_deadline.ts";
import type { CommandNeeds } from "../host/command_needs.ts";

import { errorText } from "../log/error_text.ts";
import type { Logger } from "../log/logger.ts";
import { sendSignal } from "../linux/send_signal.ts";
import { type EventRecord, renderEventRecord } from "./event_record.ts";
import type { LaunchEvent } from "./launch_event.ts";

/** So many run at once, and so many events wait at most; those that come then are dropped. */
const MAX_AT_ONCE = 4;
const MAX_WAITING = 100;

/** How long one may take, ms; then it is killed with all of its process group. */
const TIMEOUT_MS = 10_000;

/** How long the end waits for those that run, ms. */
const CLOSE_MS = 1_000;

/** Spawning takes some ms: a restart's own steps go first. */
const PAUSE_MS = 10;

/** What it needs. */
export interface EventCommandOptions extends CommandNeeds {
  /** The command and its arguments. */
  readonly argv: readonly string[];
  /** Told of failures. */
  readonly log: Logger;
}

/** Runs the command for events; close it in the end. */
export class EventCommand {
  readonly #options: EventCommandOptions;
  readonly #running = new Map<number, Promise<void>>();
  #waiting: EventRecord[] = [];
  #count = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: EventCommandOptions) {
    this.#options = options;
  }

  /** Takes an event. */
  take(event: LaunchEvent): void {
    const record = renderEventRecord(event, ++this.#count);
    if (this.#waiting.length >= MAX_WAITING) {
      if (this.#dropped++ === 0) {
        this.#options.log.warn(
          `PROCESS_ON_EVENT is too slow: ${MAX_WAITING} events wait, further ones are dropped`,
        );
      }
      return;
    }
    this.#waiting.push(record);
    this.#timer ??= setTimeout(() => this.#fill(), PAUSE_MS);
  }

  /** Waits for those that run, not for long, and says what was dropped. */
  async close(): Promise<void> {
    this.#fill();
    const end = this.#drain();
    await withDeadline(end, CLOSE_MS);
    this.#isClosed = true;
    for (const pid of this.#running.keys()) sendSignal(-pid, "SIGKILL");
    await withDeadline(Promise.all(this.#running.values()), CLOSE_MS);
    const lost = this.#dropped + this.#waiting.length;
    this.#waiting = [];
    if (lost > 0) this.#options.log.warn(`PROCESS_ON_EVENT was not run for ${lost} events`);
  }

  async #drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.race(this.#running.values());
  }

  #fill(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (!this.#isClosed && this.#running.size < MAX_AT_ONCE) {
      const record = this.#waiting.shift();
      if (record === undefined) return;
      this.#spawn(record);
    }
  }

  #spawn(record: EventRecord): void {
    const { argv: [program = "", ...args], env, inheritsEnv, ownChildren, log } = this.#options;
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(program, {
        args,
        clearEnv: !inheritsEnv,
        env: { ...env },
        stdin: "piped",
        stdout: "null",
        stderr: "null",
        detached: true,
      }).spawn();
    } catch (error) {
      log.warn(`Cannot run PROCESS_ON_EVENT for ${record.event}: ${errorText(error)}`);
      return;
    }
    const { pid } = child;
    ownChildren.add(pid);
    this.#running.set(
      pid,
      this.#follow(child, record).finally(() => {
        ownChildren.delete(pid);
        this.#running.delete(pid);
        this.#fill();
      }),
    );
  }

  async #follow(child: Deno.ChildProcess, record: EventRecord): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      sendSignal(-child.pid, "SIGKILL");
    }, TIMEOUT_MS);
    writeRecord(child, record).catch(() => {}); // It has ended without reading.
    // Where somebody else has reaped it, how it ended is not known.
    const { code } = await child.status.catch(() => ({ code: 0 }));
    clearTimeout(timer);
    // What it left in the background would pile up.
    sendSignal(-child.pid, "SIGKILL");
    if (this.#isClosed || code === 0) return;
    const how = isLate ? `took longer than ${TIMEOUT_MS / 1000} s` : `ended with exit code ${code}`;
    this.#options.log.warn(`PROCESS_ON_EVENT ${how} for ${record.event}`);
  }
}

/** In the background: a command need not read. */
async function writeRecord(child: Deno.ChildProcess, record: EventRecord): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${JSON.stringify(record)}\n`));
  await writer.close();
}
