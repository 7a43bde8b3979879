import { assertEquals } from "@std/assert";
import { createPortLook } from "./port_look.ts";
import type { PortView } from "./listeners.ts";

interface Scene {
  view: PortView;
  lines: string[];
  nowMs: number;
  readonly told: string[];
}

function makeScene(): Scene & { look: () => Promise<PortView> } {
  const scene: Scene = {
    view: { owner: "nobody", elsewhere: undefined, ephemeral: [41_234] },
    lines: [],
    nowMs: 0,
    told: [],
  };
  const look = createPortLook({
    title: "vLLM",
    look: () => Promise.resolve(scene.view),
    findLeader: () => 7,
    readLines: () => scene.lines,
    clock: () => scene.nowMs,
    onElsewhere: (text) => scene.told.push(text),
  });
  return Object.assign(scene, { look: () => look(8000) });
}

Deno.test("createPortLook() believes a port of the kernel's that the engine says it serves on", async () => {
  const scene = makeScene();
  assertEquals((await scene.look()).elsewhere, undefined);
  scene.lines.push("Uvicorn running on http://0.0.0.0:41234");
  assertEquals((await scene.look()).elsewhere, 41_234);
  assertEquals(scene.told, []);
});

Deno.test("createPortLook() tells once of a port that stays the only one for a minute", async () => {
  const scene = makeScene();
  for (const nowMs of [0, 59_999]) {
    scene.nowMs = nowMs;
    await scene.look();
  }
  assertEquals(scene.told, []);
  for (const nowMs of [60_000, 65_000]) {
    scene.nowMs = nowMs;
    assertEquals((await scene.look()).elsewhere, undefined);
  }
  assertEquals(scene.told.length, 1);
});

Deno.test("createPortLook() leaves a port alone that the engine listens on", async () => {
  const scene = makeScene();
  scene.view = { owner: "ours", elsewhere: undefined };
  assertEquals(await scene.look(), scene.view);
});
