/** Takes variables the way to a file that a run would, without a run: parse, defaults, check, render. */
import { findDocumentIssues } from "../../src/document/document_checks.ts";
import type { ConfigurationIssue } from "../../src/formats/configuration_error.ts";
import type { HostFacts } from "../../src/configuration/option_value.ts";
import { type ConfigDocument, findUnrenderable, renderDocument } from "../../src/formats/render.ts";
import { parseSupervisorVariables } from "../../src/configuration/supervisor_variables.ts";

function readNames(file: string): Set<string> {
  const lines = Deno.readTextFileSync(file).split("\n").map((line) => line.split(":"));
  return new Set(lines.flatMap(([name = "", , number = ""]) => [name, number]));
}

const USERS = readNames("/etc/passwd");
const GROUPS = readNames("/etc/group");

/** This machine's users and directories. */
export const HOST: HostFacts = {
  isDirectory(path) {
    try {
      return Deno.statSync(path.replace(/^~(?=\/|$)/, Deno.env.get("HOME") ?? "/")).isDirectory;
    } catch {
      return false;
    }
  },
  hasUser: (user) => USERS.has(/^\+?0*\d+$/.test(user.trim()) ? String(Number(user)) : user),
  hasGroup: (group) => GROUPS.has(/^\+?0*\d+$/.test(group.trim()) ? String(Number(group)) : group),
};

/** A file's document and text, or what is wrong. */
export type Checked =
  | { readonly document: ConfigDocument; readonly text: string }
  | { readonly issues: readonly ConfigurationIssue[] };

/**
 * Makes a configuration file of variables.
 *
 * @param environment The environment.
 * @param here The directory the file will stand in.
 * @param base Sections below those of the variables.
 * @returns The document and its text, or the issues.
 */
export function makeCheckedDocument(
  environment: Readonly<Record<string, string>>,
  here: string,
  base: ConfigDocument,
): Checked {
  const { sections, origins, issues } = parseSupervisorVariables(environment, {
    engineName: "llm_engine",
    allowUnknown: false,
    host: HOST,
    here,
  });
  if (issues.length > 0) return { issues };
  const document = new Map([...base].map(([name, values]) => [name, new Map(values)]));
  for (const [section, values] of sections) {
    document.set(section, new Map([...document.get(section) ?? [], ...values]));
  }
  const found = [
    ...findUnrenderable(document, origins),
    ...findDocumentIssues(document, { environment, here, origins }),
  ];
  return found.length > 0 ? { issues: found } : { document, text: renderDocument(document) };
}
