/** The lines by which a Python script reaches its workspace. */
import type { WorkspaceRef } from '../azure/types.js';
import { pythonLiteral as literal } from './python-literal.js';

export const mlClient = ({
  subscriptionId,
  resourceGroup,
  workspaceName,
}: WorkspaceRef): string[] => [
  'ml_client = MLClient(',
  '    DefaultAzureCredential(),',
  `    subscription_id=${literal(subscriptionId)},`,
  `    resource_group_name=${literal(resourceGroup)},`,
  `    workspace_name=${literal(workspaceName)},`,
  ')',
];
