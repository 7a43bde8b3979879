/**
 * What asks the engine, as the settings and the engine's kind say.
 *
 * Permissions: `--allow-net` of the engine's ports, `--allow-run` of commands.
 *
 * @module
 */
import { findEngineEnvironment } from "../document/engine_environment.ts";
import {
  type MetricsQuestion,
  planWatch,
  type StartQuestion,
  type WatchPlan,
} from "../engines/engine_plan.ts";
import {
  type CanaryOptions,
  CanaryWatch,
  createHttpCanary,
  type SendCanary,
} from "./canary_watch.ts";
import { HealthMonitor, type Probe } from "./health.ts";
import { createCommandProbe, createHttpProbe } from "./probes.ts";
import { KeyGuard } from "./key_guard.ts";
import { ProgressWatch } from "./progress_watch.ts";
import { StartWatch } from "./start_watch.ts";
import { isGranted } from "../host/ask_permission.ts";
import { findNetHost } from "../host/net_need.ts";
import { findGivenUrl, isJudged } from "../configuration/health_choice.ts";
import type { Settings } from "../configuration/settings.ts";
import { createPortLook } from "../cleanup/port_look.ts";
import { mayAskStart, type WatchNeeds } from "./watch_needs.ts";

/** What asks; absent where nothing is to be asked. */
export interface WatchParts {
  readonly start: StartWatch | undefined;
  readonly health: HealthMonitor | undefined;
  readonly progress: ProgressWatch | undefined;
  readonly canary: CanaryWatch | undefined;
}

/** A scrape that takes longer tells nothing of the moment, ms. */
const LONGEST_SCRAPE_MS = 5_000;

/** Nor may one be waited for as long as makes a hang; a busy server takes so long, ms. */
const SHORTEST_SCRAPE_MS = 1_000;

/** Puts together what asks the engine. */
export function createWatchParts(needs: WatchNeeds, findLeader: () => number): WatchParts {
  const { configuration, argv, env } = needs;
  const { engine, canaryCommand } = configuration.settings;
  const hasCommand = canaryCommand.length > 0;
  const plan = planWatch(argv, engine, findEngineEnvironment(configuration, env));
  const start = createStart(needs, plan, findLeader);
  const guard = new KeyGuard({
    findLeader,
    look: needs.look,
    clock: () => needs.clock.nowMs,
    onKept: (text) =>
      needs.log.warn(
        `${plan.title}'s API key is not shown: ${text}. What needs it is not asked`,
      ),
  });
  // Who holds the engine's port before it does is shown no key, and not asked for tokens.
  const mayAsk = async (
    { url, bearer }: { readonly url: string; readonly bearer?: string | undefined },
  ) => (start?.hasAnswered ?? true) && (bearer === undefined || await guard.mayShow(url));
  const progress = createProgress(needs, plan, mayAsk);
  const health = createHealth(needs, plan, progress);
  const canary = createCanary(needs, plan, progress, {
    isStarted: async () =>
      (health?.status.isReady ?? true) &&
      (hasCommand || plan.canary === undefined
        ? !(start?.isLoading ?? false)
        : await mayAsk(plan.canary)),
    hasServed: () => (start?.hasAnswered ?? false) || (health?.status.isReady ?? false),
  });
  return { start, health, progress, canary };
}

function createStart(
  needs: WatchNeeds,
  { title, start: question }: WatchPlan,
  findLeader: () => number,
): StartWatch | undefined {
  const { configuration: { settings }, startMs, clock, look, readLines, log, onChange } = needs;
  if (question === undefined || !mayAskStart(needs)) return undefined;
  if (!mayConnect(toUrl(question))) {
    log.info(
      `startsecs decides when ${title} has started, since Deno does not permit to ask it ` +
        `(--allow-net=${findNetHost(toUrl(question))})`,
    );
    return undefined;
  }
  let lastText: string | undefined;
  return new StartWatch({
    question,
    ...{ startMs, onChange },
    look: createPortLook({
      ...{ title, look, findLeader, readLines, clock: () => clock.nowMs },
      onElsewhere: (text) => log.info(text),
    }),
    periodMs: settings.healthPeriodSecs * 1000,
    timeoutMs: settings.healthTimeoutSecs * 1000,
    longestMs: Math.max(startMs, settings.startupTimeoutSecs * 1000),
    clock: () => clock.nowMs,
    onGivenUp: (text) => {
      if (text !== lastText) {
        log.warn(
          `Cannot ask ${title} when it has started: ${text}. startsecs decides; ` +
            "PROCESS_HEALTH_URL says where to ask, or none",
        );
      }
      lastText = text;
    },
  });
}

