import { assertEquals } from "@std/assert";
import { quoteCommand } from "../../src/formats/quote_command.ts";
import { renderDocument } from "../../src/formats/render.ts";
import { FUZZ_CASES, makeRandom, randomText } from "../support/random.ts";
import {
  makeParserDirectory,
  type ParserCase,
  parseWithSupervisord,
} from "../support/real_parser.ts";
import { readSupervisords } from "../support/supervisords.ts";

const INCLUDE = new Map([["files", "overlay.conf"]]);

function makeCase(argv: readonly string[], withInclude: boolean): ParserCase {
  const { command, environment } = quoteCommand(argv);
  const document = new Map([
    ["supervisord", new Map<string, string>()],
    ["program:a", new Map([["command", command]])],
  ]);
  if (withInclude) document.set("include", INCLUDE);
  return {
    text: renderDocument(document),
    files: withInclude ? { "overlay.conf": "[program:a]\nautorestart=false\n" } : {},
    environment: { HOME: "/root", ...Object.fromEntries(environment) },
  };
}

for (const supervisord of readSupervisords()) {
  Deno.test(`quoteCommand() survives supervisord ${supervisord.version}: ${FUZZ_CASES} random vectors`, async () => {
    using directory = makeParserDirectory();
    const random = makeRandom();
    const vectors = Array.from(
      { length: FUZZ_CASES },
      () => ["engine", ...Array.from({ length: 1 + random.integer(5) }, () => randomText(random))],
    );
    const results = await parseWithSupervisord(
      supervisord,
      directory,
      vectors.map((argv, index) => makeCase(argv, index % 2 === 1)),
    );
    for (const [index, result] of results.entries()) {
      const parsed = result.ok ? result.groups.map(({ processes }) => processes[0]?.argv) : result;
      assertEquals(parsed, [vectors[index]], `FUZZ_SEED=${random.seed}, case ${index}`);
    }
  });

  Deno.test(`quoteCommand() survives supervisord ${supervisord.version}: each character by itself`, async () => {
    using directory = makeParserDirectory();
    const vectors = Array.from(
      { length: 0x3100 / 32 },
      (_, block) =>
        Array.from({ length: 32 }, (_, code) => String.fromCodePoint(block * 32 + code || 0xa0))
          .flatMap((c) => [c, `${c};${c}#${c}`, ` ${c} ;`, `%${c}`]),
    );
    const results = await parseWithSupervisord(
      supervisord,
      directory,
      vectors.map((argv) => makeCase(argv, false)),
    );
    for (const [index, result] of results.entries()) {
      const parsed = result.ok ? result.groups.map(({ processes }) => processes[0]?.argv) : result;
      assertEquals(parsed, [vectors[index]], `case ${index}`);
    }
  });
}
