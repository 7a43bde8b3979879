import { assertEquals } from "@std/assert";
import { describeMissing, type PermissionNeed, type PermissionQuestion } from "./permissions.ts";

const NET: PermissionNeed = {
  permission: "net",
  anyOf: [{ name: "net", host: "unix:/run/x.sock" }],
  value: "unix:/run/x.sock",
  purpose: "the socket",
  lost: undefined,
};
const PORT: PermissionNeed = {
  permission: "net",
  anyOf: [{ name: "net", host: "127.0.0.1:9229" }],
  value: "127.0.0.1:9229",
  purpose: "the debugger",
  lost: "it opens",
};
const RUN: PermissionNeed = {
  permission: "run",
  anyOf: [{ name: "run" }],
  value: undefined,
  purpose: "signals",
  lost: undefined,
};

/** Answers with one state for all that is not granted. */
function answer(granted: readonly string[], otherwise: Deno.PermissionState) {
  return (question: PermissionQuestion): Deno.PermissionState =>
    granted.includes(JSON.stringify(question)) ? "granted" : otherwise;
}

Deno.test("describeMissing() says nothing where everything is granted", () => {
  assertEquals(describeMissing([NET, PORT, RUN], () => "granted"), {
    refusal: undefined,
    warning: undefined,
  });
});

Deno.test("describeMissing() names each flag once with all that it has to name", () => {
  const { refusal, warning } = describeMissing([NET, PORT, RUN, NET], () => "prompt");
  assertEquals(
    refusal,
    "Cannot run without permissions of Deno: --allow-net=unix:/run/x.sock,127.0.0.1:9229 (the socket), " +
      "--allow-run (signals); -A gives all of them",
  );
  assertEquals(
    warning,
    "Permissions of Deno are missing: without --allow-net=unix:/run/x.sock,127.0.0.1:9229, it opens",
  );
});

Deno.test("describeMissing() is content with one of several", () => {
  const either = { ...NET, anyOf: [...NET.anyOf, ...PORT.anyOf] };
  const ask = answer([JSON.stringify(PORT.anyOf[0])], "prompt");
  assertEquals(describeMissing([either], ask).refusal, undefined);
});

Deno.test("describeMissing() tells a flag that takes away from one that was not given", () => {
  assertEquals(
    describeMissing([RUN], () => "denied").refusal,
    "Cannot run without permissions of Deno: --allow-run without --deny-run (signals); " +
      "-A gives all of them",
  );
});
