/**
 * What `--help` and docs/ say of the environment, from the table of settings.
 *
 * @module
 */
import { PERMISSIONS } from "../host/permissions.ts";
import { renderTable } from "./markdown_table.ts";
import { type Setting, SETTINGS } from "../configuration/settings.ts";

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "asked to stop, and stopped; or the engine ended with 0 and no restart was due"],
  ["n", "the engine's own exit code, 128+n for signal n: it ended and no restart was due"],
  [
    "1",
    "gave up (see PROCESS_GIVE_UP_EXIT_CODE and docs/exit_codes.md), the configuration is invalid, a permission is missing, no command, or what was to be stopped may not be signalled",
  ],
  ["2", "unknown option, or --explain of what cannot be read"],
  ["3", "--status, --health, --ready: there is no running instance"],
  [
    "69-78",
    "gave up, with PROCESS_GIVE_UP_EXIT_CODE=cause: 69 the GPU, 71 memory or disk, 75 better elsewhere, 78 configuration, 70 all else",
  ],
  ["125", "supervisord is missing or failed"],
  ["126", "the command cannot be executed"],
  ["127", "the command is not found"],
];

function listSettings(): Setting<unknown>[] {
  return Object.values(SETTINGS);
}

function renderNames(setting: Setting<unknown>): string {
  return [setting.name, ...setting.aliases].join(", ");
}

/** The text of `standard-supervisor --help`. */
export function renderHelp(): string {
  const settings = listSettings().map((setting) =>
    `  ${renderNames(setting)}\n      ${setting.description}\n      Takes ${setting.expected}; ` +
    `default: ${setting.defaultText || "none"}.`
  );
  return `Puts supervisord behind one command: recovers the engine from crashes, gives up when it should.

Usage: standard-supervisor [OPTION…] [--] COMMAND [ARG…]
       standard-supervisor vllm serve model --host 0.0.0.0 --port 8080
       standard-supervisor --explain [FILE] [--exit-code N | --signal S] [--json]
       standard-supervisor --status [--watch] [--json] | --health | --ready

Options count only before COMMAND; everything from COMMAND on reaches the engine as it is.
  --check         print supervisord's configuration and what is wrong with it, start nothing
  --show-secrets  with --check: what looks secret too, which is else masked
  --explain       tell why an engine died from its log (FILE, else standard input), start nothing;
                  --exit-code N or --signal S say how it ended, --json prints JSON
  --status        show what the running instance does and why; --watch follows it, --json prints JSON
  --health        exit 0 where it is started and well, 1 where not, 3 without an instance
  --ready         exit 0 where requests should be sent to it, else as --health
  -h, --help      print this
  -V, --version   print the version, and Deno's

Environment:
${settings.join("\n")}
  SUPERVISOR_<SECTION>_<KEY>
      Any option of supervisord's; __ stands for the colon: SUPERVISOR_PROGRAM__WEB_COMMAND.
      Without a name, or addressed to APP, a program's option is the engine's:
      SUPERVISOR_PROGRAM_STARTSECS=10.

Exit codes:
${EXIT_CODES.map(([code, text]) => `  ${code.padEnd(5)} ${text}`).join("\n")}
`;
}

/** The text of `generate-supervisor-config --help`. */
export function renderGenerateHelp(): string {
  return `Writes the supervisord configuration that standard-supervisor would run a command with.

Usage: generate-supervisor-config -o FILE [-p NAME] [--log-level LEVEL] [--] COMMAND [ARG…]

  -o, --output FILE        where to write it, mode 0600; missing directories are made
  -p, --program-name NAME  the program's name, instead of PROCESS_PROGRAM_NAME
  --log-level LEVEL        ERROR, INFO or DEBUG, default ERROR: what to say meanwhile
  -h, --help               print this
  -V, --version            print the version

The environment counts as for standard-supervisor; see standard-supervisor --help.
`;
}

/** The table of docs/variables.md, in Markdown. */
export function renderSettingsTable(): string {
  return renderTable(
    ["Variable", "Takes", "Default", "What it does"],
    listSettings().map((setting) => [
      [setting.name, ...setting.aliases].map((name) => `\`${name}\``).join(", "),
      setting.expected,
      setting.defaultText === "" ? "" : `\`${setting.defaultText}\``,
      setting.description,
    ]),
  );
}

/** The table of docs/exit_codes.md, in Markdown. */
export function renderExitCodeTable(): string {
  return renderTable(["Exit code", "Meaning"], EXIT_CODES);
}

/** The table of docs/permissions.md, in Markdown. */
export function renderPermissionTable(): string {
  return renderTable(
    ["Permission", "What for", "The narrowest value that works", "Without it"],
    Object.values(PERMISSIONS).map(({ flag, purpose, narrowest, without }) => [
      `\`${flag}\``,
      purpose,
      narrowest,
      without,
    ]),
  );
}
