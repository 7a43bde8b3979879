import { assertEquals } from "@std/assert";
import { LineWriter } from "./line_writer.ts";
import { SharedOutput } from "./shared_output.ts";

/** A sink that takes its time, and a part of what it is given. */
class SlowSink {
  text = "";

  async write(data: Uint8Array): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve));
    const part = data.subarray(0, Math.max(1, data.length >> 1));
    this.text += new TextDecoder().decode(part);
    return part.length;
  }
}

async function writeAll(output: SharedOutput, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await output.write(bytes.subarray(sent));
}

Deno.test("SharedOutput lets our lines come between the engine's, whole", async () => {
  const sink = new SlowSink();
  const output = new SharedOutput(sink);
  const writer = new LineWriter(output);
  const engine = (async () => {
    for (let line = 0; line < 20; line++) {
      await writeAll(output, `engine ${line}, and more of it\n`);
    }
  })();
  for (let line = 0; line < 20; line++) {
    writer.write(JSON.stringify({ line }));
    await new Promise((resolve) => setTimeout(resolve));
  }
  await engine;
  await writer.close();
  const lines = sink.text.trimEnd().split("\n");
  assertEquals(lines.filter((line) => /^engine \d+, and more of it$/.test(line)).length, 20);
  assertEquals(lines.filter((line) => /^\{"line":\d+\}$/.test(line)).length, 20);
  assertEquals(lines.length, 40, sink.text);
});

Deno.test("SharedOutput lets a line of ours begin again where the engine's does not end", async () => {
  const sink = new SlowSink();
  const output = new SharedOutput(sink);
  const writer = new LineWriter(output);
  await writeAll(output, "no line feed");
  writer.write("ours");
  await writer.close();
  assertEquals(sink.text, "no line feed\nours\n");
});

Deno.test("SharedOutput tries lines of ours again where the descriptor does not block and is full", async () => {
  let text = "";
  let isFull = false;
  const output = new SharedOutput({
    write: (data) => {
      isFull = !isFull;
      if (isFull) return Promise.reject(new Deno.errors.WouldBlock("full"));
      text += new TextDecoder().decode(data.subarray(0, 2));
      return Promise.resolve(Math.min(2, data.length));
    },
  });
  await output.writeLines("ours\n", 1);
  assertEquals(text, "ours\n");
});
