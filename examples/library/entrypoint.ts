/**
 * A container's entrypoint with work of its own before the engine starts: it waits for the model's
 * directory, then hands the command over.
 *
 * Build: `deno compile -A --output entrypoint examples/library/entrypoint.ts`; run it with the engine's
 * command as its arguments.
 *
 * @module
 */
import { ConfigurationError, launch, listenToSignals } from "@model-hosting/standard-supervisor";

// In the first line: as PID 1, a signal that nobody listens to is lost.
const signals = listenToSignals();

async function waitForModel(path: string): Promise<boolean> {
  while (signals.stopSignals.length === 0) {
    try {
      await Deno.stat(path);
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return false;
}

async function main(argv: readonly string[], model: string): Promise<number> {
  if (!await waitForModel(model)) return 0;
  try {
    // This process is there for the engine only, so it may be replaced and reaps what is orphaned.
    const engine = launch({ argv, signals, adoptOrphans: true, replace: true });
    const { code, text } = await engine.exit;
    console.error(`${text}; exit code ${code}`);
    return code;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    return 1;
  }
}

Deno.exit(await main(Deno.args, Deno.env.get("SAGEMAKER_MODEL_PATH") ?? "/opt/ml/model"));
