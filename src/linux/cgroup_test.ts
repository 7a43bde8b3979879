import { assertEquals } from "@std/assert";
import { findOomCounter, parseOomKills } from "./cgroup.ts";

const V1 = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
const V2 = "41 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n";
const HYBRID = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n" +
  "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n" + V1;
const DOCKER_V1 =
  "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n";

Deno.test("findOomCounter() finds the file of our own cgroup", () => {
  const cases: [cgroup: string, mountinfo: string, path: string | undefined][] = [
    ["0::/\n", V2, "/sys/fs/cgroup/memory.events"],
    ["0::/system.slice/x:y.service\n", V2, "/sys/fs/cgroup/system.slice/x:y.service/memory.events"],
    ["0::/../other\n", V2, "/sys/fs/cgroup/memory.events"],
    ["4:memory:/api/1\n0::/\n", HYBRID, "/sys/fs/cgroup/memory/api/1/memory.oom_control"],
    ["4:cpu,memory:/docker/abc\n", DOCKER_V1, "/sys/fs/cgroup/memory/memory.oom_control"],
    ["4:memory:/docker/abc/in\n", DOCKER_V1, "/sys/fs/cgroup/memory/in/memory.oom_control"],
    ["1:cpu:/\n0::/\n", V1, undefined],
    ["", V2, undefined],
    ["0::/\n", "", undefined],
  ];
  for (const [cgroup, mountinfo, path] of cases) {
    assertEquals(findOomCounter(cgroup, mountinfo), path, cgroup);
  }
});

Deno.test("parseOomKills() reads both versions, and what does not say", () => {
  assertEquals(parseOomKills("low 0\nhigh 0\nmax 7\noom 2\noom_kill 3\noom_group_kill 1\n"), 3);
  assertEquals(parseOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 12\n"), 12);
  assertEquals(parseOomKills("oom_kill_disable 1\nunder_oom 0\n"), undefined);
});
