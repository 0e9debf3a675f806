/** endpoint.yml of `az ml`, or the JSON of MLflow's plugin, as an endpoint to create. */
import { z } from 'zod';
import type { EndpointCreate, Split } from '../azure/types.js';
import { nameProblem } from '../rollout/names.js';
import { FileProblem, parseYamlFile } from './yaml-file.js';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const split = z.record(z.string(), z.int('use whole percents').min(0).max(100));
const identityId = z
  .union([z.string(), z.strictObject({ resource_id: z.string() })])
  .transform((id) => (typeof id === 'string' ? id : id.resource_id));

/** Microsoft Learn, "CLI (v2) online endpoint YAML schema". */
const schema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().optional(),
  description: text.optional(),
  tags: z.record(z.string(), text).optional(),
  properties: z.record(z.string(), text).optional(),
  auth_mode: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['key', 'aml_token', 'aad_token'], 'use key, aml_token or aad_token'))
    .optional(),
  identity: z
    .strictObject({
      type: z
        .string()
        .transform((type) => type.replace(/^SystemAssigned$/i, 'system_assigned'))
        .transform((type) => type.replace(/^UserAssigned$/i, 'user_assigned'))
        .pipe(z.enum(['system_assigned', 'user_assigned'], 'use system_assigned or user_assigned')),
      user_assigned_identities: z.array(identityId).optional(),
    })
    .optional(),
  traffic: split.optional(),
  mirror_traffic: split.optional(),
  public_network_access: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['enabled', 'disabled'], 'use enabled or disabled'))
    .optional(),
  location: z.string().optional(),
  compute: z
    .never('Kubernetes endpoints are not supported here, only managed online endpoints')
    .optional(),
});

export interface EndpointFile {
  /** MLflow's files have none. */
  name?: string;
  spec: EndpointCreate;
  /** Azure takes no traffic at creation; it is for the time after. */
  traffic?: Split;
  mirrorTraffic?: Split;
}

/** @throws FileProblem with every problem's line and column. */
export function readEndpointFile(content: string, fileName: string): EndpointFile {
  const { value, where } = parseYamlFile(content, fileName, schema);
  const wrongName = value.name === undefined ? undefined : nameProblem('endpoint', value.name);
  if (wrongName) throw new FileProblem([`${where(['name'])}: ${wrongName}`]);
  const ids = value.identity?.user_assigned_identities;
  if (value.identity?.type === 'user_assigned' && !ids?.length) {
    throw new FileProblem([
      `${where(['identity'])}: a user_assigned identity needs user_assigned_identities.`,
    ]);
  }
  const total = Object.values(value.traffic ?? {}).reduce((sum, share) => sum + share, 0);
  if (total !== 0 && total !== 100) {
    throw new FileProblem([
      `${where(['traffic'])}: the shares add up to ${total}; they must add up to 100, or all be 0.`,
    ]);
  }
  return {
    ...(value.name !== undefined && { name: value.name }),
    spec: {
      authMode: value.auth_mode ?? 'key',
      identity: {
        type: value.identity?.type ?? 'system_assigned',
        ...(ids && { userAssignedIds: ids }),
      },
      tags: value.tags ?? {},
      ...(value.description !== undefined && { description: value.description }),
      ...(value.public_network_access && { publicNetworkAccess: value.public_network_access }),
    },
    ...(value.traffic && { traffic: value.traffic }),
    ...(value.mirror_traffic && { mirrorTraffic: value.mirror_traffic }),
  };
}
