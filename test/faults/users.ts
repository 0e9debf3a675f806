/** Users of an endpoint: a client of its own, so many requests a second, from the first split on. */
import { through } from '../support/through-proxy.js';
import type { Cell } from './desk.js';

export interface Users {
  /** They go: how many were served, and what each other one was answered. */
  leave(): Promise<{ served: number; failed: string[] }>;
}

const INPUT = {
  columns: 'age sex cp trestbps chol fbs restecg thalach exang oldpeak slope ca thal'.split(' '),
  index: [0],
  data: [[63, 1, 1, 145, 233, 1, 2, 150, 0, 2.3, 3, 0, 'fixed']],
};

export function startUsers(cell: Cell, perSecond: number): Users {
  const { info, arm } = cell.desk;
  const client = through(info);
  const failed: string[] = [];
  const sent = new Set<Promise<void>>();
  let served = 0;
  let here = true;
  const score = async (url: string, key: string): Promise<void> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ input_data: INPUT });
    const { status, text } = await client.send(url, { method: 'POST', headers, body });
    if (status === 200) served += 1;
    else failed.push(`${status} ${text}`);
  };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
  const calling = (async () => {
    const path = `onlineEndpoints/${cell.endpoint}`;
    while (here && Object.keys((await cell.split()) ?? {}).length === 0) await pause();
    const url = (await arm.get(path)).body.properties.scoringUri as string;
    const { body } = await arm.send('POST', `${path}/listKeys`);
    for (; here; await pause()) {
      const request = score(url, body.primaryKey as string).catch((error: Error) => {
        failed.push(error.message);
      });
      sent.add(request);
      void request.then(() => sent.delete(request));
    }
  })();
  return {
    async leave() {
      here = false;
      await calling;
      await Promise.all(sent);
      await client.close();
      return { served, failed };
    },
  };
}
