"""What the program exports of a rollout is run on a fresh workspace, and leads to the same end.

Python and MLflow scripts run as they are, on the official clients; the shell script runs on an
`az` that writes down how it was called, since the `ml` extension is on no package registry.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys

import pytest
import requests
from azure.ai.ml import MLClient, load_online_deployment, load_online_endpoint
from azure.identity import DefaultAzureCredential

from conftest import NO_TELEMETRY, ROOT, SAMPLES, start, stop

CLIENTS = ("azure-ai-ml", "azureml-mlflow")

ENDPOINT = "heart-exported"
BLUE, GREEN = "default", "xgboost-model-2"
#: Words that a shell, YAML or Python would trip over, each in its way.
HOSTILE = """it's "$(touch pwned)" `id` \\ $HOME: # 100 %\nsecond line"""
SECRET = "do-not-show-Zq83"

ENDPOINT_FILE = {
    "name": ENDPOINT,
    "auth_mode": "key",
    "description": HOSTILE,
    "tags": {"team": "risk & fraud", "note": "a: b # c"},
}
COMMON = {"instance_type": "Standard_DS3_v2", "instance_count": 1}
BLUE_FILE = COMMON | {
    "name": BLUE,
    "model": {"name": "heart-classifier", "path": "models/v1", "type": "mlflow_model"},
}
GREEN_FILE = COMMON | {
    "name": GREEN,
    "model": {"name": "heart-classifier", "path": "models/v2", "type": "mlflow_model"},
    "description": HOSTILE,
    "environment_variables": {"WORKERS": "2", "GREETING": "two words"},
}
#: What the plugin of MLflow can't send; see the comment that the script has in its place.
BEYOND_MLFLOW = {
    "tags": {"note": "two words"},
    "request_settings": {"request_timeout_ms": 9000, "max_concurrent_requests_per_instance": 2},
    "liveness_probe": {"initial_delay": 30, "period": 20},
    "data_collector": {
        "collections": {
            "model_inputs": {"enabled": True, "data": {"name": "requests", "version": "1"}},
            "other": {"enabled": False, "client_id": "abc", "data": {"name": "other", "version": "1"}},
        },
        "rolling_rate": "hour",
        "sampling_rate": 0.5,
        "request_logging": {"capture_headers": ["x-tenant"]},
    },
}


def write(path, content):
    """JSON is YAML."""
    path.write_text(json.dumps(content, indent=2))


def plan_folder(folder, green, retire="keep", count=1):
    folder.mkdir()
    for version in ("v1", "v2"):
        shutil.copytree(SAMPLES / "heart-classifier" / version, folder / "models" / version)
    shutil.copy(SAMPLES / "heart.csv", folder)
    write(folder / "endpoint.yml", ENDPOINT_FILE)
    write(folder / "blue.yml", BLUE_FILE | {"instance_count": count})
    write(folder / "green.yml", green)
    plan = {
        "version": 1,
        "endpoint": {"file": "endpoint.yml"},
        "blue": {"file": "blue.yml"},
        "green": {"file": "green.yml"},
        "evidence": {"csv": "heart.csv", "rows": 300, "seed": 4711, "target": "target"},
        "weights": [10, 100],
        # Without it the values of all variables would have to be set for the scripts.
        "visibleVariables": ["WORKERS", "GREETING"],
        "holds": {"minutes": 0},
        "probes": {"count": 20, "budget": 60},
        # What is compared here is where it leads to, not how fast this machine is.
        "gates": {"latency": {"mode": "off"}, "split": {"mode": "warn"}},
        "retire": retire,
    }
    write(folder / "rollout.yml", plan)
    return folder / "rollout.yml"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty workspace; copies of it have its names, which the scripts have written in."""
    folder = tmp_path_factory.mktemp("empty") / "sandbox"
    process, _ = start(folder)
    stop(process)
    return folder


@pytest.fixture
def workspace(empty, tmp_path):
    """Makes a fresh workspace of the same names: its folder, and what its one line said."""
    with contextlib.ExitStack() as all_of_them:

        def make(name):
            home = tmp_path / name
            shutil.copytree(empty, home / "sandbox")
            process, info = start(home / "sandbox")
            all_of_them.callback(stop, process)
            return home, info

        yield make


def environment(info, home):
    """As a person's shell would have it; the program finds its running sandbox by its home."""
    return os.environ | NO_TELEMETRY | info["env"] | {"AML_ROLLOUT_HOME": str(home)}


