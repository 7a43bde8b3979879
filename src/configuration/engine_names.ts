/**
 * The names of the engines that are known.
 *
 * @module
 */

/** Every name that `PROCESS_ENGINE` takes; `src/engines/` has a profile for each. */
export const ENGINE_NAMES = [
  "vllm",
  "sglang",
  "tensorrt_llm",
  "triton",
  "tgi",
  "llama_cpp",
  "llama_cpp_python",
  "djl",
  "ray_serve",
  "litserve",
  "mlserver",
  "gunicorn",
  "uvicorn",
  "generic",
] as const;

/** An engine's name. */
export type EngineName = typeof ENGINE_NAMES[number];

/** Which engine the command is: told from it, none, or one by name. */
export type EngineChoice = "auto" | "none" | EngineName;

/** Reads which engine the command is, in any case, with `-` for `_`. */
export function parseEngineChoice(text: string): EngineChoice | undefined {
  const name = text.toLowerCase().replaceAll("-", "_");
  return (["auto", "none", ...ENGINE_NAMES] as const).find((choice) => choice === name);
}
