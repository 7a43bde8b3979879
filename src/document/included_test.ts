import { assertEquals } from "@std/assert";
import { parseIni } from "../formats/parse_ini.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { listIncludePatterns, mergeIncluded, overlayDocument } from "./included.ts";
import { findShutdownGraceMs } from "./programs.ts";
import { readStopOrders } from "./stop_orders.ts";

function parse(text: string): ConfigDocument {
  const parsed = parseIni(text);
  if ("failure" in parsed) throw new Error(parsed.failure);
  return parsed.sections;
}

Deno.test("listIncludePatterns() expands, then cuts, then joins", () => {
  const document = parse(
    "[include]\nfiles=%(here)s/a.conf b/*.conf %(ENV_X)s %(host_node_name)s\n",
  );
  assertEquals(
    listIncludePatterns(document, { here: "/my dir", env: { X: "/c d" }, hostName: "h" }),
    ["/my", "dir/a.conf", "b/*.conf", "/c", "d", "h"].map((path) =>
      path.startsWith("/") ? path : `/my[!!-~]dir/${path}`
    ),
  );
  assertEquals(listIncludePatterns(new Map(), { here: "/", env: {}, hostName: "h" }), []);
});

Deno.test("mergeIncluded() gives the last word to the last file", () => {
  const document = parse("[program:a]\nstopwaitsecs=5\ncommand=%(here)s/x 100%%\n");
  const merged = mergeIncluded(document, "/etc", [
    {
      directory: "/d1",
      sections: parse("[program:a]\nstopwaitsecs=60\n[program:b]\ncommand=%(here)s/b\n"),
    },
    {
      directory: "/d2",
      sections: parse("[program:b]\nstopwaitsecs=7\n[DEFAULT]\nstopsignal=INT\n"),
    },
  ]);
  assertEquals(
    Object.fromEntries([...merged].map(([name, values]) => [name, Object.fromEntries(values)])),
    {
      "program:a": { stopsignal: "INT", stopwaitsecs: "60", command: "/etc/x 100%%" },
      "program:b": { stopsignal: "INT", stopwaitsecs: "7", command: "/d1/b" },
    },
  );
  assertEquals(findShutdownGraceMs(merged, {}), 72_000);
  assertEquals(readStopOrders(merged, {}, "h").get("b:b"), {
    signal: "SIGINT",
    asGroup: false,
    waitMs: 7_000,
  });
  const over = overlayDocument(merged, parse("[program:a]\ncommand=y\n[x]\n"));
  assertEquals(over.get("program:a")?.get("command"), "y");
  assertEquals(over.get("program:a")?.get("stopwaitsecs"), "60");
});
