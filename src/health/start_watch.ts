/**
 * Asks the engine's own port when a run counts as started, and leaves judging to others.
 *
 * Permissions: `--allow-net` of the port; all of them to see who holds it.
 *
 * @module
 */
import type { StartQuestion } from "../engines/engine_plan.ts";
import { errorText } from "../log/error_text.ts";
import type { PortView } from "../cleanup/listeners.ts";
import { askInTime, pause, type RunWatch } from "./asking.ts";
import { STARTUP_PERIOD_MS } from "./health.ts";
import { askHttp } from "./http_client.ts";
import {
  decideStart,
  readFailure,
  readStatus,
  type StartAnswer,
  UNASKED,
} from "./start_decision.ts";

/** How to ask. */
export interface StartOptions {
  /** What to ask. */
  readonly question: StartQuestion;
  /** Between two questions, ms, unless a start asks more often. */
  readonly periodMs: number;
  /** How long one answer may take, ms. */
  readonly timeoutMs: number;
  /** How long a run must last in any case, ms: who holds the port is looked at after it. */
  readonly startMs: number;
  /** The longest start, ms. */
  readonly longestMs: number;
  /** A clock that stands still while we do not run, ms. */
  readonly clock: () => number;
  /** Looks who holds the port. */
  readonly look: (port: number) => Promise<PortView>;
  /** Called when it need not be waited for any more. */
  readonly onChange: () => void;
  /** Called where the question is given up, with the reason. */
  readonly onGivenUp: (text: string) => void;
}

/** Between two looks at who listens where, ms: each reads the family's open files. */
const POLL_INTERVAL_MS = 5_000;

/** Watches the starts of one engine. */
export class StartWatch implements RunWatch {
  readonly #options: StartOptions;
  #isLoading = true;
  #hasAnswered = false;

  constructor(options: StartOptions) {
    this.#options = options;
  }

  /** Whether the run, or the one that ended last, has not been seen to serve. */
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Whether the run was seen to serve. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  begin(stop: AbortSignal): Promise<void> {
    this.#isLoading = true;
    this.#hasAnswered = false;
    return this.#watch(stop);
  }

  async #watch(stop: AbortSignal): Promise<void> {
    const { question, periodMs, startMs, longestMs, clock, onChange, onGivenUp } = this.#options;
    const beganMs = clock();
    let state = UNASKED;
    let lookMs = startMs;
    while (!stop.aborted) {
      const answer = await this.#ask(stop);
      const afterMs = clock() - beganMs;
      const isClosed = answer.kind === "loading" && answer.isClosed;
      const isDue = answer.kind === "ready" || (isClosed && afterMs >= lookMs);
      if (isDue) lookMs = afterMs + POLL_INTERVAL_MS;
      const view = isDue && !stop.aborted ? await this.#options.look(question.port) : undefined;
      if (stop.aborted) return;
      const decision = decideStart(state, { answer, view, afterMs }, question.port, longestMs);
      state = decision.state;
      if (decision.verdict.kind !== "waiting") {
        if (decision.verdict.kind === "given_up") onGivenUp(decision.verdict.text);
        this.#isLoading = false;
        this.#hasAnswered = decision.verdict.kind === "ready";
        onChange();
        return;
      }
      // However long it loads: a death right after its first answer is a crash, and no failed start.
      await pause(Math.min(periodMs, STARTUP_PERIOD_MS), stop);
    }
  }

  async #ask(stop: AbortSignal): Promise<StartAnswer> {
    const { question, timeoutMs } = this.#options;
    const asked = await askInTime(
      async (signal) => {
        if (question.kind === "tcp") return await connect(question, signal);
        const { status } = await askHttp(new URL(question.url), { signal });
        return readStatus(status);
      },
      timeoutMs,
      stop,
    );
    if ("answer" in asked) return asked.answer;
    if (asked.isLate) return { kind: "loading", isClosed: false };
    return readFailure(listCodes(asked.error), errorText(asked.error));
  }
}

async function connect(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  signal: AbortSignal,
): Promise<StartAnswer> {
  const late = Promise.withResolvers<never>();
  const abort = () => late.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const connecting = Deno.connect({ hostname, port });
  try {
    (await Promise.race([connecting, late.promise])).close();
    return { kind: "ready" };
  } catch (error) {
    connecting.then((connection) => connection.close()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The code, else the class, of an error and of those that it is made of. */
function listCodes(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(listCodes);
  if (!(error instanceof Error)) return [];
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return code === undefined ? [error.name] : [code];
}
