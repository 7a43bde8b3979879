import { assertEquals } from "@std/assert";
import { decideWait, type WaitFacts } from "./wait_channel.ts";

Deno.test("decideWait() tells a stalled reader from a hang, and says where it cannot", () => {
  const blind: WaitFacts = { state: "S", syscall: undefined, wchan: undefined, arch: "x86_64" };
  const cases: [Partial<WaitFacts>, string][] = [
    [{ syscall: "1 0x1 0x7f 0x64 0x0 0x0 0x0 0x7ffc 0x7f2e\n" }, "reader"],
    [{ syscall: "64 0x1 0x7f\n", arch: "aarch64" }, "reader"],
    [{ syscall: "1 0x1 0x7f\n", arch: "aarch64" }, "other"],
    [{ syscall: "7 0x55 0x2\n", wchan: "anon_pipe_write" }, "other"],
    // A write over a network to a disk that hangs is uninterruptible.
    [{ state: "D", syscall: "1 0x5 0x7f\n" }, "reader"],
    [{ state: "T", syscall: "1 0x1 0x7f\n", wchan: "do_signal_stop" }, "other"],
    [{ state: "T" }, "other"],
    [{ state: "R", syscall: "running\n" }, "other"],
    [{ wchan: "anon_pipe_write" }, "reader"],
    [{ wchan: "pipe_write" }, "reader"],
    [{ wchan: "poll_schedule_timeout.constprop.0" }, "other"],
    [{ wchan: "do_sys_poll" }, "other"],
    [{ wchan: "0" }, "unknown"],
    [{ wchan: "rpc_wait_bit_killable" }, "unknown"],
    [{}, "unknown"],
    [{ state: undefined }, "unknown"],
    [{ state: "D" }, "unknown"],
  ];
  for (const [facts, waits] of cases) {
    assertEquals(decideWait({ ...blind, ...facts }), waits, JSON.stringify(facts));
  }
});
