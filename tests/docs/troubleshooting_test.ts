import { assert, assertEquals } from "@std/assert";
import { HOLE, LISTED_MESSAGES, TROUBLESHOOTING } from "../support/listed_messages.ts";
import { listSources, readPrintedTexts } from "../support/printed_messages.ts";

// docs/troubleshooting.md has every message that asks for attention, word for word, and no other.

/** What is put into messages and stands in a generated table, which another test holds to the code. */
const TABLES: readonly (readonly [place: RegExp, why: string])[] = [
  [/^src\/configuration\/settings\.ts:/, "docs/variables.md"],
  [/^src\/engines\/cause\.ts:/, "docs/engines.md"],
];

/** What is no text for people: programs in Python and in a shell's words, commands that are put in. */
const NO_TEXTS: readonly RegExp[] = [
  /^src\/supervisord\/search_supervisord\.ts:\d+ (import sys;|(uv )?\w[\w-]* (install|add) )/,
  /^src\/output\/engine_st\w+\.ts:\d+ .*\b(exec [\d>]|read -r _)/,
  /^src\/engines\/foreground\.ts:/,
];

function isListedElsewhere(line: string): boolean {
  return TABLES.some(([place]) => place.test(line)) || NO_TEXTS.some((text) => text.test(line));
}

const TEXTS = readPrintedTexts().filter(({ text, places }) =>
  !places.every((place) => isListedElsewhere(`${place} ${text}`))
);

Deno.test("docs/troubleshooting.md has every message of the program", () => {
  assert(TEXTS.length > 200, `${TEXTS.length}`);
  const missing = TEXTS.filter(({ text }) => !LISTED_MESSAGES.includes(text));
  assertEquals(missing.map(({ text, places }) => `${places[0]}: ${text}`), []);
});

Deno.test("docs/troubleshooting.md has no message that the program has not, and none twice", () => {
  const texts = new Set(TEXTS.map(({ text }) => text));
  assertEquals(LISTED_MESSAGES.filter((text) => !texts.has(text)), []);
  assertEquals(LISTED_MESSAGES.filter((text, at) => LISTED_MESSAGES.indexOf(text) !== at), []);
});

Deno.test("docs/troubleshooting.md has a paragraph for each block of messages", () => {
  const parts = TROUBLESHOOTING.split(/^### /m).slice(1);
  for (const part of parts) {
    assert(/^.*\n\n```text\n[^]*?^```\n\n(?!```)[^#\n]/m.test(part), part.slice(0, 60));
  }
  assert(parts.length > 40, `${parts.length}`);
});

Deno.test("readPrintedTexts() finds every literal that begins as an error does", () => {
  const found = TEXTS.map(({ text }) => text.split(HOLE, 1)[0]!.trimEnd());
  const literal = /^[^*\n]*?(["`])(Cannot [^"`$\n]{4,})/gm;
  for (const path of listSources()) {
    for (const [, , text = ""] of Deno.readTextFileSync(path).matchAll(literal)) {
      const begins = text.trimEnd();
      assert(found.some((one) => one.startsWith(begins)), `${path}: ${text}`);
    }
  }
});
