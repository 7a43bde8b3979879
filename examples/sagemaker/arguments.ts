/**
 * `SM_VLLM_*` variables as arguments of `vllm serve`, by the rules of vLLM's SageMaker entrypoint:
 * `SM_VLLM_MAX_MODEL_LEN=4096` is `--max-model-len 4096`, an empty value is a bare `--flag`, and the port
 * is 8080 unless `SM_VLLM_PORT` says another.
 *
 * Unlike a shell script that reads `env` line by line it takes every value as it is: line breaks, `=` at
 * the end, JSON. And `true` and `false` switch a flag on and off, where the script passes a word on that
 * vLLM refuses.
 *
 * @module
 */

const PREFIX = "SM_VLLM_";

/** SageMaker asks for `/ping` and `/invocations` there. */
const PORT = "8080";

function nameOption(variable: string): string {
  return variable.slice(PREFIX.length).toLowerCase().replaceAll("_", "-");
}

/** `false` to a flag that already says no is what vLLM does without it. */
function renderFlag(option: string, isOn: boolean): string[] {
  if (isOn) return [`--${option}`];
  return /^(no|disable)-/.test(option) ? [] : [`--no-${option}`];
}

function renderOption(option: string, value: string): string[] {
  const flag = value.trim().toLowerCase();
  if (flag === "" || flag === "true" || flag === "false") {
    return renderFlag(option, flag !== "false");
  }
  // What starts with a dash would be taken for another option.
  return value.startsWith("-") ? [`--${option}=${value}`] : [`--${option}`, value];
}

/**
 * Turns variables into arguments, in the order of their names, so that each start has the same.
 *
 * @param env The environment.
 * @returns The arguments after `vllm serve`.
 *
 * @example
 * ```ts
 * import { buildArguments } from "./arguments.ts";
 *
 * buildArguments({ SM_VLLM_MODEL: "m", SM_VLLM_TRUST_REMOTE_CODE: "true" });
 * // ["--port", "8080", "--model", "m", "--trust-remote-code"]
 * ```
 */
export function buildArguments(env: Readonly<Record<string, string>>): string[] {
  const variables = Object.keys(env).filter((name) =>
    name.startsWith(PREFIX) && name.length > PREFIX.length
  ).sort();
  const port = env[`${PREFIX}PORT`] === undefined ? ["--port", PORT] : [];
  return [
    ...port,
    ...variables.flatMap((name) => renderOption(nameOption(name), env[name] ?? "")),
  ];
}

/**
 * Decides what the container runs. SageMaker runs `docker run IMAGE serve`.
 *
 * @param args The container's arguments.
 * @param env The environment.
 * @returns A lone `serve`, or nothing: `vllm serve` with what the variables say; further arguments of
 * `serve` after that, the last word being theirs; anything else is a command of its own.
 */
export function buildCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): string[] {
  const [first = "serve", ...rest] = args;
  return first === "serve" ? ["vllm", "serve", ...buildArguments(env), ...rest] : [...args];
}
