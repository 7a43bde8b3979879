import { assert, assertEquals } from "@std/assert";
import { renderGenerateHelp, renderHelp } from "../../src/cli/help.ts";
import { splitFreeName, splitVariableName } from "../../src/configuration/variable_names.ts";
import { METRIC_PREFIX, METRICS } from "../../src/status/metrics_table.ts";
import { SETTINGS } from "../../src/configuration/settings.ts";
import { DOCUMENTS, readDocument } from "../support/documents.ts";
import { isThere } from "../support/files.ts";
import { ROOT } from "../support/run.ts";

// What the documents name is there: variables, metrics, files; and what is there is named.

const OURS = new Set(Object.values(SETTINGS).flatMap(({ name, aliases }) => [name, ...aliases]));

/** Names that begin like variables of ours: Kubernetes', and one that is misspelt to show the answer. */
const OTHERS: ReadonlySet<string> = new Set([
  "SUPERVISOR_SERVICE_HOST",
  "SUPERVISOR_PROGRAM__APP_STARTSEC",
]);

/** Every place where the pattern matches. */
function find(pattern: RegExp): { readonly path: string; readonly name: string }[] {
  return DOCUMENTS.flatMap((path) =>
    [...readDocument(path).matchAll(pattern)].map(([name]) => ({ path, name }))
  );
}

function isKnownVariable(name: string): boolean {
  if (OURS.has(name) || OTHERS.has(name)) return true;
  if (!name.startsWith("SUPERVISOR_")) return false;
  return splitVariableName(name) !== undefined ||
    splitFreeName(name, () => true, false) !== undefined;
}

Deno.test("every variable that a document names is one", () => {
  const names = find(/\b(?:PROCESS|ENGINE|STANDARD|LOG|SUPERVISORD?)_[A-Z0-9_]*[A-Z0-9]\b(?!_?<)/g);
  assert(names.length > 100, `${names.length}`);
  assertEquals(names.filter(({ name }) => !isKnownVariable(name)), []);
});

Deno.test("every metric that a document names is one", () => {
  const known = Object.keys(METRICS).map((name) => METRIC_PREFIX + name);
  const names = find(/\bstandard_supervisor_[a-z_]+[a-z]\b/g);
  assert(names.length > known.length, `${names.length}`);
  assertEquals(
    names.filter(({ name }) => !known.includes(name.replace(/_(bucket|sum|count)$/, ""))),
    [],
  );
});

Deno.test("every file of ours that a document names is there", () => {
  const names = find(
    /(?<![\w/.…-])(?:src|tests|docs|examples|scripts|bench|\.ci|\.github)\/[\w./-]*[\w]/g,
  );
  assert(names.length > 50, `${names.length}`);
  assertEquals(names.filter(({ name }) => !isThere(`${ROOT}/${name}`)), []);
});

Deno.test("every option of both commands is named in the documents", () => {
  const text = DOCUMENTS.map(readDocument).join("\n");
  const options = [renderHelp(), renderGenerateHelp()].flatMap((help) =>
    [...help.split("\nEnvironment:", 1)[0]!.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(String)
  );
  assert(options.includes("--watch") && options.includes("--output"), options.join(" "));
  assertEquals([...new Set(options)].filter((option) => !text.includes(option)), []);
});
