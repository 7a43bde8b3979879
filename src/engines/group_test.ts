import { assert, assertEquals } from "@std/assert";
import { decideGroup, describeGroup, findGroup } from "./group.ts";
import { recognizeEngine } from "./recognize.ts";

function find(command: string | readonly string[], env: Record<string, string> = {}) {
  const argv = typeof command === "string" ? command.split(" ") : command;
  return findGroup(argv, recognizeEngine(argv), env);
}

const SGLANG = "python -m sglang.launch_server --model m";

/** Each with what must stand in the answer. */
const MEMBERS: [string | string[], Record<string, string>, string][] = [
  ["vllm serve m", { LWS_GROUP_SIZE: "4" }, "LWS_GROUP_SIZE is 4"],
  ["anything", { OMPI_COMM_WORLD_SIZE: "2" }, "OMPI_COMM_WORLD_SIZE is 2"],
  ["env LWS_GROUP_SIZE=2 vllm serve m", {}, "LWS_GROUP_SIZE is 2"],
  [`${SGLANG} --nnodes 2 --node-rank 0 --dist-init-addr 10.0.0.1:5000`, {}, "--nnodes is 2"],
  [`${SGLANG} --nnodes=2`, {}, "--nnodes is 2"],
  [`${SGLANG} --nnodes $N`, { N: "3" }, "--nnodes is 3"],
  [`${SGLANG} --node-rank 1`, {}, "--node-rank is 1"],
  ["vllm serve m --nnodes 2 --node_rank 1 --master-addr a", {}, "--nnodes is 2"],
  ["vllm serve m -n 2 -r 0", {}, "--nnodes is 2"],
  ["vllm serve m -r 1", {}, "--node-rank is 1"],
  ["vllm serve m --headless --data-parallel-size 4", {}, "--headless"],
  ["vllm serve m -dp 4 -dpl 2 --data-parallel-address a", {}, "--data-parallel-size is 4"],
  ["vllm serve m --data-parallel-size 2 --data-parallel-size-local 0", {}, "is 2"],
  ["torchrun --nnodes 2 --nproc-per-node 8 serve.py", {}, "--nnodes is 2"],
  ["torchrun --nnodes=2:4 serve.py", {}, "--nnodes is 2:4"],
  [["bash", "-c", "python -m sglang.launch_server --nnodes 2 --node-rank $R"], {}, "is 2"],
  ["ray start --address=head:6379 --block", {}, "ray start joins"],
  ["/venv/bin/ray start --address 10.0.0.1:6379", {}, "ray start joins"],
  [["sh", "-c", 'ulimit -n 9; ray start --block --address="$A:6379"'], { A: "h" }, "joins"],
  ["ray start --head --block", { RAY_CLUSTER_NAME: "c" }, "KubeRay"],
];

/** One that serves alone must not lose its recovery. */
const ALONE: [string | string[], Record<string, string>][] = [
  ["vllm serve m", {}],
  ["vllm serve m", { LWS_GROUP_SIZE: "1" }],
  ["vllm serve m", { LWS_GROUP_SIZE: "" }],
  ["vllm serve m", { LWS_GROUP_SIZE: "many" }],
  ["vllm serve m", { OMPI_COMM_WORLD_SIZE: "1" }],
  ["vllm serve m", { WORLD_SIZE: "8", RANK: "0", MASTER_ADDR: "localhost" }],
  ["vllm serve m --tensor-parallel-size 8", {}],
  ["vllm serve m --nnodes 1 --node-rank 0", { RAY_ADDRESS: "head:6379" }],
  ["vllm serve m --data-parallel-size 4", {}],
  ["vllm serve m -dp 4 -dpl 4", {}],
  ["vllm serve m --data-parallel-size-local 1", {}],
  [`${SGLANG} --nnodes 1 --node-rank 0 --dist-init-addr 10.0.0.1:5000`, {}],
  [`${SGLANG} --dist-init-addr 127.0.0.1:5000`, {}],
  [`${SGLANG} --dist-init-addr 10.0.0.1:5000`, {}],
  [`${SGLANG} --nnodes $N`, {}],
  [`${SGLANG} --node-rank 0`, {}],
  ["nice -n 5 vllm serve m", {}],
  ["torchrun --standalone --nnodes=1 --nproc-per-node 8 serve.py", {}],
  ["torchrun --nnodes=1:4 serve.py", {}],
  ["ray start --head --block", {}],
  ["ray start --head --block", { RAY_CLUSTER_NAME: "" }],
  ["ray start --address=auto", {}],
  ["ray start --address 127.0.0.1:6379 --block", {}],
  ["serve run app:main", { RAY_ADDRESS: "ray://head:10001" }],
  ["mpirun -n 8 trtllm-serve m", {}],
];

Deno.test("findGroup() tells the members of a group by what proves it", () => {
  for (const [command, env, words] of MEMBERS) {
    const found = find(command, env);
    assertEquals(found?.includes(words), true, `${command}: ${found}`);
  }
});

Deno.test("findGroup() leaves one that serves alone its recovery", () => {
  for (const [command, env] of ALONE) {
    assertEquals(find(command, env), undefined, `${command} ${JSON.stringify(env)}`);
  }
});

Deno.test("decideGroup() follows the sign, unless told otherwise", () => {
  assertEquals(decideGroup("auto", undefined), undefined);
  assertEquals(decideGroup("auto", "a sign"), "a sign");
  assertEquals(decideGroup("process", "a sign"), undefined);
  assertEquals(decideGroup("container", "a sign"), "a sign");
  assertEquals(decideGroup("container", undefined), "PROCESS_GROUP_RESTART is container");
});

Deno.test("describeGroup() says it, and nothing where there is no group", () => {
  assertEquals(describeGroup("auto", undefined), undefined);
  assert(/X is 4.*ends the container/.test(describeGroup("auto", "X is 4") ?? ""));
  assert(/X is 4.*restarted here anyway/.test(describeGroup("process", "X is 4") ?? ""));
});
