/**
 * The two ways to ask an engine whether it works: over HTTP, or with a command.
 *
 * Permissions: `--allow-net` of the URL's host, or `--allow-run` of the command.
 *
 * @module
 */
import type { CommandNeeds } from "../host/command_needs.ts";
import type { Probe } from "./health.ts";
import { askHttp } from "./http_client.ts";
import { sendSignal } from "../linux/send_signal.ts";

const MAX_REDIRECTS = 10;

/**
 * Makes a probe that asks over HTTP. A status from 200 to 399 is healthy; redirects are followed on
 * the same host only, and one to another host counts as healthy, as with Kubernetes. A certificate is
 * not verified, and no proxy is used: the engine is on this machine.
 */
export function createHttpProbe(url: string): Probe {
  return async (signal) => {
    let current = new URL(url);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const { status, location } = await askHttp(current, { signal });
      if (status < 200 || status >= 400) return `HTTP status ${status}`;
      if (status < 300 || location === undefined) return undefined;
      const next = new URL(location, current);
      if (next.hostname !== current.hostname) return undefined;
      current = next;
    }
    return `more than ${MAX_REDIRECTS} redirects`;
  };
}

/**
 * Makes a probe that runs a command: exit code 0 is healthy. One that takes too long is killed with
 * all that it started.
 */
export function createCommandProbe(
  argv: readonly string[],
  { env, inheritsEnv, ownChildren }: CommandNeeds,
): Probe {
  const [program = "", ...args] = argv;
  return async (signal) => {
    const child = new Deno.Command(program, {
      args,
      clearEnv: !inheritsEnv,
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    ownChildren.add(child.pid);
    const ended = child.status.finally(() => ownChildren.delete(child.pid));
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => {
      sendSignal(-child.pid, "SIGKILL");
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      const { code } = await Promise.race([ended, promise]);
      // What it left in the background would pile up.
      sendSignal(-child.pid, "SIGKILL");
      return code === 0 ? undefined : `${program} ended with exit code ${code}`;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  };
}
