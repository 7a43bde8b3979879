import { parseConfiguration } from "../src/document/parse_configuration.ts";
import { buildDocument, plainPaths } from "../src/document/build_document.ts";
import { findDocumentIssues } from "../src/document/document_checks.ts";
import { parseIni } from "../src/formats/parse_ini.ts";
import { quoteCommand } from "../src/formats/quote_command.ts";
import { renderDocument } from "../src/formats/render.ts";
import { suggest } from "../src/configuration/suggest.ts";
import { SUPERVISORD_SECTIONS } from "../src/formats/supervisord_options.ts";

/** A container of SageMaker or Kubernetes: sixty variables of others, a dozen of ours. */
const ENV: Record<string, string> = {
  ...Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [`SERVICE_${at}_PORT`, `10.0.0.${at}`]),
  ),
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: "/root",
  PROCESS_MAX_START_RETRIES: "3",
  PROCESS_RECOVERY_WINDOW_SECS: "600",
  PROCESS_HEALTH_URL: "http://127.0.0.1:8000/health",
  LOG_LEVEL: "info",
  SUPERVISOR_PROGRAM_STARTSECS: "30",
  SUPERVISOR_PROGRAM_STOPWAITSECS: "60",
  SUPERVISOR_PROGRAM_ENVIRONMENT: `HF_HOME="%(ENV_HOME)s/hf",A='x, y'`,
  SUPERVISOR_PROGRAM__METRICS_COMMAND: "exporter --port 9400 ; # %(program_name)s",
  SUPERVISOR_PROGRAM__METRICS_STDOUT_LOGFILE: "/dev/stdout",
  SUPERVISOR_PROGRAM__METRICS_PRIORITY: "10",
};

const ARGV = [
  ...["vllm", "serve", "meta/model", "--port", "8000", "--max-model-len", "8192"],
  ...["--chat-template", `{% if a %}'"; # %(here)s\n{{ b }}{% endif %}`],
];

/** 64 KiB, hardly a character of which may stand as it is. */
const HOSTILE = `';#%(here)s\n"\\ `.repeat(4_682);

const configuration = parseConfiguration(ENV, {});
const { document } = buildDocument(configuration, ARGV, plainPaths("llm_engine"));
const text = renderDocument(document);
const options = [...SUPERVISORD_SECTIONS.values()].flatMap(({ options }) => [...options.keys()]);

Deno.bench("parseConfiguration() of 72 variables", () => {
  parseConfiguration(ENV, {});
});

Deno.bench("buildDocument()", () => {
  buildDocument(configuration, ARGV, plainPaths("llm_engine"));
});

Deno.bench("findDocumentIssues()", () => {
  findDocumentIssues(document, { environment: ENV });
});

Deno.bench("renderDocument()", () => {
  renderDocument(document);
});

Deno.bench("parseIni() of that", () => {
  parseIni(text);
});

Deno.bench("quoteCommand() of a hostile argument of 64 KiB", { group: "quote" }, () => {
  quoteCommand(["engine", HOSTILE]);
});

Deno.bench("quoteCommand() of a usual command", { group: "quote", baseline: true }, () => {
  quoteCommand(ARGV);
});

Deno.bench("suggest() for a misspelt option", () => {
  suggest("stratsecs", options);
});