function createProgress(
  { configuration: { settings }, clock, log, onChange }: WatchNeeds,
  { metrics }: WatchPlan,
  mayAsk: (question: MetricsQuestion) => Promise<boolean>,
): ProgressWatch | undefined {
  const { progressTimeoutSecs, canaryPeriodSecs, healthBusyGrace, maxEngineMemory } = settings;
  const isWanted = progressTimeoutSecs > 0 || canaryPeriodSecs > 0 ||
    (healthBusyGrace && isJudged(settings)) || maxEngineMemory.kind !== "none";
  if (metrics === undefined || !isWanted) return undefined;
  if (!mayConnect(metrics.url)) {
    log.info(
      `whether the engine makes progress is not seen, since Deno does not permit to ask it ` +
        `(--allow-net=${findNetHost(metrics.url)})`,
    );
    return undefined;
  }
  const stallMs = progressTimeoutSecs > 0 ? progressTimeoutSecs * 1000 : undefined;
  return new ProgressWatch({
    ...metrics,
    timeoutMs: Math.min(
      settings.healthTimeoutSecs * 1000,
      LONGEST_SCRAPE_MS,
      Math.max(SHORTEST_SCRAPE_MS, (stallMs ?? Infinity) / 2),
    ),
    stallMs,
    mayAsk: async () => metrics.bearer === undefined || await mayAsk(metrics),
    clock: () => clock.nowMs,
    onChange,
    onFailure: (reason) => log.info(`metrics: ${reason}`),
  });
}

function createHealth(
  needs: WatchNeeds,
  plan: WatchPlan,
  progress: ProgressWatch | undefined,
): HealthMonitor | undefined {
  const { configuration: { settings }, clock, log, onChange, onEvent } = needs;
  const probes = findProbes(settings, needs, plan);
  if (probes === undefined) return undefined;
  const periodMs = settings.healthPeriodSecs * 1000;
  const timeoutMs = settings.healthTimeoutSecs * 1000;
  const recentMs = 2 * (periodMs + timeoutMs);
  return new HealthMonitor({
    ...probes,
    ...{ periodMs, timeoutMs, onChange },
    failureThreshold: settings.healthFailureThreshold,
    isBusy: settings.healthBusyGrace && progress !== undefined
      ? (stop) => progress.isMoving(stop, recentMs)
      : undefined,
    lostMs: () => clock.lostMs,
    onAnswer: (reason) => {
      onEvent({ kind: "probe", reason });
      if (reason === undefined) return;
      log.info(`health probe: ${reason}`, { event: "probe", reason });
    },
    onExcuse: (reason) =>
      log.debug(`health probe: ${reason}; not counted, since the engine makes progress`),
  });
}

function findProbes(
  settings: Settings,
  needs: WatchNeeds,
  { health }: WatchPlan,
): { readonly probe: Probe; readonly startProbe?: Probe } | undefined {
  const url = findGivenUrl(settings);
  if (url !== undefined) return { probe: createHttpProbe(url) };
  if (settings.healthCommand.length > 0) {
    return { probe: createCommandProbe(settings.healthCommand, needs) };
  }
  if (settings.healthUrl !== "auto" || health === undefined) return undefined;
  return { probe: createHttpProbe(health.url), startProbe: createHttpProbe(health.startUrl) };
}

function createCanary(
  needs: WatchNeeds,
  { canary }: WatchPlan,
  progress: ProgressWatch | undefined,
  run: Pick<CanaryOptions, "isStarted" | "hasServed">,
): CanaryWatch | undefined {
  const { configuration: { settings }, clock, log, onChange } = needs;
  const { canaryPeriodSecs, canaryCommand } = settings;
  if (canaryPeriodSecs === 0) return undefined;
  const send = canaryCommand.length > 0
    ? createCommandCanary(createCommandProbe(canaryCommand, needs))
    : canary === undefined
    ? undefined
    : createHttpCanary(canary);
  if (send === undefined) return undefined;
  return new CanaryWatch({
    send,
    periodMs: canaryPeriodSecs * 1000,
    timeoutMs: settings.canaryTimeoutSecs * 1000,
    failureThreshold: settings.healthFailureThreshold,
    ...run,
    onChange,
    isBusy: progress === undefined ? undefined : (stop, ms) => progress.isMoving(stop, ms),
    settle: progress === undefined ? undefined : (stop) => progress.scrape(stop),
    lostMs: () => clock.lostMs,
    onFailure: (reason, isRefused) =>
      isRefused
        ? log.warn(`canary: ${reason}: none is sent to this run any more`)
        : log.info(`canary: ${reason}`),
  });
}

function createCommandCanary(probe: Probe): SendCanary {
  return async (signal) => {
    const reason = await probe(signal);
    return reason === undefined ? { kind: "sang" } : { kind: "failed", reason };
  };
}

function toUrl(question: StartQuestion): string {
  if (question.kind === "http") return question.url;
  const { hostname, port } = question;
  return `tcp://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

function mayConnect(url: string): boolean {
  return isGranted({ name: "net", host: findNetHost(url) });
}
