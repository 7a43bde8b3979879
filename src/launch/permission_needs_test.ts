import { assertEquals } from "@std/assert";
import { findNeeds, type PermissionFacts } from "./permission_needs.ts";

const FACTS: PermissionFacts = {
  isSupervised: true,
  readsEnvironment: false,
  place: "/tmp",
  searched: ["/usr/bin"],
  read: ["/opt/ml/model"],
  written: [],
  socket: undefined,
  healthHost: undefined,
  statusAddress: undefined,
  command: "vllm",
  installs: false,
  isInit: false,
  hasFfi: true,
  denoVersion: "2.9.6",
  arch: "x86_64",
};

/** `permission=value` each, with `?` where it is only a loss. */
function list(facts: Partial<PermissionFacts>): string[] {
  return findNeeds({ ...FACTS, ...facts }).map(({ permission, value, lost }) =>
    `${permission}${value === undefined ? "" : `=${value}`}${lost === undefined ? "" : "?"}`
  );
}

const FFI = "ffi=/lib/x86_64-linux-gnu/libc.so.6?";
const SYS = ["sys=uid", "sys=gid", "sys=hostname"];
const FILES = ["read=/tmp", "write=/tmp", "read=/usr/bin", "read=/opt/ml/model"];

Deno.test("findNeeds() lists what a supervised run needs", () => {
  assertEquals(list({}), [
    ...FILES,
    ...["run", "net", "net=127.0.0.1:9229?"],
    ...SYS,
    ...[FFI, "all?"],
  ]);
});

Deno.test("findNeeds() lists a socket of a fixed path by it, to be read and written too", () => {
  assertEquals(list({ socket: "/run/x.sock" }), [
    ...FILES,
    ...["read=/run/x.sock", "write=/run/x.sock"],
    ...["run", "net=unix:/run/x.sock", "net=127.0.0.1:9229?"],
    ...SYS,
    ...[FFI, "all?"],
  ]);
});

Deno.test("findNeeds() asks an earlier Deno for no more than it understands", () => {
  const nets = (denoVersion: string) =>
    list({ denoVersion, socket: "/run/x.sock" }).filter((need) => need.startsWith("net"));
  assertEquals(nets("2.6.8"), []);
  assertEquals(nets("2.7.0"), ["net=unix:/run/x.sock"]);
  assertEquals(nets("2.9.1"), ["net=unix:/run/x.sock"]);
  assertEquals(nets("3.0.0"), ["net=unix:/run/x.sock", "net=127.0.0.1:9229?"]);
});

Deno.test("findNeeds() lists far less for a direct launch", () => {
  const direct = { isSupervised: false };
  const files = ["read=/usr/bin", "read=/opt/ml/model"];
  assertEquals(list(direct), [...files, "sys=uid", "sys=gid", FFI]);
  assertEquals(list({ ...direct, hasFfi: false }), [
    ...[...files, "run=vllm", "net=127.0.0.1:9229?", "sys=uid", "sys=gid", FFI],
  ]);
  assertEquals(list({ ...direct, installs: true }), [...files, "run", "sys=uid", "sys=gid", FFI]);
});

Deno.test("findNeeds() lists the environment, the health URL's host and named files where asked", () => {
  const needs = list({ readsEnvironment: true, healthHost: "localhost:8000", written: ["/etc/x"] });
  for (const need of ["env", "net=localhost:8000", "read=/etc/x", "write=/etc/x"]) {
    assertEquals(needs.filter((one) => one === need), [need]);
  }
});

Deno.test("findNeeds() wants the status port's address alone, and nothing of a direct launch", () => {
  const statusAddress = "127.0.0.1:9100";
  assertEquals(
    list({ statusAddress, socket: "/run/x.sock" }).filter((need) => need.startsWith("net")),
    ["net=unix:/run/x.sock", "net=127.0.0.1:9100", "net=127.0.0.1:9229?"],
  );
  assertEquals(
    list({ statusAddress, isSupervised: false }).filter((need) => need.startsWith("net")),
    [],
  );
});
