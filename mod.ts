/**
 * standard-supervisor as a library: parse an environment, render supervisord's configuration, quote a
 * command, supervise an engine.
 *
 * @example Render a configuration for plain supervisord
 * ```ts
 * import { generateConfig } from "@model-hosting/standard-supervisor";
 *
 * const { text } = generateConfig(Deno.env.toObject(), ["vllm", "serve", "model"]);
 * await Deno.writeTextFile("supervisord.conf", text, { mode: 0o600 });
 * ```
 *
 * @module
 */
export {
  type Configuration,
  type ConfigurationOptions,
  DEFAULT_ENGINE_NAME,
  type Environment,
  parseConfiguration,
} from "./src/configuration.ts";
export {
  ConfigurationError,
  type ConfigurationIssue,
  renderIssue,
} from "./src/configuration_error.ts";
export {
  buildDocument,
  type BuiltDocument,
  type MachineLimits,
  plainPaths,
  type SupervisordPaths,
} from "./src/document.ts";
export { generateConfig, type GeneratedConfig } from "./src/generate.ts";
export { createHostFacts } from "./src/host_facts.ts";
export { launch, type LaunchOptions } from "./src/launch.ts";
export {
  createLogger,
  type LogEvent,
  type LogFields,
  type Logger,
  type LoggerOptions,
} from "./src/logger.ts";
export {
  type Exit,
  type ExitReport,
  type GiveUpExitCode,
  type Outcome,
  reportExit,
} from "./src/outcome.ts";
export { quoteArgument, quoteCommand, type QuotedCommand } from "./src/quote_command.ts";
export {
  type ConfigDocument,
  type ConfigSection,
  type Origins,
  renderDocument,
} from "./src/render.ts";
export {
  type LogFormat,
  type LogLevel,
  type Setting,
  SETTINGS,
  type Settings,
} from "./src/settings.ts";
export { listenToSignals, type SignalListener, type SignalSource } from "./src/signals.ts";
export { supervise, type SuperviseOptions } from "./src/supervise.ts";
export {
  type NameScope,
  type OptionSpec,
  type OptionType,
  type SectionSpec,
  SUPERVISORD_SECTIONS,
} from "./src/supervisord_options.ts";
export type { HostFacts } from "./src/value_checks.ts";
export { VERSION } from "./src/version.ts";
