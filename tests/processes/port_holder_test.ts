import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findPortHolder, renderPortHolder, waitForPort } from "../../src/cleanup/port_holder.ts";
import { lookAt } from "../../src/linux/process_table.ts";
import { checkConfiguration } from "../../src/launch/launch.ts";
import { createEngineRemains } from "../../src/cleanup/engine_remains.ts";
import { stopCleanly } from "../support/ends.ts";
import { sleeper, waitForStart } from "../support/engines.ts";
import { findFreePort } from "../support/namespace.ts";
import { pause, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

const [supervisord] = readSupervisords();

const nobody = () => false;

/** Listens, says so, and does nothing else. */
const LISTEN = `
import signal, socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), family=getattr(socket, sys.argv[3]))
print("listening", flush=True)
signal.pause()`;

async function listen(
  address: string,
  port: number,
  family = "AF_INET",
): Promise<Deno.ChildProcess> {
  const args = ["-S", "-I", "-c", LISTEN, address, String(port), family];
  const child = new Deno.Command(supervisord!.python, { args, stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assertEquals(new TextDecoder().decode(value).trim(), "listening");
  await reader.cancel();
  return child;
}

describe("findPortHolder()", () => {
  it("answers gone, and present with who it is", async () => {
    const port = findFreePort();
    assertEquals(await findPortHolder(port, nobody), { kind: "gone" });
    for (const [address, family] of [["127.0.0.1", "AF_INET"], ["::1", "AF_INET6"]] as const) {
      const child = await listen(address, port, family);
      // A connection of its own port is no listener.
      using _connection = await Deno.connect({ hostname: address, port });
      const holder = await findPortHolder(port, ({ pid }) => pid === child.pid);
      assert(holder.kind === "present");
      const [listener, ...others] = holder.listeners;
      assertEquals([listener?.process.pid, listener?.isOurs, others], [child.pid, true, []]);
      assert(renderPortHolder(holder)?.startsWith(`pid ${child.pid} (python`));
      signalProcess(child.pid, "SIGKILL");
      await child.status;
      assertEquals(await findPortHolder(port, nobody), { kind: "gone" });
    }
  });
});

describe("waitForPort()", () => {
  it("waits for one of ours until it lets go, not indefinitely, and for no stranger", async () => {
    const port = findFreePort();
    const child = await listen("127.0.0.1", port);
    const isOurs = ({ pid }: { pid: number }) => pid === child.pid;
    const said: (string | undefined)[] = [];
    const note = (holder: Parameters<typeof renderPortHolder>[0]) =>
      said.push(renderPortHolder(holder));
    assertEquals((await waitForPort(port, nobody, 60_000, note)).kind, "present");
    assertEquals(said, []);
    assertEquals((await waitForPort(port, isOurs, 500, note)).kind, "present");
    const waiting = waitForPort(port, isOurs, 60_000, () => signalProcess(child.pid, "SIGKILL"));
    await child.status;
    assertEquals([await waiting, said.length], [{ kind: "gone" }, 1]);
  });
});

describe("EngineRemains", () => {
  it("waits for what would not die to let go of the engine's port, and for no other", async () => {
    const port = findFreePort();
    const child = await listen("127.0.0.1", port);
    const look = lookAt(child.pid);
    assert(look.kind === "present");
    const said: string[] = [];
    const say = (text: string) => void said.push(text);
    const env = { PROCESS_ENGINE: "tgi", PROCESS_SHM_CLEANUP: "off", PORT: String(port) };
    const remains = createEngineRemains({
      configuration: checkConfiguration(env),
      ...{ argv: ["serve"], env, libc: undefined, present: Promise.resolve(new Map()) },
      log: { debug: say, info: say, warn: say, error: say, critical: say },
    });
    await remains!.clearAfter("engine", []);
    let isClear = false;
    const clearing = remains!.clearAfter("engine", [look.process]).then(() => isClear = true);
    for (let tries = 0; tries < 1_000 && !said.some((text) => /when pid/.test(text)); tries++) {
      await pause(5);
    }
    assertEquals(isClear, false, said.join("\n"));
    signalProcess(child.pid, "SIGKILL");
    await child.status;
    await clearing;
    assert(said.some((text) => text.includes(`when pid ${child.pid}`)), said.join("\n"));
  });
});

describe("a restart", () => {
  it("names a stranger who listens on the engine's port, and does not wait for it", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: { PROCESS_ENGINE: "tgi", PORT: String(port), SUPERVISOR_PROGRAM_STARTSECS: "0" },
    });
    const { pid } = await waitForStart(run);
    signalProcess(pid, "SIGKILL");
    await waitForStart(run, 2);
    const text =
      `port ${port}, on which llm_engine:llm_engine listens, is held by pid ${Deno.pid} (deno)`;
    await run.waitFor(() => run.read("stderr").includes(text), text);
    await stopCleanly(run);
  });
});
