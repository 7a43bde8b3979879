import { assert } from "@std/assert";
import type { Cause } from "../../src/policy/cause.ts";
import { explainDeath } from "../../src/diagnosis/explain_death.ts";
import type { Exit } from "../../src/formats/exit.ts";

// Labelled deaths from elsewhere: ENGINE_DEATHS=FILE, one JSON object a line with lines, class and exit;
// `none` is the class of lines that tell nothing. The rules are not made from that file.

/** A labelled death. */
interface Labelled {
  readonly id: number | string;
  readonly class: Cause | "none";
  readonly lines: readonly string[];
  readonly exit: { readonly code: number } | { readonly signal: string } | null;
}

/** How often a cause was right, missed, and told wrongly. */
interface Score {
  hits: number;
  misses: number;
  falseAlarms: number;
}

const LEAST_MACRO_RECALL = 0.9;

function readExit({ exit }: Labelled): Exit | undefined {
  if (exit === null) return undefined;
  return "code" in exit ? { kind: "code", ...exit } : { kind: "signal", ...exit };
}

const PATH = Deno.env.get("ENGINE_DEATHS");

Deno.test({
  name: PATH === undefined
    ? "explainDeath() on labelled deaths (skipped: ENGINE_DEATHS names no file)"
    : "explainDeath() recalls 90 % of labelled deaths, and tells no cause of harmless lines",
  ignore: PATH === undefined,
  fn: () => {
    const scores = new Map<string, Score>();
    const score = (name: string): Score => {
      const known = scores.get(name) ?? { hits: 0, misses: 0, falseAlarms: 0 };
      scores.set(name, known);
      return known;
    };
    const alarms: string[] = [];
    for (const text of Deno.readTextFileSync(PATH ?? "").trim().split("\n")) {
      const labelled: Labelled = JSON.parse(text);
      const lines = labelled.lines.flatMap((line) => line.split("\n"));
      const told = explainDeath({ lines, exit: readExit(labelled) });
      const cause = told.cause === "unknown" ? "none" : told.cause;
      if (cause === labelled.class) score(cause).hits++;
      else {
        score(labelled.class).misses++;
        score(cause).falseAlarms++;
        if (labelled.class === "none") {
          alarms.push(`${labelled.id} told as ${cause}: ${told.evidence[0]}`);
        }
      }
    }
    const recalls: number[] = [];
    console.log(`${"class".padEnd(20)}  cases  recall  precision`);
    for (const [name, { hits, misses, falseAlarms }] of [...scores].sort()) {
      const cases = hits + misses;
      if (cases > 0) recalls.push(hits / cases);
      const share = (of: number) => of === 0 ? "   -" : (hits / of).toFixed(2);
      console.log(
        `${name.padEnd(20)}  ${`${cases}`.padStart(5)}  ${share(cases).padStart(6)}  ${
          share(hits + falseAlarms).padStart(9)
        }`,
      );
    }
    const macroRecall = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
    console.log(`macro recall ${macroRecall.toFixed(3)} over ${recalls.length} classes`);
    assert(alarms.length === 0, alarms.join("\n"));
    assert(macroRecall >= LEAST_MACRO_RECALL, `macro recall ${macroRecall.toFixed(3)}`);
  },
});
