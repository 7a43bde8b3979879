/**
 * The fields of a JSON schema as a table in Markdown: of docs/status.schema.json, for docs/status.md.
 *
 * @module
 */
import { renderTable } from "../src/cli/markdown_table.ts";

/** What of a JSON schema is read here. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The schema that a reference leads to, with what is said beside the reference. */
function resolve(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  const target = name === undefined ? undefined : root.$defs?.[name];
  if (target === undefined) return schema;
  const { $ref: _, ...beside } = schema;
  return resolve({ ...target, ...beside }, root);
}

function renderType(given: Schema, root: Schema): string {
  const schema = resolve(given, root);
  if (schema.anyOf !== undefined) {
    return [...new Set(schema.anyOf.map((one) => renderType(one, root)))].join(" or ");
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) {
    return schema.enum.map((one) => one === null ? "null" : `\`${one}\``).join(", ");
  }
  if (schema.type === "array") return `array of ${renderType(schema.items ?? {}, root)}`;
  return [schema.type ?? "object"].flat().join(" or ");
}

/** The objects that a field may hold, or an array of it. */
function listObjects(given: Schema, root: Schema): Schema[] {
  const schema = resolve(given, root);
  const inner = [...schema.anyOf ?? [], ...(schema.items === undefined ? [] : [schema.items])];
  return [
    ...(schema.properties === undefined ? [] : [schema]),
    ...inner.flatMap((one) => listObjects(one, root)),
  ];
}

function listRows(schema: Schema, root: Schema, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const full = path === "" ? name : `${path}.${name}`;
    const { description = "", type } = resolve(field, root);
    const inner = type === "array" ? `${full}[]` : full;
    return [
      [`\`${full}\``, renderType(field, root), description],
      ...listObjects(field, root).flatMap((object) => listRows(object, root, inner)),
    ];
  });
}

/**
 * Renders the fields of a schema.
 *
 * @param schema The schema, of an object.
 * @returns The table: each field by its path, its type, and what it tells.
 */
export function renderSchemaTable(schema: Schema): string {
  return renderTable(["Field", "Type", "What it tells"], listRows(schema, schema, ""));
}
