/**
 * What of an engine can be watched, told from its command: when it has started, whether it works,
 * whether it makes progress, how one token is asked for.
 *
 * @module
 */
import type { CanaryQuestion } from "../health/canary_watch.ts";
import type { MetricsQuestion } from "../health/progress_watch.ts";
import type { StartQuestion } from "../health/start_watch.ts";
import type { EngineChoice } from "../settings/engine_names.ts";
import {
  type EngineAddress,
  findAddress,
  findMetricsUrl,
  readSecret,
  renderUrl,
} from "./address.ts";
import type { EngineProfile } from "./profile.ts";
import { type Engine, recogniseEngine } from "./recognise.ts";

/** What can be watched; what cannot is `undefined`. */
export interface WatchPlan {
  /** The engine's name for people. */
  readonly title: string;
  /** What tells when it has started. */
  readonly start: StartQuestion | undefined;
  /** Its path for health. */
  readonly health: {
    /** Until it has started. */
    readonly startUrl: string;
    /** From then on. */
    readonly url: string;
  } | undefined;
  /** What tells whether it makes progress. */
  readonly metrics: MetricsQuestion | undefined;
  /** A request for one token. */
  readonly canary: CanaryQuestion | undefined;
}

/**
 * Finds what of an engine can be watched.
 *
 * @param argv The command and its arguments.
 * @param choice `PROCESS_ENGINE`.
 * @param env The environment that the engine gets.
 * @returns The plan.
 */
export function planWatch(
  argv: readonly string[],
  choice: EngineChoice,
  env: Readonly<Record<string, string | undefined>>,
): WatchPlan {
  const engine = recogniseEngine(argv, choice);
  const { profile } = engine;
  const address = findAddress(engine, env);
  // A host such as `fe80::1%eth0` is in no URL.
  if (address === undefined || !URL.canParse(renderUrl(address, "/"))) {
    return { ...UNWATCHED, title: profile.title };
  }
  const { healthPath, canary } = profile;
  const bearer = readSecret(engine, env);
  return {
    title: profile.title,
    start: isSure(argv, engine, address) ? findStart(profile, address) : undefined,
    health: healthPath === undefined ? undefined : {
      startUrl: renderUrl(address, profile.readyPath ?? healthPath),
      url: renderUrl(address, healthPath),
    },
    metrics: findMetrics(engine, address, env, bearer),
    canary: canary === undefined ? undefined : {
      url: renderUrl(address, canary.path),
      json: canary.json,
      modelsUrl: canary.modelsPath === undefined
        ? undefined
        : renderUrl(address, canary.modelsPath),
      bearer,
    },
  };
}

const UNWATCHED = { start: undefined, health: undefined, metrics: undefined, canary: undefined };

/** A script of somebody's own may have any port, whatever `PROCESS_ENGINE` says that it starts. */
function isSure(argv: readonly string[], engine: Engine, address: EngineAddress): boolean {
  return address.origin === "argument" || recogniseEngine(argv).profile === engine.profile;
}

function findStart(profile: EngineProfile, address: EngineAddress): StartQuestion | undefined {
  const { port } = address;
  const path = profile.readyPath ?? profile.healthPath;
  if (path !== undefined) return { kind: "http", url: renderUrl(address, path), port };
  if (profile.listensWhenReady !== true && profile.listensEarly !== true) return undefined;
  return { kind: "tcp", hostname: address.connectHost.replaceAll(/[[\]]/g, ""), port };
}

function findMetrics(
  engine: Engine,
  address: EngineAddress,
  env: Readonly<Record<string, string | undefined>>,
  bearer: string | undefined,
): MetricsQuestion | undefined {
  const { metrics } = engine.profile;
  const url = findMetricsUrl(engine, address, env);
  if (metrics === undefined || url === undefined || metrics.running.length === 0) return undefined;
  const { running, progress, groupBy, answeredByWorker } = metrics;
  return { url, running, progress, groupBy, answeredByWorker, bearer };
}
