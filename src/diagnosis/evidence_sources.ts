/**
 * What is kept of an engine that hangs, beyond its processes: what it wrote last, and its metrics.
 *
 * Permissions: `--allow-net` of the engine's metrics.
 *
 * @module
 */
import { findEngineEnvironment } from "../document/engine_environment.ts";
import { planWatch } from "../engines/engine_plan.ts";
import { askHttp } from "../health/http_client.ts";
import { isGranted } from "../host/ask_permission.ts";
import { findNetHost } from "../host/net_need.ts";
import { maskText } from "../formats/secrets.ts";
import type { OutputTail } from "../output/output_tail.ts";
import type { EvidenceSource } from "./hang_report.ts";
import type { Configuration, Environment } from "../configuration/configuration.ts";

/** What the run was asked for. */
interface EvidenceNeeds {
  readonly configuration: Configuration;
  readonly argv: readonly string[];
  readonly env: Environment;
}

/** So many of its last lines are kept. */
const MAX_LINES = 200;

/** So much of its metrics, bytes. */
const MAX_BYTES = 256 * 1024;

/** Lists what there is. */
export function listEvidenceSources(
  { configuration, argv, env }: EvidenceNeeds,
  tail: OutputTail | undefined,
): EvidenceSource[] {
  const variables = findEngineEnvironment(configuration, env);
  const url = planWatch(argv, configuration.settings.engine, variables).metrics?.url;
  const sources: EvidenceSource[] = [];
  if (tail !== undefined) {
    const read = () => tail.readLines().slice(-MAX_LINES).map(maskText).join("\n");
    sources.push({ title: "Last lines", read });
  }
  if (url !== undefined && isGranted({ name: "net", host: findNetHost(url) })) {
    const ask = async (signal: AbortSignal) => {
      const { status, body } = await askHttp(new URL(url), { signal, mostBytes: MAX_BYTES });
      return status === 200 ? body : `(HTTP status ${status})`;
    };
    sources.push({ title: `Metrics (${url})`, read: ask });
  }
  return sources;
}
