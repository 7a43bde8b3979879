import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { listLibcPaths } from "../../src/linux/libc.ts";
import { signalProcess } from "../support/processes.ts";
import { itOfFlags } from "../support/needs.ts";
import {
  FIXTURES,
  makeCommand,
  makeDenoCommand,
  ROOT,
  Run,
  type RunOptions,
} from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Every permission is asked for before anything starts: a run without one that it needs ends at once, with one
// line; a run without one that it can do without says what that costs, and does everything else.

const [supervisord] = readSupervisords();

/** The table of docs/permissions.md: a flag each, `-A` the last. */
const FLAGS = [
  ...(/<!-- permissions -->(.*?)<!-- \/permissions -->/s
    .exec(Deno.readTextFileSync(`${ROOT}/docs/permissions.md`))?.[1] ?? "").matchAll(
      /^\| `(-[-\w]+)`/gm,
    ),
].map(([, flag = ""]) => flag);

const SINGLE = FLAGS.filter((flag) => flag !== "-A");

/** Before 2.7 Deno asks for no net where a unix socket is connected to. */
const NEEDS_NET = Number(Deno.version.deno.split(".")[1]) >= 7;

/** A refusal comes before anything is started, so within what Deno itself takes to, ms. */
const AT_ONCE_MS = 5_000;

const LIBC = listLibcPaths(Deno.build.arch).find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

interface Seen {
  readonly code: number;
  readonly seconds: number;
  /** What was said of permissions. */
  readonly lines: readonly string[];
  readonly starts: number;
  readonly left: number;
  readonly text: string;
}

/** Starts an engine; where that works, has it recover once and stops it. Everything is looked at in the end. */
async function observe(options: Partial<RunOptions>): Promise<Seen> {
  await using run = new Run({
    supervisord,
    args: (directory) => [`${FIXTURES}/records_start.sh`, `${directory}/starts`],
    ...options,
    env: { SUPERVISOR_PROGRAM_STARTSECS: "0", ...options.env },
  });
  const starts = () => run.readNumbers("starts");
  const seen = await run.waitFor(
    () => run.end === undefined ? starts()[0] : { end: run.end },
    "the engine's start or the end",
  );
  if (!("end" in seen)) {
    signalProcess(seen[1] ?? 0, "SIGKILL");
    await run.waitFor(() => starts()[1], "the engine's second start");
    signalProcess(run.findProgram() ?? run.pid, "SIGTERM");
  }
  const { code, atMs } = await run.waitForEnd();
  const output = `${run.read("stdout")}${run.read("stderr")}`;
  return {
    code,
    seconds: (atMs - run.spawnedMs) / 1000,
    lines: output.split("\n").filter((line) => line.includes("ermission")),
    starts: starts().length,
    left: run.readLeft().length,
    text: run.describe(JSON.stringify(options.permissions)),
  };
}

