/**
 * standard-supervisor as a library: supervise an engine, or render supervisord's configuration for it.
 *
 * @example Supervise an engine to its end, then exit as it did
 * ```ts ignore
 * import { launch } from "@model-hosting/standard-supervisor";
 *
 * const engine = launch({ argv: ["vllm", "serve", "model"], signals: "process" });
 * Deno.exit((await engine.exit).code);
 * ```
 *
 * @example Supervise it beside other work, and follow what happens to it
 * ```ts ignore
 * import { launch } from "@model-hosting/standard-supervisor";
 *
 * await using engine = launch({ argv: ["vllm", "serve", "model"] });
 * for await (const event of engine) {
 *   if (event.kind === "died") console.error("died:", event.exit, "next:", event.next);
 *   if (event.kind === "recovered") console.error("serving again after", event.downMs, "ms");
 * }
 * ```
 *
 * @example Render a configuration for plain supervisord
 * ```ts
 * import { generateConfig } from "@model-hosting/standard-supervisor";
 *
 * const { text } = generateConfig({ PROCESS_MAX_START_RETRIES: "5" }, ["vllm", "serve", "model"]);
 * console.log(text.includes("startretries=5")); // true
 * ```
 *
 * @module
 */
export type { Environment } from "./src/configuration/configuration.ts";
export { generateConfig, type GeneratedConfig } from "./src/document/generate.ts";
export {
  ConfigurationError,
  type ConfigurationIssue,
  renderIssue,
} from "./src/formats/configuration_error.ts";
export type { Exit } from "./src/formats/exit.ts";
export {
  listenToSignals,
  type ProcessSignals,
  type SignalListener,
  type SignalSource,
} from "./src/linux/signals.ts";
export { PermissionsMissing } from "./src/host/permissions.ts";
export { createLog } from "./src/launch/default_log.ts";
export { launch } from "./src/launch/launch.ts";
export type { LaunchOptions, Supervised } from "./src/launch/launch_run.ts";
export type { EventPayload, LaunchEvent, SidecarState } from "./src/events/launch_event.ts";
export type { RunRecord } from "./src/events/run_record.ts";
export type {
  EngineStatus,
  ProbeStatus,
  SidecarStatus,
  SupervisionStatus,
} from "./src/status/status.ts";
export { LOG_EVENTS, type LogEventName } from "./src/log/log_events.ts";
export type { LogEvent, LogFields, Logger, LogLevel } from "./src/log/logger.ts";
export type { Cause, Death } from "./src/policy/cause.ts";
export type { EndRule, EngineEvent, NextStep } from "./src/policy/engine_event.ts";
export type { ExitReport, Outcome } from "./src/policy/outcome.ts";
export { VERSION } from "./src/configuration/version.ts";
