import { assert, assertEquals } from "@std/assert";
import { PipedOutput } from "./piped_output.ts";

const KIB = 1024;

/** Whether a promise is settled once everything that could run has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  return settled;
}

Deno.test("PipedOutput passes bytes on, copies them, and ends", async () => {
  const output = new PipedOutput();
  const bytes = new Uint8Array([1, 2, 3]);
  assertEquals(await output.write(bytes), 3);
  bytes.fill(9);
  output.close();
  assertEquals(await Array.fromAsync(output.readable), [new Uint8Array([1, 2, 3])]);
});

Deno.test("PipedOutput waits for its reader, until everything is to stop", async () => {
  const output = new PipedOutput();
  await output.write(new Uint8Array(64 * KIB));
  const second = output.write(new Uint8Array(KIB));
  assert(!await isSettled(second), "it waits");
  const reader = output.readable.getReader();
  assertEquals((await reader.read()).value?.length, 64 * KIB);
  assertEquals(await second, KIB);
  await output.write(new Uint8Array(64 * KIB));
  const third = output.write(new Uint8Array(KIB));
  assert(!await isSettled(third), "it waits again");
  output.hurry();
  assertEquals(await third, KIB, "dropped");
});

Deno.test("PipedOutput drops what comes after its reader has gone", async () => {
  const output = new PipedOutput();
  await output.write(new Uint8Array(64 * KIB));
  const waiting = output.write(new Uint8Array(KIB));
  await output.readable.cancel();
  assertEquals(await waiting, KIB);
  assertEquals(await output.write(new Uint8Array(KIB)), KIB);
  output.close();
});
