import { assertEquals } from "@std/assert";
import { CredentialMask, maskCredentials } from "./mask_credentials.ts";

Deno.test("maskCredentials() hides what stands before the host, and nothing else", () => {
  const cases: [string, string][] = [
    ["--index-url https://me:secret@host/simple", "--index-url https://***@host/simple"],
    ["https://token@host:8080?x", "https://***@host:8080?x"],
    ["https://me:s@c:r@t@host/", "https://***@host/"],
    ["a https://u:p@x/ b git+https://t@y/z", "a https://***@x/ b git+https://***@y/z"],
    ["https://host/path@1.0", "https://host/path@1.0"],
    ["https://host?x=a@b", "https://host?x=a@b"],
    ["mail me@host, see https://host", "mail me@host, see https://host"],
    ["https://\n@x", "https://\n@x"],
    ["", ""],
  ];
  for (const [text, expected] of cases) assertEquals(maskCredentials(text), expected);
});

Deno.test("CredentialMask hides credentials wherever the text is cut, and loses nothing", () => {
  const text = "Looking in indexes: https://me:secret@host/simple, http://a@b\nEnd: 3://";
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      const mask = new CredentialMask();
      const shown = [text.slice(0, first), text.slice(first, second), text.slice(second)]
        .map((piece) => mask.push(piece)).join("") + mask.end();
      assertEquals(shown, maskCredentials(text), `cut at ${first} and ${second}`);
    }
  }
});

Deno.test("CredentialMask holds back only what may become credentials, and not indefinitely", () => {
  const mask = new CredentialMask();
  assertEquals(mask.push("Collecting x"), "Collecting x");
  assertEquals(mask.push(" from https://me:sec"), " from https");
  assertEquals(mask.push("ret@host/ ok"), "://***@host/ ok");
  const long = "x".repeat(20_000);
  assertEquals((mask.push("://" + long) + mask.push(long)).length, 40_003);
});
