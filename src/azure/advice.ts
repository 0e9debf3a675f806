/**
 * What each known failure of Azure means and what a person can do about it. Matched on the text,
 * not on the code alone: Azure has changed the codes of one and the same failure over the years.
 */
import type { AzureFailure } from './types.js';

export interface Seen {
  /** All codes and messages, a line each. */
  all: string;
  message: string;
  code: string | undefined;
  status: number | undefined;
}

interface Advised {
  kind: AzureFailure['kind'];
  advice: string;
  retrySafe: boolean;
  /** In place of Azure's message, where that is of no use. */
  message?: string;
}

interface Case {
  match: RegExp;
  say(seen: Seen, match: RegExpExecArray): Advised;
}

const stays = (kind: AzureFailure['kind'], advice: string, retrySafe = false): Advised => ({
  kind,
  advice,
  retrySafe,
});

/** Which built-in role brings an action. */
function roleFor(action: string): string {
  if (/\/register\/action/i.test(action)) return 'Contributor on the subscription';
  if (/^Microsoft\.Storage/i.test(action))
    return 'Storage Blob Data Contributor on the storage account';
  if (/^Microsoft\.Insights/i.test(action)) return 'Monitoring Reader on the workspace';
  if (/^Microsoft\.MachineLearningServices\/workspaces\/read/i.test(action)) {
    return 'Reader on the workspace';
  }
  if (/datastores\/listsecrets/i.test(action)) {
    return 'AzureML Data Scientist on the workspace, or Storage Blob Data Contributor on its storage account';
  }
  return 'AzureML Data Scientist on the workspace';
}

const CASES: Case[] = [
  {
    match:
      /Not enough quota available for (\S+) in SubscriptionId[^.]*\. Current usage\/limit: (\d+)\/(\d+)\. Additional needed: (\d+)/i,
    say: (_seen, [, size, used, limit, needed]) =>
      stays(
        'quota',
        `${size} needs ${needed} more cores (Azure counts 1.2 × the instances and rounds up), and ` +
          `${Math.max(0, Number(limit) - Number(used))} of ${limit} are free. Choose fewer instances or a ` +
          'smaller type, delete a deployment that is no longer needed, or request more quota in Azure ML studio.',
        true,
      ),
  },
  {
    match: /OutOfQuota|not enough quota|quota.{0,40}exceeded|exceed.{0,40}quota/i,
    say: () =>
      stays(
        'quota',
        'Choose fewer instances or a smaller type, delete a deployment that is no longer needed, or request more quota in Azure ML studio.',
        true,
      ),
  },
  {
    match:
      /SubscriptionNotRegistered|isn't registered with Subscription|MissingSubscriptionRegistration/i,
    say: () =>
      stays(
        'invalid',
        'Ask an owner of the subscription to register its resource providers Microsoft.PolicyInsights, Microsoft.Cdn and Microsoft.MachineLearningServices, then try again in a few minutes.',
        true,
      ),
  },
  {
    match: /ImageBuildFailure/i,
    say: () =>
      stays(
        'provisioning',
        'Read the build log that the message names; usually a pin in conda.yaml that no longer installs (an old Python, two packages that exclude each other). Fix it, register a new version, and deploy that.',
      ),
  },
  {
    match: /failed during initial provisioning and is in an unrecoverable state/i,
    say: () =>
      stays('provisioning', 'This deployment cannot be repaired: delete it and create it again.'),
  },
  {
    match: /has not been created successfully|in deleting provisioning state\. Please recreate/i,
    say: () =>
      stays(
        'provisioning',
        'Creating the endpoint failed: delete it and create it again, or choose another name.',
      ),
  },
  {
    match:
      /User container has crashed|ResourceNotReady|Liveness probe failed|Readiness probe failed/i,
    say: () =>
      stays(
        'provisioning',
        'Read the deployment’s logs: the last error there is the cause, usually a package missing from or clashing in conda.yaml. Delete this deployment and create it again.',
      ),
  },
  {
    match: /already an endpoint with this name|needs to be unique within a region/i,
    say: () =>
      stays(
        'invalid',
        'Endpoint names are unique in an Azure region, across all customers. Choose another, for example with a few characters added.',
      ),
  },
  {
    match:
      /because it is in (\w+) provisioning state|in conflicting state|another operation is in progress/i,
    say: () =>
      stays(
        'conflict',
        'Another change of this endpoint is still running; wait until it ends, usually 20 seconds, and try again.',
        true,
      ),
  },
  {
    match: /Asset paths cannot be updated|already exists and is immutable/i,
    say: () =>
      stays('conflict', 'This version is taken by another model; register the next version.'),
  },
  {
    match: /does not have authorization to perform action '([^']+)'/i,
    say: (_seen, [, action = '']) =>
      stays(
        'forbidden',
        `Ask an owner for the role ${roleFor(action)}. If it was granted recently, sign in again; a new role takes a few minutes.`,
        true,
      ),
  },
  {
    match: /InsufficientAccessError/i,
    say: () =>
      stays(
        'forbidden',
        'Ask an owner for the role Log Analytics Reader on the Log Analytics workspace, or Reader on the resource.',
        true,
      ),
  },
  {
    match: /KeyBasedAuthenticationNotPermitted/i,
    say: () =>
      stays(
        'forbidden',
        'This storage account refuses its keys, so your own identity is used: ask an owner for the role Storage Blob Data Contributor on it.',
        true,
      ),
  },
  {
    match: /AuthorizationPermissionMismatch|AuthorizationFailure\b/i,
    say: () =>
      stays(
        'forbidden',
        'Ask an owner for the role Storage Blob Data Contributor on the workspace’s storage account (and, if it has a firewall, for access from this network). A new role takes a few minutes.',
        true,
      ),
  },
  {
    match: /RequestDisallowedByPolicy|PolicyViolation/i,
    say: () =>
      stays(
        'policy',
        'A policy of your organisation forbids this; the message names it. Usually it is a required tag, a region or an instance type: change that, or ask the owner of the policy.',
      ),
  },
  {
    match: /ExpiredAuthenticationToken|InvalidAuthenticationToken|token.{0,20}expired/i,
    say: () =>
      stays('sign-in', 'The sign-in expired or is for another tenant: sign in again.', true),
  },
  {
    match: /SubscriptionRequestsThrottled|TooManyRequests|ServerBusy/i,
    say: () =>
      stays('throttled', 'Azure limits the rate of requests; try again in a moment.', true),
  },
  {
    match: /ResourceGroupNotFound|SubscriptionNotFound|InvalidSubscriptionId/i,
    say: () =>
      stays(
        'not-found',
        'Check the subscription and the resource group in the profile, and that you are signed in to the right tenant.',
      ),
  },
  {
    match: /WorkspaceManagedNetworkNotReady/i,
    say: () =>
      stays(
        'provisioning',
        'The workspace’s managed network is not ready: ask the owner of the workspace to provision it, then try again.',
      ),
  },
  {
    match: /OperationCanceled/i,
    say: () =>
      stays('conflict', 'A newer change replaced this one: read the workspace again.', true),
  },
  {
    match: /SecretsInjectionError/i,
    say: () =>
      stays(
        'provisioning',
        'The endpoint’s identity cannot read a secret that its environment variables name: grant it access, then create the deployment again.',
      ),
  },
  {
    match: /ModelRegistryError|Could not find asset with ID/i,
    say: () =>
      stays(
        'not-found',
        'The model version is not in this workspace (or the endpoint’s identity cannot read its registry): choose one that is.',
      ),
  },
];

