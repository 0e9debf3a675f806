/** Which proxy, if any, a host is reached through. */

export interface ProxySettings {
  url: string;
  /** Hosts that are reached without it. */
  bypass(host: string): boolean;
}

/** Never through a proxy: this machine, and the link-local address of managed identity. */
function isLocal(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '::1' ||
    host === '[::1]' ||
    host.startsWith('127.') ||
    host === '169.254.169.254'
  );
}

function fromEnvironment(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

/**
 * The connection's own proxy, else the environment's, read the way Azure's SDK reads it: for
 * HTTPS_PROXY, ALL_PROXY, HTTP_PROXY; entries of NO_PROXY are hosts, or `.suffix` for a domain.
 */
export function proxySettings(
  proxyUrl: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): ProxySettings | undefined {
  // A proxy that the person named for this connection is not undone by the shell's NO_PROXY.
  if (proxyUrl) return { url: proxyUrl, bypass: isLocal };
  const url =
    fromEnvironment(env, 'HTTPS_PROXY') ??
    fromEnvironment(env, 'ALL_PROXY') ??
    fromEnvironment(env, 'HTTP_PROXY');
  if (!url) return undefined;
  const except = (fromEnvironment(env, 'NO_PROXY') ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean);
  return {
    url,
    bypass: (host) => {
      const name = host.toLowerCase();
      return (
        isLocal(name) ||
        except.some(
          (entry) =>
            entry === '*' ||
            entry === name ||
            (entry.startsWith('.') && (name.endsWith(entry) || name === entry.slice(1))),
        )
      );
    },
  };
}