/** What a refused run must look like. */
function expectRefusal({ code, seconds, lines, starts, left, text }: Seen, flag: string): void {
  assertEquals({ code, starts, left, lines: lines.length }, {
    ...{ code: 1, starts: 0, left: 0, lines: 1 },
  }, text);
  assert(/ \(\w/.test(lines[0]!.split(flag)[1] ?? ""), `${flag} and what it is for: ${text}`);
  assert(!/^ +at /m.test(text), `a stack trace: ${text}`);
  assert(seconds * 1000 < AT_ONCE_MS, `took ${seconds} s: ${text}`);
}

/** What a run must look like that has an engine. */
function expectRun({ code, starts, left, text }: Seen): void {
  assertEquals({ code, starts, left }, { code: 0, starts: 2, left: 0 }, text);
}

describe("the table of docs/permissions.md", () => {
  itOfFlags("holds, each missing in turn", async () => {
    assertEquals(FLAGS.length, 8);
    const ways = [
      ...FLAGS.map((flag) => [flag, SINGLE.filter((one) => one !== flag)] as const),
      ...SINGLE.map((flag) => [flag, ["-A", flag.replace("allow", "deny")]] as const),
    ];
    const rows: string[] = [];
    for (const [flag, permissions] of ways) {
      const seen = await observe({ permissions });
      const isLoss = flag === "-A" || flag === "--allow-ffi";
      if (isLoss || (flag === "--allow-net" && !NEEDS_NET)) {
        expectRun(seen);
        assertEquals(seen.lines.length, 1, seen.text);
        const named = permissions[0] === "-A" ? permissions[1]! : flag;
        assert(!isLoss || seen.lines[0]!.includes(named), seen.text);
      } else {
        expectRefusal(seen, flag);
      }
      const how = permissions[0] === "-A" ? permissions.join(" ") : `no ${flag}`;
      const line = (seen.lines[0] ?? "").replace(/^\S+ (\w+) standard-supervisor: /, "$1 ");
      rows.push(`| ${how} | ${seen.code} | ${seen.seconds.toFixed(1)} | ${seen.left} | ${line} |`);
    }
    console.log(
      `| permissions | exit | s | left | line |\n|---|---|---|---|---|\n${rows.join("\n")}`,
    );
  });
});

/** Everything that is needed but for one flag. */
function without(flag: string): string[] {
  return SINGLE.filter((one) => one !== flag);
}

describe("a run without FFI", () => {
  itOfFlags("tells a failed start from a crash", async () => {
    await using run = new Run({
      supervisord,
      args: ["/bin/sh", "-c", "sleep 0.2; exit 7"],
      permissions: without("--allow-ffi").filter((flag) => flag !== "-A"),
      env: { PROCESS_MAX_START_RETRIES: "0" },
    });
    assertEquals((await run.waitForEnd()).code, 1, run.describe("exit code"));
    assert(run.read("stderr").includes("1 failed starts in a row"), run.describe("what it says"));
  });
});

describe("checkPermissions()", () => {
  itOfFlags("refuses a narrowed --allow-run, with which no signal could be sent", async () => {
    const narrow = `--allow-run=${supervisord!.path},/bin/sh`;
    const seen = await observe({ permissions: [...without("--allow-run"), narrow] });
    expectRefusal(seen, "--allow-run");
    assert(seen.lines[0]!.includes("--allow-run ("), seen.text);
  });

  itOfFlags("runs with the narrowest grants of docs/permissions.md", async () => {
    let directory = "";
    const seen = await observe({
      args: (path) => [`${FIXTURES}/records_start.sh`, `${directory = path}/starts`],
      env: {
        STANDARD_AUTO_INSTALL_REQ: "false",
        SUPERVISOR_UNIX_HTTP_SERVER_FILE: "%(ENV_TMPDIR)s/s.sock",
      },
      command: () =>
        makeCommand([`${FIXTURES}/records_start.sh`, `${directory}/starts`], [
          "--allow-env",
          "--allow-run",
          "--allow-sys=uid,gid,hostname",
          `--allow-read=${directory}/tmp,${supervisord!.path},${FIXTURES}/records_start.sh`,
          `--allow-write=${directory}/tmp`,
          ...(NEEDS_NET ? [`--allow-net=unix:${directory}/tmp/s.sock,127.0.0.1:9229`] : []),
          ...(LIBC === undefined ? [] : [`--allow-ffi=${LIBC}`]),
        ]),
    });
    expectRun(seen);
    assertEquals(seen.lines.length, 1, seen.text);
    assertEquals(/without (\S+),/.exec(seen.lines[0]!)?.[1], "-A", seen.text);
  });

  itOfFlags(
    "names the socket and the health URL's host in full where they are not granted",
    async () => {
      const seen = await observe({
        permissions: [...without("--allow-net"), "--allow-net=127.0.0.1:9229"],
        env: {
          SUPERVISOR_UNIX_HTTP_SERVER_FILE: "/run/fixed.sock",
          PROCESS_HEALTH_URL: "http://localhost/health",
        },
      });
      expectRefusal(seen, "--allow-net");
      assert(seen.lines[0]!.includes("localhost:80"), seen.text);
      assertEquals(seen.lines[0]!.includes("=unix:/run/fixed.sock,"), NEEDS_NET, seen.text);
    },
  );

  itOfFlags("says in full what the C library is called where a bare name is granted", async () => {
    const seen = await observe({
      permissions: [...without("--allow-ffi"), "--allow-ffi=libc.so.6"],
    });
    expectRun(seen);
    assert(/without --allow-ffi=\/lib/.test(seen.lines[0] ?? ""), seen.text);
  });

  itOfFlags("names everything at once where nothing is granted", async () => {
    const seen = await observe({ permissions: [] });
    const costly = ["--allow-ffi", ...(NEEDS_NET ? [] : ["--allow-net"])];
    for (const flag of SINGLE) if (!costly.includes(flag)) expectRefusal(seen, flag);
  });

  itOfFlags("prompts nobody on a terminal", async () => {
    expectRefusal(await observe(onTerminal([])), "--allow-env");
    expectRun(await observe(onTerminal(ENOUGH)));
  });

  itOfFlags(
    "prompts nobody on a terminal where supervisord's part must be taken over",
    async () => {
      await using run = new Run({ supervisord, args: [], ...onTerminal(ENOUGH) });
      await run.waitFor(() => run.readNumbers("starts")[0], "the engine");
      signalProcess(run.findSupervisord()!, "SIGSTOP");
      signalProcess(run.findProgram()!, "SIGTERM");
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      assert(run.read("stdout").includes("supervisord does not answer"), run.describe("takeover"));
    },
  );
});

const ENOUGH = [
  ...["--allow-env", "--allow-run", "--allow-net", "--allow-sys=uid,gid,hostname"],
  `--allow-read=DIRECTORY/tmp,${supervisord!.path},${FIXTURES}/records_start.sh`,
  "--allow-write=DIRECTORY/tmp",
];

/** A terminal of its own, whose other side says nothing; nothing but the permissions keeps Deno from asking. */
function onTerminal(permissions: readonly string[]): Pick<RunOptions, "env" | "command"> {
  const pty = "import os, pty, sys; " +
    "sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
  return {
    env: {
      DENO_NO_PROMPT: "0",
      STANDARD_AUTO_INSTALL_REQ: "false",
      SUPERVISOR_PROGRAM_STARTSECS: "0",
    },
    command: (directory) => [
      ...["/usr/bin/python3", "-c", pty],
      ...makeCommand(
        [`${FIXTURES}/records_start.sh`, `${directory}/starts`],
        permissions.map((flag) => flag.replaceAll("DIRECTORY", directory)),
      ).filter((word) => word !== "--no-prompt"),
    ],
  };
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runToEnd(
  args: readonly string[],
  permissions: readonly string[],
  env: Record<string, string> = {},
  program = "cli.ts",
): Promise<Ended> {
  const [deno = "", ...rest] = makeCommand(args, permissions, program);
  const { code, stdout, stderr } = await new Deno.Command(deno, {
    args: rest,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** One line, no stack trace, and the flag in it. */
function expectLine({ code, stderr }: Ended, flag: string): void {
  assertEquals([code, stderr.split("\n").length], [1, 2], stderr);
  assert(stderr.includes(flag), stderr);
}

const DIRECT = { PROCESS_AUTO_RECOVERY: "false", STANDARD_AUTO_INSTALL_REQ: "false" };
const FEW = ["--allow-env", "--allow-sys=uid,gid", "--allow-read=/bin/sh"];

describe("main() with few permissions", () => {
  itOfFlags(
    "prints help and version with none, and checks with the environment alone",
    async () => {
      for (const program of ["cli.ts", "generate_config.ts"]) {
        for (const option of ["--help", "--version"]) {
          const ended = await runToEnd([option], [], {}, program);
          assertEquals([ended.code, ended.stderr], [0, ""], program);
          assert(ended.stdout.includes("supervisor"));
        }
      }
      const checked = await runToEnd(["--check", "/bin/true"], ["--allow-env"]);
      assertEquals(checked.code, 0);
      // The engine that was recognized, and nothing else.
      assert(
        /^\S+ INFO standard-supervisor: the engine is .*\n$/.test(checked.stderr),
        checked.stderr,
      );
      assert(checked.stdout.includes("[program:llm_engine]"));
      expectLine(await runToEnd(["--check", "/bin/true"], []), "--allow-env (");
    },
  );

  itOfFlags("launches directly as a child with the command's permission, and says so", async () => {
    const child = await runToEnd(
      ["/bin/sh", "-c", "exit 7"],
      [...FEW, "--allow-run=/bin/sh"],
      DIRECT,
    );
    assertEquals(child.code, 7, child.stderr);
    assert(child.stderr.includes("without --allow-ffi=/lib"), child.stderr);
    expectLine(await runToEnd(["/bin/sh"], FEW, DIRECT), "--allow-run=/bin/sh (");
  });

  itOfFlags("is replaced by the engine with the C library's permission alone", async () => {
    if (LIBC === undefined) throw new Error(`No C library at ${listLibcPaths(Deno.build.arch)}`);
    await using run = new Run({
      args: ["/bin/sh", "-c", 'echo "$$ $1"; exit 7', "sh", "a 'b'"],
      env: DIRECT,
      permissions: [...FEW, `--allow-ffi=${LIBC}`],
    });
    assertEquals((await run.waitForEnd()).code, 7, run.describe(""));
    assertEquals(run.read("stdout"), `${run.pid} a 'b'\n`);
    assertEquals(run.read("stderr"), "");
  });
});

describe("generateMain()", () => {
  itOfFlags("says in one line what it needs to write the file", async () => {
    const ended = await runToEnd(["-o", "/tmp/x/y.conf", "true"], [], {}, "generate_config.ts");
    expectLine(ended, "--allow-env (the variables), --allow-read=/tmp/x (");
  });
});

describe("launch()", () => {
  it("throws PermissionsMissing to a program that is not permitted enough", async () => {
    await using run = new Run({
      args: [],
      command: (directory) => {
        const program = `${directory}/program.ts`;
        Deno.writeTextFileSync(
          program,
          `import { launch, PermissionsMissing } from "${ROOT}/mod.ts";
          try {
            launch({ argv: ["/bin/true"], env: {} });
          } catch (error) {
            console.log(error instanceof PermissionsMissing, error.message);
          }`,
        );
        const [deno = "", ...rest] = makeDenoCommand([], ["--allow-read"]);
        return [deno, ...rest.slice(0, -1), program];
      },
    });
    assertEquals((await run.waitForEnd()).code, 0, run.describe(""));
    const text = run.read("stdout");
    assert(text.startsWith("true Cannot run without permissions of Deno: --allow-write"), text);
  });
});
