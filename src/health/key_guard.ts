/**
 * Whether the engine's key may be shown on a port: only to one of its own processes, for a stranger may
 * have taken the port before it.
 *
 * Permissions: all of them, to see who holds a port.
 *
 * @module
 */
import { findPort } from "../host/net_need.ts";
import type { PortView } from "../cleanup/listeners.ts";

/** What a guard needs. */
export interface KeyGuardOptions {
  /** The engine's main process, which tells its runs apart. */
  readonly findLeader: () => number;
  /** Looks who holds a port. */
  readonly look: (port: number, leader: number) => Promise<PortView>;
  /** A clock, ms. */
  readonly clock: () => number;
  /** Called once with each reason for which the key is kept back. */
  readonly onKept: (text: string) => void;
}

/** Between two looks at a port that was not the engine's, ms: each reads the family's open files. */
const POLL_INTERVAL_MS = 5_000;

/** Guards the key of one engine over its runs. */
export class KeyGuard {
  readonly #options: KeyGuardOptions;
  /** What was seen last, by run and port. */
  readonly #seen = new Map<string, { readonly isOurs: boolean; readonly atMs: number }>();
  readonly #told = new Set<string>();

  constructor(options: KeyGuardOptions) {
    this.#options = options;
  }

  /**
   * Looks whether a URL leads to the engine; once it does, that is believed for the rest of the run.
   */
  async mayShow(url: string): Promise<boolean> {
    const { findLeader, look, clock } = this.#options;
    const port = findPort(new URL(url));
    const leader = findLeader();
    const key = `${leader} ${port}`;
    const seen = this.#seen.get(key);
    const nowMs = clock();
    if (seen !== undefined && (seen.isOurs || nowMs - seen.atMs < POLL_INTERVAL_MS)) {
      return seen.isOurs;
    }
    const { owner } = await look(port, leader);
    const isOurs = owner === "ours";
    for (const old of this.#seen.keys()) if (!old.startsWith(`${leader} `)) this.#seen.delete(old);
    this.#seen.set(key, { isOurs, atMs: nowMs });
    if (owner !== "ours" && owner !== "nobody") this.#tell(KEPT[owner](port));
    return isOurs;
  }

  #tell(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#options.onKept(text);
  }
}

const KEPT: Readonly<
  Record<Exclude<PortView["owner"], "ours" | "nobody">, (port: number) => string>
> = {
  stranger: (port) => `port ${port} is held by another process`,
  apart: () => "it has a network of its own",
  unknown: (port) =>
    `it cannot be seen who holds port ${port} (--cap-add=SYS_PTRACE shows it where the engine has ` +
    "a user of its own)",
};
