/** A number in the JSON that an address answers. */
import * as z from 'zod';
import { withNames, withVariables } from '../named-program.js';
import { numberAt, parsedJson, secondsRule, type CheckKind } from './check.js';
import { getText, headersRule, urlRule } from './web.js';

const schema = z.strictObject({
  url: urlRule,
  headers: headersRule,
  /** Where the number is in the answer: `data.rows[0].value`. */
  path: z.string().optional(),
  timeoutSeconds: secondsRule,
});

export const httpCheck: CheckKind<'http', z.output<typeof schema>> = {
  id: 'http',
  schema,
  async read({ url, path, ...how }, around) {
    const named = withNames(url, around.names, encodeURIComponent);
    const address = withVariables(named, around.variables, encodeURIComponent);
    return numberAt(parsedJson(await getText(address, how, around)), path);
  },
};
