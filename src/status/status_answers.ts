/**
 * What is answered at each path of the status port: views of the one status document, each made at most
 * twenty times a second however often it is asked for.
 *
 * @module
 */
import type { HttpResponse } from "../formats/http_response.ts";
import { PROMETHEUS_TYPE } from "../formats/prometheus_text.ts";
import { PAGE_POLICY, renderPage } from "./page.ts";
import type { StatusDocument } from "./status_document.ts";

/** Where answers come from. */
export interface AnswerSource {
  /** The status as it is now. */
  readonly render: () => StatusDocument;
  /** The metrics that go with a status, as text. */
  readonly readMetrics: (document: StatusDocument) => string;
  /** The last lines of the engine's output, oldest first; `undefined` where they are not kept. */
  readonly readLines?: (() => readonly string[]) | undefined;
}

/** A status is rendered at most so often, ms. */
const RENDER_EVERY_MS = 50;

/** And at least so often where it is asked for, ms: back-off ends and windows roll on without an event. */
const OLD_MS = 1_000;

/** So many of the last lines are shown. */
const MAX_LINES = 50;

/** The paths, and what each is for. */
export const STATUS_PATHS = ["/", "/livez", "/readyz", "/status", "/metrics"] as const;

type StatusPath = typeof STATUS_PATHS[number];

/** Answers for one instance. */
export class StatusAnswers {
  readonly #source: AnswerSource;
  readonly #answers = new Map<StatusPath, HttpResponse>();
  #document: StatusDocument | undefined;
  #renderedMs = 0;
  #isStale = false;

  constructor(source: AnswerSource) {
    this.#source = source;
  }

  /** Records that something happened. */
  invalidate(): void {
    this.#isStale = true;
  }

  /** Answers a path. */
  answer(path: string): HttpResponse | undefined {
    if (!isStatusPath(path)) return undefined;
    const document = this.#refresh();
    let answer = this.#answers.get(path);
    if (answer === undefined) {
      answer = this.#make(path, document);
      this.#answers.set(path, answer);
    }
    return answer;
  }

  #refresh(): StatusDocument {
    const ageMs = performance.now() - this.#renderedMs;
    const isGood = ageMs < (this.#isStale ? RENDER_EVERY_MS : OLD_MS);
    if (this.#document !== undefined && isGood) return this.#document;
    this.#isStale = false;
    this.#renderedMs = performance.now();
    this.#answers.clear();
    return this.#document = this.#source.render();
  }

  #make(path: StatusPath, document: StatusDocument): HttpResponse {
    switch (path) {
      case "/":
        return {
          status: 200,
          type: "text/html; charset=utf-8",
          body: renderPage(document, this.#source.readLines?.().slice(-MAX_LINES)),
          headers: { "Content-Security-Policy": PAGE_POLICY },
        };
      case "/livez":
        return say(isOver(document) ? 503 : 200, document);
      case "/readyz":
        return say(document.ready ? 200 : 503, document);
      case "/status":
        return { status: 200, type: "application/json", body: `${JSON.stringify(document)}\n` };
      case "/metrics":
        return { status: 200, type: PROMETHEUS_TYPE, body: this.#source.readMetrics(document) };
    }
  }
}

function isStatusPath(path: string): path is StatusPath {
  return (STATUS_PATHS as readonly string[]).includes(path);
}

/** Whether nothing will be recovered any more: what is recovered must not be restarted from outside. */
function isOver({ exit, programs }: StatusDocument): boolean {
  return exit !== null ||
    programs.some(({ role, state }) =>
      role !== "sidecar" && (state === "gave_up" || state === "ended")
    );
}

function say(status: 200 | 503, { state, reason }: StatusDocument): HttpResponse {
  return { status, type: "text/plain; charset=utf-8", body: `${state}: ${reason}\n` };
}
