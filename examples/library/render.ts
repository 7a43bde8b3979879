/**
 * Writes the configuration that plain supervisord runs: only what the environment asks for, nothing is
 * started.
 *
 * Run: `deno run --allow-env --allow-write examples/library/render.ts FILE COMMAND…`
 *
 * @module
 */
import { ConfigurationError, generateConfig } from "@model-hosting/standard-supervisor";

const [file, ...argv] = Deno.args;
if (file === undefined || argv.length === 0) {
  console.error("Usage: render.ts FILE COMMAND…");
  Deno.exit(2);
}
try {
  const { text, warnings } = generateConfig(Deno.env.toObject(), argv);
  for (const warning of warnings) console.error(warning);
  await Deno.writeTextFile(file, text, { mode: 0o600 });
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  for (const { variable, expected } of error.issues) console.error(`${variable}: ${expected}`);
  Deno.exit(1);
}
