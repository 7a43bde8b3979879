import { assertEquals } from "@std/assert";
import { findDocumentIssues } from "./document_checks.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { isStreamPath } from "../formats/paths.ts";
import { findMissingOptions } from "../configuration/missing_options.ts";

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

function makeDocument(sections: Sections): ConfigDocument {
  return new Map(
    Object.entries(sections).map(([name, values]) => [name, new Map(Object.entries(values))]),
  );
}

function find(sections: Sections): string[] {
  return findDocumentIssues(makeDocument(sections), { environment: { N: "2" } })
    .map(({ variable }) => variable);
}

const X = { command: "x" };

Deno.test("findDocumentIssues() finds options that contradict each other", () => {
  const cases: [Sections, string[]][] = [
    [{ "program:a": X }, []],
    [{ inet_http_server: { port: "1", username: "u" } }, ["SUPERVISOR_INET_HTTP_SERVER_PASSWORD"]],
    [{ inet_http_server: { port: "1", username: "u", password: "p" } }, []],
    [{ unix_http_server: { password: "p" } }, ["SUPERVISOR_UNIX_HTTP_SERVER_USERNAME"]],
    [{ "program:a": { ...X, stdout_logfile: "/dev/stdout", stdout_logfile_maxbytes: "0" } }, []],
    [{ "program:a": { ...X, stdout_logfile: "/dev/stdout", stdout_logfile_maxbytes: "1MB" } }, [
      "[program:a] stdout_logfile_maxbytes",
    ]],
    [{ "program:a": { ...X, stopasgroup: "true", killasgroup: "false" } }, [
      "[program:a] killasgroup",
    ]],
    [{ "program:a": { ...X, numprocs: "%(ENV_N)s" } }, ["SUPERVISOR_PROGRAM__A_PROCESS_NAME"]],
    [{ "program:a": { ...X, numprocs: "2", process_name: "p%(process_num)d" } }, []],
    [{ "program:a": { ...X, numprocs: "2", process_name: "p%(process_num).0s" } }, [
      "[program:a] process_name",
    ]],
    [{ "eventlistener:a": { ...X, redirect_stderr: "yes" } }, [
      "[eventlistener:a] redirect_stderr",
    ]],
    [{ "group:g": { programs: "a" }, "program:a": X }, []],
    [{ "group:g": { programs: "a,b" }, "program:a": X }, ["[group:g] programs"]],
    [{ "group:g": { programs: "a" }, "program:a": X, "fcgi-program:a": X }, [
      "[group:g] programs",
    ]],
    [{ "group:g": { programs: "a,b" }, "program:a": X, "program:b": { process_name: "a" } }, [
      "[program:b] process_name",
    ]],
    [{ "program:a": X, "eventlistener:a": X }, ["[eventlistener:a] command"]],
    [{ "fcgi-program:a": { ...X, socket: "tcp://h:1", socket_mode: "0700" } }, [
      "[fcgi-program:a] socket_mode",
    ]],
    [{ unix_http_server: { file: `/tmp/${"x".repeat(94)}` } }, []],
    [{ unix_http_server: { file: `/tmp/${"x".repeat(95)}` } }, ["[unix_http_server] file"]],
  ];
  for (const [sections, found] of cases) {
    assertEquals([sections, find(sections)], [sections, found]);
  }
});

Deno.test("findMissingOptions() names the variable that would set each", () => {
  const document = makeDocument({
    "program:llm_engine": { startsecs: "1" },
    "program:web": { startsecs: "1" },
    "fcgi-program:php": X,
    unix_http_server: { chmod: "0700" },
    "rpcinterface:supervisor": {},
    "rpcinterface:x": {},
  });
  assertEquals(findMissingOptions(document, "llm_engine").map(({ variable }) => variable), [
    "SUPERVISOR_PROGRAM__WEB_COMMAND",
    "SUPERVISOR_FCGI_PROGRAM__PHP_SOCKET",
    "SUPERVISOR_RPCINTERFACE__X_FACTORY",
  ]);
});

Deno.test("isStreamPath() tells devices from files", () => {
  for (const path of ["/dev/stdout", "/dev/null", "/proc/1/fd/1"]) {
    assertEquals(isStreamPath(path), true);
  }
  for (const path of ["/var/log/x", "dev/x", "AUTO", ""]) assertEquals(isStreamPath(path), false);
});
