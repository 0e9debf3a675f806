/** Loads Azurite's blob service in this thread, without what most sandboxes never use of it: half of its start. */
import type { Server } from 'node:http';
import { createRequire, Module } from 'node:module';

/** The parts of Azurite's classes that are used here; they carry no types that compile as strict. */
interface Loki {
  saveDatabase(callback: (error?: unknown) => void): void;
}
interface BlobServer {
  httpServer: Omit<Server, 'address'> & { address(): { port: number } };
  metadataStore: { db: Loki };
  extentMetadataStore: { db: Loki };
  start(): Promise<void>;
  close(): Promise<void>;
}
interface BlobConfiguration {
  getCert(): { cert: string; key: string };
}
interface AzuriteClasses {
  Configuration: new (...options: unknown[]) => BlobConfiguration;
  BlobServer: new (configuration: BlobConfiguration) => BlobServer;
}

/** Loaded when a member of theirs is first used: for a token, for what is read, for a log that is off. */
const LATER = new Set([
  'axios',
  'form-data',
  'glob',
  'jsonwebtoken',
  'morgan',
  'multistream',
  'tough-cookie',
  'winston',
]);

/** Parts that are never asked here, by the end of the file that requires them. */
const NEVER: readonly { by: RegExp; request: string; instead: unknown }[] = [
  // Tells Azurite's makers of each request.
  {
    by: /[\\/]azurite[\\/]/,
    request: 'Telemetry',
    instead: { AzuriteTelemetryClient: { TraceRequest: () => undefined } },
  },
  // The client half of the library whose reader of requests Azurite uses.
  {
    by: /[\\/]msRest\.node\.js$/,
    request: 'axios',
    instead: { create: () => ({ interceptors: { request: { use: () => undefined } } }) },
  },
];

type Load = (request: string, parent: { filename?: string } | undefined, main: boolean) => unknown;

export function loadAzurite(): AzuriteClasses {
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = (request, parent, main) => {
    const file = parent?.filename ?? '';
    const never = NEVER.find(
      (each) => request.split('/').at(-1) === each.request && each.by.test(file),
    );
    if (never !== undefined) return never.instead;
    if (LATER.has(request)) return loadedLater(() => load(request, parent, main));
    return load(request, parent, main);
  };
  try {
    const require = createRequire(import.meta.url);
    const classOf = (file: string): unknown =>
      (require(`azurite/dist/src/blob/${file}.js`) as { default: unknown }).default;
    return {
      Configuration: classOf('BlobConfiguration') as AzuriteClasses['Configuration'],
      BlobServer: classOf('BlobServer') as AzuriteClasses['BlobServer'],
    };
  } finally {
    loader._load = load;
  }
}

type Package = ((...all: unknown[]) => unknown) & Record<PropertyKey, unknown>;

/** Stands for what a CommonJS package exports, which is a function or an object. */
function loadedLater(load: () => unknown): unknown {
  let loaded: Package | undefined;
  const real = () => (loaded ??= load() as Package);
  return new Proxy(function () {}, {
    // Asked by compiled imports, of packages that are no compiled modules.
    get: (_, key) => (key === '__esModule' ? undefined : real()[key]),
    has: (_, key) => key in real(),
    // Who copies the members gets an error, not a copy without any.
    ownKeys: () => Reflect.ownKeys(real()),
    apply: (_, self, all: unknown[]) => Reflect.apply(real(), self, all),
    construct: (_, all: unknown[]) => Reflect.construct(real(), all) as object,
  });
}
