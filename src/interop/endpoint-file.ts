/** endpoint.yml of `az ml`, or the JSON of MLflow's plugin, as an endpoint to create. */
import * as z from 'zod';
import type { EndpointCreate } from '../azure/types.js';
import { nameProblem } from '../rollout/names.js';
import {
  access,
  ignored,
  notHere,
  ownProperties,
  SET_BY_AZURE,
  SHOWN,
  shown,
  shownMembers,
  text,
  texts,
  WAITED_FOR,
  word,
} from './file-schema.js';
import { FileProblem, parseYamlFile } from './yaml-file.js';
import type { Split } from '../common/split.js';

const split = z.record(z.string(), z.int('use whole percents').min(0).max(100));
const identityId = z
  .union(
    [
      z.string(),
      z.strictObject({
        resource_id: z.string(),
        client_id: shown,
        object_id: shown,
        principal_id: shown,
      }),
    ],
    'use resource_id with the ARM id of the identity',
  )
  .transform((id) => (typeof id === 'string' ? id : id.resource_id));

/** Microsoft Learn, "CLI (v2) online endpoint YAML schema"; azure-ai-ml 1.35, `EndpointSchema`. */
const schema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().optional(),
  description: text.optional(),
  tags: texts.optional(),
  properties: texts.optional(),
  auth_mode: word(['key', 'aml_token', 'aad_token'], 'use key, aml_token or aad_token').optional(),
  identity: z
    .strictObject({
      type: z
        .string()
        .transform((type) => type.replace(/^SystemAssigned$/i, 'system_assigned'))
        .transform((type) => type.replace(/^UserAssigned$/i, 'user_assigned'))
        .pipe(z.enum(['system_assigned', 'user_assigned'], 'use system_assigned or user_assigned')),
      user_assigned_identities: z.array(identityId).optional(),
      principal_id: shown,
      tenant_id: shown,
    })
    .optional(),
  traffic: split.optional(),
  mirror_traffic: split.optional(),
  public_network_access: access.optional(),
  location: z.string().min(1).optional(),
  compute: notHere('Kubernetes endpoints are not supported here, only managed online endpoints'),
  ...shownMembers,
  scoring_uri: shown,
  openapi_uri: shown,
});

const PROPERTIES_OF_AZURE = [
  'AzureAsyncOperationUri',
  'azureml.onlineendpointid',
  'createdAt',
  'createdBy',
  'lastModifiedAt',
];

const WITHOUT_USE = {
  ...SHOWN,
  scoring_uri: SET_BY_AZURE,
  openapi_uri: SET_BY_AZURE,
  async: WAITED_FOR,
  traffic: 'is ignored: the rollout sets the traffic',
  mirror_traffic: 'is ignored: the rollout sets the mirror',
};

export interface EndpointFile {
  /** MLflow's files have none. */
  name?: string;
  spec: EndpointCreate;
  /** Azure takes no traffic at creation; it is for the time after. */
  traffic?: Split;
  mirrorTraffic?: Split;
  /** What is in the file and leads to nothing: a sentence each, with its place. */
  notes: string[];
}

/**
 * @throws FileProblem with every problem's line and column.
 * @param needs `name`: the file has to say the endpoint's name
 */
export function readEndpointFile(
  content: string,
  fileName: string,
  needs: { name?: boolean } = {},
): EndpointFile {
  const { value, where, whereKey } = parseYamlFile(content, fileName, schema);
  const problems: string[] = [];
  const wrongName = value.name === undefined ? undefined : nameProblem('endpoint', value.name);
  if (wrongName) problems.push(`${where(['name'])}: ${wrongName}`);
  if (needs.name && value.name === undefined) {
    problems.push(`${where([])}: name is missing: name the endpoint.`);
  }
  const ids = value.identity?.user_assigned_identities;
  if (value.identity?.type === 'user_assigned' && !ids?.length) {
    problems.push(
      `${whereKey(['identity'])}: a user_assigned identity needs user_assigned_identities.`,
    );
  }
  if (value.identity?.type === 'system_assigned' && ids?.length) {
    problems.push(
      `${whereKey(['identity', 'user_assigned_identities'])}: only an identity of type user_assigned has user_assigned_identities.`,
    );
  }
  const total = Object.values(value.traffic ?? {}).reduce((sum, share) => sum + share, 0);
  if (total !== 0 && total !== 100) {
    problems.push(
      `${whereKey(['traffic'])}: the traffic weights add up to ${total}; they must add up to 100, or all be 0.`,
    );
  }
  if (problems.length > 0) throw new FileProblem(problems);
  const properties = value.properties && ownProperties(value.properties, PROPERTIES_OF_AZURE);
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
      ...(properties && { properties: properties.own }),
      ...(value.location !== undefined && { location: value.location }),
    },
    ...(value.traffic && { traffic: value.traffic }),
    ...(value.mirror_traffic && { mirrorTraffic: value.mirror_traffic }),
    notes: [
      ...ignored(value, whereKey, WITHOUT_USE),
      ...(properties?.left ?? []).map(
        (name) => `${whereKey(['properties', name])}: ${name} ${SET_BY_AZURE}.`,
      ),
    ],
  };
}
