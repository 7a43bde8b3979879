import { assertEquals } from "@std/assert";
import { isStatus, parseStatus } from "./status_command_line.ts";

Deno.test("isStatus() looks before the command alone", () => {
  for (const args of [["--status"], ["--json", "--status"], ["--health"], ["--ready", "x"]]) {
    assertEquals(isStatus(args), true, args.join(" "));
  }
  for (const args of [[], ["vllm", "--status"], ["--", "--health"], ["--check", "x", "--ready"]]) {
    assertEquals(isStatus(args), false, args.join(" "));
  }
});

Deno.test("parseStatus() knows its options, and refuses all else with 2", () => {
  const status = { kind: "status", isJson: false, watches: false } as const;
  assertEquals(parseStatus(["--status"]), status);
  assertEquals(parseStatus(["--json", "--status"]), { ...status, isJson: true });
  assertEquals(parseStatus(["--status", "--watch", "--json"]), {
    ...{ ...status, isJson: true, watches: true },
  });
  assertEquals(parseStatus(["--health"]), { kind: "health" });
  assertEquals(parseStatus(["--ready"]), { kind: "ready" });
  const bad = [["--status", "--health"], ["--health", "--json"], ["--status", "x"], [
    "--status",
    "--color=always",
  ]];
  for (const args of bad) assertEquals(parseStatus(args).kind, "misuse", args.join(" "));
});
