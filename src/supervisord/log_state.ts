/**
 * What supervisord's log told so far: how processes ended, which pids they had.
 *
 * @module
 */
import type { Logger } from "../log/logger.ts";
import { MASK } from "../formats/mask_credentials.ts";
import { maskText } from "../formats/secrets.ts";
import type { Outcome } from "../policy/outcome.ts";
import { type LogLine, parseLoggedExit, parseLoggedSpawn } from "../formats/supervisord_log.ts";
import type { Exit } from "../formats/exit.ts";
import type { LifeStep } from "../policy/observation.ts";

/** What supervisord calls critical in every container: root, and a socket only its owner may open. */
const EXPECTED_CRITICAL =
  /^(Supervisor is running as root|Server 'unix_http_server' running without)/;

/** Steps of one program to keep at most until they are taken. */
const MAX_STEPS = 200;

/** supervisord quotes a value that it cannot expand, which may be a whole command or `environment=`. */
function maskWords(line: string): string {
  return maskText(line).replace(/(Format string ).*( for ')/, `$1${MASK}$2`);
}

/** Remembers the last of each process, and passes on what the user should know. */
export class SupervisordLogState {
  readonly #log: Logger;
  readonly #exits = new Map<string, Exit>();
  readonly #pids = new Map<string, number>();
  readonly #steps = new Map<string, LifeStep[]>();
  readonly #lastSteps = new Map<string, LifeStep>();
  #lastError: string | undefined;
  #hasTold = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Takes lines as they are written; returns the processes, by their names without a group, that took a step. */
  take(lines: readonly LogLine[]): ReadonlySet<string> {
    const stepped = new Set<string>();
    for (const { atMs, level, text } of lines) {
      const ended = parseLoggedExit(text);
      if (ended !== undefined) {
        const { process, kind, exit } = ended;
        this.#exits.set(process, exit);
        this.#addStep(process, { kind, atMs, exit });
        stepped.add(process);
      }
      const spawned = parseLoggedSpawn(text);
      if (spawned !== undefined) {
        const { process, pid } = spawned;
        this.#pids.set(process, pid);
        this.#addStep(process, { kind: "spawned", atMs, pid });
        stepped.add(process);
      }
      if (/^waiting for .+ to die$/.test(text)) this.#hasTold = true;
      const isGrave = (level === "CRIT" || level === "ERRO") && !EXPECTED_CRITICAL.test(text);
      this.#log[isGrave ? "error" : "debug"](`supervisord: ${maskWords(text)}`, {
        event: "supervisord_said",
      });
    }
    return stepped;
  }

  #addStep(process: string, step: LifeStep): void {
    const steps = this.#steps.get(process) ?? [];
    this.#steps.set(process, [...steps, step].slice(-MAX_STEPS));
    this.#lastSteps.set(process, step);
  }

  /** Takes what a process, by its name without the group, has gone through since the last call. */
  takeSteps(process: string): readonly LifeStep[] {
    const steps = this.#steps.get(process) ?? [];
    this.#steps.delete(process);
    return steps;
  }

  /** The last step of a process; `undefined` if the log shows none. */
  lastStep(process: string): LifeStep | undefined {
    return this.#lastSteps.get(process);
  }

  /** Forgets the steps of a process, because lines of the log were lost. */
  forgetSteps(process: string): void {
    this.#steps.delete(process);
    this.#lastSteps.delete(process);
  }

  /** Takes a line of supervisord's stderr, where it says what keeps it from starting. */
  takeWords(line: string): void {
    const shown = maskWords(line);
    if (/^(Error:|\w+(Error|Exception): )/.test(line)) this.#lastError = shown;
    this.#log.debug(`supervisord: ${shown}`, { event: "supervisord_said" });
  }

  /** Adds supervisord's own last words to the reason of its failure. */
  explain(outcome: Outcome): Outcome {
    if (outcome.kind !== "supervisord_failed" || this.#lastError === undefined) return outcome;
    return { ...outcome, reason: `${outcome.reason}, saying: ${this.#lastError}` };
  }

  /** Whether supervisord, asked to end, has told the first of its programs to stop. */
  get hasTold(): boolean {
    return this.#hasTold;
  }

  /** How a process ended last, by its name without the group. */
  lastExit(process: string): Exit | undefined {
    return this.#exits.get(process);
  }

  /** Which pid a process had last, by its name without the group. */
  lastPid(process: string): number | undefined {
    return this.#pids.get(process);
  }
}
