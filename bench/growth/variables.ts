/** What reading, checking and rendering the environment costs by the number of variables. */
import { parseSupervisorVariables } from "../../src/configuration/supervisor_variables.ts";
import { findDocumentIssues } from "../../src/document/document_checks.ts";
import { renderDocument } from "../../src/formats/render.ts";
import type { Growth } from "./growth.ts";

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

function parse(environment: Record<string, string>) {
  return parseSupervisorVariables(environment, { engineName: "llm_engine", allowUnknown: false });
}

/** In this process: no environment of the kernel's holds 100,000 of them. */
export const VARIABLES: Growth = {
  name: "variables",
  title: "Variables",
  text:
    "Reading `SUPERVISOR_…` variables, five a program; then checking and rendering the document " +
    "they make; and reading as many that are all misspelled, each of which gets a suggestion. In the " +
    "bench's own process, since the kernel takes no environment of that size.",
  xTitle: "variables",
  yTitle: "ms",
  curves: ["read", "check and render", "read, all misspelled"],
  sizes: [10, 100, 1_000, 10_000, 100_000],
  measure: (size) => {
    const [good, bad] = [makeGood(size), makeBad(size)];
    const beganMs = performance.now();
    const { sections } = parse(good);
    const readMs = performance.now();
    findDocumentIssues(sections, { environment: good });
    renderDocument(sections);
    const renderedMs = performance.now();
    parse(bad);
    const endedMs = performance.now();
    return Promise.resolve([readMs - beganMs, renderedMs - readMs, endedMs - renderedMs]);
  },
};
