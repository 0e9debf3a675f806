/**
 * The sandbox's certificate authority: made anew at every start, its private key never leaves
 * memory. Certificates carry what RFC 5280 asks for and `openssl verify -x509_strict` checks.
 */
import { webcrypto } from 'node:crypto';
import { type SecureContext, createSecureContext } from 'node:tls';

/**
 * The four functions of the Reflect metadata API that tsyringe, under @peculiar/x509, asks for when
 * it is loaded: here before that, below.
 */
type Target = object;
interface MetadataReflect {
  defineMetadata?(key: unknown, value: unknown, target: Target): void;
  getOwnMetadata?(key: unknown, target: Target): unknown;
  getMetadata?(key: unknown, target: Target): unknown;
  hasOwnMetadata?(key: unknown, target: Target): boolean;
}

const metadata = new WeakMap<Target, Map<unknown, unknown>>();
const reflect = Reflect as MetadataReflect;

reflect.defineMetadata ??= (key, value, target) => {
  const own = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, own.set(key, value));
};
reflect.getOwnMetadata ??= (key, target) => metadata.get(target)?.get(key);
reflect.hasOwnMetadata ??= (key, target) => metadata.get(target)?.has(key) ?? false;
reflect.getMetadata ??= (key, target) => {
  for (
    let at: Target | null = target;
    at !== null;
    at = Object.getPrototypeOf(at) as Target | null
  ) {
    const own = metadata.get(at);
    if (own?.has(key)) return own.get(key);
  }
  return undefined;
};

const DAY = 86_400_000;
const KEY: EcKeyGenParams & EcdsaParams = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
type EcKeyGenParams = { name: string; namedCurve: string };
type EcdsaParams = { hash: string };

interface Leaf {
  /** The leaf, then the authority. */
  certPem: string;
  keyPem: string;
}

export interface Authority {
  certPem: string;
  /** A certificate for these host names. */
  leaf(hosts: readonly string[]): Promise<Leaf>;
  /** The same, ready for a TLS server; one for each host name is kept. */
  secureContext(host: string): Promise<SecureContext>;
}

export async function createAuthority(now = Date.now()): Promise<Authority> {
  // Loaded here, because a bundle runs static imports of packages before the polyfill above.
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  const { subtle } = webcrypto;
  const newKeys = async () => await subtle.generateKey(KEY, true, ['sign', 'verify']);
  const subject = `CN=aml-rollout sandbox ${new Date(now).toISOString().slice(0, 19)}Z, O=aml-rollout`;

  const caKeys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: subject,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + 800 * DAY),
    keys: caKeys,
    signingAlgorithm: KEY,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const certPem = `${ca.toString('pem')}\n`;

  // One key for all leaves: what they protect is one process.
  const leafKeys = await newKeys();
  const keyPem = x509.PemConverter.encode(
    await subtle.exportKey('pkcs8', leafKeys.privateKey),
    'PRIVATE KEY',
  );

  const leaf = async (hosts: readonly string[]): Promise<Leaf> => {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      // Not the host: a scoring host name can be longer than the 64 characters of a common name.
      subject: 'CN=aml-rollout sandbox host',
      issuer: subject,
      notBefore: new Date(now - DAY),
      notAfter: new Date(now + 390 * DAY),
      publicKey: leafKeys.publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: KEY,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: 'dns' as const, value })),
        ),
        await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
      ],
    });
    return { certPem: `${certificate.toString('pem')}\n${certPem}`, keyPem };
  };

  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    certPem,
    leaf,
    secureContext(host) {
      const name = host.toLowerCase();
      let context = contexts.get(name);
      if (context === undefined) {
        context = leaf([name]).then(({ certPem: cert, keyPem: key }) =>
          createSecureContext({ cert, key }),
        );
        contexts.set(name, context);
      }
      return context;
    },
  };
}

/** Positive and 16 octets long, as RFC 5280 4.1.2.2 wants serial numbers. */
function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
