/** The tables of docs/engines.md that say what was seen of real engines. */
import type { BadStartFacts, DrainFacts, FaultFacts, StartFacts } from "./cases.ts";
import type { BadStart, Drain, Fault } from "./engine.ts";

/** One case, and what was seen; without facts it was not run. */
export type Row =
  & { readonly engine: string }
  & (
    | { readonly kind: "start"; readonly facts?: StartFacts; readonly profile: string }
    | { readonly kind: "fault"; readonly facts?: FaultFacts; readonly fault: Fault }
    | { readonly kind: "bad start"; readonly facts?: BadStartFacts; readonly bad: BadStart }
    | { readonly kind: "drain"; readonly facts?: DrainFacts; readonly drain: Drain }
  );

type RowOf<Kind extends Row["kind"]> = Extract<Row, { kind: Kind }>;

const secs = (value: number | undefined) => value === undefined ? "" : value.toFixed(1);

const NOT_RUN = "not run";

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function renderStart({ engine, facts, profile }: RowOf<"start">): string[] {
  const known = profile === "none" ? "none" : `\`${profile}\``;
  if (facts === undefined) return [engine, known, NOT_RUN, ""];
  return [engine, known, secs(facts.startedSecs), secs(facts.answeredSecs)];
}

const MENDERS = { us: "standard-supervisor", engine: "the engine", nobody: "nobody" } as const;

/** A silence that is shorter than this is none: a question takes its time, s. */
const SILENCE_SECS = 0.5;

function renderFault({ engine, facts, fault }: RowOf<"fault">): string[] {
  const what = fault.signal === "SIGKILL" ? "killed" : "hangs";
  const first = [engine, fault.role, fault.isProbed === true ? `${what}, probed` : what];
  if (facts === undefined) return [...first, NOT_RUN, "", ""];
  const { by, silentSecs, serves } = facts;
  const silence = !serves
    ? "does not answer"
    : silentSecs < SILENCE_SECS
    ? "answers on"
    : `none for ${secs(silentSecs)} s`;
  return [...first, MENDERS[by], secs(facts.secs), silence];
}

function renderBadStart({ engine, facts, bad }: RowOf<"bad start">): string[] {
  if (facts === undefined) return [engine, bad.title, NOT_RUN, "", "", ""];
  const { code, starts, cause } = facts;
  return [engine, bad.title, `\`${cause}\``, `${starts}`, secs(facts.secs), `${code}`];
}

function renderDrain({ engine, facts, drain }: RowOf<"drain">): string[] {
  const title = drain.env === undefined ? drain.title : `\`${drain.title}\``;
  if (facts === undefined) return [engine, title, NOT_RUN, "", ""];
  return [engine, title, facts.isAnswered ? "yes" : "no", secs(facts.secs), `${facts.code}`];
}

function select<Kind extends Row["kind"]>(rows: readonly Row[], kind: Kind): RowOf<Kind>[] {
  return rows.filter((row): row is RowOf<Kind> => row.kind === kind);
}

/** @returns The tables of all kinds. */
export function renderTables(rows: readonly Row[]): string {
  return [
    renderTable(
      ["Engine", "Recognised as", "Started after, s", "First answer after, s"],
      select(rows, "start").map(renderStart),
    ),
    renderTable(
      ["Engine", "Process", "What", "Mended by", "Whole after, s", "Answers"],
      select(rows, "fault").map(renderFault),
    ),
    renderTable(
      ["Engine", "Bad start", "Cause", "Starts", "Seconds", "Exit code"],
      select(rows, "bad start").map(renderBadStart),
    ),
    renderTable(
      ["Engine", "Stopped by", "Answered", "Seconds", "Exit code"],
      select(rows, "drain").map(renderDrain),
    ),
  ].join("\n\n");
}

/**
 * Puts the tables between the marks of a document.
 *
 * @param document The document.
 * @param text What stands between `<!-- field -->` and `<!-- /field -->` from now on.
 * @returns The new document.
 * @throws {Error} Where the marks are missing.
 */
export function insertTables(document: string, text: string): string {
  const marks = /(<!-- field -->\n)[\s\S]*(<!-- \/field -->)/;
  if (!marks.test(document)) throw new Error("The document has no <!-- field --> marks");
  return document.replace(marks, (_, begin, end) => `${begin}\n${text}\n\n${end}`);
}
