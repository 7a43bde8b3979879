/**
 * Why an engine died, told from its last lines, from how it ended and from what else is known.
 *
 * What tells is found in tiers: a decisive line wins over a likely one, and that over a faint one,
 * since a crash in native code or a dead worker is as a rule what a full GPU or a lost port led to.
 * Inside a tier the first line wins: what follows is what it led to. Where one line fits several
 * causes, the first in the order of {@linkcode CAUSES} wins. What engines print last, whatever
 * happened (`EngineDeadError`, `Engine core initialization failed`), tells nothing. Exit codes
 * mislead and count only where no line tells.
 *
 * @module
 */
import type { Cause } from "../policy/cause.ts";
import { CAUSES } from "../engines/cause.ts";
import { findSignal, readExit, STOP_SIGNALS } from "./death_exit.ts";
import { type DeathFacts, readFacts } from "./death_facts.ts";
import { chooseSign, readSigns, type Sign } from "./death_signs.ts";
import type { Exit } from "../formats/exit.ts";
import { type LogLine, readLogLines } from "./log_lines.ts";
import { findLife, WRAPPERS } from "./log_signs.ts";
import { ORDERLY_END, STOP_REQUEST } from "./process_causes.ts";

/** What there is to tell a death from. */
export interface DeathRecord {
  /** The engine's last lines, oldest first. */
  readonly lines: readonly string[];
  /** How it ended; `undefined` where that is not known. */
  readonly exit?: Exit | undefined;
  /** What else is known. */
  readonly facts?: DeathFacts | undefined;
}

/** Why it died. */
export interface DeathExplanation {
  /** The cause. */
  readonly cause: Cause;
  /** What told it, at most three lines; empty where only the exit did, or nothing. */
  readonly evidence: readonly string[];
  /** What to do about it. */
  readonly advice: string;
}

const MAX_EVIDENCE = 3;
const MAX_EVIDENCE_LENGTH = 500;

/** Causes that only a failed start has: an engine that works afterwards has not died of them. */
const OF_STARTS: ReadonlySet<Cause> = new Set([
  "gpu_lost",
  "bad_arguments",
  "bad_model",
  "missing_dependency",
  "port_in_use",
  "gpu_out_of_memory",
  "host_out_of_memory",
  "shm_exhausted",
  "disk_full",
  "permission",
  "network",
  "hang",
  "python_exception",
]);

/** What a stop that was asked for may itself bring about. */
const OF_STOPS: ReadonlySet<Cause> = new Set([
  "collective_failure",
  "worker_died",
  "python_exception",
  "hang",
  "segfault_abort",
  "network",
]);

/** vLLM's executor speaks of a signal that it sends itself. */
const NO_REQUEST = /please ignore|closing signal|child failed|crash dump|SIGTERM\/SIGQUIT/;

/** Ray's workers print this whoever sent the signal. */
const OF_A_WORKER = /\*\*\* SIG\w+ received at time=/;

/** Why SIGKILL without a word tells of memory. */
const OF_SIGKILL = "ended by SIGKILL without a word, as the kernel ends what uses too much memory";

/**
 * Whether a stop that was asked for is the cause. What follows it counts for little; but a worker that
 * gets SIGTERM may get it from a supervisor that has seen another one fail, so that the exit must agree.
 */
function isStopped(
  stop: LogLine,
  stopAt: number,
  sign: Sign | undefined,
  exit: Exit | undefined,
): boolean {
  const signal = findSignal(exit);
  const agrees = exit === undefined
    ? !OF_A_WORKER.test(stop.text)
    : signal === undefined
    ? exit.kind === "code" && exit.code === 0
    : STOP_SIGNALS.has(signal);
  if (sign === undefined) return agrees || exit === undefined;
  return agrees && stopAt < sign.at && OF_STOPS.has(sign.cause);
}

function findLast(lines: readonly LogLine[], pattern: RegExp): number {
  return lines.findLastIndex(({ text }) => pattern.test(text));
}

/**
 * Tells why an engine died. Wrong is worse than unknown: what does not tell is `unknown`.
 *
 * @example
 * ```ts
 * const { cause } = explainDeath({
 *   lines: [
 *     "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 232.00 MiB.",
 *     "RuntimeError: Engine core initialization failed. See root cause above.",
 *   ],
 *   exit: { kind: "code", code: 0 },
 * });
 * cause; // "gpu_out_of_memory"
 * ```
 */
export function explainDeath({ lines, exit, facts }: DeathRecord): DeathExplanation {
  const read = readLogLines(lines);
  const lifeAt = findLife(read);
  const stopAt = read.findIndex(({ text }) => STOP_REQUEST.test(text) && !NO_REQUEST.test(text));
  const signs = readSigns(read).filter(({ cause, at }) => !(OF_STARTS.has(cause) && at < lifeAt));
  const sign = chooseSign(signs);
  const signal = findSignal(exit);

  const fact = facts === undefined ? undefined : readFacts(facts, sign, signal);
  if (fact !== undefined) return explain(fact.cause, [fact.words]);

  const stop = read[stopAt];
  if (stop !== undefined && isStopped(stop, stopAt, sign, exit)) {
    return explain("clean_exit", [show(stop)]);
  }
  if (sign !== undefined) {
    const same = signs.filter(({ cause, strength }) =>
      cause === sign.cause && strength === sign.strength
    );
    const texts = [...new Set(same.map(({ at }) => show(read[at])))];
    return explain(sign.cause, texts.slice(0, MAX_EVIDENCE));
  }
  if (signal === "SIGKILL" && facts?.oomKills !== 0) {
    return explain("host_out_of_memory", [OF_SIGKILL]);
  }
  const cause = readExit(exit, read);
  if (cause !== "unknown" || exit !== undefined && exit.kind === "code" && exit.code !== 0) {
    return explain(cause, []);
  }
  const endAt = findLast(read, ORDERLY_END);
  if (endAt >= 0 && !read.some(({ text }) => WRAPPERS.test(text)) && endAt > lifeAt) {
    return explain("clean_exit", [show(read[endAt])]);
  }
  return explain(cause, []);
}

function show(line: LogLine | undefined): string {
  return (line?.raw ?? "").trim().slice(0, MAX_EVIDENCE_LENGTH);
}

function explain(cause: Cause, evidence: readonly string[]): DeathExplanation {
  return { cause, evidence, advice: CAUSES[cause].advice };
}
