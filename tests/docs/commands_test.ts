import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isThere } from "../support/files.ts";
import { makeCommand, ROOT } from "../support/run.ts";

// The commands of the how-tos for containers: their files are there, their options are known, and what can be run
// without an image is run.

const PAGES = ["containers", "kubernetes", "sagemaker"].map((name) => `docs/${name}.md`);
const EXAMPLES = ["docker", "sagemaker"].flatMap((folder) =>
  [...Deno.readDirSync(`${ROOT}/examples/${folder}`)].map(({ name }) =>
    `examples/${folder}/${name}`
  )
).filter((path) => path.endsWith("Dockerfile"));

/** A page's command lines: indented by four blanks, not in a fence; of a Dockerfile its comments. */
function readCommands(path: string): string[][] {
  const text = Deno.readTextFileSync(`${ROOT}/${path}`).replaceAll(/ \\\n#? */g, " ");
  const line = path.endsWith(".md") ? /^ {4}(\S.*)$/gm : /^# {3}(\S.*)$/gm;
  return [...text.matchAll(line)].map(([, command = ""]) =>
    command.replace(/ {3,}.*$/, "").replace(/ \(from the .*$/, "").split(" ")
  );
}

const commands = [...PAGES, ...EXAMPLES].flatMap((path) =>
  readCommands(path).map((words) => ({ path, words }))
);

function findHelp(args: readonly string[]): string | undefined {
  try {
    const { stdout } = new Deno.Command("podman", { args: [...args, "--help"], stderr: "null" })
      .outputSync();
    return new TextDecoder().decode(stdout);
  } catch {
    return undefined;
  }
}

const hasPodman = findHelp([]) !== undefined;

/** Options of docker's that the oldest podman in use lacks. */
const DOCKER_ONLY = new Set(["--gpus"]);

/** Checks each option of a command against podman's help, and returns its first argument. */
function readArgument(words: readonly string[]): string {
  const [, verb = "", ...rest] = words;
  const help = findHelp([verb]) ?? "";
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith("-")) return word;
    const [option = ""] = word.split("=");
    // `  -f, --file string` takes a value, `      --read-only` does not.
    const [, value] = RegExp(`(?:^|[ ,])${option}(?:, --\\S+)? +(\\S+)`, "m").exec(help) ?? [];
    assert(value !== undefined || DOCKER_ONLY.has(option), `podman ${verb} has no ${option}`);
    // A type begins with a small letter, a description with a capital.
    const takesValue = DOCKER_ONLY.has(option) || /^[a-z<]/.test(value ?? "");
    if (takesValue && !word.includes("=")) rest.shift();
  }
  return "";
}

describe("commands of the how-tos and of the examples' Dockerfiles", () => {
  it("are found", () => {
    for (const path of [...PAGES, ...EXAMPLES]) {
      assert(readCommands(path).length > 0, `${path} has no command`);
    }
  });

  it("begin with a program that is meant", () => {
    const known = ["docker", "kubectl", "scripts/build.sh", "HEALTHCHECK", "standard-supervisor"];
    assertEquals(commands.filter(({ words: [first = ""] }) => !known.includes(first)), []);
  });

  it("name files that are there", () => {
    const files = commands.flatMap(({ words }) =>
      words.filter((word) => /^(examples|scripts|docs)\//.test(word))
    );
    assert(files.length > 0);
    assertEquals(files.filter((file) => !isThere(`${ROOT}/${file}`)), []);
  });

  const register = hasPodman
    ? it
    : (title: string, body: () => void) => it.skip(`${title} (podman is missing)`, body);

  register("have options that podman has, and run an image that was built before", () => {
    const built = new Set<string>();
    for (const { path, words } of commands) {
      if (words[0] !== "docker") continue;
      const argument = readArgument(words);
      if (words[1] === "build") built.add(words[words.indexOf("-t") + 1] ?? "");
      if (words[1] === "run" && !/^[A-Z_]+$/.test(argument)) {
        assert(built.has(argument) || argument === "python-supervised", `${path}: ${argument}`);
      }
    }
    assert(built.size > 5);
  });

  register("an option that is none is told", () => {
    let message = "";
    try {
      readArgument(["docker", "run", "--read-olny", "image"]);
    } catch (error) {
      message = String(error);
    }
    assert(message.includes("--read-olny"), message);
  });

  it("--check takes the engine's command of docs/containers.md", async () => {
    const args = makeCommand(["--check", "vllm", "serve", "MODEL"]);
    const { code } = await new Deno.Command(args[0]!, { args: args.slice(1), stdout: "null" })
      .output();
    assertEquals(code, 0);
  });
});
