/**
 * The environment that the engine gets.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { parseEnvironmentList } from "../formats/environment_list.ts";
import { SectionReader } from "./section_reader.ts";

/** Adds what `environment=` of the engine's own section says. */
export function findEngineEnvironment(
  { sections, engineName }: Configuration,
  env: Environment,
): Environment {
  const header = `program:${engineName}`;
  const read = (name: string) =>
    new SectionReader(name, sections.get(name) ?? new Map(), env).text("environment", "");
  return Object.fromEntries(
    ["supervisord", header].flatMap((name) => {
      const list = parseEnvironmentList(read(name));
      return "variables" in list ? [...list.variables] : [];
    }).reduce((all, [name, value]) => all.set(name, value), new Map(Object.entries(env))),
  );
}
