import { assert, assertEquals } from "@std/assert";
import { ENGINE_NAMES, type EngineName, parseEngineChoice } from "../configuration/engine_names.ts";
import { describeEngine, findAddress, findMetricsUrl, renderUrl } from "./address.ts";
import { PROFILES } from "./profiles.ts";
import { recognizeEngine } from "./recognize.ts";
import { splitShellWords } from "../formats/shell_words.ts";

type Env = Record<string, string>;

/** Command, engine, `host:port` where it can be told, environment. */
const COMMANDS: readonly (readonly [string, EngineName, string?, Env?])[] = [
  ["vllm serve m", "vllm", "0.0.0.0:8000"],
  ["vllm serve m --port 8080 --host 127.0.0.1", "vllm", "127.0.0.1:8080"],
  ["/opt/venv/bin/vllm serve m --port=8080", "vllm", "0.0.0.0:8080"],
  ["vllm serve m --port 1 --port 2", "vllm", "0.0.0.0:2"],
  ["vllm serve m --uds /tmp/s", "vllm"],
  ["vllm serve --config c.yaml", "vllm"],
  ["vllm serve --config c.yaml --port 9", "vllm", "0.0.0.0:9"],
  ["vllm serve m", "vllm", "0.0.0.0:8000", { VLLM_PORT: "9" }],
  ["vllm bench serve", "generic"],
  ["python3 -m vllm.entrypoints.openai.api_server --model m --port 8000", "vllm", "0.0.0.0:8000"],
  ["python3 -u -X dev -m vllm.entrypoints.openai.api_server", "vllm", "0.0.0.0:8000"],
  ["python -Ou -mvllm.entrypoints.cli.main serve m", "vllm", "0.0.0.0:8000"],
  ["/usr/bin/python3.12 /opt/venv/bin/vllm serve m", "vllm", "0.0.0.0:8000"],
  ["env VLLM_USE_V1=1 vllm serve m", "vllm", "0.0.0.0:8000"],
  ["nice -n 5 numactl -N 0 -m 0 vllm serve m", "vllm", "0.0.0.0:8000"],
  ["numactl --cpunodebind=0 --membind 0 vllm serve m", "vllm", "0.0.0.0:8000"],
  ["tini -g -- vllm serve m", "vllm", "0.0.0.0:8000"],
  ["dumb-init -- env A=b vllm serve m", "vllm", "0.0.0.0:8000"],
  ["uv run vllm serve m --port 7", "vllm", "0.0.0.0:7"],
  ["uv run --with vllm --python 3.12 -- vllm serve m", "vllm", "0.0.0.0:8000"],
  ["uv pip install vllm", "generic"],
  ["conda run -n e --no-capture-output vllm serve m", "vllm", "0.0.0.0:8000"],
  ["micromamba run -n e python -m vllm.entrypoints.openai.api_server", "vllm", "0.0.0.0:8000"],
  ["poetry run vllm serve m", "vllm", "0.0.0.0:8000"],
  ["sh -c 'exec vllm serve m --port 9'", "vllm", "0.0.0.0:9"],
  ["bash -lc 'cd /app && export A=b; exec vllm serve m --port $PORT'", "vllm", "0.0.0.0:7", {
    PORT: "7",
  }],
  ["bash -c 'vllm serve m --port ${PORT:-8001} 2>&1 | tee log'", "vllm", "0.0.0.0:8001"],
  ["bash -c 'vllm serve m --port $NOWHERE'", "vllm"],
  [`sh -c 'exec "$@"' sh vllm serve m`, "vllm", "0.0.0.0:8000"],
  ["sh -c 'X=1 vllm serve m'", "vllm", "0.0.0.0:8000"],
  ["timeout -k 5 100 setsid vllm serve m", "vllm", "0.0.0.0:8000"],
  ["sudo -u vllm vllm serve m", "vllm", "0.0.0.0:8000"],
  ["gosu vllm vllm serve m", "vllm", "0.0.0.0:8000"],
  ["python -m sglang.launch_server --model-path m", "sglang", "127.0.0.1:30000"],
  ["sglang serve --model-path m --host 0.0.0.0 --port 8080", "sglang", "0.0.0.0:8080"],
  ["trtllm-serve m --port 8000", "tensorrt_llm", "localhost:8000"],
  ["trtllm-serve serve m --host 0.0.0.0", "tensorrt_llm", "0.0.0.0:8000"],
  [
    "mpirun -n 2 --allow-run-as-root trtllm-llmapi-launch trtllm-serve m",
    "tensorrt_llm",
    "localhost:8000",
  ],
  ["tritonserver --model-repository=/m --http-port=9000", "triton", "0.0.0.0:9000"],
  ["mpirun --allow-run-as-root -n 1 tritonserver", "triton", "0.0.0.0:8000"],
  ["text-generation-launcher --model-id m -p 8080", "tgi", "0.0.0.0:8080"],
  ["text-generation-launcher", "tgi", "0.0.0.0:80", { PORT: "80" }],
  ["text-generation-launcher", "tgi", "pod-1:3000", { HOSTNAME: "pod-1" }],
  ["/app/llama-server -m m.gguf", "llama_cpp", "127.0.0.1:8080"],
  ["llama-server -m m.gguf --host :: --port 9", "llama_cpp", ":::9"],
  ["env LLAMA_ARG_PORT=1234 llama-server", "llama_cpp", "127.0.0.1:1234"],
  ["python3 -m llama_cpp.server --model m --port 8001", "llama_cpp_python", "localhost:8001"],
  ["python3 -m llama_cpp.server", "llama_cpp_python", "0.0.0.0:8080", {
    HOST: "0.0.0.0",
    PORT: "8080",
  }],
  ["djl-serving -m m", "djl", "127.0.0.1:8080"],
  ["/usr/local/bin/dockerd-entrypoint.sh serve", "djl", "127.0.0.1:8080"],
  ["serve run app:app", "ray_serve", "127.0.0.1:8000"],
  ["serve run app:app", "ray_serve", "127.0.0.1:8000", { RAY_SERVE_DEFAULT_HTTP_PORT: "80" }],
  ["serve run app.yaml", "ray_serve"],
  ["serve start --http-host 0.0.0.0 --http-port 80", "ray_serve", "0.0.0.0:80"],
  ["serve", "generic"],
  ["lightning serve server.py", "litserve", "0.0.0.0:8000"],
  ["mlserver start .", "mlserver", "0.0.0.0:8080"],
  ["mlserver start .", "mlserver", "0.0.0.0:9", { MLSERVER_HTTP_PORT: "9" }],
  ["gunicorn app:app", "gunicorn", "127.0.0.1:8000"],
  ["gunicorn -w 4 -b 0.0.0.0:9000 app:app", "gunicorn", "0.0.0.0:9000"],
  ["gunicorn --bind=[::]:80 app:app", "gunicorn", "[::]:80"],
  ["gunicorn --bind unix:/tmp/s app:app", "gunicorn"],
  ["gunicorn -c conf.py app:app", "gunicorn"],
  ["python -m gunicorn app:app --bind :8080", "gunicorn", ":8080"],
  ["uvicorn app:app --port 80", "uvicorn", "127.0.0.1:80"],
  ["uvicorn app:app --port 0", "uvicorn"],
  ["uvicorn app:app", "uvicorn", "0.0.0.0:9", { UVICORN_HOST: "0.0.0.0", UVICORN_PORT: "9" }],
  ["python server.py", "generic"],
  ["python -c 'import vllm'", "generic"],
  ["bash start.sh", "generic"],
  ["", "generic"],
  ["env", "generic"],
  ["nice", "generic"],
];

