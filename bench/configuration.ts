/**
 * What reading, checking and rendering costs by the number of variables: it must grow linearly.
 *
 * Run: `deno run bench/configuration.ts`
 */
import { findDocumentIssues } from "../src/document/document_checks.ts";
import { renderDocument } from "../src/formats/render.ts";
import { parseSupervisorVariables } from "../src/configuration/supervisor_variables.ts";

const COUNTS = [10, 100, 1_000, 10_000];
const ROUNDS = 7;

/** Five variables a program, so the number of sections grows too. */
function makeGood(count: number): Record<string, string> {
  const environment: Record<string, string> = { HOME: "/root" };
  for (let program = 0; program * 5 < count; program++) {
    const prefix = `SUPERVISOR_PROGRAM__P${program}_`;
    environment[`${prefix}COMMAND`] = `serve --name %(program_name)s ; # ${program}`;
    environment[`${prefix}STARTSECS`] = "5";
    environment[`${prefix}STDOUT_LOGFILE_MAXBYTES`] = "10MB";
    environment[`${prefix}ENVIRONMENT`] = `A="%(ENV_HOME)s",B='x, y'`;
    environment[`${prefix}STOPSIGNAL`] = "INT";
  }
  return environment;
}

/** Every one a slip of the keyboard that wants a suggestion. */
function makeBad(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`SUPERVISOR_PROGRAM__P${index}_STRATSECS`, "5"]),
  );
}

function measure(environment: Record<string, string>): { parseMs: number; renderMs: number } {
  let parseMs = Infinity;
  let renderMs = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const { sections } = parseSupervisorVariables(environment, {
      engineName: "llm_engine",
      allowUnknown: false,
    });
    const parsed = performance.now();
    findDocumentIssues(sections, { environment });
    renderDocument(sections);
    const rendered = performance.now();
    parseMs = Math.min(parseMs, parsed - start);
    renderMs = Math.min(renderMs, rendered - parsed);
  }
  return { parseMs, renderMs };
}

console.log(`best of ${ROUNDS}, ms\nvariables  parse  check and render  parse, all misspelt`);
for (const count of COUNTS) {
  const { parseMs, renderMs } = measure(makeGood(count));
  const bad = measure(makeBad(count));
  console.log(
    `${count}`.padStart(9) + parseMs.toFixed(2).padStart(7) + renderMs.toFixed(2).padStart(18) +
      bad.parseMs.toFixed(2).padStart(21),
  );
}
