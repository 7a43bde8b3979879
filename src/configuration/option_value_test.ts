import { assertEquals } from "@std/assert";
import { checkOptionValue, type HostFacts } from "./option_value.ts";
import { findOption } from "../formats/supervisord_options.ts";

const NAMES = new Map<string, string | number>([
  ["here", "/etc"],
  ["process_num", 0],
  ["program_name", "a"],
  ["ENV_N", "3"],
  ["ENV_ODD", "50%"],
]);

function check(section: string, key: string, value: string, host?: HostFacts) {
  const spec = findOption(section, key);
  if (spec === undefined) throw new Error(`no option ${key}`);
  return checkOptionValue(spec, value, { names: NAMES, secret: false, host });
}

const P = "program:a";

Deno.test("checkOptionValue() accepts what supervisord accepts and what makes sense", () => {
  const cases: [string, string, string][] = [
    [P, "numprocs", "%(ENV_N)s"],
    [P, "numprocs", "1_0"],
    [P, "priority", "-5"],
    [P, "autostart", "ON"],
    [P, "autorestart", "Unexpected"],
    [P, "exitcodes", ""],
    [P, "exitcodes", "0, 255"],
    [P, "stopsignal", "sigint"],
    [P, "stopsignal", "64"],
    [P, "umask", "022"],
    [P, "stdout_logfile", ""],
    [P, "stdout_logfile", "100%%%%"],
    [P, "stdout_logfile_maxbytes", "5 mb"],
    [P, "environment", `A="%(ENV_ODD)s"`],
    [P, "command", 'sh -c \'a; b\' "c\\"d"'],
    ["inet_http_server", "port", "*:9001"],
    ["eventlistener:a", "events", "tick_5,PROCESS_STATE"],
    ["fcgi-program:a", "socket", "unix:///tmp/%(program_name)s.sock"],
  ];
  for (const [section, key, value] of cases) {
    assertEquals([key, value, check(section, key, value)], [key, value, undefined]);
  }
});

Deno.test("checkOptionValue() says what it expected", () => {
  const cases: [string, string, string, string][] = [
    [P, "numprocs", "0", "an integer from 1 to 10000"],
    [P, "startsecs", "-1", "an integer of at least 0"],
    [P, "priority", "high", "an integer"],
    [P, "autostart", "maybe", "a boolean (true, false, 1, 0, yes, no, on, off)"],
    [P, "autorestart", "always", "true, false or unexpected"],
    [P, "exitcodes", "0,", "a comma-separated list of exit codes from 0 to 255"],
    [P, "exitcodes", "256", "a comma-separated list of exit codes from 0 to 255"],
    [P, "stopsignal", "RTMIN+1", "a signal, e.g. TERM, SIGINT or 15"],
    [P, "stopsignal", "0", "a signal, e.g. TERM, SIGINT or 15"],
    [P, "umask", "9", "an octal number from 0 to 0777"],
    [P, "stdout_logfile_maxbytes", "5M", "a size in bytes, e.g. 0, 512KB, 50MB or 1GB"],
    [P, "stdout_logfile_maxbytes", "-5MB", "a size in bytes, e.g. 0, 512KB, 50MB or 1GB"],
    [P, "environment", "A", "a comma-separated list of KEY=value"],
    [P, "environment", "A=x$", "a comma-separated list of KEY=value"],
    [P, "command", " ", "a command"],
    [P, "command", "echo 'a", "a command whose quotes are closed"],
    [P, "process_name", "a b", "a name without blank, : or /"],
    [P, "process_name", "%(here)s", "a name without blank, : or /"],
    [P, "command", "%s", "text in which supervisord can expand each %(name)s"],
    [P, "stdout_logfile", "100%%", "text in which supervisord can expand each %(name)s"],
    [P, "stdout_logfile", "%(ENV_ODD)s", "text in which supervisord can expand each %(name)s"],
    ["supervisord", "loglevel", "warning", "critical, error, warn, info, debug, trace or blather"],
    ["supervisord", "pidfile", "/dev/null", "a file of its own"],
    ["inet_http_server", "port", "[::1]:9001", "[host:]port, the port from 1 to 65535"],
    ["fcgi-program:a", "socket", "unix://rel", "tcp://host:port or unix:///absolute/path"],
  ];
  for (const [section, key, value, expected] of cases) {
    assertEquals([key, value, check(section, key, value)?.expected], [key, value, expected]);
  }
});

Deno.test("checkOptionValue() asks the machine where it is told how", () => {
  const host: HostFacts = {
    isDirectory: (path) => path === "/there",
    hasUser: (user) => user === "me",
    hasGroup: (group) => group === "us",
  };
  const cases: [string, string, string, boolean][] = [
    [P, "user", "me", true],
    [P, "user", "you", false],
    ["unix_http_server", "chown", "me:us", true],
    ["unix_http_server", "chown", "me:them", false],
    ["supervisord", "childlogdir", "/there", true],
    ["supervisord", "childlogdir", "/gone", false],
    ["supervisord", "logfile", "/there/x", true],
    ["supervisord", "logfile", "/gone/x", false],
    [P, "stdout_logfile", "x", true],
    [P, "stdout_logfile", "NONE", true],
  ];
  for (const [section, key, value, good] of cases) {
    assertEquals([key, value, check(section, key, value, host) === undefined], [key, value, good]);
  }
});

Deno.test("checkOptionValue() quotes nothing of a secret", () => {
  const spec = findOption(P, "environment")!;
  const failure = checkOptionValue(spec, "A=hush%(hush)s", { names: NAMES, secret: true });
  assertEquals(JSON.stringify(failure).includes("hush"), false);
});
