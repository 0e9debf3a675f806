/** The ways in which tools name a registered model or environment. */

/** Name and version out of an ARM id or an `azureml:` reference; `undefined` for another place. */
export function modelNameVersion(model: string): { name: string; version: string } | undefined {
  if (/^azureml:\/\/registries\//i.test(model)) return undefined;
  const match =
    /\/(?:models|environments)\/([^/]+)\/versions\/([^/]+)$/i.exec(model) ??
    /^azureml:([^:/]+):([^:/]+)$/.exec(model);
  const [, name, version] = match ?? [];
  return name !== undefined && version !== undefined ? { name, version } : undefined;
}

/** As deployment.yml and the Python client take it. */
export function azuremlReference(model: string): string {
  const found = modelNameVersion(model);
  return found ? `azureml:${found.name}:${found.version}` : model;
}
