/** What the sandbox writes into a deployment's log, and a rollout shows to the person. */
const NOT_RUN = 'The sandbox does not run scoring scripts';

export const scriptNotRun = (script: string): string =>
  `${NOT_RUN}: it skips ${script}, and the MLflow model itself answers. Azure runs the script.`;

/** That line of a log, without what is before it; `undefined` from Azure. */
export function scriptNotRunIn(log: string): string | undefined {
  const line = log.split('\n').find((each) => each.includes(NOT_RUN));
  return line?.slice(line.indexOf(NOT_RUN));
}
