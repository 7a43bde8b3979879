/**
 * Stops programs without supervisord, when it cannot be reached: blocked by a reader of its output that
 * has stalled, or stopped by somebody.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { findProcessNames, RUNNABLE, SectionReader } from "../document/engine_section.ts";
import type { Logger } from "../log/logger.ts";
import { SIGNAL_NUMBERS } from "../policy/outcome.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { isAlive, sendSignal } from "../processes/sweep.ts";
import { isTrue } from "../configuration/value_checks.ts";

/** How one process wants to be stopped. */
export interface StopOrder {
  readonly signal: Deno.Signal;
  /** Whether its whole process group gets the signal. */
  readonly asGroup: boolean;
}

function readSignal(text: string): Deno.Signal {
  const upper = text.trim().toUpperCase();
  const byNumber = Object.entries(SIGNAL_NUMBERS).find(([, number]) => String(number) === upper);
  const name = byNumber?.[0] ?? (upper.startsWith("SIG") ? upper : `SIG${upper}`);
  return name in SIGNAL_NUMBERS ? name as Deno.Signal : "SIGTERM";
}

/**
 * Reads how every process wants to be stopped.
 *
 * @param document The document.
 * @param env The environment, for `%(ENV_X)s`.
 * @param hostName What `%(host_node_name)s` stands for.
 * @returns The order by `group:process`.
 */
export function readStopOrders(
  document: ConfigDocument,
  env: Environment,
  hostName: string,
): ReadonlyMap<string, StopOrder> {
  const orders = new Map<string, StopOrder>();
  for (const [header, section] of document) {
    const program = RUNNABLE.exec(header)?.[2];
    if (program === undefined) continue;
    const reader = new SectionReader(header, section, env);
    const order = {
      signal: readSignal(reader.text("stopsignal", "TERM")),
      asGroup: isTrue(reader.text("stopasgroup", "false")),
    };
    for (const name of findProcessNames(document, program, env, hostName)) orders.set(name, order);
  }
  return orders;
}

/** supervisord turns its loop at every question; one that does not is given this long, ms. */
const SILENCE_MS = 500;

/** What a supervisord whose programs are all dead gets to end by itself, ms. */
const AFTERMATH_MS = 2_000;

/** Stops processes by itself once supervisord has been silent for too long. */
export class StopRelief {
  readonly #orders: ReadonlyMap<string, StopOrder>;
  readonly #log: Logger;
  #silentSinceMs: number | undefined;
  #deadSinceMs: number | undefined;
  #isOrdered = false;

  /**
   * @param orders How every process wants to be stopped.
   * @param log Takes what is to be said.
   */
  constructor(orders: ReadonlyMap<string, StopOrder>, log: Logger) {
    this.#orders = orders;
    this.#log = log;
  }

  /**
   * Takes note of whether supervisord answered during a stop.
   *
   * @param answered Whether it did.
   * @param running The processes that ran when it was last heard of, by `group:process`.
   * @param nowMs A monotonic clock, ms.
   * @returns Whether there is nothing left that supervisord could be waited for.
   */
  observe(answered: boolean, running: ReadonlyMap<string, number>, nowMs: number): boolean {
    if (answered) {
      this.#silentSinceMs = undefined;
      this.#deadSinceMs = undefined;
      return false;
    }
    this.#silentSinceMs ??= nowMs;
    if (nowMs - this.#silentSinceMs < SILENCE_MS) return false;
    if (!this.#isOrdered) this.#order(running);
    if ([...running.values()].some(isAlive)) return false;
    this.#deadSinceMs ??= nowMs;
    return nowMs - this.#deadSinceMs >= AFTERMATH_MS;
  }

  #order(running: ReadonlyMap<string, number>): void {
    this.#isOrdered = true;
    for (const [name, pid] of running) {
      const { signal, asGroup } = this.#orders.get(name) ?? { signal: "SIGTERM", asGroup: false };
      this.#log.warn(`supervisord does not answer: sending ${signal} to ${name} (pid ${pid})`);
      sendSignal(asGroup ? -pid : pid, signal);
    }
  }
}
