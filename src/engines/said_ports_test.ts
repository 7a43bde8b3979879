import { assertEquals } from "@std/assert";
import { findSaidPort } from "./said_ports.ts";

const PORTS = [41_234, 43_533];

for (
  const [line, expected] of [
    ["INFO:     Uvicorn running on http://0.0.0.0:41234 (Press CTRL+C to quit)", 41_234],
    ["main: server is listening on http://127.0.0.1:41234 - starting the main loop", 41_234],
    ["[2026-01-01 00:00:00 +0000] [7] [INFO] Listening at: http://0.0.0.0:41234 (7)", 41_234],
    ["I0101 http_server.cc:4755] Started HTTPService at 0.0.0.0:41234", 41_234],
    ["INFO:     Uvicorn running on http://[::]:41234 (Press CTRL+C to quit)", 41_234],
    ["Listening on port 41234", 41_234],
    ["Server listening on 0.0.0.0:41234", 41_234],
    ["world_size=1 rank=0 distributed_init_method=tcp://172.17.0.2:43533 backend=nccl", undefined],
    ["INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)", undefined],
    ["took 41234 ms", undefined],
  ] as const
) {
  Deno.test(`findSaidPort() reads ${line}`, () => {
    assertEquals(findSaidPort(["Loading", line], PORTS), expected);
  });
}
