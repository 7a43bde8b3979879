/**
 * What no start can be quicker than, of a Deno program that has supervisord start the engine: Deno's
 * own start, and supervisord's, which somebody wakes so that it does not wait for its tick.
 */
import { ROOT } from "../../../tests/support/run.ts";
import type { Source } from "../contender.ts";
import { copyDeno } from "./ours.ts";
import { definePlain, findSupervisord, SOCKET } from "./supervisord.ts";

const VERSION = "4.3.0";

/** Between two tries to wake it, ms. */
const WAKE_MS = 2;

/** Connects again and again: each connection ends supervisord's wait. */
function keepWaking(path: string): Disposable {
  let isOver = false;
  const wake = async () => {
    while (!isOver) {
      try {
        (await Deno.connect({ transport: "unix", path })).close();
      } catch { /* It does not listen yet, or no more. */ }
      await new Promise((resolve) => setTimeout(resolve, WAKE_MS));
    }
  };
  wake();
  return { [Symbol.dispose]: () => isOver = true };
}

/** supervisord alone, woken. */
export const WOKEN_SUPERVISORD: Source = {
  name: "floor: supervisord, woken",
  find: async () => {
    const found = await findSupervisord(VERSION);
    if (typeof found === "string") return found;
    return {
      name: "floor: supervisord, woken",
      version: VERSION,
      kind: "floor",
      define: (service, directory) => definePlain(found.path, service, directory),
      accompany: (run) => keepWaking(run.path(SOCKET)),
    };
  },
};

/** Deno alone, to the first instruction of an empty program; the engine's command is not run. */
export const BARE_DENO: Source = {
  name: "floor: bare deno run",
  find: () =>
    Promise.resolve({
      name: "floor: bare deno run",
      version: Deno.version.deno,
      kind: "floor",
      define: (_service, directory) => ({
        command: [
          ...[copyDeno(), "run", "--quiet", "--no-prompt", "--no-config", "-A"],
          ...[`${ROOT}/bench/peers/programs/records_start.ts`, `${directory}/starts`],
        ],
      }),
    }),
};
