"""Azure's management client for Python carries a rollout through: it knows the API's definitions and nothing else.

Uploads are Azure Storage's own client's business, scoring is plain HTTP, as its users have to do it.
"""

import json
import urllib.request

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient, models
from azure.storage.blob import ContainerClient

import conftest

CLIENTS = ("azure-mgmt-machinelearningservices",)
NAME = "heart-mgmt"


@pytest.fixture
def client(sandbox):
    # Its polls wait 30 s where the service names no time; the sandbox names one.
    return MachineLearningServicesMgmtClient(
        DefaultAzureCredential(), sandbox["subscriptionId"], polling_interval=0.2
    )


@pytest.fixture
def at(sandbox):
    return sandbox["resourceGroup"], sandbox["workspaceName"]


def upload(client, at, folder):
    """Into the workspace's own datastore. Returns the folder's address there."""
    store = client.datastores.get(*at, "workspaceblobstore").properties
    key = client.datastores.list_secrets(*at, "workspaceblobstore").key
    account = f"{store.protocol}://{store.account_name}.blob.{store.endpoint}"
    with ContainerClient(account, store.container_name, credential=key) as container:
        for file in (conftest.SAMPLES / "heart-classifier" / folder).iterdir():
            container.upload_blob(f"mgmt/{folder}/{file.name}", file.read_bytes())
    return f"azureml://datastores/workspaceblobstore/paths/mgmt/{folder}"


def endpoint_of(location, split):
    return models.OnlineEndpoint(
        location=location,
        identity=models.ManagedServiceIdentity(type="SystemAssigned"),
        properties=models.OnlineEndpointProperties(auth_mode="Key", traffic=split),
    )


def deployment_of(location, model):
    return models.OnlineDeployment(
        location=location,
        sku=models.Sku(name="Default", capacity=1),
        properties=models.ManagedOnlineDeployment(instance_type="Standard_DS3_v2", model=model),
    )


def answered_by(uri, key, pinned=None):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if pinned:
        headers["azureml-model-deployment"] = pinned
    body = (conftest.SAMPLES / "sample.json").read_bytes()
    with urllib.request.urlopen(urllib.request.Request(uri, body, headers)) as reply:
        assert len(json.load(reply)) > 0
        return reply.headers["azureml-model-deployment"]


def test_a_rollout(client, at, sandbox, step):
    location, on = sandbox["location"], (*at, NAME)
    endpoints, deployments = client.online_endpoints, client.online_deployments
    with step("register v1 and v2"):
        ids = []
        for version, folder in enumerate(("v1", "v2"), 1):
            properties = models.ModelVersionProperties(
                model_uri=upload(client, at, folder), model_type="mlflow_model"
            )
            made = client.model_versions.create_or_update(
                *at, NAME, str(version), models.ModelVersion(properties=properties)
            )
            ids.append(made.id)
        assert [one.name for one in client.model_versions.list(*at, NAME)] == ["2", "1"]
        assert client.model_containers.get(*at, NAME).properties.latest_version == "2"
    with step("create the endpoint and blue"):
        made = endpoints.begin_create_or_update(*on, endpoint_of(location, {})).result()
        assert made.properties.provisioning_state == "Succeeded"
        blue = deployments.begin_create_or_update(*on, "blue", deployment_of(location, ids[0])).result()
        assert (blue.properties.provisioning_state, blue.properties.model) == ("Succeeded", ids[0])

    def split(weights):
        endpoints.begin_create_or_update(*on, endpoint_of(location, weights)).result()
        return endpoints.get(*on).properties.traffic

    with step("all traffic to blue, which answers"):
        assert split({"blue": 100}) == {"blue": 100}
        key = endpoints.list_keys(*on).primary_key
        assert answered_by(made.properties.scoring_uri, key) == "blue"
    with step("create green, which answers by its name"):
        green = deployments.begin_create_or_update(*on, "green", deployment_of(location, ids[1])).result()
        assert green.properties.provisioning_state == "Succeeded"
        assert answered_by(made.properties.scoring_uri, key, "green") == "green"
        content = deployments.get_logs(*on, "green", models.DeploymentLogsRequest(tail=50)).content
        assert "SystemSetup: Succeeded" in content
    with step("90 / 10, then 0 / 100"):
        assert split({"blue": 90, "green": 10}) == {"blue": 90, "green": 10}
        assert split({"blue": 0, "green": 100})["green"] == 100
        assert {answered_by(made.properties.scoring_uri, key) for _ in range(5)} == {"green"}
    with step("scale green by a PATCH"):
        patch = models.PartialMinimalTrackedResourceWithSku(sku=models.PartialSku(capacity=2))
        assert deployments.begin_update(*on, "green", patch).result().sku.capacity == 2
    with step("refused: deleting the deployment with traffic"):
        with pytest.raises(HttpResponseError) as refused:
            deployments.begin_delete(*on, "green").result()
        assert refused.value.status_code == 400
    with step("delete blue, then the endpoint"):
        deployments.begin_delete(*on, "blue").result()
        assert [one.name for one in deployments.list(*on)] == ["green"]
        endpoints.begin_delete(*on).result()
        assert NAME not in [one.name for one in endpoints.list(*at)]


def test_what_surrounds_a_rollout(client, at, sandbox, step):
    with step("workspaces, keys, quota, sizes, operations"):
        location = sandbox["location"]
        assert [one.name for one in client.workspaces.list_by_resource_group(at[0])] == [at[1]]
        key = client.datastores.list_secrets(*at, "workspaceblobstore").key
        assert client.workspaces.list_keys(*at).user_storage_key == key
        assert client.workspaces.list_storage_account_keys(*at).user_storage_key == key
        assert len(list(client.usages.list(location))) > 0
        assert len(list(client.quotas.list(location))) > 0
        assert "Standard_DS3_v2" in [one.name for one in client.virtual_machine_sizes.list(location).value]
        names = [one.name for one in client.operations.list()]
        assert "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/write" in names
    with step("what the sandbox has none of is an empty list"):
        for group in ("batch_endpoints", "component_containers", "compute", "workspace_connections", "workspace_features"):
            assert list(getattr(client, group).list(*at)) == []
    with step("refused: approving a private endpoint; there is none to read or delete"):
        connections = client.private_endpoint_connections
        assert list(connections.list(*at)) == []
        state = models.PrivateLinkServiceConnectionState(status="Approved")
        approved = models.PrivateEndpointConnection(private_link_service_connection_state=state)
        with pytest.raises(HttpResponseError, match="The sandbox has no private network") as refused:
            connections.create_or_update(*at, "one", approved)
        assert refused.value.status_code == 400
        with pytest.raises(HttpResponseError) as missing:
            connections.get(*at, "one")
        assert missing.value.status_code == 404
        connections.delete(*at, "one")
