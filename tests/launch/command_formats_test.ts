import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lookUpCommand } from "../../src/host/command_lookup.ts";
import { itUnless } from "../support/needs.ts";

// What the kernel would refuse is told before anything starts, in words that fix it.

/** Where the kernel was taught further formats it may run anything. */
const FORMATS_PROBLEM = (() => {
  try {
    const names = [...Deno.readDirSync("/proc/sys/fs/binfmt_misc")].map(({ name }) => name);
    return names.some((name) => name !== "register" && name !== "status")
      ? "needs a kernel without binfmt_misc formats"
      : undefined;
  } catch {
    return undefined;
  }
})();

/** The beginning of a program for `machine`, as ELF has it. */
function makeElf(machine: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  new DataView(head.buffer).setUint16(18, machine, true);
  return head;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const SPARC = 43;
const HERE = Deno.build.arch === "aarch64" ? 183 : 62;

type Case = readonly [
  title: string,
  content: Uint8Array<ArrayBuffer>,
  kind: ReturnType<typeof lookUpCommand>["kind"],
  says?: string,
];

const CASES: readonly Case[] = [
  ["a script", bytes("#!/bin/sh\n"), "found"],
  ["a script with blanks and an option", bytes("#! \t/bin/sh -e\n"), "found"],
  ["a script without a line feed", bytes("#!/bin/sh"), "found"],
  ["a script without #!", bytes("echo hello\n"), "not_executable", "nor a script with a #! line"],
  ["an empty file", bytes(""), "not_executable", "nor a script with a #! line"],
  ["a script of Windows's", bytes("#!/bin/sh\r\necho\r\n"), "not_found", "dos2unix"],
  ["a script for what is not there", bytes("#!/no/python\n"), "not_found", '"/no/python" does not'],
  ["a script for a directory", bytes("#!/usr\n"), "not_executable", "/usr cannot run, it is a dir"],
  ["a program", makeElf(HERE), "found"],
  ["a program for another architecture", makeElf(SPARC), "not_executable", "another architecture"],
  ["a program that is cut short", makeElf(HERE).slice(0, 10), "not_executable", "cut short"],
];

describe("lookUpCommand()", () => {
  for (const [title, content, kind, says = ""] of CASES) {
    const itHere = kind === "not_executable" ? itUnless(FORMATS_PROBLEM) : it;
    itHere(`answers ${kind} for ${title}`, () => {
      const directory = Deno.makeTempDirSync({ prefix: "formats-test-" });
      try {
        Deno.writeFileSync(`${directory}/command`, content, { mode: 0o755 });
        const found = lookUpCommand("command", `${directory}/none:${directory}`);
        assertEquals(found.kind, kind);
        assert(found.kind === "found" || found.reason.includes(says), JSON.stringify(found));
      } finally {
        Deno.removeSync(directory, { recursive: true });
      }
    });
  }

  it("looks past what cannot be executed, and says so only where nothing else is there", () => {
    const directory = Deno.makeTempDirSync({ prefix: "formats-test-" });
    try {
      for (const name of ["first", "second"]) Deno.mkdirSync(`${directory}/${name}`);
      Deno.writeTextFileSync(`${directory}/first/command`, "#!/bin/sh\n", { mode: 0o644 });
      const path = `${directory}/first:${directory}/second`;
      assertEquals(lookUpCommand("command", path).kind, "not_executable");
      Deno.writeTextFileSync(`${directory}/second/command`, "#!/bin/sh\n", { mode: 0o755 });
      assertEquals(lookUpCommand("command", path), {
        kind: "found",
        path: `${directory}/second/command`,
      });
      assertEquals(lookUpCommand("", path).kind, "not_found");
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
});
