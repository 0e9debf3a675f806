/** The official client of Azure ML, with our way out, our sign-in and our retry policy. */
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { retryPolicy } from '@azure/core-rest-pipeline';
import type { Cloud } from './clouds.js';
import { RETRIES, retryStrategy } from './retry.js';
import { signInPolicy } from './sign-in-policy.js';
import { brokenAnswerPolicy } from './silence.js';
import type { TokenSource } from './token-source.js';
import type { Transport } from './transport.js';

export type ArmClient = AzureMachineLearningWorkspaces;

export function createArmClient(
  cloud: Cloud,
  subscriptionId: string,
  source: TokenSource,
  transport: Transport,
): ArmClient {
  const options = {
    endpoint: cloud.arm,
    $host: cloud.arm,
    // `agent` comes before HTTPS_PROXY in the pipeline, and is not in the option's type.
    agent: transport.agent,
    userAgentOptions: { userAgentPrefix: 'aml-rollout' },
  };
  const client = new AzureMachineLearningWorkspaces(source, subscriptionId, options);
  const { pipeline } = client;
  pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  // ARM never redirects; a token must not follow one that does.
  pipeline.removePolicy({ name: 'redirectPolicy' });
  pipeline.addPolicy(retryPolicy([retryStrategy], { maxRetries: RETRIES }), { phase: 'Retry' });
  pipeline.addPolicy(signInPolicy(source, cloud.armScope), { phase: 'Sign' });
  pipeline.addPolicy(brokenAnswerPolicy, { afterPhase: 'Retry' });
  return client;
}