def program(home, cwd, *arguments):
    ran = subprocess.run(
        ["node", str(ROOT / "dist" / "main.js"), *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"AML_ROLLOUT_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


SHORT_WAITS = '''"""The clients poll every 5 to 30 s, made for Azure's minutes; here nothing takes so long."""
import time
from azure.core.pipeline.transport import RequestsTransport
RequestsTransport.sleep = lambda self, duration: time.sleep(0.2 if duration >= 5 else duration)
'''


def run_python(script, info, home, tmp_path):
    """The script as it is; only the clients' waits are shortened, from outside."""
    site = tmp_path / "short-waits"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(SHORT_WAITS)
    ran = subprocess.run(
        [sys.executable, str(script)],
        # It has to find its files by itself.
        cwd=tmp_path,
        env=environment(info, home) | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@contextlib.contextmanager
def reached(info, home):
    before = dict(os.environ)
    os.environ.update(environment(info, home))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


#: Who did it, when, and by which operation. azure-ai-ml writes who and when into the property bag
#: of an endpoint that it read and wrote back (`OnlineEndpoint._from_rest_object`).
PASSING = {
    *("systemData", "etag", "AzureAsyncOperationUri", "azureml.onlineendpointid"),
    *("createdBy", "createdAt", "lastModifiedAt"),
}


def lasting(value):
    if isinstance(value, dict):
        return {
            name: lasting(each)
            for name, each in value.items()
            # The rollout's own tags on the endpoint mean nothing in another run.
            if name not in PASSING and not name.startswith("amlr-")
        }
    return [lasting(each) for each in value] if isinstance(value, list) else value


def end_state(info, home, tmp_path):
    """The endpoint, its deployments and their models' files, as Azure Resource Manager shows them."""
    names = info["subscriptionId"], info["resourceGroup"], info["workspaceName"]
    path = "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}"
    with reached(info, home):
        arm = "https://management.azure.com"
        token = DefaultAzureCredential().get_token(f"{arm}/.default").token
        client = MLClient(DefaultAzureCredential(), *names)

        def get(rest):
            answer = requests.get(
                f"{arm}{path.format(*names)}/onlineEndpoints/{ENDPOINT}{rest}",
                params={"api-version": "2025-12-01"},
                headers={"authorization": f"Bearer {token}"},
                timeout=60,
            )
            answer.raise_for_status()
            return lasting(answer.json())

        endpoint = get("")
        # A new endpoint of the same name has an identity of its own.
        endpoint["identity"].pop("principalId", None)
        # The plugin of MLflow writes a share of 0 where others leave the name out.
        endpoint["properties"]["traffic"] = traffic(endpoint)
        deployments = {each["name"]: each for each in get("/deployments")["value"]}
        for each in deployments.values():
            *_, model, _, version = each["properties"].pop("model").split("/")
            folder = tmp_path / f"{home.name}-{model}-{version}"
            client.models.download(model, version, download_path=str(folder))
            each["model"] = model, version, content(folder)
    return endpoint, deployments


def content(folder):
    """The model's files by path within the model, wherever the download put them."""
    [mlmodel] = folder.rglob("MLmodel")
    files = sorted(each for each in mlmodel.parent.rglob("*") if each.is_file())
    return {
        str(each.relative_to(mlmodel.parent)): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in files
    }


def flat(value, path=""):
    if isinstance(value, dict):
        return {at: leaf for name, each in value.items() for at, leaf in flat(each, f"{path}/{name}").items()} or {path: {}}
    if isinstance(value, (list, tuple)):
        return flat(dict(enumerate(value)), path)
    return {path: value}


def assert_same(theirs, ours):
    """Member by member, so that a failure names what differs."""
    left, right = flat(theirs), flat(ours)
    missing = object()
    differing = {
        at: (left.get(at), right.get(at))
        for at in left | right
        if left.get(at, missing) != right.get(at, missing)
    }
    assert differing == {}


def traffic(endpoint):
    return {name: share for name, share in endpoint["properties"]["traffic"].items() if share}


def rolled_out(workspace, tmp_path, green, **plan):
    """A rollout by the program itself: where it exported to, and how it left the workspace."""
    home, info = workspace("ours")
    file = plan_folder(tmp_path / "plan", green, **plan)
    program(home, tmp_path, "run", file, "--sandbox", "--yes")
    [folder] = (tmp_path / "rollouts").iterdir()
    shutil.copy(SAMPLES / "sample.json", folder)
    return file, folder, end_state(info, home, tmp_path)


def assert_no_secret(folder):
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    for file in files:
        assert SECRET not in file.read_text(), file


def test_python_export_of_a_rollout(workspace, tmp_path, step):
    with step("roll out with aml-rollout"):
        _, folder, ours = rolled_out(workspace, tmp_path, GREEN_FILE | BEYOND_MLFLOW)
        assert traffic(ours[0]) == {GREEN: 100}
        assert ours[0]["properties"]["description"] == HOSTILE
    home, info = workspace("theirs")
    with step("run the exported Python script on a fresh workspace"):
        said = run_python(folder / "rollout.py", info, home, tmp_path)
        assert f"{GREEN} answers" in said
    with step("the same endpoint, deployments and model files"):
        assert_same(end_state(info, home, tmp_path), ours)
    with step("run it again: nothing changes"):
        assert "already live" in run_python(folder / "rollout.py", info, home, tmp_path)
        assert_same(end_state(info, home, tmp_path), ours)


def test_python_export_with_blue_deleted(workspace, tmp_path, step):
    with step("roll out with aml-rollout, blue deleted"):
        _, folder, ours = rolled_out(workspace, tmp_path, GREEN_FILE, retire={"delete": BLUE})
        assert set(ours[1]) == {GREEN}
    home, info = workspace("theirs")
    with step("run the exported Python script on a fresh workspace"):
        run_python(folder / "rollout.py", info, home, tmp_path)
        assert_same(end_state(info, home, tmp_path), ours)
    with step("run it again: blue is not made anew"):
        run_python(folder / "rollout.py", info, home, tmp_path)
        assert_same(end_state(info, home, tmp_path), ours)


def test_mlflow_export_of_a_rollout(workspace, tmp_path, step):
    with step("roll out with aml-rollout"):
        _, folder, ours = rolled_out(workspace, tmp_path, GREEN_FILE)
    home, info = workspace("theirs")
    with step("run the exported MLflow script on a fresh workspace"):
        said = run_python(folder / "rollout_mlflow.py", info, home, tmp_path)
        assert f"{GREEN} answers" in said
    with step("the same endpoint, deployments and model files"):
        assert_same(end_state(info, home, tmp_path), ours)
    with step("run it again: nothing changes"):
        assert "already live" in run_python(folder / "rollout_mlflow.py", info, home, tmp_path)
        assert_same(end_state(info, home, tmp_path), ours)


def test_export_of_a_plan(workspace, tmp_path, step):
    home, info = workspace("ours")
    file = plan_folder(tmp_path / "plan", GREEN_FILE)
    names = [
        *("--subscription", info["subscriptionId"], "--resource-group", info["resourceGroup"]),
        *("--workspace", info["workspaceName"]),
    ]
    with step("export a plan, without a workspace"):
        program(tmp_path / "nothing", tmp_path, "export", "--plan", file, "--dir", "out", *names)
    with step("carry the plan out with aml-rollout"):
        program(home, tmp_path, "run", file, "--sandbox", "--yes")
        ours = end_state(info, home, tmp_path)
    for script in ("rollout.py", "rollout_mlflow.py"):
        home, info = workspace(script)
        with step(f"run the exported {script} on a fresh workspace"):
            run_python(tmp_path / "out" / script, info, home, tmp_path)
            assert_same(end_state(info, home, tmp_path), ours)
        with step(f"run {script} again: nothing changes"):
            run_python(tmp_path / "out" / script, info, home, tmp_path)
            assert_same(end_state(info, home, tmp_path), ours)


def run_shell(folder, tmp_path, **variables):
    """The script on the recorder: its calls since the last run, without the questions."""
    record = tmp_path / "recorded"
    bin_folder = tmp_path / "bin"
    for each in (record, bin_folder):
        each.mkdir(exist_ok=True)
    az = bin_folder / "az"
    az.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "{pathlib.Path(__file__).with_name("az_recorder.py")}" "$@"\n'
    )
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    (record / "calls.jsonl").unlink(missing_ok=True)
    path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [str(folder / "rollout.sh")],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "AZ_RECORD": str(record)} | variables,
        capture_output=True,
        text=True,
    )
    calls = [json.loads(line) for line in (record / "calls.jsonl").read_text().splitlines()]
    return ran, [call for call in calls if "list" not in call]