/** By status, for what is not known by its text. */
function byStatus(status: number | undefined): Advised {
  if (status === 401) return stays('sign-in', 'Sign in again.', true);
  if (status === 403) {
    return stays(
      'forbidden',
      'Ask an owner for the role AzureML Data Scientist on the workspace.',
      true,
    );
  }
  if (status === 404) return stays('not-found', 'Check the name; it may have been deleted.');
  if (status === 407) {
    return stays(
      'network',
      'The proxy requires a sign-in: add it to the proxy’s URL in the environment, or ask its administrator.',
    );
  }
  if (status === 409 || status === 412) {
    return stays(
      'conflict',
      'Something else changed it at the same time: read it again, then decide.',
      true,
    );
  }
  if (status === 429)
    return stays('throttled', 'Azure limits the rate of requests; try again in a moment.', true);
  if (status !== undefined && status >= 500) {
    return stays(
      'service',
      'This is an error in Azure. Try again; if it persists, send the correlation id to Azure support.',
      true,
    );
  }
  if (status !== undefined && status >= 400) {
    return stays('invalid', 'Change what the message names, then send it again.');
  }
  return stays(
    'service',
    'Try again; if it persists, send the correlation id to Azure support.',
    true,
  );
}

export function adviceFor(seen: Seen): Advised {
  for (const known of CASES) {
    const match = known.match.exec(seen.all);
    if (match) return known.say(seen, match);
  }
  return byStatus(seen.status);
}

/** An operation that Azure accepted and that failed later. */
export function adviceForOperation(seen: Seen): Advised {
  for (const known of CASES) {
    const match = known.match.exec(seen.all);
    if (match) return known.say(seen, match);
  }
  return stays(
    'provisioning',
    'Read the deployment’s logs; if its creation failed, delete it and create it again.',
  );
}
