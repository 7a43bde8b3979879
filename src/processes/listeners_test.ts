import { assertEquals } from "@std/assert";
import { parseListeners } from "./listeners.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

Deno.test("parseListeners() reads the ports that are listened on, and no connections", () => {
  const tcp =
    `${HEAD}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 ` +
    "    0        0 98765 1 0000000000000000 100 0 0 10 0\n" +
    "   1: 0100007F:1F90 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000 " +
    "    0        0 98766 1 0000000000000000 20 4 30 10 -1\n";
  const tcp6 = `${HEAD}   0: 00000000000000000000000000000000:0050 ` +
    "00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 " +
    " 1000        0 77 1 0000000000000000 100 0 0 10 0\n";
  assertEquals([...parseListeners(tcp)], [["98765", 8080]]);
  assertEquals([...parseListeners(tcp6)], [["77", 80]]);
  assertEquals([...parseListeners(`${HEAD}  0: garbage`)], []);
});
