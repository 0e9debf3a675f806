"""Microsoft's safe-rollout article, step by step, with the unmodified azure-ai-ml client."""

import json

import pytest
from azure.ai.ml.constants._endpoint import EndpointInvokeFields
from azure.ai.ml.entities import ManagedOnlineDeployment, ManagedOnlineEndpoint, Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from conftest import SAMPLES

ENDPOINT = "heart-sdk"


def register(client, folder):
    return client.models.create_or_update(
        Model(
            name="heart-classifier",
            path=str(SAMPLES / "heart-classifier" / folder),
            type="mlflow_model",
            description=f"heart disease classifier {folder}",
            tags={"source": folder},
        )
    )


def deploy(client, name, model):
    return client.online_deployments.begin_create_or_update(
        ManagedOnlineDeployment(
            name=name,
            endpoint_name=ENDPOINT,
            model=model,
            instance_type="Standard_DS3_v2",
            instance_count=1,
        )
    ).result()


def set_traffic(client, split):
    endpoint = client.online_endpoints.get(ENDPOINT)
    endpoint.traffic = split
    client.online_endpoints.begin_create_or_update(endpoint).result()
    return client.online_endpoints.get(ENDPOINT).traffic


def predictions(client, request_file, deployment=None):
    # The client keeps its headers in a global: once pinned, every later call would be.
    EndpointInvokeFields.DEFAULT_HEADER.pop("azureml-model-deployment", None)
    answer = client.online_endpoints.invoke(
        endpoint_name=ENDPOINT, deployment_name=deployment, request_file=str(request_file)
    )
    return json.loads(answer)


def test_rollout(ml_client, sample_request):
    client = ml_client

    first = register(client, "v1")
    assert (first.name, first.version) == ("heart-classifier", "1")
    assert first.tags == {"source": "v1"}

    created = client.online_endpoints.begin_create_or_update(
        ManagedOnlineEndpoint(name=ENDPOINT, auth_mode="key", tags={"team": "heart"})
    ).result()
    assert created.provisioning_state == "Succeeded"
    assert created.scoring_uri.endswith(".inference.ml.azure.com/score")
    assert created.traffic == {}

    blue = deploy(client, "blue", first)
    assert blue.provisioning_state == "Succeeded"
    assert set_traffic(client, {"blue": 100}) == {"blue": 100}
    expected = predictions(client, sample_request)
    assert len(expected) == 5
    assert set(expected) <= {0, 1}

    second = register(client, "v2")
    assert second.version == "2"
    assert second.path != first.path
    assert [model.version for model in client.models.list("heart-classifier")] == ["2", "1"]
    assert client.models.get("heart-classifier", label="latest").version == "2"

    green = deploy(client, "green", second)
    assert green.provisioning_state == "Succeeded"
    assert client.online_endpoints.get(ENDPOINT).traffic.get("green", 0) == 0
    names = {each.name for each in client.online_deployments.list(ENDPOINT)}
    assert names == {"blue", "green"}
    # Pinned, green answers although it has no traffic.
    assert len(predictions(client, sample_request, "green")) == 5

    log = client.online_deployments.get_logs("green", ENDPOINT, lines=200)
    assert "UserContainerStart: Succeeded" in log
    log = client.online_deployments.get_logs(
        "green", ENDPOINT, lines=200, container_type="storage-initializer"
    )
    assert "ModelDownload: Succeeded" in log

    assert set_traffic(client, {"blue": 90, "green": 10}) == {"blue": 90, "green": 10}
    assert client.online_endpoints.get(ENDPOINT).tags == {"team": "heart"}
    assert set_traffic(client, {"blue": 0, "green": 100}) == {"blue": 0, "green": 100}
    assert len(predictions(client, sample_request)) == 5

    keys = client.online_endpoints.get_keys(ENDPOINT)
    assert keys.primary_key and keys.primary_key != keys.secondary_key
    client.online_endpoints.begin_regenerate_keys(ENDPOINT, key_type="secondary").result()
    after = client.online_endpoints.get_keys(ENDPOINT)
    assert after.primary_key == keys.primary_key
    assert after.secondary_key != keys.secondary_key

    client.online_deployments.begin_delete("blue", ENDPOINT).result()
    assert [each.name for each in client.online_deployments.list(ENDPOINT)] == ["green"]

    client.online_endpoints.begin_delete(ENDPOINT).result()
    with pytest.raises(ResourceNotFoundError):
        client.online_endpoints.get(ENDPOINT)
    assert ENDPOINT not in [each.name for each in client.online_endpoints.list()]


def test_mirror_and_refusals(ml_client):
    """What Azure refuses, the client reports; a mirror is written and read."""
    client = ml_client
    name = "heart-mirror"
    model = register(client, "v1")
    client.online_endpoints.begin_create_or_update(
        ManagedOnlineEndpoint(name=name, auth_mode="aml_token")
    ).result()
    for deployment in ("blue", "green"):
        client.online_deployments.begin_create_or_update(
            ManagedOnlineDeployment(
                name=deployment,
                endpoint_name=name,
                model=model,
                instance_type="Standard_F4s_v2",
                instance_count=1,
            )
        ).result()
    endpoint = client.online_endpoints.get(name)
    endpoint.traffic = {"blue": 100}
    endpoint.mirror_traffic = {"green": 20}
    client.online_endpoints.begin_create_or_update(endpoint).result()
    read = client.online_endpoints.get(name)
    assert (read.traffic, read.mirror_traffic) == ({"blue": 100}, {"green": 20})
    assert client.online_endpoints.get_keys(name).access_token

    with pytest.raises(HttpResponseError, match="live traffic"):
        client.online_deployments.begin_delete("blue", name).result()
    read.traffic = {"blue": 60}
    read.mirror_traffic = {}
    with pytest.raises(HttpResponseError, match="sum to 0 or 100"):
        client.online_endpoints.begin_create_or_update(read).result()
    with pytest.raises(HttpResponseError, match="Not enough quota"):
        client.online_deployments.begin_create_or_update(
            ManagedOnlineDeployment(
                name="huge",
                endpoint_name=name,
                model=model,
                instance_type="Standard_F16s_v2",
                instance_count=2,
            )
        ).result()
    with pytest.raises(HttpResponseError, match="unique within a region"):
        client.online_endpoints.begin_create_or_update(
            ManagedOnlineEndpoint(name="taken-in-region")
        ).result()
    client.online_endpoints.begin_delete(name).result()
