/**
 * Starts and recoveries as OpenTelemetry spans, through Deno's own exporter: loaded only where
 * `OTEL_DENO=true`. A run is none: it lasts for days, and a span is sent when it ends.
 *
 * @see https://docs.deno.com/runtime/fundamentals/open_telemetry/
 * @module
 */
import { isCounted } from "../policy/engine_event.ts";
import { exitToCode } from "../formats/exit.ts";
import { maskText } from "../formats/secrets.ts";
import { VERSION } from "../configuration/version.ts";
import type { LaunchEvent } from "./launch_event.ts";

/** What is used of OpenTelemetry's span. */
export interface Span {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(at: Date): void;
}

/** What is used of OpenTelemetry's tracer. */
export interface Tracer {
  startSpan(
    name: string,
    options: {
      readonly root: true;
      readonly startTime: Date;
      readonly attributes: Readonly<Record<string, string | number>>;
    },
  ): Span;
}

/** OpenTelemetry's `SpanStatusCode.ERROR`. */
const FAILED = 2;

/** What every attribute's name begins with. */
const PREFIX = "standard_supervisor.";

/** Turns events into spans: `start` until a program first serves, `recovery` from a death until it serves again. */
export class Traces {
  readonly #tracer: Tracer;
  readonly #open = new Map<string, Span>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Records an event. */
  note(event: LaunchEvent): void {
    const { at } = event;
    switch (event.kind) {
      case "spawned":
        if (!this.#open.has(event.name)) this.#begin("start", event.name, event.run, at);
        return;
      case "started":
      case "recovered":
        return this.#end(event.name, at);
      case "died": {
        const { name, run, exit, death, next } = event;
        const cause = death?.cause ?? "unknown";
        this.#end(name, at, `${cause}: ${maskText(death?.meaning ?? "it died")}`);
        if (next.kind === "none") return;
        const span = this.#begin("recovery", name, run, at);
        span.setAttribute(`${PREFIX}cause`, cause);
        if (exit !== undefined) span.setAttribute(`${PREFIX}exit_code`, exitToCode(exit));
        if (isCounted(next)) span.setAttribute(`${PREFIX}attempt`, next.count);
        return;
      }
      case "swept":
        this.#open.get(event.name)?.setAttribute(`${PREFIX}orphans`, event.orphans);
        return;
      case "halted":
        return this.#end(event.name, at, "stopped by hand");
      case "gaveUp":
      case "stopped":
        for (const name of this.#open.keys()) this.#end(name, at, maskText(event.exit.text));
    }
  }

  #begin(kind: "start" | "recovery", program: string, run: number, startTime: Date): Span {
    const attributes = { [`${PREFIX}program`]: program, [`${PREFIX}run`]: run };
    const span = this.#tracer.startSpan(kind, { root: true, startTime, attributes });
    this.#open.set(program, span);
    return span;
  }

  #end(program: string, at: Date, failure?: string): void {
    const span = this.#open.get(program);
    if (failure !== undefined) span?.setStatus({ code: FAILED, message: failure });
    span?.end(at);
    this.#open.delete(program);
  }
}

/**
 * Sends spans for what happens, from the first event on. Where Deno exports nothing, nothing is done.
 */
export async function trace(events: AsyncIterable<LaunchEvent>): Promise<void> {
  let traces: Traces;
  try {
    const provider = Deno.telemetry.tracerProvider as {
      getTracer(name: string, version: string): Tracer;
    };
    traces = new Traces(provider.getTracer("standard-supervisor", VERSION));
    for await (const event of events) traces.note(event);
  } catch { /* Deno was told otherwise; and the launch itself says what went wrong with it. */ }
}
