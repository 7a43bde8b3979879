import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { VERSION } from "../../src/configuration/version.ts";
import { readOrEmpty } from "../support/files.ts";
import { itWhereBuilt } from "../support/needs.ts";
import { BUILT_PROGRAM } from "../support/program.ts";

// What scripts/build.sh makes, beside what every process test sees of it with TEST_PROGRAM.

/** What a shell prints for a command line, with the executable's path as `$0`. */
async function print(commandLine: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", commandLine, BUILT_PROGRAM],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

describe("the executable", () => {
  itWhereBuilt("is either command, by the name that it is called by", async () => {
    const generate = "generate-supervisor-config";
    const ways: [commandLine: string, name: string][] = [
      ['"$0" --version', "standard-supervisor"],
      [`"\${0%/*}/${generate}" --version`, generate],
      [`PATH="\${0%/*}" ${generate} --version`, generate],
      [
        `d=$(mktemp -d); ln -s "$0" "$d/${generate}"; "$d/${generate}" --version; rm -r "$d"`,
        generate,
      ],
      [
        'd=$(mktemp -d); ln -s "$0" "$d/other"; "$d/other" --version; rm -r "$d"',
        "standard-supervisor",
      ],
    ];
    for (const [commandLine, name] of ways) {
      assert((await print(commandLine)).startsWith(`${name} ${VERSION} (Deno `), commandLine);
    }
    const text = await print(`"\${0%/*}/${generate}" -o /dev/stdout --log-level ERROR vllm "it's"`);
    assert(text.includes("[program:llm_engine]") && text.includes("vllm"), text);
  });

  itWhereBuilt("has its licence beside it, a checksum and a list of what is in it", async () => {
    const directory = BUILT_PROGRAM.replace(/\/[^/]*$/, "");
    const { success } = await new Deno.Command("sha256sum", {
      args: ["--check", "--status", "SHA256SUMS"],
      cwd: directory,
    }).output();
    assert(success, "SHA256SUMS");
    const licence = await new Deno.Command("grep", {
      args: ["-qa", "^Supervisor is licensed under the following license", BUILT_PROGRAM],
    }).output();
    assert(licence.success, "the licence");
    const { components } = JSON.parse(readOrEmpty(`${directory}/sbom.cdx.json`));
    const names = components.map(({ name }: { name: string }) => name);
    assert(names.includes("supervisor") && names.includes("deno"), names.join());
  });
});
