import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { OutputWriter } from "./output_writer.ts";
import { relayOutput } from "./relay.ts";

/** A reader that takes what it is let take. */
class Reader {
  readonly taken: number[] = [];
  readonly sizes: number[] = [];
  #open: Promise<void> = Promise.resolve();
  #resolve: (() => void) | undefined;

  stall(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.#open, this.#resolve] = [promise, resolve];
  }

  goOn(): void {
    this.#resolve?.();
  }

  async write(data: Uint8Array): Promise<number> {
    await this.#open;
    this.sizes.push(data.length);
    this.taken.push(...data);
    return data.length;
  }
}

async function isSettled(promise: Promise<unknown>, afterMs = 20): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true);
  await pause(afterMs);
  return settled;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("OutputWriter waits for a reader that stalls, until everything stops; then it drops, and goes on", async () => {
  const reader = new Reader();
  const outlet = new OutputWriter(reader);
  const warnings: string[] = [];
  process.on("warning", ({ name }) => warnings.push(name));
  reader.stall();
  const first = outlet.write(new Uint8Array([1]));
  assert(!await isSettled(first, 1_100), "it waits");
  const beginMs = performance.now();
  outlet.hurry();
  assertEquals(await first, false, "its memory is still looked at");
  assert(performance.now() - beginMs < 500, "the reader had its second before the stop");
  assertEquals(await outlet.write(new Uint8Array([2])), true, "dropped at once");
  reader.goOn();
  await pause(1);
  assertEquals(await outlet.write(new Uint8Array([3])), true);
  assertEquals([reader.taken, outlet.taken], [[1, 3], 2]);
  assertEquals(warnings, [], "of a time in the past, on our stderr");
});

Deno.test("OutputWriter gives a reader a second after a stop has begun, and all its time after a start", async () => {
  const reader = new Reader();
  const outlet = new OutputWriter(reader);
  outlet.hurry();
  reader.stall();
  const beginMs = performance.now();
  const late = outlet.write(new Uint8Array([1]));
  assertEquals(await late, false);
  assert(performance.now() - beginMs > 900, "a second");
  reader.goOn();
  await pause(1);
  outlet.calm();
  reader.stall();
  const patient = outlet.write(new Uint8Array([2]));
  assert(!await isSettled(patient, 1_200), "it waits");
  reader.goOn();
  assertEquals(await patient, true);
  assertEquals(reader.taken, [1, 2]);
});

Deno.test("OutputWriter drops nothing of what comes after a start, though the reader has not taken what was late", async () => {
  const reader = new Reader();
  const outlet = new OutputWriter(reader);
  reader.stall();
  outlet.hurry();
  assertEquals(await outlet.write(new Uint8Array([1])), false);
  outlet.calm();
  const next = outlet.write(new Uint8Array([2]));
  assert(!await isSettled(next), "it waits");
  reader.goOn();
  assertEquals(await next, true);
  assertEquals(reader.taken, [1, 2]);
  reader.stall();
  outlet.hurry();
  assertEquals(await outlet.write(new Uint8Array([3])), false);
  outlet.calm();
  const last = outlet.write(new Uint8Array([4]));
  outlet.hurry();
  assertEquals(await last, false, "not indefinitely, where everything stops again");
});

Deno.test("OutputWriter drops what comes after its reader has gone", async () => {
  let writes = 0;
  const outlet = new OutputWriter({
    write: () => {
      writes++;
      return Promise.reject(new Deno.errors.BrokenPipe("gone"));
    },
  });
  assertEquals(await outlet.write(new Uint8Array(3)), true);
  assertEquals(await outlet.write(new Uint8Array(3)), true);
  assertEquals([writes, outlet.taken], [1, 0]);
});

Deno.test("OutputWriter tries again where the descriptor does not block and is full", async () => {
  const taken: number[] = [];
  let isFull = true;
  const outlet = new OutputWriter({
    write: (data) => {
      isFull = !isFull;
      if (!isFull) return Promise.reject(new Deno.errors.WouldBlock("full"));
      taken.push(data[0] ?? -1);
      return Promise.resolve(1);
    },
  });
  assertEquals(await outlet.write(new Uint8Array([1, 2, 3])), true);
  assertEquals(taken, [1, 2, 3]);
});

Deno.test("OutputWriter gives a slow reader little at a time, so that its pace shows", async () => {
  const reader = new Reader();
  const outlet = new OutputWriter(reader);
  reader.stall();
  const slow = outlet.write(new Uint8Array(1));
  await pause(150);
  reader.goOn();
  await slow;
  await outlet.write(new Uint8Array(100_000));
  assertEquals(reader.sizes.slice(0, 2), [1, 16 * 1024]);
});

const CHUNKS = Array.from({ length: 50 }, (_, number) => new Uint8Array(number + 1).fill(number));

/** A chunk a read. */
function openSource(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    type: "bytes",
    pull: (controller) => {
      const chunk = CHUNKS[next++];
      if (chunk !== undefined) return controller.enqueue(chunk.slice());
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

Deno.test("relayOutput() copies byte for byte, also to a reader that takes its time", async () => {
  const reader = new Reader();
  reader.stall();
  const seen: number[] = [];
  const relay = relayOutput(
    openSource(),
    new OutputWriter(reader),
    new AbortController().signal,
    (bytes) => seen.push(...bytes),
  );
  assert(!await isSettled(relay), "it waits");
  reader.goOn();
  await relay;
  const expected = CHUNKS.flatMap((chunk) => [...chunk]);
  assertEquals(reader.taken, expected);
  assertEquals(seen, expected);
});

Deno.test("relayOutput() drops in a hurry, and writes into no memory that is still looked at", async () => {
  const reader = new Reader();
  const outlet = new OutputWriter(reader);
  reader.stall();
  outlet.hurry();
  let seen = 0;
  await relayOutput(
    openSource(),
    outlet,
    new AbortController().signal,
    (bytes) => seen += bytes.length,
  );
  reader.goOn();
  await pause(1);
  assertEquals(reader.taken, [0], "the first chunk, as it was");
  assertEquals(seen, 50 * 51 / 2);
});
