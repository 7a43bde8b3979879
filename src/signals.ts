/**
 * Signals, taken from the first moment on so that none is lost before somebody listens.
 *
 * Permissions: none; Deno needs none to listen.
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

/**
 * Begins to listen to this process's signals.
 *
 * @returns Where they arrive.
 */
export function listenToSignals(): SignalSource {
  const stopSignals: string[] = [];
  const listeners = new Set<SignalListener>();
  for (const signal of STOP_SIGNALS) {
    Deno.addSignalListener(signal, () => {
      stopSignals.push(signal);
      for (const { onStop } of listeners) onStop();
    });
  }
  for (const signal of FORWARDED_SIGNALS) {
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
