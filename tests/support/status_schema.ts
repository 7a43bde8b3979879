/** Validates documents against docs/status.schema.json with a validator that others keep. */
// deno-lint-ignore no-import-prefix -- only tests need it
import { Ajv2020 } from "npm:ajv@^8.17.1/dist/2020.js";
import { ROOT } from "./run.ts";

const SCHEMA = JSON.parse(Deno.readTextFileSync(`${ROOT}/docs/status.schema.json`));

const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(SCHEMA);

/**
 * Tells what is wrong with a status document.
 *
 * @param document The document.
 * @returns A line each; empty where it is as the schema says.
 */
export function findSchemaErrors(document: unknown): string[] {
  if (validate(document)) return [];
  return validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`) ?? [];
}

/** The schema's states, and its rules of an end. */
export const SCHEMA_STATES: readonly string[] = SCHEMA.$defs.state.enum;
