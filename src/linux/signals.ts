/**
 * Signals, taken from the first moment on so that none is lost before somebody listens.
 *
 * Permissions: none to listen; all of them for `/proc`, which tells what is to be ignored; those of
 * `debugger_guard.ts`.
 *
 * @module
 */
import { SIGNAL_NUMBERS } from "../formats/signals.ts";
import { hasBit, parseStatusMask } from "./status_mask.ts";
import { type DebuggerGuard, guardDebugger } from "./debugger_guard.ts";

/** What a listener is told. */
export interface SignalListener {
  /** Another signal asked for a stop; see `stopSignals`. */
  readonly onStop: () => void;
  /** A signal came that is meant for the engine. */
  readonly onForward: (signal: Deno.Signal) => void;
}

/** Where signals come from. */
export interface SignalSource {
  /** The signals that asked for a stop so far, in order. */
  readonly stopSignals: readonly string[];
  /** Calls the listener from now on; the function returned ends that. */
  subscribe(listener: SignalListener): () => void;
}

/** This process's signals, until they are let go of. */
export interface ProcessSignals extends SignalSource, Disposable {
  /** What this process was told to ignore, and what it starts shall ignore too. */
  readonly ignored: readonly Deno.Signal[];
  /**
   * How Deno's debugger, which SIGUSR1 would open, is kept shut: this Deno has no such signal, Deno does
   * not hear it, the debugger's port is held (or will be, once it is free), or not at all. It is kept
   * shut from the first time on that this is asked: that takes 5 ms.
   */
  readonly guard: "not_needed" | "trapped" | "port" | "open";
}

/** Ask for a stop. */
export const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT"] as const;

/** Are meant for the engine. */
export const FORWARDED_SIGNALS = ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/** Those that may have been ignored on purpose, as `nohup` and a shell's `&` do. */
const IGNORABLE = ["SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** Tells which signals this process was told to ignore. */
function readIgnored(): Deno.Signal[] {
  let status = "";
  try {
    const path = "/proc/self/status";
    // Not permitted, Deno would prompt for it.
    const { state } = Deno.permissions.querySync({ name: "read", path });
    if (state === "granted") status = Deno.readTextFileSync(path);
  } catch { /* It cannot be known. */ }
  const mask = parseStatusMask(status, "SigIgn");
  return IGNORABLE.filter((signal) => hasBit(mask, (SIGNAL_NUMBERS[signal] ?? 0) - 1));
}

/**
 * Begins to listen to this process's signals, but not to what it was told to ignore; that goes on to do
 * nothing.
 *
 * @returns Where they arrive; dispose of it to let go of them.
 */
export function listenToSignals(): ProcessSignals {
  const stopSignals: string[] = [];
  const subscribers = new Set<SignalListener>();
  const ignored = readIgnored();
  const forward = (signal: Deno.Signal) => {
    for (const { onForward } of subscribers) onForward(signal);
  };
  const listeners: [Deno.Signal, () => void][] = [
    ...STOP_SIGNALS.map((signal): [Deno.Signal, () => void] => [signal, () => {
      stopSignals.push(signal);
      for (const { onStop } of subscribers) onStop();
    }]),
    ...FORWARDED_SIGNALS.map((signal): [Deno.Signal, () => void] => [
      signal,
      () => forward(signal),
    ]),
  ].map(([signal, listener]) => [
    signal,
    // The first listener of any signal makes Deno die of SIGHUP, SIGINT and SIGTERM that nobody listens
    // to, ignored or not (seen with 2.9.6): only one that does nothing keeps them ignored.
    ignored.includes(signal) ? () => {} : listener,
  ]);
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  let guard: DebuggerGuard | undefined;
  return {
    stopSignals,
    ignored,
    get guard() {
      guard ??= guardDebugger(() => forward("SIGUSR1"));
      return guard.kind;
    },
    subscribe: (listener) => {
      subscribers.add(listener);
      return () => subscribers.delete(listener);
    },
    [Symbol.dispose]: () => {
      guard?.release();
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}
