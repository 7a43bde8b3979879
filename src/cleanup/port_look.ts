/**
 * Where an engine listens whose own port nobody has opened: it may serve on a port that the kernel chose,
 * and so may PyTorch's store, ZeroMQ and Ray while it loads. To ask such a port would disturb them (NCCL
 * ends a start at bytes that are not its own), so the engine's own words decide.
 *
 * @module
 */
import { findSaidPort } from "../engines/said_ports.ts";
import type { PortView } from "./listeners.ts";

/** What looking needs. */
export interface PortLookOptions {
  /** The engine's name for people. */
  readonly title: string;
  /** Looks who listens on a port, seen from the engine's main process. */
  readonly look: (port: number, leader: number) => Promise<PortView>;
  readonly findLeader: () => number;
  /** What the engine has printed in this run. */
  readonly readLines: () => readonly string[];
  /** A clock, ms. */
  readonly clock: () => number;
  /** Receives log lines, once a run. */
  readonly onElsewhere: (text: string) => void;
}

/** For how long it must listen elsewhere, and not say that it serves there, before that is told, ms. */
const TOLD_AFTER_MS = 60_000;

/** Makes what looks who listens on the engine's port, and where it serves instead. */
export function createPortLook(options: PortLookOptions): (port: number) => Promise<PortView> {
  const { title, look, findLeader, readLines, clock, onElsewhere } = options;
  let seen: { readonly key: string; readonly sinceMs: number; isTold: boolean } | undefined;
  return async (port) => {
    const leader = findLeader();
    const view = await look(port, leader);
    const { owner, elsewhere, ephemeral = [] } = view;
    if (owner !== "nobody" || elsewhere !== undefined || ephemeral.length === 0) return view;
    const said = findSaidPort(readLines(), ephemeral);
    if (said !== undefined) return { ...view, elsewhere: said };
    const key = `${leader} ${ephemeral.join(" ")}`;
    if (seen?.key !== key) seen = { key, sinceMs: clock(), isTold: false };
    if (!seen.isTold && clock() - seen.sinceMs >= TOLD_AFTER_MS) {
      seen.isTold = true;
      onElsewhere(
        `${title} has not opened port ${port}, as its command says, but listens on ` +
          `${
            ephemeral.join(", ")
          }: if it serves there, PROCESS_HEALTH_URL says where to ask, or none`,
      );
    }
    return view;
  };
}
