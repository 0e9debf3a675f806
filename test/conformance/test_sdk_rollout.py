"""The Python SDK tab of "Progressive rollout of MLflow models to Online Endpoints" (Microsoft Learn),
step by step, with unmodified azure-ai-ml and the plain DefaultAzureCredential."""

import json

import pandas
import pytest
from azure.ai.ml import MLClient, load_online_deployment, load_online_endpoint
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential

import sdk
from conftest import SAMPLES

CLIENTS = ("azure-ai-ml",)
ENDPOINT = "heart-sdk"
MODEL = "heart-sdk"


def connect(sandbox):
    return MLClient(
        credential=DefaultAzureCredential(),
        subscription_id=sandbox["subscriptionId"],
        resource_group_name=sandbox["resourceGroup"],
        workspace_name=sandbox["workspaceName"],
    )


@pytest.mark.credentials("account-key", "sas", "identity")
def test_the_article(sandbox, short_waits, step, tmp_path):
    with step("connect to the workspace"):
        client = connect(sandbox)
        assert client.workspaces.get(sandbox["workspaceName"]).location == sandbox["location"]

    with step("register v1"):
        first = sdk.register(client, "v1", name=MODEL, tags={"source": "v1"}, description="first")
        assert (first.name, first.version, first.type) == (MODEL, "1", "mlflow_model")
        assert (first.tags, first.description) == ({"source": "v1"}, "first")

    with step("create the endpoint"):
        created = sdk.create_endpoint(client, ENDPOINT, auth_mode="key", tags={"team": "heart"})
        assert (created.provisioning_state, created.traffic) == ("Succeeded", {})
        assert created.scoring_uri.endswith(".inference.ml.azure.com/score")

    with step("list the keys"):
        keys = client.online_endpoints.get_keys(name=ENDPOINT)
        assert keys.primary_key and keys.secondary_key
        assert keys.primary_key != keys.secondary_key

    with step("deploy blue"):
        blue = sdk.deploy(client, ENDPOINT, "default", first)
        assert (blue.provisioning_state, blue.instance_count) == ("Succeeded", 1)
        assert blue.model.endswith(f"/models/{MODEL}/versions/1")

    with step("all traffic to blue"):
        assert sdk.set_traffic(client, ENDPOINT, {"default": 100}) == ({"default": 100}, {})

    with step("draw a sample from the data and write sample.json"):
        rows = pandas.read_csv(SAMPLES / "heart.csv").drop(columns="target").sample(n=5)
        request = tmp_path / "sample.json"
        request.write_text(
            json.dumps({"input_data": json.loads(rows.to_json(orient="split", index=False))})
        )

    with step("invoke"):
        by_blue = sdk.invoke(client, ENDPOINT, request)
        assert len(by_blue) == 5 and set(by_blue) <= {0, 1}

    with step("register v2"):
        second = sdk.register(client, "v2", name=MODEL)
        assert second.version == "2" and second.path != first.path
        assert [model.version for model in client.models.list(MODEL)] == ["2", "1"]

    green = f"xgboost-model-{second.version}"
    with step("deploy green beside it"):
        assert sdk.deploy(client, ENDPOINT, green, second).provisioning_state == "Succeeded"
        assert client.online_endpoints.get(ENDPOINT).traffic == {"default": 100, green: 0}

    with step("invoke green by name, without traffic"):
        assert len(sdk.invoke(client, ENDPOINT, request, green)) == 5

    with step("90 / 10"):
        split = {"default": 90, green: 10}
        assert sdk.set_traffic(client, ENDPOINT, split) == (split, {})
        assert client.online_endpoints.get(ENDPOINT).tags == {"team": "heart"}
        assert len(sdk.invoke(client, ENDPOINT, request)) == 5

    with step("0 / 100"):
        split = {"default": 0, green: 100}
        assert sdk.set_traffic(client, ENDPOINT, split) == (split, {})
        assert sdk.invoke(client, ENDPOINT, request) == sdk.invoke(client, ENDPOINT, request, green)

    with step("delete blue"):
        client.online_deployments.begin_delete(name="default", endpoint_name=ENDPOINT).result()
        assert [each.name for each in client.online_deployments.list(ENDPOINT)] == [green]

    with step("delete the endpoint"):
        client.online_endpoints.begin_delete(name=ENDPOINT).result()
        with pytest.raises(ResourceNotFoundError):
            client.online_endpoints.get(ENDPOINT)
        assert ENDPOINT not in [each.name for each in client.online_endpoints.list()]


@pytest.mark.parametrize("where", ["config.json", ".azureml/config.json"])
def test_connect_from_config(sandbox, step, tmp_path, monkeypatch, where):
    file = tmp_path / where
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        json.dumps(
            {
                "subscription_id": sandbox["subscriptionId"],
                "resource_group": sandbox["resourceGroup"],
                "workspace_name": sandbox["workspaceName"],
            }
        )
    )
    below = tmp_path / "notebooks" / "rollout"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    with step(f"MLClient.from_config with {where} in a folder above"):
        client = MLClient.from_config(DefaultAzureCredential())
        assert client.workspace_name == sandbox["workspaceName"]
        assert client.workspaces.get(client.workspace_name).name == sandbox["workspaceName"]


def test_the_sample_yaml_files(ml_client, step):
    """The files of samples/ for `az ml … --file`, read by the code that the CLI shares."""
    name = "heart-classifier"
    with step("create the endpoint of samples/endpoint.yml"):
        endpoint = load_online_endpoint(SAMPLES / "endpoint.yml")
        made = ml_client.online_endpoints.begin_create_or_update(endpoint).result()
        assert (made.name, made.auth_mode) == (name, "key")
    for file, version in (("blue-deployment.yml", 1), ("green-deployment.yml", 2)):
        with step(f"create the deployment of samples/{file}"):
            deployment = load_online_deployment(SAMPLES / file)
            assert deployment.endpoint_name == name
            made = ml_client.online_deployments.begin_create_or_update(deployment).result()
            assert made.model.endswith(f"/models/{name}/versions/{version}")
    ml_client.online_endpoints.begin_delete(name).result()
