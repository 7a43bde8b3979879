import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import {
  MOUNT_NAMESPACE_PROBLEM,
  NOBODY,
  onReadOnlyRoot,
  reachable,
} from "../support/isolation.ts";
import { itUnless, itWhereBuilt } from "../support/needs.ts";
import { signalProcess } from "../support/processes.ts";
import { BUILT_PROBLEM, BUILT_PROGRAM } from "../support/program.ts";
import { makeEnvironment, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// The one COPY line: the executable of scripts/build.sh in an image with python3 and nothing more.

/** A python3 on a PATH of its own: with nothing of `site-packages`, and with safe paths. */
function makePython(directory: string): string {
  Deno.mkdirSync(`${directory}/path`);
  const text = '#!/bin/sh\nexec /usr/bin/python3 -S -I "$@"\n';
  Deno.writeTextFileSync(`${directory}/path/python3`, text, { mode: 0o755 });
  return `PATH=${directory}/path`;
}

/** An engine that says its pid; nothing of PATH is needed. */
const ENGINE = ["/bin/sh", "-c", "echo $$; exec /bin/sleep 1000"];

/** Has the engine recover once, then stops everything. */
async function recoverAndStop(run: Run): Promise<void> {
  const readPids = () => run.read("stdout").split("\n").slice(0, -1).map(Number);
  const first = await run.waitFor(() => readPids()[0], "the engine's start");
  const said = `python3 runs the 4.3.0 of this executable`;
  assert(run.read("stderr").includes(said), run.describe("which supervisord"));
  signalProcess(first, "SIGKILL");
  await run.waitFor(() => readPids()[1], "the engine's second start");
  const program = run.readLeft().find(({ command }) => command.startsWith(`${BUILT_PROGRAM} `));
  assert(signalProcess(program?.pid ?? 0, "SIGTERM"), run.describe("the program"));
  assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
  assertEquals(run.readLeft(), [], run.describe("left behind"));
}

async function check(args: readonly string[], env: Record<string, string>): Promise<string> {
  const { code, stderr } = await new Deno.Command(BUILT_PROGRAM, {
    args: ["--check", ...args],
    clearEnv: true,
    env: { ...makeEnvironment({ args }), ...env },
  }).output();
  assertEquals(code, 0);
  return new TextDecoder().decode(stderr);
}

const itInNamespace = BUILT_PROBLEM === undefined
  ? itUnless(MOUNT_NAMESPACE_PROBLEM)
  : itWhereBuilt;
const itAsRoot = BUILT_PROBLEM === undefined
  ? itUnless(Deno.uid() === 0 ? undefined : "needs root")
  : itWhereBuilt;

describe("the supervisord in the executable", () => {
  itWhereBuilt("runs where there is only python3, and leaves no file", async () => {
    await using run = new Run({
      args: [],
      command: () => [BUILT_PROGRAM, ...ENGINE],
      wrapper: (directory) => ["/usr/bin/env", makePython(directory)],
    });
    await recoverAndStop(run);
    assertEquals(run.readTemporary(), []);
  });

  itInNamespace(
    "runs as an ordinary user on a read-only root with one writable directory",
    async () => {
      const { wrapper, env } = reachable("/usr/bin/python3");
      await using run = new Run({
        args: [],
        env,
        command: () => [BUILT_PROGRAM, ...ENGINE],
        wrapper: (directory) => {
          const path = makePython(directory);
          for (const name of [directory, `${directory}/path`, `${directory}/path/python3`]) {
            Deno.chmodSync(name, 0o755);
          }
          Deno.mkdirSync(`${directory}/only`);
          return [
            ...wrapper,
            ...onReadOnlyRoot(`${directory}/only`),
            ...["setpriv", "--reuid", `${NOBODY}`, "--regid", `${NOBODY}`, "--clear-groups"],
            ...["/usr/bin/env", path, `TMPDIR=${directory}/only`],
          ];
        },
      });
      await recoverAndStop(run);
    },
  );

  itAsRoot("runs as another user that supervisord changes to", async () => {
    await using run = new Run({
      args: [],
      env: { SUPERVISOR_SUPERVISORD_USER: "nobody" },
      command: () => [BUILT_PROGRAM, ...ENGINE],
      wrapper: (directory) => {
        const path = makePython(directory);
        for (const name of [directory, `${directory}/path`]) Deno.chmodSync(name, 0o755);
        return ["/bin/sh", "-c", 'umask 077; exec "$@"', "sh", "/usr/bin/env", path];
      },
    });
    await recoverAndStop(run);
  });

  itWhereBuilt("comes after every other one, and --check says which", async () => {
    const directory = Deno.makeTempDirSync({ prefix: "embedded-test-" });
    try {
      const [, path = ""] = makePython(directory).split("=");
      const [installed] = readSupervisords();
      const own = `supervisord is the 4.3.0 of this executable, on ${path}/python3\n`;
      assert((await check(ENGINE, { PATH: path })).includes(own));
      const named = await check(ENGINE, { PATH: path, SUPERVISORD_PATH: installed!.path });
      assert(named.includes(`supervisord is ${installed!.path}\n`), named);
      const beside = await check([installed!.python, "engine.py"], { PATH: path });
      assert(beside.includes(`supervisord is ${installed!.path}\n`), beside);
      Deno.symlinkSync(installed!.path, `${path}/supervisord`);
      const onPath = await check(ENGINE, { PATH: path });
      assert(onPath.includes(`supervisord is ${path}/supervisord\n`), onPath);
      Deno.removeSync(`${path}/supervisord`);
      Deno.removeSync(`${path}/python3`);
      const none = await check(ENGINE, { PATH: path });
      assert(none.includes("WARN standard-supervisor: supervisord is not on PATH"), none);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
});
