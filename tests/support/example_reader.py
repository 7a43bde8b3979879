"""Reads an example by what its orchestrator has published: `example_reader.py KIND FILE`; JSON on stdout.

yaml: a list of the file's documents; compose: by the Compose specification; ecs: by the API's model of
RegisterTaskDefinition. What is wrong goes to stderr, exit code 1.
"""
import json
import sys


def read_yaml(text):
    import yaml
    return list(yaml.safe_load_all(text))


def read_compose(text):
    import compose_spec
    compose_spec.PyCompose.from_yaml(text)
    return read_yaml(text)


def read_ecs(text):
    import botocore.session
    import botocore.validate
    model = botocore.session.get_session().get_service_model("ecs")
    shape = model.operation_model("RegisterTaskDefinition").input_shape
    task = json.loads(text)
    report = botocore.validate.ParamValidator().validate(task, shape)
    if report.has_errors():
        raise ValueError(report.generate_report())
    return [task]


kind, path = sys.argv[1:]
try:
    with open(path) as file:
        print(json.dumps({"yaml": read_yaml, "compose": read_compose, "ecs": read_ecs}[kind](file.read())))
except ValueError as error:
    sys.exit(str(error))
