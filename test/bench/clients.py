"""What the official clients take for what we do, as JSON: `clients.py requests` or `clients.py upload FOLDER`.

Each client has a sandbox of its own, as in the conformance tests.
"""

import json
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "conformance"))

from same_workspace_rollouts import Rollout, by_plan, by_sdk, client_of  # noqa: E402
from same_workspace_sandbox import recording_sandbox  # noqa: E402

# How often an operation is asked for its end depends on how long it takes.
POLLS = ("/onlineendpointsoperations", "/operationsstatus", "/operationresults", "/mfeoperation")


def sandbox_in(home):
    """Where `aml-rollout --sandbox` looks for it."""
    return recording_sandbox(pathlib.Path(home) / "sandbox")


def requests():
    """Requests to Azure Resource Manager for one rollout, without polls of operations."""
    counts = {}
    for name, carry_out in (("ours", by_plan), ("theirs", by_sdk)):
        with tempfile.TemporaryDirectory() as home, sandbox_in(home) as sandbox:
            with sandbox.reached():
                carry_out(sandbox.info, pathlib.Path(home), Rollout("heart-bench", register=True))
            sent = [each for each in sandbox.recorded() if each["host"].startswith("management.")]
        counts[name] = sum(not any(poll in each["path"].lower() for poll in POLLS) for each in sent)
        counts[f"{name}Writes"] = sum(each["method"] in ("PUT", "PATCH", "DELETE") for each in sent)
    return counts


def upload(folder):
    """Seconds from a folder to a registered model by azure-ai-ml."""
    from azure.ai.ml.entities import Model

    with tempfile.TemporaryDirectory() as home, sandbox_in(home) as sandbox:
        with sandbox.reached():
            client = client_of(sandbox.info)
            client.workspaces.get(sandbox.info["workspaceName"])
            model = Model(name="bench", path=folder, type="mlflow_model")
            started = time.perf_counter()
            client.models.create_or_update(model)
            return {"seconds": time.perf_counter() - started}


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    print(json.dumps({"requests": requests, "upload": upload}[what](*rest)))
