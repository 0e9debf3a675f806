/**
 * List prices of instance types, from the public Azure Retail Prices API: no token is sent. Microsoft Learn,
 * "Azure Retail Prices overview". A managed deployment is billed as the virtual machines that it runs on.
 */
import { json } from 'node:stream/consumers';
import type { Scope } from './scope.js';
import { webRequest } from './web-request.js';

/** Prices are a courtesy: nobody waits longer for them. */
const WITHIN_MS = 1_500;
/** Instance types in one request, so that its address stays short. */
const AT_ONCE = 15;
const MOST_PAGES = 5;

interface Item {
  armSkuName?: string;
  retailPrice?: number;
  type?: string;
  unitOfMeasure?: string;
  productName?: string;
  skuName?: string;
}

interface Page {
  Items?: Item[];
  NextPageLink?: string | null;
}

/** US dollars an hour by instance type, as far as they are listed; empty where the list can't be reached. */
export async function hourlyPrices(
  scope: Pick<Scope, 'cloud' | 'transport'>,
  location: string,
  sizes: readonly string[],
  signal?: AbortSignal,
): Promise<Record<string, number>> {
  const { prices: origin } = scope.cloud;
  if (origin === undefined || sizes.length === 0) return {};
  const within = AbortSignal.timeout(WITHIN_MS);
  const until = signal ? AbortSignal.any([signal, within]) : within;
  const parts = Array.from({ length: Math.ceil(sizes.length / AT_ONCE) }, (_, part) =>
    sizes.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
  );
  const lists = await Promise.all(
    parts.map((part) =>
      listed(scope.transport, `${origin}/api/retail/prices?${query(location, part)}`, until).catch(
        () => [],
      ),
    ),
  );
  const prices: Record<string, number> = {};
  for (const { armSkuName, retailPrice } of lists.flat().filter(isLinuxOnDemand)) {
    if (!armSkuName || !retailPrice) continue;
    prices[armSkuName] = Math.min(retailPrice, prices[armSkuName] ?? Infinity);
  }
  return prices;
}

function query(location: string, sizes: readonly string[]): string {
  const is = (name: string, value: string): string => `${name} eq '${value.replaceAll("'", "''")}'`;
  const filter = [
    is('serviceName', 'Virtual Machines'),
    is('priceType', 'Consumption'),
    is('armRegionName', location.toLowerCase().replaceAll(' ', '')),
    `(${sizes.map((size) => is('armSkuName', size)).join(' or ')})`,
  ].join(' and ');
  return String(new URLSearchParams({ $filter: filter }));
}

async function listed(
  transport: Scope['transport'],
  first: string,
  signal: AbortSignal,
): Promise<Item[]> {
  const items: Item[] = [];
  const { host } = new URL(first);
  let address: string | undefined = first;
  for (let page = 0; address !== undefined && page < MOST_PAGES; page += 1) {
    const headers = { accept: 'application/json' };
    const { status, body } = await webRequest(transport, address, { headers }, signal);
    const { Items = [], NextPageLink } = (await json(body)) as Page;
    if (status !== 200) break;
    items.push(...Items);
    const next: URL | undefined = NextPageLink ? new URL(NextPageLink) : undefined;
    // A list that leads elsewhere is not followed there.
    address = next?.host === host && next.protocol === 'https:' ? next.href : undefined;
  }
  return items;
}

/** Beside it the list has Windows, spot and low priority under the same instance type. */
const isLinuxOnDemand = ({ type, unitOfMeasure, productName, skuName }: Item): boolean =>
  type === 'Consumption' &&
  unitOfMeasure === '1 Hour' &&
  !/windows|cloud ?services/i.test(productName ?? '') &&
  !/spot|low priority/i.test(skuName ?? '');
