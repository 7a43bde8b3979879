import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { launch, type LaunchEvent, type Supervised } from "../../mod.ts";
import { isThere } from "../support/files.ts";
import { isAlive, pause } from "../support/processes.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// A program asks for a stop at every moment: in each event, before the first, and in the middle of an installation.

const ignore = () => {};
const LOG = { debug: ignore, info: ignore, warn: ignore, error: ignore, critical: ignore };

/** Far below what the engines and installers here would take by themselves, ms. */
const DEADLINE_MS = 15_000;

function makeEnv(
  supervisord: InstalledSupervisord,
  directory: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    TMPDIR: directory,
    SUPERVISORD_PATH: supervisord.path,
    SUPERVISOR_CONFIG_PATH: `${directory}/supervisord.conf`,
    ...more,
  };
}

/** Waits for the end of a launch; kills it and fails if it does not come. */
async function waitForEnd(engine: Supervised): Promise<string> {
  const timer = setTimeout(() => {
    if (engine.pid !== undefined) Deno.kill(engine.pid, "SIGKILL");
  }, DEADLINE_MS);
  const beganMs = performance.now();
  const { kind } = await engine.outcome;
  clearTimeout(timer);
  assert(performance.now() - beganMs < DEADLINE_MS, "it ends by the stop");
  return kind;
}

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "stops-test-" });
  try {
    await run(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** A directory with a model that has requirements, and a `uv` that takes its time. */
function makeSlowUv(directory: string): Record<string, string> {
  Deno.mkdirSync(`${directory}/bin`);
  Deno.mkdirSync(`${directory}/model`);
  Deno.writeTextFileSync(`${directory}/model/requirements.txt`, "x\n");
  const script =
    `#!/bin/sh\nenv >"${directory}/installer"\nsleep 60 & echo $! >"${directory}/pid"\nwait\n`;
  Deno.writeTextFileSync(`${directory}/bin/uv`, script, { mode: 0o755 });
  return {
    PATH: `${directory}/bin:/usr/local/bin:/usr/bin:/bin`,
    SAGEMAKER_MODEL_PATH: `${directory}/model`,
  };
}

const MODES = { direct: { PROCESS_AUTO_RECOVERY: "false" }, managed: {} } as const;

for (const supervisord of readSupervisords()) {
  describe(`launch() with supervisord ${supervisord.version}`, () => {
    for (const [mode, variables] of Object.entries(MODES)) {
      const kinds = ["spawned", "started"] as const;
      for (const kind of kinds) {
        for (const how of ["stop()", "the abort signal"]) {
          it(`ends at ${how} inside onEvent at ${kind} (${mode})`, () =>
            inDirectory(async (directory) => {
              const abort = new AbortController();
              const seen: string[] = [];
              const engine: Supervised = launch({
                argv: ["sleep", "60"],
                env: makeEnv(supervisord, directory, variables),
                signal: abort.signal,
                log: LOG,
                onEvent: (event) => {
                  seen.push(event.kind);
                  if (event.kind !== kind) return;
                  if (how === "stop()") engine.stop();
                  else abort.abort();
                },
              });
              assertEquals(await waitForEnd(engine), "stopped");
              assert(seen.indexOf(kind) < seen.indexOf("stopping"), seen.join());
            }));
        }
      }

      it(`ends at a stop at once after the call, and by a signal that was aborted before (${mode})`, () =>
        inDirectory(async (directory) => {
          const options = { argv: ["sleep", "60"], log: LOG };
          const env = makeEnv(supervisord, directory, variables);
          const stopped = launch({ ...options, env });
          stopped.stop();
          const aborted = launch({ ...options, env, signal: AbortSignal.abort() });
          assertEquals([await waitForEnd(stopped), await waitForEnd(aborted)], [
            ...["stopped", "stopped"],
          ]);
        }));

      it(`tells every receiver of events in one order, whatever a receiver does (${mode})`, () =>
        inDirectory(async (directory) => {
          const order: string[] = [];
          const engine: Supervised = launch({
            argv: ["sleep", "60"],
            env: makeEnv(supervisord, directory, {
              ...variables,
              PROCESS_ON_EVENT: `/bin/sh -c 'cat >>"${directory}/events"'`,
            }),
            log: LOG,
            onEvent: ({ kind }) => {
              order.push(kind);
              if (kind !== "spawned") return;
              engine.stop();
              throw new Error("a receiver that fails");
            },
          });
          await waitForEnd(engine);
          const streamed: string[] = [];
          for await (const { kind } of engine) streamed.push(kind);
          assertEquals(order, streamed);
          assertEquals(order.slice(0, 2), ["spawned", "stopping"]);
          const records = Deno.readTextFileSync(`${directory}/events`).trim().split("\n")
            .map((line): { seq: number; event: string } => JSON.parse(line))
            .sort((a, b) => a.seq - b.seq);
          const names = order.map((kind) => kind === "gaveUp" ? "gave_up" : kind);
          assertEquals(records.map(({ event }) => event), names.slice(0, records.length));
          assertEquals(records.slice(0, 2).map(({ event }) => event), ["spawned", "stopping"]);
        }));
    }

    it("ends an installation at a stop inside its event, and before it has begun", () =>
      inDirectory(async (directory) => {
        const env = makeEnv(supervisord, directory, makeSlowUv(directory));
        const seen: LaunchEvent["kind"][] = [];
        const engine: Supervised = launch({
          argv: ["sleep", "60"],
          env,
          log: LOG,
          onEvent: ({ kind }) => {
            seen.push(kind);
            if (kind === "installing") engine.stop();
          },
        });
        assertEquals(await waitForEnd(engine), "stopped");
        assertEquals(seen, ["installing", "stopping", "stopped"]);
        assertEquals(isThere(`${directory}/installer`), false, "nothing was installed");
      }));

    it("ends an installation that is under way, with what it started", () =>
      inDirectory(async (directory) => {
        const env = makeEnv(supervisord, directory, makeSlowUv(directory));
        const engine = launch({ argv: ["sleep", "60"], env, log: LOG });
        const file = `${directory}/pid`;
        for (const untilMs = performance.now() + DEADLINE_MS; !isThere(file); await pause(5)) {
          assert(performance.now() < untilMs, "the installer starts");
        }
        engine.stop();
        assertEquals(await waitForEnd(engine), "stopped");
        assertEquals(isAlive(Number(Deno.readTextFileSync(file))), false);
      }));

    it("gives an installer, a probe and an event's command the environment of the launch alone", () =>
      inDirectory(async (directory) => {
        Deno.env.set("HOST_SECRET", "of the program that calls launch()");
        try {
          const env = makeEnv(supervisord, directory, {
            ...makeSlowUv(directory),
            PROCESS_ON_EVENT: `/bin/sh -c 'env >"${directory}/event"'`,
            PROCESS_HEALTH_COMMAND: `/bin/sh -c 'env >"${directory}/probe"'`,
          });
          const uv = `#!/bin/sh\nenv >"${directory}/installer"\n`;
          Deno.writeTextFileSync(`${directory}/bin/uv`, uv);
          const engine = launch({ argv: ["sleep", "60"], env, log: LOG });
          for (const name of ["installer", "probe", "event"]) {
            const untilMs = performance.now() + DEADLINE_MS;
            const read = () =>
              isThere(`${directory}/${name}`) && Deno.readTextFileSync(`${directory}/${name}`);
            for (; !read(); await pause(5)) assert(performance.now() < untilMs, name);
            const text = String(read());
            assert(text.includes("SAGEMAKER_MODEL_PATH="), `${name}: ${text}`);
            assertEquals(/HOST_SECRET|^HOME=/m.test(text), false, `${name}: ${text}`);
          }
          engine.stop();
          await waitForEnd(engine);
        } finally {
          Deno.env.delete("HOST_SECRET");
        }
      }));
  });
}
