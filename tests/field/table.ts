/** The tables of docs/engines.md that say what was seen of real engines. */
import type { BadStartFacts, DrainFacts, FaultFacts, StartFacts } from "./cases.ts";
import type { BadStart, Drain, Fault } from "./engine.ts";

/** One case, and what was seen. */
export type Row =
  & { readonly engine: string }
  & (
    | {
      readonly kind: "start";
      readonly facts: StartFacts;
      readonly version: string;
      readonly profile: string;
    }
    | { readonly kind: "fault"; readonly facts: FaultFacts; readonly fault: Fault }
    | { readonly kind: "bad start"; readonly facts: BadStartFacts; readonly bad: BadStart }
    | { readonly kind: "drain"; readonly facts: DrainFacts; readonly drain: Drain }
  );

type RowOf<Kind extends Row["kind"]> = Extract<Row, { kind: Kind }>;

const secs = (value: number | undefined) => value === undefined ? "" : value.toFixed(1);

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function renderStart({ engine, facts, version, profile }: RowOf<"start">): string[] {
  const known = profile === "none" ? "none" : `\`${profile}\``;
  const date = new Date().toISOString().slice(0, 10);
  return [engine, version, date, known, secs(facts.startedSecs), secs(facts.answeredSecs)];
}

const MENDERS = { us: "standard-supervisor", engine: "the engine", nobody: "nobody" } as const;

/** A silence that is shorter than this is none: a question takes its time, s. */
const SILENCE_SECS = 0.5;

function renderFault({ engine, facts, fault }: RowOf<"fault">): string[] {
  const what = fault.signal === "SIGKILL" ? "killed" : "hangs";
  const path = fault.healthPath === undefined ? "" : ` by \`${fault.healthPath}\``;
  const first = [engine, fault.role, fault.isProbed === true ? `${what}, probed${path}` : what];
  const { by, silentSecs, serves } = facts;
  const silence = !serves
    ? "does not answer"
    : by !== "us" && silentSecs < SILENCE_SECS
    ? "answers on"
    : `none for ${secs(silentSecs)} s`;
  return [...first, MENDERS[by], secs(facts.secs), silence];
}

function renderBadStart({ engine, facts, bad }: RowOf<"bad start">): string[] {
  const { code, starts, cause } = facts;
  return [engine, bad.title, `\`${cause}\``, `${starts}`, secs(facts.secs), `${code}`];
}

function renderDrain({ engine, facts, drain }: RowOf<"drain">): string[] {
  const title = drain.env === undefined ? drain.title : `\`${drain.title}\``;
  return [engine, title, facts.isAnswered ? "yes" : "no", secs(facts.secs), `${facts.code}`];
}

function select<Kind extends Row["kind"]>(rows: readonly Row[], kind: Kind): RowOf<Kind>[] {
  return rows.filter((row): row is RowOf<Kind> => row.kind === kind);
}

const HEADS = [
  ["Engine", "Version", "Date", "Recognized as", "Started after, s", "First answer after, s"],
  ["Engine", "Process", "What", "Mended by", "Whole after, s", "Answers"],
  ["Engine", "Bad start", "Cause", "Starts", "Seconds", "Exit code"],
  ["Engine", "Stopped by", "Answered", "Seconds", "Exit code"],
] as const;

/** The tables of all kinds, as cells without their heads. */
export type Tables = readonly (readonly (readonly string[])[])[];

/** @returns What the rows say. */
export function makeTables(rows: readonly Row[]): Tables {
  return [
    select(rows, "start").map(renderStart),
    select(rows, "fault").map(renderFault),
    select(rows, "bad start").map(renderBadStart),
    select(rows, "drain").map(renderDrain),
  ];
}

/** @returns The tables as Markdown. */
export function renderTables(tables: Tables): string {
  return tables.map((rows, at) => renderTable(HEADS[at] ?? [], rows)).join("\n\n");
}

const MARKED = /(<!-- field -->\n)([\s\S]*)(<!-- \/field -->)/;

/** The tables that stand in a document, without heads. */
function readTables(text: string): Tables {
  return HEADS.map(([, second]) => {
    const [, body = ""] = new RegExp(`^\\| Engine +\\| ${second} .*\\n.*\\n((?:\\|.*\\n)*)`, "m")
      .exec(text) ?? [];
    return body.split("\n").filter((line) => line !== "")
      .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
  });
}

/**
 * Puts tables into a document: the rows of their engines replace those that stand there.
 *
 * @param document The document.
 * @param tables The new rows.
 * @param order Every engine, in order.
 * @returns The new document.
 * @throws {Error} Where `<!-- field -->` and `<!-- /field -->` are missing.
 */
export function insertTables(document: string, tables: Tables, order: readonly string[]): string {
  const [, , text] = MARKED.exec(document) ?? [];
  if (text === undefined) throw new Error("The document has no <!-- field --> marks");
  const fresh = new Set(tables.flat().map(([engine]) => engine));
  const merged = readTables(text).map((rows, at) => {
    const all = [...rows.filter(([engine]) => !fresh.has(engine)), ...tables[at] ?? []];
    return order.flatMap((title) => all.filter(([engine]) => engine === title));
  });
  return document.replace(
    MARKED,
    (_, begin, __, end) => `${begin}\n${renderTables(merged)}\n\n${end}`,
  );
}
