import { assertEquals } from "@std/assert";
import { parseSamples } from "./prometheus.ts";

const NAMES = new Set(["vllm:num_requests_running", "a_total", "b"]);

Deno.test("parseSamples() reads what real engines answer", () => {
  const text = [
    "# HELP vllm:num_requests_running Number of requests in model execution batches.",
    "# TYPE vllm:num_requests_running gauge",
    'vllm:num_requests_running{engine="0",model_name="facebook/opt-125m"} 2.0',
    'vllm:num_requests_running_more{engine="0"} 9',
    "a_total 1.5e+06 1395066363000",
    'a_total{path="/v1/a b",text="say \\"hi\\", }\\n\\\\"}\t3',
    "other 7",
    "",
  ].join("\n");
  assertEquals(
    parseSamples(text, NAMES).map(({ name, labels, value }) => [name, [...labels], value]),
    [
      ["vllm:num_requests_running", [["engine", "0"], ["model_name", "facebook/opt-125m"]], 2],
      ["a_total", [], 1_500_000],
      ["a_total", [["path", "/v1/a b"], ["text", 'say "hi", }\n\\']], 3],
    ],
  );
});

Deno.test("parseSamples() reads infinite values, and leaves out what is no sample", () => {
  const cases: [string, number[]][] = [
    ["b +Inf\nb -Inf\nb NaN\n", [Infinity, -Infinity, NaN]],
    ["b\nb x\nb 1 x\n{} 1\n<html>b 1</html>\n", []],
    ["b 1\r\nb 2\n", [1, 2]],
    ["b 1\nb 23", [1]], // What is cut short may have been 234.
    ["", []],
  ];
  for (const [text, values] of cases) {
    assertEquals(parseSamples(text, NAMES).map(({ value }) => value), values, text);
  }
});

Deno.test("parseSamples() is quick with a megabyte of other metrics", () => {
  const text = `${'x_bucket{le="0.001",model="m"} 12345.0\n'.repeat(27_000)}b 1\n`;
  const began = performance.now();
  assertEquals(parseSamples(text, NAMES).length, 1);
  const took = performance.now() - began;
  assertEquals(took < 500, true, `${took} ms`);
});
