import { readSupervisords } from "../support/supervisords.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isAlive, wallMs } from "../support/processes.ts";
import {
  MACHINE_PYTHON,
  makeEmptyEnvironment,
  prepareCachedEnvironment,
} from "../support/python_environments.ts";
import { FIXTURES, Run, type RunOptions } from "../support/run.ts";

// Packages are installed before the engine starts, where the engine looks for them, and from nowhere but this machine.

const STOP_MS = 2_000;

const pip = await prepareCachedEnvironment("pip", []);
const uv = await prepareCachedEnvironment("uv", ["uv"]);

/** A PATH without uv, but with one `python3` that is not the engine's. */
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";

async function runPython(...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(MACHINE_PYTHON, { args, stdout: "null" }).output();
  assert(success, args.join(" "));
}

/** A directory with an empty environment `venv`, a wheel in `model/requirements`, and an engine that runs it. */
class Site implements AsyncDisposable {
  private constructor(readonly directory: string, readonly installer: string) {}

  static async make(installer: "uv" | "pip", script?: string): Promise<Site> {
    const directory = Deno.makeTempDirSync({ prefix: "dependencies test-" });
    const site = new Site(directory, installer);
    const python = await makeEmptyEnvironment(
      `${directory}/venv`,
      installer === "pip" ? pip : undefined,
    );
    const wheels = `${directory}/model/requirements`;
    await runPython(
      ...[`${FIXTURES}/make_wheel.py`, wheels, "handmade", "1.0"],
      ...(script === undefined ? [] : [script]),
    );
    Deno.writeTextFileSync(`${directory}/model/requirements.txt`, "--no-index\nhandmade==1.0\n");
    // As pip writes it where the path is no good for a `#!` line: this one has a blank.
    Deno.writeTextFileSync(
      `${directory}/engine`,
      `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\nimport handmade\nhandmade.main()\n`,
      { mode: 0o755 },
    );
    return site;
  }

