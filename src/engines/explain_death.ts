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
import { type Cause, CAUSE_NAMES, type CauseRule, CAUSES, type Strength } from "./cause.ts";
import { CAUSE_RULES, MILD_RULES } from "./cause_rules.ts";
import { type Exit, SIGNAL_NUMBERS } from "../formats/exit.ts";
import { type LogLine, readLogLines } from "./log_lines.ts";
import { NO_SPACE } from "./memory_words.ts";
import { ORDERLY_END, STOP_REQUEST } from "./process_words.ts";
import { findExceptions, isLife, mayTell, WRAPPERS } from "./log_signs.ts";

/** What is known beyond the log; each where it could be learnt. */
export interface DeathFacts {
  /** How many processes of the container the kernel killed for memory during the run. */
  readonly oomKills?: number;
  /** Free space of `/dev/shm`, bytes. */
  readonly shmFreeBytes?: number;
  /** Free space where the run keeps its files, bytes. */
  readonly diskFreeBytes?: number;
  /** Who else listens on the engine's port, in words. */
  readonly portHolder?: string;
}

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

/** A line that tells a cause. */
interface Sign {
  readonly cause: Cause;
  readonly strength: Strength;
  readonly at: number;
}

const MOST_EVIDENCE = 3;
const MOST_EVIDENCE_LENGTH = 500;

/** So little space is none: a page or two may be left of a full one, bytes. */
const FULL_BYTES = 1 << 20;

/** A traceback's frames stand before the error that names no path, lines. */
const FRAMES = 25;

const STRENGTHS: readonly Strength[] = ["decisive", "likely", "faint", "last"];

