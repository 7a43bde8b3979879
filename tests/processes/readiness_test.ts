import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openLibc } from "../../src/linux/libc.ts";
import { watchReadable } from "../../src/linux/readiness.ts";
import { expectEnd } from "../support/ends.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Deno has 32 threads for what waits, and needs some itself.

const MANY = 40;
const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);

function openLibcOrFail() {
  const libc = openLibc();
  assert(libc !== undefined, "FFI");
  return libc;
}

describe("watchReadable()", () => {
  const libc = openLibcOrFail();

  it("tells each of many of its own descriptor, in one thread", async () => {
    const descriptors = Array.from({ length: MANY }, () => libc.eventfd(0, 0));
    const watches = descriptors.map((descriptor) => watchReadable(libc, descriptor));
    const told: number[] = [];
    const waits = watches.map(async (watch, index) => {
      assertEquals(await watch?.wait(), true);
      told.push(index);
    });
    // Needs one of the threads.
    assert((await Deno.readTextFile("/proc/self/stat")).length > 0);
    assertEquals(told, [], "nothing is there to be read");
    for (const [index, wait] of waits.entries()) {
      libc.write(descriptors[index]!, ONE, 8n);
      await wait;
      assertEquals(told.length, index + 1);
      assertEquals(told[index], index);
    }
    for (const watch of watches) watch?.close();
    for (const descriptor of descriptors) libc.close(descriptor);
  });

  it("tells again of what is still to be read, and what is closed that it is", async () => {
    const descriptor = libc.eventfd(1, 0);
    const watch = watchReadable(libc, descriptor);
    assert(watch !== undefined);
    assertEquals([await watch.wait(), await watch.wait()], [true, true]);
    libc.read(descriptor, new Uint8Array(8), 8n);
    const wait = watch.wait();
    watch.close();
    assertEquals([await wait, await watch.wait()], [false, false]);
    watch.close();
    libc.close(descriptor);
  });

  it("begins again after the last one was closed", async () => {
    for (let time = 0; time < 3; time++) {
      const descriptor = libc.eventfd(1, 0);
      const watch = watchReadable(libc, descriptor);
      assertEquals(await watch?.wait(), true);
      watch?.close();
      libc.close(descriptor);
    }
  });

  it("refuses what cannot be waited for", () => {
    assertEquals(watchReadable(libc, -1), undefined);
  });
});

for (const supervisord of readSupervisords()) {
  it(`${MANY} processes print on under supervisord ${supervisord.version}`, async () => {
    await using run = new Run({
      supervisord,
      args: ["sh", "-c", "while echo tick; do sleep 0.5; done"],
      env: {
        SUPERVISOR_PROGRAM_NUMPROCS: String(MANY),
        SUPERVISOR_PROGRAM_PROCESS_NAME: "%(program_name)s_%(process_num)02d",
        SUPERVISOR_PROGRAM_STARTSECS: "0",
      },
    });
    const lines = () => run.read("stdout").split("\n").length;
    await run.waitFor(() => lines() > 4 * MANY, `the fifth line of ${MANY} processes`);
    run.signal("SIGTERM");
    await expectEnd(run, 0);
  });
}
