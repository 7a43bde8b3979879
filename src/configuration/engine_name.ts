/**
 * What the engine's program is called.
 *
 * @module
 */

/** The engine's section is `[program:llm_engine]` unless another name is given. */
export const DEFAULT_ENGINE_NAME = "llm_engine";
