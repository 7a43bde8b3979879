import { assertEquals } from "@std/assert";
import { maskText } from "./secrets.ts";

Deno.test("maskText: what engines print of their own arguments", () => {
  const texts: [string, string][] = [
    [
      "non-default args: {'api_key': ['S', 'S'], 'port': 1}",
      "non-default args: {'api_key': ***, 'port': 1}",
    ],
    [
      "server_args=ServerArgs(api_key='S', tp_size=1)",
      "server_args=ServerArgs(api_key=***, tp_size=1)",
    ],
    ['{"password": "S S"}', '{"password": ***}'],
    ['{\\"hf_token\\": \\"S\\"}', '{\\"hf_token\\": ***}'],
    ['HF_TOKEN="S S" vllm serve --api-key "S S"', "HF_TOKEN=*** vllm serve --api-key ***"],
    ["api_key='S, cut off", "api_key=***"],
    ["Authorization: Bearer S", "Authorization: Bearer ***"],
    ["api_key=S --api-key S", "api_key=*** --api-key ***"],
    ["Unexpected token 'x' at 1; max_tokens: '8'", "Unexpected token 'x' at 1; max_tokens: '8'"],
  ];
  for (const [text, masked] of texts) assertEquals(maskText(text), masked);
});
