"""The same rollout with MLflow's deployment client, through azureml-mlflow."""

import json

import mlflow
import pandas
import pytest
from azure.ai.ml.entities import Model
from mlflow.deployments import get_deploy_client

from conftest import SAMPLES

ENDPOINT = "heart-mlflow"


@pytest.fixture(scope="module")
def deploy_client(ml_client, sandbox):
    tracking_uri = ml_client.workspaces.get(sandbox["workspaceName"]).mlflow_tracking_uri
    mlflow.set_tracking_uri(tracking_uri)
    return get_deploy_client(tracking_uri)


def config(path, content):
    path.write_text(json.dumps(content))
    return path


def test_rollout(ml_client, deploy_client, sample_request, tmp_path):
    for folder in ("v1", "v2"):
        model = ml_client.models.create_or_update(
            Model(
                name="heart-mlflow",
                path=str(SAMPLES / "heart-classifier" / folder),
                type="mlflow_model",
            )
        )
    assert model.version == "2"

    endpoint = deploy_client.create_endpoint(
        ENDPOINT,
        config={
            "endpoint-config-file": config(
                tmp_path / "endpoint.json",
                {"auth_mode": "key", "identity": {"type": "system_assigned"}},
            )
        },
    )
    assert endpoint["properties"]["provisioningState"] == "Succeeded"

    deployment = {
        "deploy-config-file": config(
            tmp_path / "deployment.json",
            {"instance_type": "Standard_DS3_v2", "instance_count": 1},
        )
    }
    for version, name in (("1", "default"), ("2", "green")):
        deploy_client.create_deployment(
            name, f"models:/heart-mlflow/{version}", config=deployment, endpoint=ENDPOINT
        )
    names = [each["name"] for each in deploy_client.list_deployments(endpoint=ENDPOINT)]
    assert sorted(names) == ["default", "green"]

    rows = json.loads(sample_request.read_text())["input_data"]
    frame = pandas.DataFrame(rows["data"], columns=rows["columns"], index=rows["index"])
    for split in ({"default": 100, "green": 0}, {"default": 90, "green": 10}):
        deploy_client.update_endpoint(
            ENDPOINT,
            config={"endpoint-config-file": config(tmp_path / "t.json", {"traffic": split})},
        )
        assert deploy_client.get_endpoint(ENDPOINT)["properties"]["traffic"] == split
        assert len(deploy_client.predict(df=frame, endpoint=ENDPOINT)) == 5
    pinned = deploy_client.predict(deployment_name="green", df=frame, endpoint=ENDPOINT)
    assert len(pinned) == 5

    deploy_client.update_endpoint(
        ENDPOINT,
        config={
            "endpoint-config-file": config(
                tmp_path / "t.json", {"traffic": {"default": 0, "green": 100}}
            )
        },
    )
    deploy_client.delete_deployment("default", endpoint=ENDPOINT)
    names = [each["name"] for each in deploy_client.list_deployments(endpoint=ENDPOINT)]
    assert names == ["green"]
    deploy_client.delete_endpoint(ENDPOINT)
    assert ENDPOINT not in [each["name"] for each in deploy_client.list_endpoints()]
