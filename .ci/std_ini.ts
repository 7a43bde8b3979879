// Stands in for @std/ini where JSR cannot be reached: the part of its contract that this project uses.

/** Renders sections of text values as @std/ini does: `[section]`, then `key=value` lines. */
export function stringify(
  object: Record<string, Record<string, string>>,
  options: { pretty?: boolean } = {},
): string {
  const assignment = options.pretty ? " = " : "=";
  return Object.entries(object).map(([section, values]) =>
    [`[${section}]`, ...Object.entries(values).map(([key, value]) => key + assignment + value)]
      .join("\n")
  ).join("\n");
}
