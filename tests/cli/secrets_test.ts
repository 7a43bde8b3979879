import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TEST_PROGRAM } from "../support/program.ts";
import { Run, type RunOptions } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Nothing of a command or an argument is ever shown: it may be a password.

const SECRET = "hunter2";

const supervisord = readSupervisords().at(-1)!;

interface Case extends Partial<RunOptions> {
  readonly title: string;
  /** What the message must name. */
  readonly names: string;
  readonly code: number;
}

/** Appends an argument that is no UTF-8. */
const WITH_LATIN1 = ["sh", "-c", `exec "$@" --api-key "$(printf '\\377${SECRET}')"`, "sh"];

const CASES: readonly Case[] = [
  {
    title: "an argument that is not UTF-8",
    args: ["vllm", "serve"],
    wrapper: WITH_LATIN1,
    names: "argument 4",
    code: 1,
  },
  {
    title: "a probe whose quotes are open",
    env: { PROCESS_HEALTH_COMMAND: `curl -u admin:${SECRET} 'http://x` },
    names: "PROCESS_HEALTH_COMMAND",
    code: 1,
  },
  {
    title: "an event's command whose quotes are open",
    env: { PROCESS_ON_EVENT: `curl -u admin:${SECRET} 'http://x` },
    names: "PROCESS_ON_EVENT",
    code: 1,
  },
  {
    title: "a probe that is not there",
    env: { PROCESS_HEALTH_COMMAND: `LOGIN=${SECRET} curl` },
    names: "PROCESS_HEALTH_COMMAND",
    code: 1,
  },
  {
    title: "one probe too many",
    env: { PROCESS_HEALTH_COMMAND: `curl -u me:${SECRET}`, PROCESS_HEALTH_URL: "http://x" },
    names: "PROCESS_HEALTH_COMMAND",
    code: 1,
  },
  {
    title: "a command whose name is misspelt",
    env: { SUPERVISOR_PROGRAM__DB_COMAND: `mysql -p${SECRET}` },
    names: "SUPERVISOR_PROGRAM__DB_COMAND",
    code: 1,
  },
  {
    title: "an unknown key",
    env: { SUPERVISOR_PROGRAM__DB_ZZZ: `mysql -p${SECRET}`, SUPERVISOR_ALLOW_UNKNOWN: "true" },
    args: ["/nonexistent"],
    names: "SUPERVISOR_PROGRAM__DB_ZZZ",
    code: 127,
  },
  {
    title: "a command whose quotes are open",
    env: { SUPERVISOR_PROGRAM__DB_COMMAND: `mysql -p${SECRET} 'x` },
    names: "SUPERVISOR_PROGRAM__DB_COMMAND",
    code: 1,
  },
  {
    title: "a command that cannot be expanded",
    env: { SUPERVISOR_PROGRAM__DB_COMMAND: `mysql -p%(${SECRET})s` },
    names: "SUPERVISOR_PROGRAM__DB_COMMAND",
    code: 1,
  },
  {
    title: "a variable in the command's place",
    args: [`TOKEN=${SECRET}`, "vllm"],
    names: "TOKEN",
    code: 127,
  },
  {
    title: "an option that is not ours",
    args: [`--api-key=${SECRET}`, "vllm"],
    names: "--api-key",
    code: 2,
  },
  {
    title: "a command in an included file that supervisord refuses",
    args: ["sleep", "60"],
    wrapper: (directory) => {
      const text = `[program:db]\ncommand=mysql -p${SECRET} %(nothing)s\n`;
      Deno.writeTextFileSync(`${directory}/db.conf`, text);
      return ["/usr/bin/env", `SUPERVISOR_INCLUDE_FILES=${directory}/db.conf`];
    },
    names: "program:db.command",
    code: 125,
  },
];

/** Deno's runtime of an executable panics before our first line, and prints the argument (seen with 2.6.10). */
const itUnlessPanic = (title: string, body: () => Promise<void>) =>
  TEST_PROGRAM === undefined
    ? it(title, body)
    : it.skip(`${title} (Deno's runtime of an executable panics before our first line)`, body);

describe("main() shows nothing of a command or an argument", () => {
  for (const { title, names, code, ...options } of CASES) {
    const itHere = title.includes("not UTF-8") ? itUnlessPanic : it;
    itHere(`in its errors: ${title}`, async () => {
      await using run = new Run({
        supervisord,
        args: ["true"],
        ...options,
        env: { LOG_LEVEL: "debug", ...options.env },
      });
      assertEquals((await run.waitForEnd()).code, code, run.describe("exit code"));
      const text = run.read("stderr");
      assert(text.includes(names), text);
      assert(!text.includes(SECRET), text);
    });
  }

  const options: Partial<RunOptions> & { env: Record<string, string> } = {
    supervisord,
    env: {
      SUPERVISOR_PROGRAM_ENVIRONMENT: `HF_HOME="/x",HF_TOKEN="${SECRET}"`,
      SUPERVISOR_PROGRAM__DB_COMMAND: `db --password '${SECRET} x' --max-tokens 8`,
      SUPERVISOR_PROGRAM__WEB_COMMAND: `env TOKEN="${SECRET}" web http://me:${SECRET}@host/`,
      SUPERVISOR_UNIX_HTTP_SERVER_USERNAME: "me",
      SUPERVISOR_UNIX_HTTP_SERVER_PASSWORD: SECRET,
    },
  };
  const argv = ["vllm", "serve", "--api-key", SECRET, `--hf-token=${SECRET}`, "--port", "8080"];

  it("in --check", async () => {
    await using run = new Run({ ...options, args: ["--check", ...argv] });
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    const text = run.read("stdout");
    assert(!text.includes(SECRET) && !run.read("stderr").includes(SECRET), text);
    for (
      const part of [
        'HF_HOME="***",HF_TOKEN="***"',
        "--max-tokens 8",
        "--port 8080",
        "password=***",
        "[program:db]",
        "@host/",
      ]
    ) assert(text.includes(part), `${part} in ${text}`);
  });

  it("unless --show-secrets asks for it", async () => {
    await using run = new Run({ ...options, args: ["--check", "--show-secrets", ...argv] });
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    assertEquals(run.read("stdout").split(SECRET).length - 1, 8, run.read("stdout"));
  });
});

describe("checkLostVariables()", () => {
  const launch = async (assignment: string) => {
    await using run = new Run({
      supervisord,
      args: ["sh", "-c", "env | od -An -tx1 | tr -d ' \\n'"],
      wrapper: ["sh", "-c", `export ${assignment}"$(printf '\\377')"; exec "$@"`, "sh"],
      env: { SUPERVISOR_PROGRAM_AUTORESTART: "false" },
    });
    const { code } = await run.waitForEnd();
    return { code, stdout: run.read("stdout"), text: run.describe(assignment) };
  };

  it("lets variables of others be no UTF-8, and hands them on", async () => {
    for (const name of ["LOG_FILE", "PROCESS_COUNT", "SAGEMAKER_X", "STANDARD_X", "ENGINE_X"]) {
      const { code, stdout, text } = await launch(`${name}=`);
      assertEquals(code, 0, text);
      const bytes = new TextEncoder().encode(`${name}=`).toHex() + "ff";
      assert(stdout.includes(bytes), text);
    }
  });

  it("refuses those that we read", async () => {
    for (const name of ["PROCESS_HEALTH_URL", "SUPERVISOR_PROGRAM_STARTSECS", "LOG_LEVEL"]) {
      assertEquals((await launch(`${name}=`)).code, 1, name);
    }
  });
});
