/** A server that falls silent is met as one that breaks the connection off: nothing waits for ever. */
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { isRestError, RestError, type PipelinePolicy } from '@azure/core-rest-pipeline';

/** Without a byte either way. Four attempts and their pauses end within three minutes. */
const LONGEST_SILENCE_MS = 40_000;

const noAnswer = (): Error =>
  Object.assign(new Error('No answer came in time.'), { code: 'ETIMEDOUT' });

/** The agent's connections break off where the other side stays silent. */
export function endsInSilence<A extends Agent>(agent: A): A {
  type Create = (...args: unknown[]) => Socket | undefined;
  const made = agent as unknown as { createConnection: Create };
  const { createConnection } = made;
  made.createConnection = (...args) => {
    const socket = createConnection.apply(agent, args);
    return socket && limited(socket);
  };
  return agent;
}

function limited(socket: Socket): Socket {
  const limit = socket.setTimeout.bind(socket);
  limit(LONGEST_SILENCE_MS);
  // The clients switch it off for each request.
  socket.setTimeout = () => socket;
  return socket.once('timeout', () => socket.destroy(noAnswer()));
}

/** What takes longer than a silence may is given up: `work` ends when its signal fires. */
export async function withinSilence<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(noAnswer()), LONGEST_SILENCE_MS);
  const silent = new Promise<never>((_resolve, reject) =>
    silence.signal.addEventListener('abort', () => reject(silence.signal.reason as Error)),
  );
  try {
    return await Promise.race([work(silence.signal), silent]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * An answer that breaks off is a broken connection: the client calls it an answer that it can't
 * parse, and doesn't say to which request.
 */
export const brokenAnswerPolicy: PipelinePolicy = {
  name: 'brokenAnswer',
  async sendRequest(request, next) {
    try {
      return await next(request);
    } catch (error) {
      const broken = isRestError(error) && error.code === RestError.PARSE_ERROR;
      throw broken ? new RestError(error.message, { code: 'ECONNRESET', request }) : error;
    }
  },
};
