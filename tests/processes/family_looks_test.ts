import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openLibc } from "../../src/host/libc.ts";
import { Family } from "../../src/processes/family.ts";
import { createInstanceMarker } from "../../src/processes/instance_marker.ts";
import { LimitMarks } from "../../src/processes/limit_mark.ts";
import { pause } from "../support/processes.ts";

// How often a family is looked at while processes come and go on the machine.

/** The watched family's one process, which starts children when it is told to. */
const PARENT = "while read -r _; do sleep 1000 & done; kill $(jobs -p)";

/** @returns How many looks there were in so many ms, with the count of processes that were seen last. */
async function watch(ms: number, growsEveryMs: number): Promise<{ looks: number; seen: number }> {
  const parent = new Deno.Command("/bin/sh", {
    args: ["-c", PARENT],
    stdin: "piped",
    stdout: "null",
  }).spawn();
  const marks = new LimitMarks(openLibc());
  assert(marks.begin(parent.pid), "marks");
  let [looks, seen] = [0, 0];
  const family = new Family({
    ...{ supervisord: parent.pid, marker: createInstanceMarker(), marks, adopts: true },
    spared: new Set(),
    onLook: (members) => {
      looks++;
      seen = members.length;
    },
  });
  const writer = parent.stdin.getWriter();
  try {
    family.watch();
    for (let at = 0; at < ms; at += 100) {
      // Somebody else's process, each time.
      await new Deno.Command("/bin/true").output();
      if (at % growsEveryMs === 0) await writer.write(new Uint8Array([10]));
      await pause(100);
    }
    return { looks, seen };
  } finally {
    family.close();
    await writer.close();
    await parent.status;
  }
}

describe("Family.watch()", () => {
  it("looks seldom at a family that does not grow, whatever starts elsewhere", async () => {
    const { looks, seen } = await watch(6_000, Infinity);
    // After 250 ms, 750, 1750, 3750, and before the first.
    assert(looks >= 2 && looks <= 5, `${looks} looks`);
    assert(seen <= 1, `${seen} seen`);
  });

  it("looks often at one that does", async () => {
    // On a busy machine a look takes longer, and then there are fewer on purpose.
    let [looks, seen] = [0, 0];
    for (let time = 0; time < 3 && looks < 8; time++) {
      ({ looks, seen } = await watch(6_000, 500));
      assert(seen >= 8, `${seen} seen`);
    }
    assert(looks >= 8, `${looks} looks`);
  });
});
