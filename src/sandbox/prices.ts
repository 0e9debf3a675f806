/**
 * The public list of retail prices (`prices.azure.com`), of the sandbox's instance types in its region. It is asked
 * without a token. Shape: Microsoft Learn, "Azure Retail Prices overview"; the filter takes `eq`, `and`, `or` and
 * brackets, and values by their case, as the service does.
 */
import type { FastifyInstance } from 'fastify';
import type { SandboxConfig } from './model.js';

/** US dollars an hour; about what Azure asks for Linux, so that a rollout of the sandbox looks like one. */
const LINUX: Record<string, number> = {
  Standard_DS1_v2: 0.073,
  Standard_DS2_v2: 0.146,
  Standard_DS3_v2: 0.293,
  Standard_DS4_v2: 0.585,
  Standard_DS5_v2: 1.17,
  Standard_F2s_v2: 0.097,
  Standard_F4s_v2: 0.194,
  Standard_F8s_v2: 0.388,
  Standard_F16s_v2: 0.776,
  Standard_F32s_v2: 1.552,
  Standard_E2s_v3: 0.152,
  Standard_E4s_v3: 0.304,
  Standard_E8s_v3: 0.608,
  Standard_E16s_v3: 1.216,
  Standard_D2as_v4: 0.115,
  Standard_D4as_v4: 0.23,
  Standard_D8as_v4: 0.46,
  Standard_NC4as_T4_v3: 0.605,
  Standard_NC8as_T4_v3: 0.864,
  Standard_NC24ads_A100_v4: 4.775,
};

/** What else is listed under an instance type, as a part of the price for Linux. */
const OFFERS = [
  { product: '', sku: '', of: 1 },
  { product: ' Windows', sku: '', of: 1.6 },
  { product: '', sku: ' Spot', of: 0.2 },
  { product: '', sku: ' Low Priority', of: 0.2 },
];

type Row = Record<string, string | number | boolean>;

function rowsOf(location: string): Row[] {
  return Object.entries(LINUX).flatMap(([armSkuName, price]) => {
    const short = armSkuName.replace(/^Standard_/, '').replaceAll('_', ' ');
    return OFFERS.map(({ product, sku, of }): Row => {
      const retailPrice = Number((price * of).toFixed(4));
      return {
        currencyCode: 'USD',
        tierMinimumUnits: 0,
        retailPrice,
        unitPrice: retailPrice,
        armRegionName: location,
        location,
        meterName: `${short}${sku}`,
        productName: `Virtual Machines ${short.replace(/\d+/, '')} Series${product}`,
        skuName: `${short}${sku}`,
        serviceName: 'Virtual Machines',
        serviceFamily: 'Compute',
        unitOfMeasure: '1 Hour',
        type: 'Consumption',
        isPrimaryMeterRegion: true,
        armSkuName,
      };
    });
  });
}

/** Names in a filter that are called otherwise in the answer. */
const MEMBER: Record<string, string> = { priceType: 'type' };

/** In pages as the service has them. */
const PAGE = 100;

export function registerPrices(
  app: FastifyInstance,
  config: Pick<SandboxConfig, 'location'>,
): void {
  const rows = rowsOf(config.location);
  app.get<{ Querystring: Record<string, string | undefined> }>(
    '/api/retail/prices',
    (request, reply) => {
      const { $filter = '', $skip = '0' } = request.query;
      const matches = parsed($filter);
      if (matches === undefined) {
        const Error = { Code: 'BadRequest', Message: 'Invalid OData parameters supplied' };
        return reply.code(400).send({ Error });
      }
      const found = rows.filter(matches);
      const from = Number($skip);
      const items = found.slice(from, from + PAGE);
      const more = new URLSearchParams({ $filter, $skip: String(from + PAGE) });
      return reply.send({
        BillingCurrency: 'USD',
        CustomerEntityId: 'Default',
        CustomerEntityType: 'Retail',
        Items: items,
        NextPageLink:
          found.length > from + PAGE
            ? `https://${request.host}:443/api/retail/prices?${String(more)}`
            : null,
        Count: items.length,
      });
    },
  );
}

type Matches = (row: Row) => boolean;

/** `undefined` where it can't be read; none matches all. */
function parsed(filter: string): Matches | undefined {
  const tokens = filter.match(/'(?:[^']|'')*'|[()]|[^\s()']+/g) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? '';
  const joined = (word: string, part: () => Matches, fold: (all: Matches[]) => Matches) => () => {
    const all = [part()];
    while (tokens[at] === word) {
      at += 1;
      all.push(part());
    }
    return fold(all);
  };
  const one = (): Matches => {
    const name = next();
    if (name === '(') {
      const inner = either();
      if (next() !== ')') throw new SyntaxError(filter);
      return inner;
    }
    const operator = next();
    const value = next();
    if (!/^\w+$/.test(name) || operator !== 'eq' || !value.startsWith("'")) {
      throw new SyntaxError(filter);
    }
    const wanted = value.slice(1, -1).replaceAll("''", "'");
    return (row) => row[MEMBER[name] ?? name] === wanted;
  };
  const both = joined('and', one, (all) => (row) => all.every((each) => each(row)));
  const either: () => Matches = joined('or', both, (all) => (row) => all.some((each) => each(row)));
  if (tokens.length === 0) return () => true;
  try {
    const matches = either();
    return at === tokens.length ? matches : undefined;
  } catch {
    return undefined;
  }
}
