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
  type Environment,
} from "./src/configuration/configuration.ts";
export {
  ConfigurationError,
  type ConfigurationIssue,
  renderIssue,
} from "./src/formats/configuration_error.ts";
export { generateConfig, type GeneratedConfig } from "./src/document/generate.ts";
export { createHostFacts } from "./src/host/host_facts.ts";
export { launch, type LaunchOptions } from "./src/launch/launch.ts";
export {
  createLogger,
  type LogEvent,
  type LogFields,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from "./src/log/logger.ts";
export {
  type ExitReport,
  type GiveUpExitCode,
  type Outcome,
  reportExit,
} from "./src/policy/outcome.ts";
export { quoteArgument, quoteCommand, type QuotedCommand } from "./src/formats/quote_command.ts";
export {
  type ConfigDocument,
  type ConfigSection,
  type Origins,
  renderDocument,
} from "./src/formats/render.ts";
export { ENGINE_NAMES, type EngineChoice, type EngineName } from "./src/settings/engine_names.ts";
export { type Setting, SETTINGS, type Settings } from "./src/settings/settings.ts";
export { listenToSignals, type SignalListener, type SignalSource } from "./src/host/signals.ts";
export { supervise, type SuperviseOptions } from "./src/supervise/supervise.ts";
export {
  type NameScope,
  type OptionSpec,
  type OptionType,
  type SectionSpec,
  SUPERVISORD_SECTIONS,
} from "./src/formats/supervisord_options.ts";
export type { HostFacts } from "./src/configuration/value_checks.ts";
export { VERSION } from "./src/cli/version.ts";
export type { Exit } from "./src/formats/exit.ts";
export {
  buildDocument,
  type BuiltDocument,
  type MachineLimits,
  plainPaths,
  type SupervisordPaths,
} from "./src/document/build_document.ts";
export { DEFAULT_ENGINE_NAME } from "./src/configuration/engine_name.ts";
export { parseConfiguration } from "./src/document/parse_configuration.ts";
