import { assertEquals } from "@std/assert";
import { renderMetrics } from "./prometheus_text.ts";

Deno.test("renderMetrics() escapes help and labels, and calls infinity what Prometheus does", () => {
  assertEquals(
    renderMetrics([
      {
        name: "a_total",
        type: "counter",
        help: 'one \\ "line"\nand another',
        samples: [
          { suffix: "", labels: { x: 'a"b\\c\nd', y: "é" }, value: 1.5 },
          { suffix: "", labels: {}, value: Infinity },
          { suffix: "_x", labels: {}, value: -Infinity },
          { suffix: "", labels: {}, value: NaN },
        ],
      },
      { name: "b", type: "gauge", help: "b", samples: [] },
    ]),
    [
      '# HELP a_total one \\\\ "line"\\nand another',
      "# TYPE a_total counter",
      'a_total{x="a\\"b\\\\c\\nd",y="é"} 1.5',
      "a_total +Inf",
      "a_total_x -Inf",
      "a_total NaN",
      "# HELP b b",
      "# TYPE b gauge",
      "",
    ].join("\n"),
  );
});
