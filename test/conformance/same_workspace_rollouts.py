"""One rollout, three clients: what a plan file says, said with each client's own words.

Register v1, create the endpoint, blue, 100 %, register v2, green, 90/10, 0/100; then blue is kept,
deleted, or made smaller. On the way green may get a mirror of the live traffic; and what is asked
for may stand in the files that `az ml` takes.
"""

import json
import os
import pathlib
import subprocess
from dataclasses import dataclass

from conftest import ROOT, SAMPLES

MODEL = "heart-classifier"
FILES = pathlib.Path(__file__).with_name("same_workspace_files")
BLUE, GREEN = "default", "xgboost-model"
SPLITS = ({BLUE: 90, GREEN: 10}, {GREEN: 100})


@dataclass(frozen=True)
class Rollout:
    endpoint: str
    # Models are uploaded and registered, or the versions that are there already are taken.
    register: bool = False
    size: str = "Standard_DS3_v2"
    instances: int = 1
    mirror: int = 0
    # "keep", "delete" or "scale-to-one"
    blue: str = "keep"
    # Models are packaged into environments first, and deployed without egress.
    packaged: bool = False
    # Endpoint and deployments are those of same_workspace_files; sizes and models are said there.
    files: bool = False


# The proof only scores, and has to leave nothing behind. Its verdicts are other tests' concern.
PLAN = """
version: 1
{things}
weights: [10, 100]
holds: {{minutes: 0}}
evidence: {{csv: {csv}, rows: 20, seed: 1, target: target}}
gates: {{errors: warn, latency: warn, capacity: warn, labels: warn, accuracy: warn, split: warn}}
retire: {retire}
{mirror}
"""
THINGS = """
endpoint: {{name: {endpoint}, auth: key}}
blue:
  name: default
  model: {{name: heart-classifier, {one}}}
  instanceType: {size}
  instanceCount: {instances}
  {more}
green:
  name: xgboost-model
  model: {{name: heart-classifier, {two}}}
  {more}
"""


def things_of(rollout):
    if rollout.files:
        parts = ("endpoint", "blue", "green")
        return "\n".join(f"{part}: {{file: {FILES / part}.yml}}" for part in parts)
    v1, v2 = (f"path: {SAMPLES / MODEL / each}" for each in ("v1", "v2"))
    one, two = (v1, v2) if rollout.register else ('version: "1"', 'version: "2"')
    return THINGS.format(
        endpoint=rollout.endpoint,
        one=one,
        two=two,
        size=rollout.size,
        instances=rollout.instances,
        more="package: true\n  egressPublicNetworkAccess: disabled" if rollout.packaged else "",
    )


def by_plan(_info, folder, rollout):
    """Our engine, headless, as a user starts it on the sandbox that keeps its state in the folder.

    On any other workspace it would wait ten minutes before it deletes blue.
    """
    plan = folder / f"{rollout.endpoint}.yml"
    plan.write_text(
        PLAN.format(
            things=things_of(rollout),
            csv=SAMPLES / "heart.csv",
            retire=f"{{delete: {BLUE}}}" if rollout.blue == "delete" else rollout.blue,
            # The shortest wait: what green does with its copies is no concern here.
            mirror=f"mirror: {{percent: {rollout.mirror}, minutes: 0.01}}"
            if rollout.mirror
            else "",
        )
    )
    command = ["node", str(ROOT / "dist" / "main.js"), "run", str(plan)]
    command += ["--sandbox", "--json", "--yes"]
    if rollout.files:
        # Green's file leaves out what blue's has, as the clients do: our engine asks first.
        command += ["--approve", "0"]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "AML_ROLLOUT_HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def client_of(info):
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    return MLClient(
        DefaultAzureCredential(),
        info["subscriptionId"],
        info["resourceGroup"],
        info["workspaceName"],
    )


def registered(client, version, register):
    from azure.ai.ml.entities import Model

    if not register:
        return client.models.get(MODEL, version)
    folder = SAMPLES / MODEL / f"v{version}"
    return client.models.create_or_update(Model(name=MODEL, path=str(folder), type="mlflow_model"))


