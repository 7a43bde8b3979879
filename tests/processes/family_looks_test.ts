import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openLibc } from "../../src/linux/libc.ts";
import { Family } from "../../src/processes/family.ts";
import { createInstanceMarker } from "../../src/processes/instance_marker.ts";
import { LimitMarks } from "../../src/processes/tags.ts";
import { pause } from "../support/processes.ts";

// How often a family is looked at while processes come and go on the machine.

/** The watched family's one process, which starts children when it is told to. */
const PARENT = 'while read -r _; do sleep 1000 & children="$children $!"; done; kill $children';

/** A family that is watched. */
class WatchedFamily implements AsyncDisposable {
  looks = 0;
  /** How many processes the last look saw. */
  seen = 0;
  readonly #family: Family;
  readonly #parent: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;

  constructor() {
    this.#parent = new Deno.Command("/bin/sh", {
      args: ["-c", PARENT],
      stdin: "piped",
      stdout: "null",
    }).spawn();
    this.#orders = this.#parent.stdin.getWriter();
    const marks = new LimitMarks(openLibc());
    assert(marks.begin(this.#parent.pid), "marks");
    this.#family = new Family({
      ...{ supervisord: this.#parent.pid, marker: createInstanceMarker(), marks, adopts: true },
      spared: new Set(),
      onLook: (members) => {
        this.looks++;
        this.seen = members.length;
      },
    });
    this.#family.watch();
  }

  async grow(): Promise<void> {
    await this.#orders.write(new Uint8Array([10]));
  }

  /** For so long, or until something is so, processes of others come and go. */
  async waitAmongOthers(ms: number, isSo: () => boolean = () => false): Promise<void> {
    for (const untilMs = performance.now() + ms; performance.now() < untilMs && !isSo();) {
      await new Deno.Command("/bin/true").output();
      await pause(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#family.close();
    await this.#orders.close();
    await this.#parent.status;
  }
}

describe("Family.watch()", () => {
  it("looks rarely at a family that does not grow, whatever starts elsewhere", async () => {
    await using family = new WatchedFamily();
    await family.grow();
    await family.waitAmongOthers(30_000, () => family.seen === 1);
    const before = family.looks;
    await family.waitAmongOthers(6_000);
    // After 250 ms, 500, 1000 and 2000.
    const looks = family.looks - before;
    assert(looks <= 5, `${looks} looks`);
    // A look that took long, as on a busy machine, is followed by a long pause.
    await family.waitAmongOthers(60_000, () => family.looks > before);
    assert(family.looks > before, "no look");
    assertEquals(family.seen, 1);
  });

  it("looks often at one that does", async () => {
    await using family = new WatchedFamily();
    const beganMs = performance.now();
    for (let count = 1; count <= 10; count++) {
      await family.grow();
      await family.waitAmongOthers(30_000, () => family.seen >= count);
      assertEquals(family.seen, count);
    }
    // A busy machine has 2.5 s for each; twice as long each time, up to 5 s, is more than 32 s.
    assert(performance.now() - beganMs < 30_000, `${performance.now() - beganMs} ms`);
    assert(family.looks >= 10, `${family.looks} looks`);
  });
});
