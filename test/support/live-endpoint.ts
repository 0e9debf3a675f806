/** An endpoint that somebody else made, with another client: one deployment that serves. */
import { deployment, endpoint, model as modelAt, type ArmClient } from './arm.js';

export async function serveBlue(
  arm: ArmClient,
  name: string,
  {
    blue = 'default',
    model: modelName = 'heart-classifier',
    uri,
  }: {
    blue?: string;
    model?: string;
    /** Of files that are uploaded already. */ uri?: string;
  } = {},
): Promise<void> {
  await arm.createEndpoint(name);
  const model =
    uri === undefined
      ? await arm.registerSample(modelName, '1', 'v1')
      : ((await arm.put(`models/${modelName}/versions/1`, modelAt(uri))).body.id as string);
  const made = await arm.put(`onlineEndpoints/${name}/deployments/${blue}`, deployment(model));
  const ended = await arm.finished(made);
  if (ended.status !== 'Succeeded') throw new Error(`${blue}: ${JSON.stringify(ended)}`);
  await arm.finished(
    await arm.put(`onlineEndpoints/${name}`, endpoint({ traffic: { [blue]: 100 } })),
  );
}
