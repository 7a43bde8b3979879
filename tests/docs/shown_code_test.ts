import { assert, assertEquals } from "@std/assert";
import { METRICS } from "../../src/status/metrics_table.ts";
import { DOCUMENTS, readBlocks, readIndented, readSpans } from "../support/documents.ts";
import { ROOT } from "../support/run.ts";
import { findProblem, isAssignment, isCommand } from "../support/shown_commands.ts";

// Every line of code in the documents is parsed by what would run it.

/** Lines that show what is printed, and what is typed nowhere. */
const OUTPUT = [
  "removed 8 files that llm_engine:llm_engine left in /dev/shm and /tmp, 160.4 MiB",
  "the engine is one of several (LWS_GROUP_SIZE is 2): its crash ends the container at once, …",
];

const LINES = DOCUMENTS.flatMap(readIndented);
const BLOCKS = DOCUMENTS.flatMap(readBlocks);

/** The arrays of a Dockerfile's line are a command each. */
function readDockerCommand(line: string): string | undefined {
  const [, array] = /^(?:HEALTHCHECK .*)?(?:ENTRYPOINT|CMD) (\[.*\])$/.exec(line) ?? [];
  return array === undefined ? undefined : JSON.parse(array).join(" ");
}

function findLineProblem(text: string): string | undefined {
  if (OUTPUT.includes(text)) return undefined;
  const inside = readDockerCommand(text);
  if (inside !== undefined) return inside.startsWith("standard") ? findProblem(inside) : undefined;
  return findProblem(text);
}

Deno.test("every line of code in the documents is a command that would be taken", () => {
  assert(LINES.length > 40, `${LINES.length}`);
  const wrong = LINES.flatMap(({ place, text }) => {
    const problem = findLineProblem(text);
    return problem === undefined ? [] : [`${place}: ${text}: ${problem}`];
  });
  assertEquals(wrong, []);
  assertEquals(OUTPUT.filter((line) => !LINES.some(({ text }) => text === line)), []);
});

Deno.test("every command within a line would be taken too", () => {
  const spans = DOCUMENTS.flatMap(readSpans).filter(({ text }) =>
    text.includes(" ") && (isCommand(text) || isAssignment(text))
  );
  assert(spans.length > 20, `${spans.length}`);
  const wrong = spans.flatMap(({ place, text }) => {
    const problem = findProblem(text);
    return problem === undefined ? [] : [`${place}: ${text}: ${problem}`];
  });
  assertEquals(wrong, []);
});

/** What is done with a block, by its language; what is not here is refused. */
const READERS: Readonly<Record<string, (text: string) => string | undefined>> = {
  sh: (text) => findProblem(text.trim().replaceAll("\\\n", " ")),
  json: (text) => JSON.parse(text) === null ? "it is null" : undefined,
  dockerfile: (text) => {
    for (const line of text.trim().split("\n")) {
      const inside = readDockerCommand(line);
      if (inside === undefined && !/^COPY (--chmod=755 )?(dist|examples)\//.test(line)) return line;
      // A command of the engine's own, which standard-supervisor stands before in ENTRYPOINT.
      if (inside?.startsWith("standard-supervisor ")) return findProblem(inside);
    }
    return undefined;
  },
  promql: (text) => {
    const names = [...text.matchAll(/standard_supervisor_(\w+?)(?:_bucket)?\b/g)];
    return names.every(([, name = ""]) => name in METRICS) ? undefined : text;
  },
  ts: checkTypes,
  // Held by tests/docs/exit_codes_test.ts, tests/architecture_test.ts, tests/docs/troubleshooting_test.ts
  // and tests/docs/generated_test.ts; text is what is printed.
  ...{ yaml: () => undefined, mermaid: () => undefined, text: () => undefined },
};

function checkTypes(text: string): string | undefined {
  const path = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    const entry = `${ROOT}/mod.ts`;
    Deno.writeTextFileSync(path, text.replaceAll("jsr:@model-hosting/standard-supervisor", entry));
    const imports = (Deno.env.get("DENO_IMPORTS") ?? "").split(" ").filter((word) => word !== "");
    const { code, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", `--config=${ROOT}/deno.json`, ...imports, path],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).outputSync();
    return code === 0 ? undefined : new TextDecoder().decode(stderr);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("every block of code in the documents is read by what its language asks for", () => {
  const wrong = BLOCKS.flatMap(({ place, language, text }) => {
    const reader = READERS[language];
    const problem = reader === undefined ? `nothing reads ${language}` : reader(text);
    return problem === undefined ? [] : [`${place}: ${problem}`];
  });
  assertEquals(wrong, []);
});

Deno.test("findProblem() tells what is wrong with a line", () => {
  const wrong = [
    "standard-supervisor --chek vllm serve model",
    "standard-supervisor --status --follow",
    "standard-supervisor --explain --exit-code many",
    "generate-supervisor-config vllm serve model",
    "PROCESS_MAX_START_RETRIES=many standard-supervisor vllm serve model",
    "SUPERVISOR_PROGRAM_STOPWAITSEC=120",
    "docker build -f examples/docker/vlm.Dockerfile .",
    "docker exec CONTAINER standard-supervisor --stats",
    "scripts/run.sh --chek true",
    "deno run --alow-env jsr:@model-hosting/standard-supervisor/cli true",
    "deno task tests",
    "standard-supervisor 'vllm",
    "standard-superviser vllm serve model",
    "kubectl apply -f examples/kubernetes/deploy.yaml",
  ];
  assertEquals(wrong.filter((line) => findProblem(line) === undefined), []);
});
