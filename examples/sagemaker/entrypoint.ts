/**
 * A SageMaker container's entrypoint: `SM_VLLM_*` as arguments of `vllm serve`, under supervision.
 *
 * Build: `deno compile -A --output serve examples/sagemaker/entrypoint.ts`; see the Dockerfile beside it.
 *
 * @module
 */
import {
  ConfigurationError,
  createLogger,
  launch,
  listenToSignals,
  parseConfiguration,
  renderIssue,
  reportExit,
} from "@model-hosting/standard-supervisor";
import { buildCommand } from "./arguments.ts";

function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
}

async function main(args: readonly string[], env: Record<string, string>): Promise<number> {
  // From the first moment on, so that no signal is lost.
  const signals = listenToSignals();
  try {
    const { settings } = parseConfiguration(env);
    const { logLevel: level, logFormat: format, giveUpExitCode } = settings;
    const log = createLogger({ level, format, write: writeLine, now: () => new Date() });
    const argv = buildCommand(args, env);
    // Every line is written at once, so there is nothing to flush.
    const outcome = await launch({ argv, env, signals, log, flush: () => Promise.resolve() });
    const { code, text } = reportExit(outcome, giveUpExitCode);
    log[code === 0 ? "info" : "error"](`${text}; exit code ${code}`, { exitCode: code });
    return code;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    error.issues.map(renderIssue).forEach(writeLine);
    return 1;
  }
}

if (import.meta.main) {
  Deno.exit(await main(Deno.args, Deno.env.toObject()));
}
