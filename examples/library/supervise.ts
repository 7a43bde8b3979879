/**
 * Supervises an engine beside other work, tells on stdout what happens to it, a JSON object an event, and
 * stops it after the time that is given.
 *
 * Run: `deno run -A examples/library/supervise.ts SECONDS COMMAND…`
 *
 * @module
 */
import { launch } from "@model-hosting/standard-supervisor";

const [seconds = "", ...argv] = Deno.args;

// The engine's own output is read here, so that it does not mix with the events.
const engine = launch({
  argv,
  output: "piped",
  signal: AbortSignal.timeout(Number(seconds) * 1000),
});
const stdout = engine.stdout?.pipeTo(Deno.stderr.writable, { preventClose: true });
const stderr = engine.stderr?.pipeTo(new WritableStream()); // Read, and thrown away.

for await (const event of engine) {
  console.log(JSON.stringify(event));
  if (event.kind === "recovered") console.error(`now: ${JSON.stringify(engine.status)}`);
}
await Promise.all([stdout, stderr]);
