import { assertEquals } from "@std/assert";
import { findOwnStreams, type OwnStreams } from "./own_streams.ts";

Deno.test("findOwnStreams() finds what goes to our output as it is", () => {
  const both: OwnStreams = { stdout: "stdout", stderr: "stderr" };
  const cases: [Record<string, string>, Record<string, string>, OwnStreams][] = [
    [{}, {}, both],
    [{}, { loglevel: "info", strip_ansi: "false" }, both],
    [{}, { loglevel: "debug" }, {}],
    [{}, { strip_ansi: "true" }, {}],
    [{ stdout_logfile: "/var/log/engine.log" }, {}, { stderr: "stderr" }],
    [{ stdout_logfile: "%(ENV_LOG)s" }, {}, { stderr: "stderr" }],
    [{ stdout_logfile: "/dev/fd/2", stderr_logfile: "/proc/self/fd/1" }, {}, {
      stdout: "stderr",
      stderr: "stdout",
    }],
    [{ redirect_stderr: "true", stderr_logfile: "NONE" }, {}, {
      stdout: "stdout",
      stderr: "stdout",
    }],
    [{ redirect_stderr: "%(ENV_X)s" }, {}, { stdout: "stdout" }],
    [{ stdout_events_enabled: "true" }, {}, { stderr: "stderr" }],
    [{ stderr_syslog: "yes" }, {}, { stdout: "stdout" }],
    [{ stdout_capture_maxbytes: "1MB", stderr_capture_maxbytes: "0" }, {}, { stderr: "stderr" }],
  ];
  const logs = { stdout_logfile: "/dev/stdout", stderr_logfile: "/dev/stderr" };
  for (const [engine, supervisord, expected] of cases) {
    assertEquals(
      findOwnStreams(
        new Map(Object.entries({ ...logs, ...engine })),
        new Map(Object.entries(supervisord)),
      ),
      expected,
      JSON.stringify([engine, supervisord]),
    );
  }
});
