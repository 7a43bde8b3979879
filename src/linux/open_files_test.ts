import { assertEquals } from "@std/assert";
import { concludeGivenOpenFiles, parseOpenFiles } from "./open_files.ts";

Deno.test("parseOpenFiles() reads both limits", () => {
  const text = "Limit                     Soft Limit           Hard Limit           Units     \n" +
    "Max processes             unlimited            unlimited            processes \n" +
    "Max open files            1024                 1048576              files     \n";
  assertEquals(parseOpenFiles(text), { soft: 1024, hard: 1048576 });
  assertEquals(parseOpenFiles(text.replace("1048576", "unlimited")), {
    soft: 1024,
    hard: Infinity,
  });
  assertEquals(parseOpenFiles("Max processes 1 2 processes"), undefined);
});

Deno.test("concludeGivenOpenFiles() takes the parent's, and says nothing where that proves nothing", () => {
  const raised = { soft: 20_000, hard: 20_000 };
  const parent = { soft: 1_024, hard: 20_000 };
  assertEquals(concludeGivenOpenFiles(raised, parent, false), 1_024);
  assertEquals(concludeGivenOpenFiles(raised, parent, true), undefined, "compiled");
  assertEquals(concludeGivenOpenFiles(raised, undefined, false), undefined, "PID 1");
  assertEquals(concludeGivenOpenFiles(parent, { soft: 512, hard: 20_000 }, false), undefined);
  // Somebody ran `ulimit -n 20000` between the parent and us, which sets both limits.
  assertEquals(concludeGivenOpenFiles(raised, { soft: 1_024, hard: 524_288 }, false), undefined);
  assertEquals(concludeGivenOpenFiles(raised, raised, false), undefined);
});
