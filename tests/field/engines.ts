/** Every real engine of the field tests, the quick ones first. vLLM has tests of its own beside. */
import type { FieldEngine } from "./engine.ts";
import { GUNICORN } from "./engines/gunicorn.ts";
import { LITSERVE } from "./engines/litserve.ts";
import { LLAMA_CPP } from "./engines/llama_cpp.ts";
import { MLSERVER } from "./engines/mlserver.ts";
import { NGINX } from "./engines/nginx.ts";
import { RAY_SERVE } from "./engines/ray_serve.ts";
import { UVICORN, UVICORN_WORKERS } from "./engines/uvicorn.ts";

/** The engines. */
export const FIELD_ENGINES: readonly FieldEngine[] = [
  GUNICORN,
  UVICORN,
  UVICORN_WORKERS,
  NGINX,
  LITSERVE,
  MLSERVER,
  RAY_SERVE,
  LLAMA_CPP,
];
