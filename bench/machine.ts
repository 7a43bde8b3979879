/** The machine that numbers come from, in one line. */
import { readOrEmpty } from "../tests/support/files.ts";

/** @returns CPU, cores, memory, kernel, distribution, Deno. */
export function describeMachine(): string {
  const cpu = /^model name\s*: (.*)$/m.exec(readOrEmpty("/proc/cpuinfo"))?.[1] ??
    Deno.build.arch;
  const distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(readOrEmpty("/etc/os-release"))?.[1];
  const gigabytes = Deno.systemMemoryInfo().total / 1e9;
  return [
    `${cpu}, ${navigator.hardwareConcurrency} cores`,
    `${gigabytes.toFixed(0)} GB`,
    `Linux ${Deno.osRelease()}`,
    ...distribution === undefined ? [] : [distribution],
    `Deno ${Deno.version.deno}`,
  ].join("; ");
}

/** @returns How busy the machine was: the load average over one minute, which the bench itself adds to. */
export function readLoad(): number {
  return Deno.loadavg()[0]!;
}
