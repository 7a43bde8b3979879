/**
 * Why a run died: what it wrote last, how it ended, and what the machine says.
 *
 * Permissions: those of `linux/mounts.ts`; what may not be seen is unknown.
 *
 * @module
 */
import { CAUSES } from "../engines/cause.ts";
import { explainDeath } from "./explain_death.ts";
import type { Exit } from "../formats/exit.ts";
import { readFreeBytes } from "../linux/mounts.ts";
import { maskText } from "../formats/secrets.ts";
import type { Death } from "../policy/cause.ts";

/** What is known of a run's end. */
export interface Remainder {
  /** What it wrote last, oldest first. */
  readonly lines: readonly string[];
  /** How it ended; `undefined` where it was stopped. */
  readonly exit: Exit | undefined;
  /** Whether we stopped it since it hung. */
  readonly wasCondemned: boolean;
  /** How many processes of the container the kernel killed for memory during the run. */
  readonly oomKills: number | undefined;
  /** Where the run keeps its files. */
  readonly directory: string;
}

/**
 * Tells why a run died. What a hung engine has in its log tells little: it was stopped for its silence.
 */
export function explainRun(remainder: Remainder): Death {
  const { lines, exit, wasCondemned } = remainder;
  if (wasCondemned) return { cause: "hang", ...CAUSES.hang, evidence: [] };
  const { cause, evidence, advice } = explainDeath({
    lines,
    exit,
    facts: {
      // Unknown is not "killed for memory": whoever sends SIGKILL by hand leaves no word either.
      oomKills: remainder.oomKills ?? 0,
      ...known("shmFreeBytes", readFreeBytes("/dev/shm")),
      ...known("diskFreeBytes", readFreeBytes(remainder.directory)),
    },
  });
  return {
    cause,
    meaning: CAUSES[cause].meaning,
    evidence: evidence.map(maskText),
    advice,
  };
}

function known<K extends string, V>(key: K, value: V | undefined): { [k in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { [k in K]: V };
}
