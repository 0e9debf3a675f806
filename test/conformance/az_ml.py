"""What `az ml` sends for the CLI tab of the article, kept in az_ml_requests.json.

The extension `ml` is on no package registry and its source is not public; it carries azure-ai-ml
inside (its stack traces name azext_mlv2/manual/vendored_curated_sdk/azure/ai/ml, e.g. in
Azure/azure-cli-extensions#7107). So the file holds what azure-ai-ml sends for the call that each
command stands for: test_sdk_requests.py compares it with the pinned client, test_az_ml_requests.py
replays it through `az rest`.
"""

import json
import pathlib
import re

FILE = pathlib.Path(__file__).with_name("az_ml_requests.json")
ENDPOINT = "heart-az-ml"
MODEL = "heart-az-ml"
# What is of one run only.
OF_ONE_RUN = {
    "{operation}": re.compile(r"(?<=/mfeOperationsStatus/)[^?\"]+"),
    "{upload}": re.compile(r"(?<=/LocalUpload/)[0-9a-f]+"),
    "{time}": re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+[\d:]+)"),
    "{key}": re.compile(r"\(not recorded\)"),
}


def load():
    """[(command, [request, …]), …], with placeholders for the workspace."""
    return [(entry["command"], entry["requests"]) for entry in json.loads(FILE.read_text())]


def names(sandbox):
    """What the placeholders stand for."""
    return {
        "{subscription}": sandbox["subscriptionId"],
        "{group}": sandbox["resourceGroup"],
        "{workspace}": sandbox["workspaceName"],
        "{location}": sandbox["location"],
    }


def with_placeholders(request, sandbox):
    """A recorded request as the file has it."""
    parts = ("method", "path", "query", "body", "status")
    kept = {part: request[part] for part in parts if part in request}
    text = json.dumps(kept)
    for placeholder, pattern in OF_ONE_RUN.items():
        text = pattern.sub(placeholder, text)
    for placeholder, value in names(sandbox).items():
        # Names within words stay: "workspaces" holds no workspace.
        text = re.sub(rf"(?<![\w-]){re.escape(value)}(?![\w-])", placeholder, text)
    return json.loads(text)


def filled_in(request, sandbox, **of_this_run):
    """A request of the file for this sandbox; `upload`, `key`, `time` and `operation` by name."""
    values = names(sandbox) | {f"{{{name}}}": value for name, value in of_this_run.items()}
    text = json.dumps(request)
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return json.loads(text)