Deno.test("recognizeEngine() and findAddress() tell the engine and where it listens", () => {
  for (const [command, name, expected, env = {}] of COMMANDS) {
    const engine = recognizeEngine(splitShellWords(command) ?? []);
    assertEquals(engine.profile.name, name, command);
    const address = findAddress(engine, env);
    assertEquals(address && `${address.host}:${address.port}`, expected, command);
  }
});

Deno.test("recognizeEngine() obeys PROCESS_ENGINE", () => {
  const argv = ["vllm", "serve", "m"];
  assertEquals(recognizeEngine(argv, "none").profile.name, "generic");
  assertEquals(recognizeEngine(argv, "sglang").profile.name, "sglang");
  const named = recognizeEngine(["/app/start.sh", "--port", "9"], "vllm");
  assertEquals(findAddress(named, {})?.port, 9);
});

Deno.test("renderUrl() reaches what listens everywhere, IPv6 and TLS", () => {
  const cases: [string, string][] = [
    ["vllm serve m", "http://127.0.0.1:8000/health"],
    ["vllm serve m --host ::", "http://[::1]:8000/health"],
    ["vllm serve m --host fe80::1", "http://[fe80::1]:8000/health"],
    [
      "vllm serve m --host 10.0.0.1 --ssl-certfile c --ssl-keyfile k",
      "https://10.0.0.1:8000/health",
    ],
  ];
  for (const [command, url] of cases) {
    const address = findAddress(recognizeEngine(command.split(" ")), {});
    assertEquals(address && renderUrl(address, "/health"), url);
  }
});

