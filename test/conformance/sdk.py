"""What the tests of azure-ai-ml do again and again, as Microsoft's articles spell it."""

import json

from azure.ai.ml.constants import AssetTypes
from azure.ai.ml.constants._endpoint import EndpointInvokeFields
from azure.ai.ml.entities import ManagedOnlineDeployment, ManagedOnlineEndpoint, Model

from conftest import SAMPLES


def register(client, folder="v1", *, name, **fields):
    return client.models.create_or_update(
        Model(
            name=name,
            path=str(SAMPLES / "heart-classifier" / folder),
            type=AssetTypes.MLFLOW_MODEL,
            **fields,
        )
    )


def create_endpoint(client, name, **fields):
    return client.online_endpoints.begin_create_or_update(
        ManagedOnlineEndpoint(name=name, **fields)
    ).result()


def deployment(endpoint, name, model, **fields):
    defaults = {"instance_type": "Standard_DS3_v2", "instance_count": 1}
    return ManagedOnlineDeployment(
        name=name, endpoint_name=endpoint, model=model, **(defaults | fields)
    )


def deploy(client, endpoint, name, model, **fields):
    return client.online_deployments.begin_create_or_update(
        deployment(endpoint, name, model, **fields)
    ).result()


def set_traffic(client, name, split, mirror=None):
    """The split that is live afterwards, and the mirror."""
    endpoint = client.online_endpoints.get(name)
    endpoint.traffic = split
    if mirror is not None:
        endpoint.mirror_traffic = mirror
    client.online_endpoints.begin_create_or_update(endpoint).result()
    after = client.online_endpoints.get(name)
    return after.traffic, after.mirror_traffic


def invoke(client, endpoint, request_file, deployment=None):
    # `invoke` writes into EndpointInvokeFields.DEFAULT_HEADER, a dict of the class
    # (operations/_online_endpoint_operations.py): once pinned, every later call of the process would
    # be pinned too.
    EndpointInvokeFields.DEFAULT_HEADER.pop(EndpointInvokeFields.MODEL_DEPLOYMENT, None)
    answer = client.online_endpoints.invoke(
        endpoint_name=endpoint, deployment_name=deployment, request_file=str(request_file)
    )
    return json.loads(answer)