/** Causes that only a failed start has: an engine that works afterwards has not died of them. */
const OF_STARTS: ReadonlySet<Cause> = new Set([
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

const CRASH_SIGNALS: ReadonlySet<string> = new Set(
  ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"],
);

const STOP_SIGNALS: ReadonlySet<string> = new Set(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"]);

/** vLLM's executor speaks of a signal that it sends itself. */
const NO_REQUEST = /please ignore|closing signal/;

/** Ray's workers print this whoever sent the signal. */
const OF_A_WORKER = /\*\*\* SIG\w+ received at time=/;

/** Why SIGKILL without a word tells of memory. */
const OF_SIGKILL = "ended by SIGKILL without a word, as the kernel ends what uses too much memory";

/** Windows's codes for a missing library, and for crashes. */
const NT_CODES: Readonly<Record<number, Cause>> = {
  0xc0000135: "missing_dependency",
  0xc0000139: "missing_dependency",
  0xc0000005: "segfault_abort",
  0xc000001d: "segfault_abort",
  0xc0000374: "segfault_abort",
  0xc0000409: "segfault_abort",
  0xc00000fd: "segfault_abort",
};

const RANK = new Map(CAUSE_NAMES.map((cause, rank) => [cause, rank]));

/** The name of the signal that ended it, also where a shell turned it into 128 + n. */
function findSignal(exit: Exit | undefined): string | undefined {
  if (exit === undefined) return undefined;
  if (exit.kind === "signal") return exit.signal;
  return Object.entries(SIGNAL_NUMBERS).find(([, number]) => exit.code === 128 + number)?.[0];
}

/** What one line tells, by the strongest rule that it fits, the most specific cause first. */
function readSign(line: LogLine, at: number): Sign | undefined {
  const isWrapper = WRAPPERS.test(line.text);
  let best: Sign | undefined;
  for (const rule of line.isMild ? MILD_RULES : CAUSE_RULES) {
    // What it quotes is a list of guesses, or stands above.
    if (isWrapper && rule.cause !== "worker_died") continue;
    const strength = rule.strength ?? "decisive";
    if (best !== undefined && !isBefore(rule.cause, strength, best)) continue;
    if (fits(rule, line.text)) best = { cause: rule.cause, strength, at };
  }
  return best;
}

function isBefore(cause: Cause, strength: Strength, than: Sign): boolean {
  const tiers = STRENGTHS.indexOf(strength) - STRENGTHS.indexOf(than.strength);
  return tiers < 0 || (tiers === 0 && (RANK.get(cause) ?? 0) < (RANK.get(than.cause) ?? 0));
}

function fits({ words, unless }: CauseRule, text: string): boolean {
  return words.test(text) && unless?.test(text) !== true;
}

/** "No space" tells nothing of where; the frames above it do. */
function placeNoSpace(sign: Sign, lines: readonly LogLine[]): Sign {
  if (sign.cause !== "disk_full" || !NO_SPACE.test(lines[sign.at]?.text ?? "")) return sign;
  const frames = lines.slice(Math.max(0, sign.at - FRAMES), sign.at);
  return frames.some(({ text }) =>
      /shared_memory\b|\/dev\/shm|multiprocessing\/(?:heap|synchronize)/.test(text)
    )
    ? { ...sign, cause: "shm_exhausted" }
    : sign;
}

function readSigns(lines: readonly LogLine[]): Sign[] {
  const told = new Map<string, Omit<Sign, "at"> | undefined>();
  const signs: Sign[] = [];
  for (const [at, line] of lines.entries()) {
    if (!mayTell(line.text)) continue;
    // Engines say one thing many times over, once a rank.
    const key = `${line.isMild ? "-" : "+"}${line.text}`;
    if (!told.has(key)) told.set(key, readSign(line, at));
    const sign = told.get(key);
    if (sign !== undefined) signs.push(placeNoSpace({ ...sign, at }, lines));
  }
  const known = new Set(signs.map(({ at }) => at));
  for (const { at, isOfLoading } of findExceptions(lines)) {
    if (known.has(at)) continue;
    signs.push({ cause: isOfLoading ? "bad_model" : "python_exception", strength: "faint", at });
  }
  return signs.sort((a, b) => a.at - b.at);
}

/** The sign that counts. */
function chooseSign(signs: readonly Sign[]): Sign | undefined {
  for (const strength of STRENGTHS) {
    const sign = signs.find((candidate) => candidate.strength === strength);
    if (sign !== undefined) return sign;
  }
  return undefined;
}

/** What only the exit tells. */
function readExit(exit: Exit | undefined, lines: readonly LogLine[]): Cause {
  const signal = findSignal(exit) ?? "";
  if (CRASH_SIGNALS.has(signal)) return "segfault_abort";
  if (STOP_SIGNALS.has(signal)) return "clean_exit";
  if (exit?.kind !== "code") return "unknown";
  const hasTrouble = lines.some(({ text, isMild }) =>
    WRAPPERS.test(text) || (!isMild && /\b(?:error|exception|failed|fatal|traceback)\b/i.test(text))
  );
  if (exit.code === 0) return hasTrouble ? "unknown" : "clean_exit";
  return NT_CODES[exit.code >>> 0] ?? "unknown";
}

/** What the facts tell, given what the lines and the exit did; `undefined` where they add nothing. */
function readFacts(
  facts: DeathFacts,
  sign: Sign | undefined,
  signal: string | undefined,
): { cause: Cause; words: string } | undefined {
  if (sign?.strength === "decisive") return undefined;
  const cause = sign?.cause;
  const isVague = sign === undefined || sign.strength === "faint" || sign.strength === "last";
  if (
    (facts.oomKills ?? 0) > 0 && (isVague || signal === "SIGKILL" || cause === "collective_failure")
  ) {
    return {
      cause: "host_out_of_memory",
      words:
        `the kernel killed ${facts.oomKills} of the container's processes for memory during the run`,
    };
  }
  if (
    facts.shmFreeBytes !== undefined && facts.shmFreeBytes < FULL_BYTES &&
    (isVague || signal === "SIGBUS" || cause === "collective_failure")
  ) {
    return { cause: "shm_exhausted", words: `/dev/shm has ${facts.shmFreeBytes} bytes left` };
  }
  if (!isVague) return undefined;
  if (facts.portHolder !== undefined) {
    return { cause: "port_in_use", words: `its port is held by ${facts.portHolder}` };
  }
  if (facts.diskFreeBytes !== undefined && facts.diskFreeBytes < FULL_BYTES) {
    return { cause: "disk_full", words: `the run's disk has ${facts.diskFreeBytes} bytes left` };
  }
  return undefined;
}

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
 * @param record Its last lines, how it ended, what else is known.
 * @returns The cause, what told it, what to do about it.
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
  const lifeAt = read.findLastIndex((line) => isLife(line.text));
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
    return explain(sign.cause, texts.slice(0, MOST_EVIDENCE));
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
  return (line?.raw ?? "").trim().slice(0, MOST_EVIDENCE_LENGTH);
}

function explain(cause: Cause, evidence: readonly string[]): DeathExplanation {
  return { cause, evidence, advice: CAUSES[cause].advice };
}
