import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lookAt, readPidNamespace } from "../../src/linux/process_table.ts";
import { findInstances } from "../../src/status/find_instances.ts";
import { NOBODY } from "../support/isolation.ts";
import { itUnless } from "../support/needs.ts";

// Anybody may make a directory in /tmp that looks like a run directory: nothing in it may fool or hold up who asks.

const self = lookAt(Deno.pid);
const instance = {
  pid: Deno.pid,
  start_ticks: self.kind === "present" ? self.process.startTicks : "unknown",
  pid_namespace: readPidNamespace() ?? null,
};
const GOOD = JSON.stringify({ version: 1, instance });

/** Looks at a place with one run directory. */
function look(make: (file: string) => void): string[] {
  const place = Deno.makeTempDirSync({ prefix: "find-test-" });
  try {
    const directory = `${place}/standard-supervisor-x`;
    Deno.mkdirSync(directory);
    make(`${directory}/status.json`);
    return findInstances([place, place]).map(({ kind }) => kind);
  } finally {
    Deno.removeSync(place, { recursive: true });
  }
}

const write = (text: string) => (file: string) => Deno.writeTextFileSync(file, text);
const changed = (changes: object) =>
  write(JSON.stringify({ version: 1, instance: { ...instance, ...changes } }));

describe("findInstances()", () => {
  it("tells what lives, once, from what died, lives elsewhere or is no status", () => {
    const cases: readonly (readonly [(file: string) => void, readonly string[]])[] = [
      [write(GOOD), ["running"]],
      [changed({ start_ticks: "1" }), ["killed"]],
      [changed({ pid: 4_194_300 }), ["killed"]],
      [changed({ pid_namespace: "pid:[1]" }), ["elsewhere"]],
      [write(JSON.stringify({ version: 2, instance })), ["foreign"]],
      [write("{"), []],
      [write("null"), []],
      [() => {}, []],
    ];
    for (const [make, expected] of cases) assertEquals(look(make), expected, make.toString());
    assertEquals(findInstances(["/nonexistent"]), []);
  });

  it("reads no pipe, no link and nothing that is too large", () => {
    const mkfifo = (file: string) => {
      new Deno.Command("mkfifo", { args: [file] }).outputSync();
    };
    assertEquals(look(mkfifo), []);
    assertEquals(
      look((file) => {
        write(GOOD)(`${file}.real`);
        Deno.symlinkSync(`${file}.real`, file);
      }),
      [],
    );
    assertEquals(look(write(GOOD + " ".repeat(1024 * 1024))), []);
  });

  itUnless(Deno.uid() === 0 ? undefined : "needs root")(
    "believes nobody who names another user's process",
    () => {
      const made = look((file) => {
        write(GOOD)(file);
        Deno.chownSync(file, NOBODY, NOBODY);
      });
      assertEquals(made, ["killed"]);
    },
  );
});
