/**
 * `--status`, `--health` and `--ready`: what a running instance says of itself. Signals are left alone, and
 * nothing is loaded that is not needed: a probe may run every second.
 *
 * Permissions: `--allow-read` of the places in which run directories lie; `--allow-env` to know of further
 * ones and of `SUPERVISOR_CONFIG_PATH`; all of them to tell an instance that was killed from one that lives.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { findDirectory } from "../formats/paths.ts";
import { chooseInstance, type LiveInstance, SUSPENDED } from "../status/choose_instance.ts";
import { findInstances, mayRead } from "../status/find_instances.ts";
import { refreshStatus } from "../status/refresh_status.ts";
import { listRunPlaces } from "../supervisord/run_directory.ts";
import { parseStatus, type StatusRequest } from "./status_command_line.ts";
import { writeAll } from "./write_all.ts";

/** How a probe ends, and `--status` where it has nothing to show. */
const EXIT_CODES = { well: 0, notWell: 1, refused: 1, none: 3 } as const;

/** Tells of the running instance. */
export async function showStatus(
  args: readonly string[],
  env: Environment | undefined,
): Promise<number> {
  const request = parseStatus(args);
  if (request.kind === "misuse") {
    complain(request.text);
    return request.code;
  }
  const found = find(env ?? {});
  if (typeof found !== "string" && "directory" in found) return await show(request, found);
  const { kind, text } = typeof found === "string"
    ? { kind: "refused", text: found } as const
    : found;
  if (request.kind !== "status") writeAll(`${kind}\n`);
  complain(text);
  return EXIT_CODES[kind];
}

function find(env: Environment) {
  const named = env.SUPERVISOR_CONFIG_PATH?.trim() ?? "";
  const configPath = named === "" ? undefined : toAbsolute(named);
  const places = [
    ...listRunPlaces(env),
    findDirectory(configPath ?? "/tmp/supervisord.conf"),
    ...readWorkingDirectory(),
  ];
  if (!places.some(mayRead)) {
    return `Cannot look for an instance without --allow-read=${[...new Set(places)].join(",")}`;
  }
  const choice = chooseInstance(findInstances(places), configPath, renderUser);
  return choice.kind === "one" ? choice.instance : choice;
}

async function show(request: StatusRequest, instance: LiveInstance): Promise<number> {
  const status = refreshStatus(instance.status, new Date());
  if (request.kind === "status") {
    const { printStatus, watchStatus } = await import("./print_status.ts");
    if (request.watches) await watchStatus(instance, request);
    else printStatus({ ...instance, status }, request);
    return EXIT_CODES.well;
  }
  const isSuspended = instance.kind === "suspended";
  const isWell = !isSuspended && (request.kind === "health" ? status.healthy : status.ready);
  const good = request.kind === "health" ? "healthy" : "ready";
  const state = status.state === "running" ? isWell ? good : "unhealthy" : status.state;
  writeAll(`${isSuspended ? "suspended" : state}\n`);
  if (!isWell) complain(isSuspended ? SUSPENDED : status.reason);
  return isWell ? EXIT_CODES.well : EXIT_CODES.notWell;
}

function complain(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`standard-supervisor: ${text}\n`));
}

function readWorkingDirectory(): string[] {
  try {
    return mayRead(".") ? [Deno.cwd()] : [];
  } catch {
    return []; // It is gone.
  }
}

function toAbsolute(path: string): string {
  const [here = ""] = readWorkingDirectory();
  return path.startsWith("/") ? path : `${here}/${path}`;
}

/** A user's name and number, as far as /etc/passwd tells. */
function renderUser(uid: number): string {
  try {
    const text = mayRead("/etc/passwd") ? Deno.readTextFileSync("/etc/passwd") : "";
    const line = text.split("\n").find((entry) => entry.split(":")[2] === String(uid));
    const [name] = line?.split(":") ?? [];
    return name === undefined ? `user ${uid}` : `user ${name} (${uid})`;
  } catch {
    return `user ${uid}`;
  }
}