Deno.test("findMetricsUrl() knows ports of their own, and options without which there are none", () => {
  const cases: [string, string | undefined][] = [
    ["vllm serve m", "http://127.0.0.1:8000/metrics"],
    ["tritonserver --metrics-port 9", "http://127.0.0.1:9/metrics"],
    ["llama-server", undefined],
    ["llama-server --metrics", "http://127.0.0.1:8080/metrics"],
    ["uvicorn a:a", undefined],
  ];
  for (const [command, url] of cases) {
    const engine = recognizeEngine(command.split(" "));
    const address = findAddress(engine, {});
    assertEquals(address && findMetricsUrl(engine, address, {}), url, command);
  }
});

Deno.test("describeEngine() says what was recognized, and where it listens", () => {
  const text = describeEngine(recognizeEngine(["vllm", "serve", "m", "--port", "8080"]), {});
  for (const part of ["vLLM", "8080", "as its arguments say", "http://127.0.0.1:8080/health"]) {
    assert(text.includes(part), text);
  }
  assert(describeEngine(recognizeEngine(["x"]), {}).includes("none that is known"));
  assert(
    describeEngine(recognizeEngine(["gunicorn", "-c", "x"]), {}).includes("is not known"),
  );
});

Deno.test("PROFILES are complete: names, paths, metrics, no two alike commands", () => {
  const commands = Object.values(PROFILES).flatMap((profile) => profile.commands);
  assertEquals(new Set(commands.map((command) => JSON.stringify(command))).size, commands.length);
  for (const name of ENGINE_NAMES) {
    const { healthPath, readyPath, metrics, listening, title } = PROFILES[name];
    assertEquals(PROFILES[name].name, name);
    assert(title !== "");
    for (const path of [healthPath, readyPath, metrics?.path]) {
      assert(path === undefined || path.startsWith("/"), `${name}: ${path}`);
    }
    assert(metrics === undefined || listening !== undefined, name);
    assert(metrics === undefined || metrics.progress.length > 0, name);
  }
});

Deno.test("parseEngineChoice() takes names in any case, with - for _", () => {
  assertEquals(parseEngineChoice("AUTO"), "auto");
  assertEquals(parseEngineChoice("None"), "none");
  assertEquals(parseEngineChoice("TensorRT-LLM"), "tensorrt_llm");
  assertEquals(parseEngineChoice("vllm2"), undefined);
});
