/** The value of a PromQL query now (Prometheus, "HTTP API", instant queries). */
import * as z from 'zod';
import { withNames, withVariables } from '../named-program.js';
import { numberAt, parsedJson, secondsRule, Unreadable, type CheckKind } from './check.js';
import { getText, headersRule, urlRule } from './web.js';

const schema = z.strictObject({
  /** Of the server, such as http://prometheus:9090. */
  url: urlRule,
  query: z.string().min(1),
  headers: headersRule,
  timeoutSeconds: secondsRule,
});

const answerSchema = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()]) }),
    z.object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })),
    }),
  ]),
});

/** Of a range in a query, such as [5m]. */
const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

export const prometheusCheck: CheckKind<'prometheus', z.output<typeof schema>> = {
  id: 'prometheus',
  schema,
  asksEarlier: true,
  looksBack: ({ query }) =>
    Math.max(
      0,
      ...[...query.matchAll(/\[(\d+)([smhd])/g)].map(
        ([, count, unit = '']) => Number(count) * (SECONDS[unit] ?? 0),
      ),
    ),
  async read({ url, query, ...how }, around) {
    const server = withVariables(url, around.variables, encodeURIComponent);
    const address = new URL(`${server.replace(/\/+$/, '')}/api/v1/query`);
    address.searchParams.set('query', withNames(query, around.names));
    if (around.agoMs > 0) address.searchParams.set('time', String(around.at / 1000));
    const text = await getText(address.toString(), how, around);
    const answer = answerSchema.safeParse(parsedJson(text));
    if (!answer.success) throw new Unreadable('The query returns neither a scalar nor a vector.');
    const { data } = answer.data;
    if (data.resultType === 'scalar') return numberAt(data.result[1]);
    const [first, ...more] = data.result;
    if (!first) throw new Unreadable('The query has no result.');
    if (more.length > 0) {
      throw new Unreadable(`The query has ${data.result.length} results: aggregate them to one.`);
    }
    return numberAt(first.value[1]);
  },
};
