import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openLibc } from "../../src/linux/libc.ts";
import { POLL_MS, watchExit } from "../../src/linux/exit_watch.ts";
import { pause, signalProcess } from "../support/processes.ts";

/** Never reaps its child, whose pid it prints, and says when it may end. */
const PARENT = 'exec 3<&0; sh -c "read -r line; exit 7" <&3 & echo $!; exec sleep 1000';

/** With a process that waits for a line and ends with 7 then, or of a signal, and stays a zombie. */
async function withChild(look: (pid: number, end: () => Promise<void>) => Promise<void>) {
  const parent = new Deno.Command("/bin/sh", {
    args: ["-c", PARENT],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = parent.stdin.getWriter();
  const reader = parent.stdout.getReader();
  try {
    const { value } = await reader.read();
    const pid = Number(new TextDecoder().decode(value));
    // Until it is no shell any more, it may reap.
    while (Deno.readTextFileSync(`/proc/${parent.pid}/comm`) !== "sleep\n") await pause(1);
    await look(pid, () => input.write(new TextEncoder().encode("\n")));
  } finally {
    parent.kill("SIGKILL");
    await Promise.allSettled([input.close(), reader.cancel(), parent.status]);
  }
}

describe("watchExit()", () => {
  for (const [how, libc] of [["a pidfd", openLibc()], ["polling", undefined]] as const) {
    it(`tells by ${how} how a process ended`, async () => {
      await withChild(async (pid, end) => {
        const { ended } = watchExit(pid, libc);
        const beganMs = performance.now();
        await end();
        assertEquals(await ended, { kind: "code", code: 7 });
        assert(performance.now() - beganMs < 20 * POLL_MS);
      });
      await withChild(async (pid) => {
        const { ended } = watchExit(pid, libc);
        signalProcess(pid, "SIGSEGV");
        assertEquals(await ended, { kind: "signal", signal: "SIGSEGV" });
      });
    });

    it(`tells nothing by ${how} of one that lives when it is given up, or was never there`, async () => {
      await withChild(async (pid) => {
        const { ended, cancel } = watchExit(pid, libc);
        cancel();
        assertEquals(await ended, undefined);
      });
      assertEquals(await watchExit(2 ** 22 + 1, libc).ended, undefined);
    });
  }
});
