/**
 * Learns why runs die, while what tells is still there: once a run, before anything is decided about it.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import { errorText } from "../log/error_text.ts";
import type { Logger } from "../log/logger.ts";
import type { ProcessStatus } from "../policy/observation.ts";
import type { Death } from "../policy/cause.ts";

/**
 * How long nothing may have come from a dead process before it has said all, ms: one that had started is
 * restarted at once, one that had not is not, and what it said decides whether it is at all.
 */
const QUIET_MS = { started: 1, failed: 20 } as const;

/** After an engine was first seen, ms: it has begun to load by then. */
const WARM_UP_MS = 300;

/** What is known of a run while it lives. */
interface Life {
  readonly pid: number;
  /** How often the OOM killer had struck when it was first seen. */
  readonly oomKills: number | undefined;
}

/** What an diagnosis needs. */
export interface DiagnosisOptions {
  /**
   * What a process wrote last, oldest first, once nothing has come for so long; none where that is not
   * kept.
   */
  readonly readLines: (name: string, quietMs: number) => Promise<readonly string[]>;
  /** Who else holds the engine's port, in words; `undefined` where nobody does or it cannot be seen. */
  readonly findPortHolder: (name: string) => Promise<string | undefined>;
  /** Where the run keeps its files. */
  readonly directory: string;
  /** Receives log lines. */
  readonly log: Logger;
}

/** The diagnoses of one launch. */
export class DeathDiagnosis {
  readonly #options: DiagnosisOptions;
  readonly #lives = new Map<string, Life>();
  readonly #deaths = new Map<string, Death>();
  /** Those that were ordered to start and have not been seen yet. */
  readonly #ordered = new Set<string>();
  readonly #condemned = new Set<string>();
  readonly #started = new Set<string>();
  /** What explains is not needed for a start. */
  #explainer: Promise<typeof import("./explain_run.ts")> | undefined;

  constructor(options: DiagnosisOptions) {
    this.#options = options;
  }

  /** Why those that are dead have died. */
  get deaths(): ReadonlyMap<string, Death> {
    return this.#deaths;
  }

  /** Records that a process is being started: it may die before anybody sees it. */
  noteStart(name: string): void {
    this.#ordered.add(name);
  }

  /** Tells whether it is to be learnt why a process died. */
  isDue(name: string, kind: ProcessStatus["kind"]): boolean {
    if (kind === "stopped") return this.#lives.has(name);
    return kind === "ended" && (this.#lives.has(name) || this.#ordered.has(name));
  }

  /** Records that a process lives. */
  noteAlive(name: string, pid: number, oomKills: number | undefined): void {
    if (this.#lives.get(name)?.pid === pid) return;
    this.#lives.set(name, { pid, oomKills });
    this.#ordered.delete(name);
    this.#deaths.delete(name);
    this.#condemned.delete(name);
    this.#started.delete(name);
    this.#explainer ??= loadExplainer();
  }

  /** Records that a process counts as started. */
  noteStarted(name: string): void {
    this.#started.add(name);
  }

  /** Records that a process is being stopped since it hangs. */
  noteCondemned(name: string): void {
    this.#condemned.add(name);
  }

  /** Learns why a process died. */
  async hold(name: string, exit: Exit | undefined, oomKills: number | undefined): Promise<void> {
    const { readLines, findPortHolder, directory, log } = this.#options;
    const before = this.#lives.get(name)?.oomKills;
    this.#lives.delete(name);
    this.#ordered.delete(name);
    try {
      this.#explainer ??= loadExplainer();
      const { explainRun } = await this.#explainer;
      const death = explainRun({
        lines: await readLines(name, this.#started.has(name) ? QUIET_MS.started : QUIET_MS.failed),
        exit,
        wasCondemned: this.#condemned.has(name),
        oomKills: before === undefined || oomKills === undefined ? undefined : oomKills - before,
        directory,
      });
      // To look for it takes a while where there are many processes.
      const portHolder = death.cause === "port_in_use" ? await findPortHolder(name) : undefined;
      this.#deaths.set(name, { ...death, portHolder });
    } catch (error) {
      // The engine is restarted anyway.
      log.error(`Cannot learn why ${name} died: ${errorText(error)}`);
    }
  }
}

/** The first explanation takes 4 ms, for its patterns are compiled then: not while an engine is down. */
async function loadExplainer(): Promise<typeof import("./explain_run.ts")> {
  const explainer = await import("./explain_run.ts");
  const warmUp = setTimeout(() => {
    explainer.explainRun({
      lines: ["RuntimeError: a line that has to be looked at, cannot allocate memory"],
      exit: { kind: "signal", signal: "SIGKILL" },
      wasCondemned: false,
      oomKills: 0,
      directory: "/",
    });
  }, WARM_UP_MS);
  Deno.unrefTimer(warmUp);
  return explainer;
}
