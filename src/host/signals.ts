/**
 * Signals, taken from the first moment on so that none is lost before somebody listens.
 *
 * Permissions: none to listen; all of them for `/proc`, which tells what is to be ignored.
 *
 * @module
 */

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

/** Ask for a stop. */
export const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT"] as const;

/** Are meant for the engine. */
export const FORWARDED_SIGNALS = ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/** The numbers of those that may have been ignored on purpose, as `nohup` and a shell's `&` do. */
const IGNORABLE: Readonly<Partial<Record<Deno.Signal, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
};

/** Tells which signals this process was told to ignore; to listen to one would end that. */
function readIgnored(): (signal: Deno.Signal) => boolean {
  let mask = 0n;
  try {
    const path = "/proc/self/status";
    // Not permitted, Deno would prompt for it.
    const { state } = Deno.permissions.querySync({ name: "read", path });
    const status = state === "granted" ? Deno.readTextFileSync(path) : "";
    mask = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  } catch { /* It cannot be known. */ }
  return (signal) => {
    const number = IGNORABLE[signal];
    return number !== undefined && (mask >> BigInt(number - 1) & 1n) === 1n;
  };
}

/**
 * Begins to listen to this process's signals, but not to what it was told to ignore.
 *
 * @returns Where they arrive.
 */
export function listenToSignals(): SignalSource {
  const stopSignals: string[] = [];
  const listeners = new Set<SignalListener>();
  const isIgnored = readIgnored();
  for (const signal of STOP_SIGNALS) {
    if (isIgnored(signal)) continue;
    Deno.addSignalListener(signal, () => {
      stopSignals.push(signal);
      for (const { onStop } of listeners) onStop();
    });
  }
  for (const signal of FORWARDED_SIGNALS) {
    if (isIgnored(signal)) continue;
    Deno.addSignalListener(signal, () => {
      for (const { onForward } of listeners) onForward(signal);
    });
  }
  return {
    stopSignals,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
