/**
 * A SageMaker container's entrypoint: `SM_VLLM_*` as arguments of `vllm serve`, under supervision.
 *
 * Build: `deno compile -A --output serve examples/sagemaker/entrypoint.ts`; see the Dockerfile beside it.
 *
 * @module
 */
import {
  ConfigurationError,
  createLog,
  generateConfig,
  launch,
  type Logger,
  PermissionsMissing,
  renderIssue,
  VERSION,
} from "@model-hosting/standard-supervisor";
import { buildCommand } from "./arguments.ts";

type Env = Readonly<Record<string, string>>;

const HELP = `Serves the model that SM_VLLM_* variables describe, with vLLM under supervision.

Usage: docker run IMAGE [serve [VLLM OPTION…] | COMMAND [ARG…]]
       docker run IMAGE --check [serve …]   print supervisord's configuration, start nothing
       docker run IMAGE --help | --version

SM_VLLM_MAX_MODEL_LEN=4096 is vllm serve --max-model-len 4096, and so on; the port is 8080. The variables
of standard-supervisor count too, PROCESS_MAX_START_RETRIES=5 for one.
`;

function write(to: { writeSync(data: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += to.writeSync(bytes.subarray(sent));
}

function check(args: readonly string[], env: Env, log: Logger): number {
  const { maskedText, warnings } = generateConfig(env, buildCommand(args, env));
  for (const warning of warnings) log.warn(warning);
  write(Deno.stdout, maskedText);
  return 0;
}

async function run(args: readonly string[], env: Env, log: Logger): Promise<number> {
  // `replace`: the container is there for the engine only.
  const { exit } = launch({
    ...{ argv: buildCommand(args, env), log },
    ...{ signals: "process", adoptOrphans: true, replace: true },
  });
  const { code, text } = await exit;
  log[code === 0 ? "info" : "error"](`${text}; exit code ${code}`, {
    event: "exit",
    exit_code: code,
  });
  return code;
}

async function main(args: readonly string[], env: Env): Promise<number> {
  const log = createLog(env);
  const [option, ...rest] = args;
  try {
    switch (option) {
      case "-h":
      case "--help":
        write(Deno.stdout, HELP);
        return 0;
      case "-V":
      case "--version":
        write(Deno.stdout, `sagemaker-serve ${VERSION} (Deno ${Deno.version.deno})\n`);
        return 0;
      case "--check":
        return check(rest, env, log);
    }
    return await run(args, env, log);
  } catch (error) {
    if (error instanceof PermissionsMissing) {
      log.critical(error.message);
      return 1;
    }
    if (!(error instanceof ConfigurationError)) throw error;
    for (const issue of error.issues) log.critical(`Configuration error: ${renderIssue(issue)}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args, Deno.env.toObject()));
