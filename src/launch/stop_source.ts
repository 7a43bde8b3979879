/**
 * Everything that may ask for a stop, as one source: the program itself, and its signals where asked for.
 *
 * @module
 */
import type { SignalListener, SignalSource } from "../linux/signals.ts";

/** Calls a listener of stops from now on, and at once for each that has been asked for already. */
export function subscribeToStops(signals: SignalSource, listener: SignalListener): () => void {
  const unsubscribe = signals.subscribe(listener);
  for (let asked = signals.stopSignals.length; asked > 0; asked--) listener.onStop();
  return unsubscribe;
}

/** Stops that a program asks for, beside those of signals. */
export class StopSource implements SignalSource {
  readonly stopSignals: string[];
  readonly #listeners = new Set<SignalListener>();

  constructor(signals: SignalSource | undefined) {
    this.stopSignals = [...signals?.stopSignals ?? []];
    this.#unsubscribe = signals?.subscribe({
      onStop: () => this.#add(signals.stopSignals.at(-1) ?? "a signal"),
      onForward: (signal) => this.#listeners.forEach(({ onForward }) => onForward(signal)),
    });
  }

  readonly #unsubscribe: (() => void) | undefined;

  #add(by: string): void {
    this.stopSignals.push(by);
    this.#listeners.forEach(({ onStop }) => onStop());
  }

  /** Asks for a stop, unless one is under way: unlike a second signal, a second call kills nothing. */
  stop(by: string): void {
    if (this.stopSignals.length === 0) this.#add(by);
  }

  /** Calls the listener from now on; the function returned ends that. */
  subscribe(listener: SignalListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets go of the signals. */
  close(): void {
    this.#unsubscribe?.();
  }
}
