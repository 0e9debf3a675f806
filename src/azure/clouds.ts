/** Hosts and scopes of the three Azure clouds; from `azure-ai-ml`'s `_azure_environments`. */
import type { CloudName } from './types.js';

export interface Cloud {
  /** Origin of Azure Resource Manager, without a final slash. */
  arm: string;
  armScope: string;
  authorityHost: string;
  /** Token scope of endpoints with `aad_token` authentication. */
  mlScope: string;
  /** The same audience in every cloud. */
  storageScope: string;
  storageSuffix: string;
  /** Origin of the query service of Azure Monitor's logs, and the audience of its tokens. */
  logs: string;
  /** Origin of Azure ML studio. */
  studio: string;
  /** Origin of the public price list; absent where the cloud has none. */
  prices?: string;
  /** Of scoring hosts: `<endpoint>.<region>.<suffix>`. */
  inferenceSuffix: string;
}

/** One list for both clouds; China's has another service, which needs a sign-in. */
const prices = 'https://prices.azure.com';
const storageScope = 'https://storage.azure.com/.default';

const CLOUDS: Record<CloudName, Cloud> = {
  public: {
    arm: 'https://management.azure.com',
    armScope: 'https://management.azure.com/.default',
    authorityHost: 'https://login.microsoftonline.com',
    mlScope: 'https://ml.azure.com/.default',
    storageScope,
    storageSuffix: 'core.windows.net',
    logs: 'https://api.loganalytics.io',
    studio: 'https://ml.azure.com',
    prices,
    inferenceSuffix: 'inference.ml.azure.com',
  },
  usgov: {
    arm: 'https://management.usgovcloudapi.net',
    armScope: 'https://management.usgovcloudapi.net/.default',
    authorityHost: 'https://login.microsoftonline.us',
    mlScope: 'https://ml.azure.us/.default',
    storageScope,
    storageSuffix: 'core.usgovcloudapi.net',
    logs: 'https://api.loganalytics.us',
    studio: 'https://ml.azure.us',
    prices,
    inferenceSuffix: 'inference.ml.azure.us',
  },
  china: {
    arm: 'https://management.chinacloudapi.cn',
    armScope: 'https://management.chinacloudapi.cn/.default',
    authorityHost: 'https://login.chinacloudapi.cn',
    mlScope: 'https://ml.azure.cn/.default',
    storageScope,
    storageSuffix: 'core.chinacloudapi.cn',
    logs: 'https://api.loganalytics.azure.cn',
    studio: 'https://studio.ml.azure.cn',
    inferenceSuffix: 'inference.ml.azure.cn',
  },
};

export function cloudOf(name: CloudName): Cloud {
  return CLOUDS[name];
}
