/**
 * Every engine that is known.
 *
 * @module
 */
import { DJL } from "./djl.ts";
import { GENERIC } from "./generic.ts";
import { GUNICORN } from "./gunicorn.ts";
import { LITSERVE } from "./litserve.ts";
import { LLAMA_CPP, LLAMA_CPP_PYTHON } from "./llama_cpp.ts";
import { MLSERVER } from "./mlserver.ts";
import type { EngineName } from "../configuration/engine_names.ts";
import type { EngineProfile } from "./profile.ts";
import { RAY_SERVE } from "./ray_serve.ts";
import { SGLANG } from "./sglang.ts";
import { TENSORRT_LLM } from "./tensorrt_llm.ts";
import { TGI } from "./tgi.ts";
import { TRITON } from "./triton.ts";
import { UVICORN } from "./uvicorn.ts";
import { VLLM } from "./vllm.ts";

/** Every profile by its name, in the order in which commands are compared with them. */
export const PROFILES: Readonly<Record<EngineName, EngineProfile>> = {
  vllm: VLLM,
  sglang: SGLANG,
  tensorrt_llm: TENSORRT_LLM,
  triton: TRITON,
  tgi: TGI,
  llama_cpp: LLAMA_CPP,
  llama_cpp_python: LLAMA_CPP_PYTHON,
  djl: DJL,
  ray_serve: RAY_SERVE,
  litserve: LITSERVE,
  mlserver: MLSERVER,
  gunicorn: GUNICORN,
  uvicorn: UVICORN,
  generic: GENERIC,
};
