import { assertEquals } from "@std/assert";
import { parseListening } from "./listening_sockets.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

function row(number: number, local: string, state: string, inode: number): string {
  return `   ${number}: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0` +
    `        0 ${inode} 1 0000000000000000 100 0 0 10 0`;
}

Deno.test("parseListening() finds who listens on the port, and stops at connections", () => {
  const listening = [row(0, "0100007F:1F40", "0A", 11), row(1, "00000000:1F41", "0A", 12)];
  const v6 = row(2, `${"0".repeat(32)}:1F40`, "0A", 13);
  assertEquals(parseListening([HEAD, ...listening, v6], 8000), {
    inodes: ["11", "13"],
    isOver: false,
  });
  const connection = row(3, "0100007F:1F40", "01", 14);
  assertEquals(parseListening([...listening, connection, v6], 8000), {
    inodes: ["11"],
    isOver: true,
  });
  assertEquals(parseListening([HEAD], 8000), { inodes: [], isOver: false });
  assertEquals(parseListening([row(0, "0100007F:0050", "0A", 15)], 80).inodes, ["15"]);
});
