/**
 * Keeps Deno's debugger shut. Since 2.9.2, Deno starts it on 127.0.0.1:9229 when SIGUSR1 comes, which is
 * a signal for the engine here: whoever reaches the loopback could then run code as us. There is no
 * switch for that.
 *
 * With FFI the signal is trapped, so that Deno never hears of it. Without FFI the port is taken, which
 * Deno complains of on stderr at each signal; where somebody else has it, as soon as it is free.
 *
 * Permissions: `--allow-ffi`, else `--allow-net=127.0.0.1:9229`.
 *
 * @see https://github.com/denoland/deno/pull/35738
 * @module
 */
import { isGranted } from "../host/ask_permission.ts";
import { openLibc } from "./libc.ts";
import { trapSignal } from "./signal_trap.ts";

const SIGUSR1 = 10;
const PORT = 9229;

/** Where the debugger would listen. */
export const DEBUGGER_ADDRESS: string = `127.0.0.1:${PORT}`;

/** Between two attempts to take a port that another program has, ms; one costs some 20 µs. */
const RETRY_MS = 250;

/** How the debugger is kept shut. */
type GuardKind =
  /** This Deno does not start it on a signal. */
  | "not_needed"
  /** Deno does not hear SIGUSR1. */
  | "trapped"
  /** The debugger's port is ours, or will be when it is free. */
  | "port"
  /** It is not: SIGUSR1 opens it. */
  | "open";

/** A debugger that is kept shut. */
export interface DebuggerGuard {
  /** How. */
  readonly kind: GuardKind;
  /** Gives everything back. */
  readonly release: () => void;
}

/** Whether a version of Deno starts its debugger on a signal. */
export function startsDebugger(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map((part) => parseInt(part, 10));
  return major > 2 || (major === 2 && (minor > 9 || (minor === 9 && patch >= 2)));
}

/** Those who want to hear SIGUSR1 while it is trapped. */
const listeners = new Set<() => void>();
let endTrap: (() => void) | undefined;

/**
 * Keeps the debugger shut from now on. A listener of Deno's for SIGUSR1 must have been added before, or
 * else Deno would later put its own handler in place again.
 */
export function guardDebugger(onSignal: () => void): DebuggerGuard {
  if (!startsDebugger(Deno.version.deno)) return { kind: "not_needed", release: () => {} };
  return trap(onSignal) ?? takePort() ?? { kind: "open", release: () => {} };
}

/** One trap for all who listen: several instances may run in one program. */
function trap(onSignal: () => void): DebuggerGuard | undefined {
  if (endTrap === undefined) {
    // Memory can be written to only where all of FFI is permitted, not for a single library.
    const libc = isGranted({ name: "ffi" }) ? openLibc() : undefined;
    if (libc === undefined) return undefined;
    endTrap = trapSignal(libc, SIGUSR1, () => listeners.forEach((listener) => listener()));
    if (endTrap === undefined) return undefined;
  }
  const listener = () => onSignal();
  listeners.add(listener);
  return {
    kind: "trapped",
    release: () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      endTrap?.();
      endTrap = undefined;
    },
  };
}

/** Where the port is somebody else's, the debugger cannot have it either, until it is free. */
function takePort(): DebuggerGuard | undefined {
  if (!isGranted({ name: "net", host: DEBUGGER_ADDRESS })) return undefined;
  let listener: Deno.TcpListener | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const take = () => {
    try {
      listener = Deno.listen({ hostname: "127.0.0.1", port: PORT });
      listener.unref();
      turnAway(listener).catch(() => {}); // The port is held anyway.
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) return;
      timer = setTimeout(take, RETRY_MS);
      Deno.unrefTimer(timer);
    }
  };
  take();
  if (listener === undefined && timer === undefined) return undefined;
  return {
    kind: "port",
    release: () => {
      clearTimeout(timer);
      listener?.close();
    },
  };
}

async function turnAway(listener: Deno.TcpListener): Promise<void> {
  for await (const connection of listener) connection.close();
}