  run(options: Partial<RunOptions> & { readonly args?: string[] } = {}): Run {
    const path = this.installer === "uv" ? `${uv}/bin:${SYSTEM_PATH}` : SYSTEM_PATH;
    return new Run({
      args: [`${this.directory}/engine`],
      ...options,
      env: {
        PATH: path,
        PROCESS_AUTO_RECOVERY: "false",
        SAGEMAKER_MODEL_PATH: `${this.directory}/model`,
        UV_CACHE_DIR: `${this.directory}/uv-cache`,
        ...options.env,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** The engine ran, its module came from its own environment, and its stdout holds nothing else. */
async function assertInstalled(run: Run, site: Site): Promise<void> {
  const { code } = await run.waitForEnd();
  assertEquals(code, 0, run.describe("exit code"));
  const [line = "", ...rest] = run.read("stdout").split("\n");
  assert(line.startsWith(`${site.directory}/venv/lib/`), run.describe("where the module lies"));
  assertEquals(rest, [""], run.describe("the engine's stdout"));
  assertStringIncludes(run.read("stderr"), ` with ${site.installer} for `);
  assertStringIncludes(run.read("stderr"), "handmade", run.describe("the installer's own words"));
}

function describeInstaller(installer: "uv" | "pip"): void {
  it("installs requirements.txt and wheels beside it into the engine's environment", async () => {
    await using site = await Site.make(installer);
    await using run = site.run();
    await assertInstalled(run, site);
  });

  it("installs before a supervised launch, too", async () => {
    await using site = await Site.make(installer);
    await using run = site.run({
      args: [`${site.directory}/venv/bin/python`, "-c", "import handmade; handmade.main()"],
      env: {
        PROCESS_AUTO_RECOVERY: "true",
        SUPERVISORD_PATH: readSupervisords()[0]!.path, // It need not be on the PATH of this test.
        SUPERVISOR_PROGRAM_AUTORESTART: "false",
        SUPERVISOR_PROGRAM_EXITCODES: "0",
      },
    });
    await assertInstalled(run, site);
  });

  it("finds a command that is only there once it is installed", async () => {
    await using site = await Site.make(installer, "handmade-engine");
    const path = installer === "uv" ? `${uv}/bin:${SYSTEM_PATH}` : SYSTEM_PATH;
    await using run = site.run({
      args: ["handmade-engine"],
      env: { PATH: `${site.directory}/venv/bin:${path}` },
    });
    await assertInstalled(run, site);
  });

  it("takes STANDARD_PIP_ARGS in place of what it would find, quoted and unexpanded", async () => {
    await using site = await Site.make(installer);
    const odd = `${site.directory}/$HOME *`;
    Deno.mkdirSync(odd);
    Deno.renameSync(`${site.directory}/model/requirements`, `${odd}/the wheels`);
    Deno.writeTextFileSync(`${odd}/my list.txt`, "handmade\n");
    Deno.writeTextFileSync(`${site.directory}/model/requirements.txt`, "nosuch==9\n");
    await using run = site.run({
      env: {
        STANDARD_PIP_ARGS: `--no-index -r '${odd}/my list.txt' --find-links "${
          odd.replaceAll("$", "\\$")
        }/the wheels"`,
      },
    });
    await assertInstalled(run, site);
  });

  it("ends with 1 and the installer's own words where it fails, the engine not started", async () => {
    await using site = await Site.make(installer);
    Deno.writeTextFileSync(`${site.directory}/model/requirements.txt`, "--no-index\nnosuch==9\n");
    for (const recovery of ["true", "false"]) {
      await using run = site.run({ env: { PROCESS_AUTO_RECOVERY: recovery } });
      assertEquals((await run.waitForEnd()).code, 1, run.describe("exit code"));
      assertEquals(run.read("stdout"), "", run.describe("stdout"));
      assert(/nosuch==9.*\n(.*\n)*.*exit code 1/.test(run.read("stderr")), run.describe("words"));
    }
  });

  it("ends at a signal with all that the installer started, though it ignores SIGTERM", async () => {
    await using site = await Site.make(installer);
    const source = `${site.directory}/slow package`;
    Deno.mkdirSync(source);
    Deno.copyFileSync(`${FIXTURES}/slow_backend.py`, `${source}/slow_backend.py`);
    Deno.writeTextFileSync(
      `${source}/pyproject.toml`,
      `[build-system]\nrequires = []\nbuild-backend = "slow_backend"\nbackend-path = ["."]\n` +
        `[project]\nname = "slow"\nversion = "1"\n`,
    );
    await Promise.all(["true", "false"].map(async (recovery) => {
      const record = `${site.directory}/pids-${recovery}`;
      await using run = site.run({
        env: {
          PROCESS_AUTO_RECOVERY: recovery,
          STANDARD_PIP_ARGS: `--no-index '${source}'`,
          SLOW_BACKEND_RECORD: record,
        },
      });
      const pids = await run.waitFor(() => readPids(record), "the build to take indefinitely");
      assertEquals(pids.filter(isAlive).length, 2, run.describe("alive"));
      const sentMs = wallMs();
      run.signal("SIGTERM");
      const { code, atMs } = await run.waitForEnd();
      assertEquals(code, 0, run.describe("exit code"));
      assert(atMs - sentMs < STOP_MS, run.describe(`took ${atMs - sentMs} ms`));
      assertEquals(pids.filter(isAlive), [], run.describe("left behind"));
      assertEquals(run.readLeft(), [], run.describe("left behind"));
      assertEquals(run.read("stdout"), "", run.describe("the engine was not started"));
    }));
  });
}

/** The pids of both processes once both are recorded. */
function readPids(file: string): number[] | undefined {
  try {
    const pids = Deno.readTextFileSync(file).split("\n").slice(0, -1).map(Number);
    return pids.length === 2 ? pids : undefined;
  } catch {
    return undefined;
  }
}

for (const installer of ["pip", "uv"] as const) {
  const title = `installDependencies() with ${installer}`;
  if ((installer === "pip" ? pip : uv) === undefined) {
    describe(title, () => it.skip("is not tested: it cannot be had from PyPI here", () => {}));
  } else describe(title, () => describeInstaller(installer));
}

/** A stand-in for uv, a shell script, first on PATH. */
function useStandIn(script: string): { readonly directory: string; readonly path: string } {
  const directory = Deno.makeTempDirSync({ prefix: "dependencies-test-" });
  Deno.writeTextFileSync(`${directory}/uv`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { directory, path: `${directory}:${SYSTEM_PATH}` };
}

function runStandIn(path: string, env: Record<string, string>): Run {
  return new Run({
    args: ["env", "A=b", "/usr/bin/python3", "-S", "-c", "print('engine')"],
    env: { PATH: path, PROCESS_AUTO_RECOVERY: "false", STANDARD_PIP_ARGS: "x", ...env },
  });
}

describe("installDependencies()", () => {
  it("shows output as it comes, with credentials masked wherever they are cut", async () => {
    const { directory, path } = useStandIn(
      `printf 'out %s\\n' "$*"
      echo 'err https://me:hunter2@host' >&2
      until [ -e "$GATE" ]; do sleep 0.01; done
      printf 'from https://me:hun'
      until [ -e "$GATE.2" ]; do sleep 0.01; done
      printf 'ter2@host/simple\\n'`,
    );
    await using run = runStandIn(path, {
      GATE: `${directory}/gate`,
      LOG_LEVEL: "debug",
      STANDARD_PIP_ARGS: "--index-url 'https://me:hunter2@host/simple' x",
    });
    // One after the other: two streams have no order between them.
    await run.waitFor(() => run.read("stderr").includes("err https"), "the other stream's line");
    Deno.writeTextFileSync(`${directory}/gate`, "");
    await run.waitFor(() => run.read("stderr").includes("from https"), "the first half");
    Deno.writeTextFileSync(`${directory}/gate.2`, "");
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    const stderr = run.read("stderr");
    for (
      const part of [
        "out pip install --python /usr/bin/python3 --index-url https://***@host/simple x\n",
        "from https://***@host/simple\n",
        "err https://***@host\n",
      ]
    ) assertStringIncludes(stderr, part);
    assertEquals(/hun|ter2/.test(stderr + run.read("stdout")), false, run.describe("the secret"));
    assertEquals(run.read("stdout"), "engine\n");
    await Deno.remove(directory, { recursive: true });
  });

  it("kills at a second signal an installer that ignores the first", async () => {
    const { directory, path } = useStandIn(
      "trap 'echo first' TERM\necho ready\nwhile :; do sleep 0.1; done",
    );
    await using run = runStandIn(path, {});
    await run.waitFor(() => run.read("stderr").includes("ready\n"), "the installer");
    run.signal("SIGTERM");
    await run.waitFor(() => run.read("stderr").includes("first\n"), "the first signal");
    const sentMs = wallMs();
    run.signal("SIGINT");
    const { code, atMs } = await run.waitForEnd();
    assertEquals(code, 0, run.describe("exit code"));
    assert(atMs - sentMs < STOP_MS, run.describe(`took ${atMs - sentMs} ms`));
    assertEquals(run.readLeft(), [], run.describe("left behind"));
    await Deno.remove(directory, { recursive: true });
  });

  it("does nothing where it is switched off, or nothing asks for it", async () => {
    const { directory, path } = useStandIn("echo installer");
    const quiet: Record<string, string>[] = [
      { STANDARD_AUTO_INSTALL_REQ: "No" },
      { STANDARD_PIP_ARGS: " ", SAGEMAKER_MODEL_PATH: directory },
      { STANDARD_PIP_ARGS: "", SAGEMAKER_MODEL_PATH: `${directory}/uv` },
    ];
    await Promise.all(quiet.map(async (env) => {
      await using run = runStandIn(path, env);
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      assertEquals(run.read("stdout"), "engine\n");
      assertEquals(run.read("stderr").includes("installer"), false, run.describe("quiet"));
    }));
    await Deno.remove(directory, { recursive: true });
  });

  it("refuses STANDARD_PIP_ARGS with an open quote, and does not show it", async () => {
    await using run = runStandIn(SYSTEM_PATH, { STANDARD_PIP_ARGS: "-r 'hunter2" });
    assertEquals((await run.waitForEnd()).code, 1, run.describe("exit code"));
    assertStringIncludes(run.read("stderr"), "Cannot read STANDARD_PIP_ARGS");
    assertEquals(run.read("stderr").includes("hunter2"), false, run.describe("the secret"));
  });
});