def packaged(client, model):
    from azure.ai.ml.entities import AzureMLOnlineInferencingServer, ModelPackage

    # As our engine names it; the last eight are a mark of the content's address.
    name = f"packaged_{model.name.replace('-', '_')}_{model.version}_00000000"
    package = ModelPackage(
        target_environment=name, inferencing_server=AzureMLOnlineInferencingServer()
    )
    return client.models.package(model.name, model.version, package)


def by_sdk(info, _folder, rollout):
    """azure-ai-ml, as in Microsoft's article "Progressive rollout of MLflow models"."""
    from azure.ai.ml import load_online_deployment, load_online_endpoint
    from azure.ai.ml.entities import ManagedOnlineDeployment, ManagedOnlineEndpoint

    client = client_of(info)
    name = rollout.endpoint

    def endpoint():
        if rollout.files:
            return load_online_endpoint(FILES / "endpoint.yml")
        return ManagedOnlineEndpoint(name=name, auth_mode="key")

    def deployment(role, version):
        if rollout.files:
            return load_online_deployment(FILES / f"{role}.yml")
        model = registered(client, version, rollout.register)
        what = {"model": model}
        if rollout.packaged:
            egress = {"egress_public_network_access": "disabled"}
            what = {"environment": packaged(client, model), **egress}
        return ManagedOnlineDeployment(
            name=BLUE if role == "blue" else GREEN,
            endpoint_name=name,
            **what,
            instance_type=rollout.size,
            instance_count=rollout.instances,
        )

    def change(**members):
        read = client.online_endpoints.get(name)
        for member, value in members.items():
            setattr(read, member, value)
        client.online_endpoints.begin_create_or_update(read).result()

    first = deployment("blue", "1")
    client.online_endpoints.begin_create_or_update(endpoint()).result()
    client.online_deployments.begin_create_or_update(first).result()
    change(traffic={BLUE: 100})
    client.online_deployments.begin_create_or_update(deployment("green", "2")).result()
    if rollout.mirror:
        change(mirror_traffic={GREEN: rollout.mirror})
        change(mirror_traffic={GREEN: 0})
    for split in SPLITS:
        change(traffic=split)
    if rollout.blue == "delete":
        client.online_deployments.begin_delete(BLUE, name).result()
    if rollout.blue == "scale-to-one":
        blue = client.online_deployments.get(BLUE, name)
        blue.instance_count = 1
        client.online_deployments.begin_create_or_update(blue).result()


def by_plugin(info, folder, rollout):
    """azureml-mlflow through MLflow's deployment client; azure-ai-ml registers its models."""
    import mlflow
    from mlflow.deployments import get_deploy_client

    client = client_of(info)
    tracking_uri = client.workspaces.get(info["workspaceName"]).mlflow_tracking_uri
    # The plugin asks MLflow for a store of models even for a version that is named in full. It is
    # one for the whole process; whoever needs one sets their own.
    mlflow.set_tracking_uri(tracking_uri)
    deployer = get_deploy_client(tracking_uri)
    name = rollout.endpoint

    def said(kind, **content):
        path = folder / f"{kind}.json"
        path.write_text(json.dumps(content))
        return {f"{kind}-config-file": path}

    def deploy(deployment, version):
        size = said("deploy", instance_type=rollout.size, instance_count=rollout.instances)
        deployer.create_deployment(
            deployment, f"models:/{MODEL}/{version}", config=size, endpoint=name
        )

    def change(**members):
        deployer.update_endpoint(name, said("endpoint", **members))

    registered(client, "1", rollout.register)
    identity = {"type": "system_assigned"}
    deployer.create_endpoint(name, said("endpoint", auth_mode="key", identity=identity))
    deploy(BLUE, "1")
    change(traffic={BLUE: 100})
    registered(client, "2", rollout.register)
    deploy(GREEN, "2")
    if rollout.mirror:
        change(mirror_traffic={GREEN: rollout.mirror})
        change(mirror_traffic={GREEN: 0})
    for split in SPLITS:
        change(traffic=split)
    if rollout.blue == "delete":
        deployer.delete_deployment(BLUE, endpoint=name)
    if rollout.blue == "scale-to-one":
        size = said("deploy", instance_type=rollout.size, instance_count=1)
        deployer.update_deployment(BLUE, config=size, endpoint=name)
