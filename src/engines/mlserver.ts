/**
 * Seldon's MLServer.
 *
 * @see https://docs.seldon.ai/mlserver/user-guide/metrics
 * @module
 */
import { type EngineProfile, PYTHON_SHM_NAMES } from "./profile.ts";

/** `mlserver start`. */
export const MLSERVER: EngineProfile = {
  name: "mlserver",
  title: "MLServer",
  commands: [{ program: "mlserver", subcommands: ["start"] }, {
    module: "mlserver.cli.main",
    subcommands: ["start"],
  }],
  listening: {
    host: { options: [], variables: ["MLSERVER_HOST"], fallback: "0.0.0.0" },
    port: { options: [], variables: ["MLSERVER_HTTP_PORT"], fallback: "8080" },
  },
  healthPath: "/v2/health/live",
  readyPath: "/v2/health/ready",
  metrics: {
    path: "/metrics",
    port: { options: [], variables: ["MLSERVER_METRICS_PORT"], fallback: "8082" },
    running: ["rest_server_requests_in_progress"],
    // rest_server_requests counts questions for a model's health too.
    progress: ["model_infer_request_success", "model_infer_request_failure"],
  },
  causes: [
    {
      cause: "bad_model",
      words:
        /mlserver\.errors\.(?:ModelNotFound|InvalidModelURI|MLServerError)|Couldn't load model|Invalid URI specified for model/,
    },
  ],
  shmNames: PYTHON_SHM_NAMES,
  tmpSockets: [],
};
