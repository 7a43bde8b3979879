/**
 * A SageMaker container's entrypoint: `SM_VLLM_*` as arguments of `vllm serve`, under supervision.
 *
 * Build: `deno compile -A --output serve examples/sagemaker/entrypoint.ts`; see the Dockerfile beside it.
 *
 * @module
 */
import { ConfigurationError, launch } from "@model-hosting/standard-supervisor";
import { buildCommand } from "./arguments.ts";

if (import.meta.main) {
  try {
    // `replace`: the container is there for the engine only.
    const engine = launch({
      argv: buildCommand(Deno.args, Deno.env.toObject()),
      signals: "process",
      adoptOrphans: true,
      replace: true,
    });
    const { code, text } = await engine.exit;
    console.error(`${text}; exit code ${code}`);
    Deno.exit(code);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
