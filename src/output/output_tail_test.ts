import { assertEquals } from "@std/assert";
import { TAIL_BYTES, TailBuffer } from "./output_tail.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("TailBuffer gives lines in the order in which their ends arrived, across chunks and streams", () => {
  const tail = new TailBuffer();
  tail.take("stdout", bytes("one\ntw"));
  tail.take("stderr", bytes("error 1\r\n\nerr"));
  tail.take("stdout", bytes("o\nthree\n"));
  tail.take("stderr", bytes("or 2"));
  assertEquals(tail.readLines(), ["one", "error 1", "", "two", "three", "error 2"]);
  tail.take("stderr", bytes("\n"));
  assertEquals(tail.readLines().at(-1), "error 2");
});

Deno.test("TailBuffer keeps the last 64 KiB of each stream, and no line whose begin is lost", () => {
  const line = (number: number) => `${String(number).padStart(9, "0")}\n`;
  for (const chunk of [1, 7, 100, 1_000, 20_000]) {
    const tail = new TailBuffer();
    tail.take("stderr", bytes("first on stderr\n"));
    const text = Array.from({ length: 10_000 }, (_, number) => line(number)).join("");
    for (let at = 0; at < text.length; at += chunk * 10) {
      tail.take("stdout", bytes(text.slice(at, at + chunk * 10)));
    }
    const lines = tail.readLines();
    assertEquals(lines[0], "first on stderr");
    const kept = Math.floor((TAIL_BYTES - 1) / 10);
    assertEquals(lines.length - 1, kept, `chunks of ${chunk} lines`);
    assertEquals(lines[1], line(10_000 - kept).trim());
    assertEquals(lines.at(-1), line(9_999).trim());
  }
});

Deno.test("TailBuffer leaves out one line that is longer than all it keeps", () => {
  const tail = new TailBuffer();
  tail.take("stdout", bytes(`secret=${"x".repeat(TAIL_BYTES)}`));
  assertEquals(tail.readLines(), []);
  tail.take("stdout", bytes("\nnext"));
  assertEquals(tail.readLines(), ["next"]);
});

Deno.test("TailBuffer reads what is not UTF-8, split characters and byte order marks", () => {
  const tail = new TailBuffer();
  const text = bytes("\ufeff\u00e9\ud83d\ude00");
  for (const byte of text) tail.take("stdout", new Uint8Array([byte]));
  tail.take("stderr", new Uint8Array([0xff, 0x41, 10]));
  assertEquals(tail.readLines(), ["\ufeff\u00e9\ud83d\ude00", "\ufffdA"]);
});

Deno.test("TailBuffer forgets everything, and copies what it is given", () => {
  const tail = new TailBuffer();
  const given = bytes("mine\n");
  tail.take("stdout", given);
  given.fill(0);
  assertEquals(tail.readLines(), ["mine"]);
  tail.clear();
  assertEquals(tail.readLines(), []);
  tail.take("stderr", bytes("a\n"));
  tail.take("stdout", bytes("b\n"));
  assertEquals(tail.readLines(), ["a", "b"]);
});
