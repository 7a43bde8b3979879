import { assertEquals } from "@std/assert";
import { findPython, type ProgramFiles } from "./python_command.ts";

/** Programs and scripts that are there, by path; `""` is a binary. */
const PRESENT: Readonly<Record<string, string>> = {
  "/usr/bin/python3": "",
  "/usr/bin/python3-config": "#!/bin/sh\n",
  "/usr/bin/env": "",
  "/usr/bin/nice": "",
  "/usr/bin/taskset": "",
  "/usr/bin/timeout": "",
  "/usr/bin/tini": "",
  "/usr/bin/sh": "",
  "/bin/sh": "",
  "/opt/bin/python3.12": "",
  "/opt/bin/tritonserver": "",
  "/venv/bin/python": "",
  "/venv/bin/python3": "",
  "/venv/bin/vllm": "#!/venv/bin/python\nimport sys\n",
  "/venv/bin/flagged": "#! /venv/bin/python3 -s -E\n",
  "/venv/bin/dos": "#!/venv/bin/python\r\n",
  "/app/by-env": "#!/usr/bin/env python3\n",
  "/app/by-env-split": "#!/usr/bin/env -S PATH=/venv/bin python3 -u\n",
  "/app/by-pip": `#!/bin/sh\n'''exec' "/opt/my env/bin/python3" "$0" "$@"\n' '''\n`,
  "/app/by-old-pip": `#!/bin/sh\n'''exec' /venv/bin/python "$0" "$@"\n' '''\n`,
  "/app/by-uv": `#!/bin/sh\n'''exec' '/venv/bin/python3' "$0" "$@"\n' '''\n`,
  "/app/moved":
    `#!/bin/sh\n'''exec' "$(dirname -- "$(realpath -- "$0")")"/'python3' "$0" "$@"\n' '''\n`,
  "/opt/my env/bin/python3": "",
  "/real/bin/python3": "",
  "/app/start.sh": "#!/bin/bash\nexec python3 -m vllm\n",
  "/app/round": "#!/app/round\n",
  "/app/without": "echo\n",
};

const FILES: ProgramFiles = {
  lookUp: (program, path = "") =>
    (program.includes("/")
      ? [program]
      : path.split(":").map((directory) => `${directory}/${program}`))
      .find((candidate) => candidate in PRESENT),
  readHead: (path) => PRESENT[path] ?? "",
  resolveLinks: (path) => path.replace("/app/", "/real/bin/"),
};

Deno.test("findPython() finds the interpreter of a command", () => {
  const cases: [readonly string[], string][] = [
    [["python3", "-m", "vllm"], "/usr/bin/python3"],
    [["/venv/bin/python", "app.py"], "/venv/bin/python"],
    [["python3.12", "app.py"], "/opt/bin/python3.12"],
    [["/venv/bin/vllm", "serve"], "/venv/bin/python"],
    [["/venv/bin/flagged"], "/venv/bin/python3"],
    [["/venv/bin/dos"], "/venv/bin/python"],
    [["/app/by-env"], "/usr/bin/python3"],
    [["/app/by-env-split"], "/venv/bin/python3"],
    [["/app/by-pip"], "/opt/my env/bin/python3"],
    [["/app/by-old-pip"], "/venv/bin/python"],
    [["/app/by-uv"], "/venv/bin/python3"],
    [["/app/moved"], "/real/bin/python3"],
    [["env", "X=1", "/venv/bin/vllm"], "/venv/bin/python"],
    [["env", "-i", "-u", "HOME", "PATH=/venv/bin", "vllm"], "/venv/bin/python"],
    [["/usr/bin/env", "-S", "/venv/bin/python -u", "x.py"], "/venv/bin/python"],
    [["env", "--split-string=/venv/bin/python -u", "x.py"], "/venv/bin/python"],
    [["nice", "-n", "5", "/venv/bin/vllm"], "/venv/bin/python"],
    [["nice", "-5", "env", "A=b", "/venv/bin/vllm"], "/venv/bin/python"],
    [["taskset", "-c", "0-3", "/venv/bin/vllm"], "/venv/bin/python"],
    [["timeout", "-k", "5", "10", "/venv/bin/vllm"], "/venv/bin/python"],
    [["tini", "-g", "--", "/venv/bin/vllm"], "/venv/bin/python"],
  ];
  for (const [argv, python] of cases) {
    assertEquals(findPython(argv, "/usr/bin:/opt/bin", FILES), python, argv.join(" "));
  }
});

Deno.test("findPython() falls back on python3 of PATH, then on python, then on the bare name", () => {
  const unknown = [
    [],
    [""],
    ["env"],
    ["nice", "-n"],
    ["nowhere"],
    ["python9"],
    ["python3-config"],
    ["tritonserver"],
    ["/app/start.sh"],
    ["/app/round"],
    ["/app/without"],
    ["sh", "-c", "/venv/bin/python x.py"],
  ];
  for (const argv of unknown) {
    assertEquals(findPython(argv, "/opt/bin:/usr/bin", FILES), "/usr/bin/python3", argv.join(" "));
  }
  const only: ProgramFiles = {
    ...FILES,
    lookUp: (program) => program === "python" ? "/x/python" : undefined,
  };
  assertEquals(findPython(["x"], "/x", only), "/x/python");
  assertEquals(findPython(["x"], "/x", { ...FILES, lookUp: () => undefined }), "python3");
});
