/**
 * Options that a section cannot do without.
 *
 * @module
 */
import type { ConfigurationIssue } from "../formats/configuration_error.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { SUPERVISORD_SECTIONS } from "../formats/supervisord_options.ts";
import { spellVariable } from "./variable_names.ts";

/**
 * Finds sections that lack what they cannot do without. `[unix_http_server]` is let pass: its file
 * has a default of ours.
 */
export function findMissingOptions(
  sections: ConfigDocument,
  engineName: string,
): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  for (const [section, values] of sections) {
    if (section === "unix_http_server") continue;
    const [kind = ""] = section.split(":", 1);
    for (const [key, { required }] of SUPERVISORD_SECTIONS.get(kind)?.options ?? []) {
      if (required !== true || values.has(key)) continue;
      if (section === `program:${engineName}` && key === "command") continue;
      if (section === "rpcinterface:supervisor") continue;
      const others = [...values.keys()].slice(0, 3).join(", ");
      issues.push({
        variable: spellVariable(section, key),
        expected: `[${section}] has ${others} and no ${key}`,
        hint: key === "events" ? "say which events it listens to, e.g. TICK_60" : undefined,
      });
    }
  }
  return issues;
}
