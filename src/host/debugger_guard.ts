/**
 * Keeps Deno's debugger shut. Since 2.9.2, Deno starts it on 127.0.0.1:9229 when SIGUSR1 comes, which is
 * a signal for the engine here: whoever reaches the loopback could then run code as us. There is no
 * switch for that, so the port is taken.
 *
 * Permissions: `--allow-net=127.0.0.1:9229`.
 *
 * @see https://github.com/denoland/deno/pull/35738
 * @module
 */
import { isGranted } from "./ask_permission.ts";

const PORT = 9229;

/** Where the debugger would listen. */
export const DEBUGGER_ADDRESS: string = `127.0.0.1:${PORT}`;

/** Whether a version of Deno starts its debugger on a signal. */
export function startsDebugger(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map((part) => parseInt(part, 10));
  return major > 2 || (major === 2 && (minor > 9 || (minor === 9 && patch >= 2)));
}

/**
 * Takes the debugger's port for as long as this process lives, and lets nobody in. Where the port is
 * somebody else's, the debugger cannot have it either.
 */
export function guardDebugger(): void {
  if (!startsDebugger(Deno.version.deno)) return;
  if (!isGranted({ name: "net", host: DEBUGGER_ADDRESS })) return;
  try {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: PORT });
    listener.unref();
    turnAway(listener);
  } catch { /* Taken. */ }
}

async function turnAway(listener: Deno.TcpListener): Promise<void> {
  for await (const connection of listener) connection.close();
}
