/**
 * Which lines of an engine's output tell a cause, and which of them counts.
 *
 * @module
 */
import type { Cause } from "../policy/cause.ts";
import { CAUSE_NAMES, type CauseRule, type Strength } from "../engines/cause.ts";
import { CAUSE_RULES, MILD_RULES } from "./cause_rules.ts";
import type { LogLine } from "./log_lines.ts";
import { findExceptions, isOfRequest, mayTell, WRAPPERS } from "./log_signs.ts";
import { NO_SPACE } from "./memory_causes.ts";

/** A line that tells a cause. */
export interface Sign {
  readonly cause: Cause;
  readonly strength: Strength;
  readonly at: number;
}

/** A traceback's frames stand before the error that names no path, lines. */
const FRAMES = 25;

const STRENGTHS: readonly Strength[] = ["decisive", "likely", "faint", "last"];

/** Causes that a single request can have without any harm to the engine. */
const OF_REQUESTS: ReadonlySet<Cause> = new Set([
  "bad_arguments",
  "bad_model",
  "missing_dependency",
  "network",
  "permission",
]);

const RANK = new Map(CAUSE_NAMES.map((cause, rank) => [cause, rank]));

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

/** Finds every line that tells a cause. */
export function readSigns(lines: readonly LogLine[]): Sign[] {
  const told = new Map<string, Omit<Sign, "at"> | undefined>();
  const signs: Sign[] = [];
  for (const [at, line] of lines.entries()) {
    if (!mayTell(line.text)) continue;
    // Engines say one thing many times over, once a rank.
    const key = `${line.isMild ? "-" : "+"}${line.text}`;
    if (!told.has(key)) told.set(key, readSign(line, at));
    const sign = told.get(key);
    if (sign === undefined || (OF_REQUESTS.has(sign.cause) && isOfRequest(lines, at))) continue;
    signs.push(placeNoSpace({ ...sign, at }, lines));
  }
  const known = new Set(signs.map(({ at }) => at));
  for (const { at, isOfLoading } of findExceptions(lines)) {
    if (known.has(at)) continue;
    signs.push({ cause: isOfLoading ? "bad_model" : "python_exception", strength: "faint", at });
  }
  return signs.sort((a, b) => a.at - b.at);
}

/** The sign that counts: the first of the strongest. */
export function chooseSign(signs: readonly Sign[]): Sign | undefined {
  for (const strength of STRENGTHS) {
    const sign = signs.find((candidate) => candidate.strength === strength);
    if (sign !== undefined) return sign;
  }
  return undefined;
}
