import { assert, assertEquals } from "@std/assert";
import { chooseInstance } from "./choose_instance.ts";
import type { FoundInstance, WrittenInstance } from "./find_instances.ts";
import { renderStatus } from "./status_document.ts";
import { INITIAL_STATUS } from "./status.ts";

const AT = new Date(0);

function found(kind: WrittenInstance["kind"], pid: number, configPath: string): WrittenInstance {
  const instance = {
    pid,
    startTicks: "1",
    supervisordPid: undefined,
    version: "0",
    startedAt: AT,
    configPath,
    engine: "generic",
    command: ["vllm"],
    engineNames: new Set<string>(),
    limits: new Map(),
  };
  const status = renderStatus(INITIAL_STATUS, instance, new Date(pid));
  return { kind, directory: `/tmp/run-${pid}`, status };
}

const A = found("running", 1, "/etc/a.conf");
const B = found("running", 2, "/etc/b.conf");
const TWIN = found("running", 3, "/etc/a.conf");
const HIDDEN: FoundInstance = { kind: "hidden", directory: "/tmp/x", uid: 7 };

const CASES: readonly (readonly [
  title: string,
  found: readonly FoundInstance[],
  configPath: string | undefined,
  expected: number | "none" | "refused",
  says: readonly string[],
])[] = [
  ["the only one", [A], undefined, 1, []],
  ["the one with that path", [A, B], "/etc/b.conf", 2, []],
  ["the one with that path in its run directory", [A, TWIN], "/tmp/run-3/supervisord.conf", 3, []],
  ["nothing", [], undefined, "none", ["No instance runs here"]],
  ["several", [A, B], undefined, "refused", ["SUPERVISOR_CONFIG_PATH", "/etc/a.conf", "pid 2"]],
  ["several of one path", [A, TWIN], undefined, "refused", ["/tmp/run-1/supervisord.conf"]],
  ["another path", [A], "/etc/c.conf", "none", ["/etc/c.conf", "/etc/a.conf"]],
  ["dead ones", [found("killed", 4, "/a"), found("killed", 5, "/a")], undefined, "none", [
    "pid 5",
    "was killed",
  ]],
  ["one beside dead ones", [found("killed", 4, "/a"), A], undefined, 1, []],
  ["another container's", [found("elsewhere", 4, "/a")], undefined, "none", ["another container"]],
  ["another user's", [HIDDEN], undefined, "refused", ["user-7", "docker exec -u 7"]],
  ["one beside another user's", [HIDDEN, A], undefined, 1, []],
  [
    "another version's",
    [{ kind: "foreign", directory: "/tmp/x", version: 2 }],
    undefined,
    "refused",
    [
      "version is 2",
    ],
  ],
];

for (const [title, all, configPath, expected, says] of CASES) {
  Deno.test(`chooseInstance() among ${title}`, () => {
    const choice = chooseInstance(all, configPath, (uid) => `user-${uid}`);
    assertEquals(
      choice.kind === "one" ? choice.instance.status.instance.pid : choice.kind,
      expected,
    );
    const text = choice.kind === "one" ? "" : choice.text;
    for (const part of says) assert(text.includes(part), text);
  });
}