def test_shell_export(workspace, tmp_path, step):
    variables = {"WORKERS": "2", "GREETING": "it's $HOME", "API_KEY": SECRET}
    # As many instances as blue: the program caps the weight of a smaller green.
    size = {"instance_count": 2}
    green = GREEN_FILE | BEYOND_MLFLOW | {"environment_variables": variables} | size
    with step("roll out with aml-rollout, blue scaled to one"):
        plan = {"retire": "scale-to-one", "count": 2}
        _, folder, _ = rolled_out(workspace, tmp_path, green, **plan)
        assert_no_secret(folder)
    with step("ShellCheck has nothing to say"):
        shellcheck = pathlib.Path(sys.executable).with_name("shellcheck")
        ran = subprocess.run(
            [shellcheck, "--norc", folder / "rollout.sh"], capture_output=True, text=True
        )
        assert (ran.returncode, ran.stdout) == (0, "")
    with step("without the secret it stops before the deployment"):
        ran, calls = run_shell(folder, tmp_path)
        assert ran.returncode != 0
        assert "API_KEY" in ran.stderr
        assert not any("green-deployment.yml" in call for call in calls)
    with step("with it, it goes on, and each call has just the arguments it should"):
        ran, calls = run_shell(folder, tmp_path, API_KEY=SECRET)
        assert (ran.returncode, ran.stderr) == (0, "")
        ours, rest = calls[0][-6:], [call[1:-6] for call in calls]
        assert ours[::2] == ["--subscription", "--resource-group", "--workspace-name"]
        assert all(call[-6:] == ours for call in calls)
        model = ["model", "create", "--name", "heart-classifier", "--version"]
        folder_of = ["--type", "mlflow_model", "--path"]
        update = ["online-endpoint", "update", "--name", ENDPOINT, "--traffic"]
        invoke = ["online-endpoint", "invoke", "--name", ENDPOINT, "--deployment-name"]
        assert rest == [
            [*model, "1", *folder_of, "../../plan/models/v1"],
            [*invoke, BLUE, "--request-file", "sample.json"],
            [*update, f"{BLUE}=100"],
            [*model, "2", *folder_of, "../../plan/models/v2"],
            [
                *("online-deployment", "create", "--file", "green-deployment.yml"),
                *("--set", f"environment_variables.API_KEY={SECRET}"),
            ],
            [*invoke, GREEN, "--request-file", "sample.json"],
            [*update, f"{BLUE}=90 {GREEN}=10"],
            [*update, f"{BLUE}=0 {GREEN}=100"],
            [
                *("online-deployment", "update", "--name", BLUE),
                *("--endpoint-name", ENDPOINT, "--instance-count", "1"),
            ],
        ]
        assert not list(tmp_path.rglob("pwned"))
    with step("run again: nothing is moved"):
        ran, calls = run_shell(folder, tmp_path, API_KEY=SECRET)
        assert "already live" in ran.stdout
        assert [call[1:3] for call in calls] == [["online-deployment", "update"]]
    with step("its YAML files are read by azure-ai-ml as they were meant"):
        endpoint = load_online_endpoint(folder / "endpoint.yml")
        assert (endpoint.name, endpoint.description) == (ENDPOINT, HOSTILE)
        assert endpoint.tags == ENDPOINT_FILE["tags"]
        made = load_online_deployment(folder / "green-deployment.yml")
        assert made.environment_variables == {"WORKERS": "2", "GREETING": "it's $HOME"}
        assert made.request_settings.request_timeout_ms == 9000
        assert made.liveness_probe.initial_delay == 30
        assert (made.description, made.tags) == (HOSTILE, {"note": "two words"})
