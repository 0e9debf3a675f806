/**
 * The sandbox's certificate authority: made anew at every start, its private key never leaves
 * memory. Certificates carry what RFC 5280 asks for and `openssl verify -x509_strict` checks; they
 * are written here, because a library for it took a third of the start.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type SecureContext, createSecureContext } from 'node:tls';
import { der, pem } from './der.js';

const DAY = 86_400_000;
/** Bytes of an uncompressed point of P-256, which end its SubjectPublicKeyInfo. */
const POINT = 65;

interface Leaf {
  /** The leaf, then the authority. */
  certPem: string;
  keyPem: string;
}

export interface Authority {
  certPem: string;
  /** A certificate for these host names. */
  leaf(hosts: readonly string[]): Leaf;
  /** The same, ready for a TLS server; one for each host name is kept. */
  secureContext(host: string): SecureContext;
}

export function createAuthority(now = Date.now()): Authority {
  const own = newKeys();
  const issuer = name({
    commonName: `aml-rollout sandbox ${new Date(now).toISOString().slice(0, 19)}Z`,
    organization: 'aml-rollout',
  });
  const certPem = certificate({
    issuer,
    signer: own.privateKey,
    subject: issuer,
    publicKey: own.spki,
    from: now - DAY,
    until: now + 800 * DAY,
    extensions: [
      critical(BASIC_CONSTRAINTS, der.sequence(der.yes(), der.integer(0))),
      critical(KEY_USAGE, KEY_CERT_AND_CRL_SIGN),
      extension(SUBJECT_KEY_ID, der.octets(own.id)),
    ],
  });

  // One key for all leaves: what they protect is one process.
  const keys = newKeys();
  const keyPem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  const leaf = (hosts: readonly string[]): Leaf => {
    const cert = certificate({
      issuer,
      signer: own.privateKey,
      // Not the host: a scoring host name can be longer than the 64 characters of a common name.
      subject: name({ commonName: 'aml-rollout sandbox host' }),
      publicKey: keys.spki,
      from: now - DAY,
      until: now + 390 * DAY,
      extensions: [
        critical(BASIC_CONSTRAINTS, der.sequence()),
        critical(KEY_USAGE, DIGITAL_SIGNATURE),
        extension(EXTENDED_KEY_USAGE, der.sequence(der.oid(SERVER_AUTH))),
        extension(
          ALTERNATIVE_NAMES,
          der.sequence(...hosts.map((host) => der.implicit(DNS_NAME, Buffer.from(host, 'ascii')))),
        ),
        extension(SUBJECT_KEY_ID, der.octets(keys.id)),
        extension(AUTHORITY_KEY_ID, der.sequence(der.implicit(0, own.id))),
      ],
    });
    return { certPem: `${cert}${certPem}`, keyPem };
  };

  const contexts = new Map<string, SecureContext>();
  return {
    certPem,
    leaf,
    secureContext(host) {
      const lower = host.toLowerCase();
      const known = contexts.get(lower);
      if (known !== undefined) return known;
      const { certPem: cert, keyPem: key } = leaf([lower]);
      const context = createSecureContext({ cert, key });
      contexts.set(lower, context);
      return context;
    },
  };
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SUBJECT_KEY_ID = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAMES = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const AUTHORITY_KEY_ID = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
/** The tag of a host among the alternative names. */
const DNS_NAME = 2;
/** Bits of the key usage are counted from the left; trailing zeros are left out. */
const DIGITAL_SIGNATURE = der.bits(Buffer.from([0b1000_0000]), 7);
const KEY_CERT_AND_CRL_SIGN = der.bits(Buffer.from([0b0000_0110]), 1);

interface Keys {
  privateKey: KeyObject;
  /** SubjectPublicKeyInfo. */
  spki: Buffer;
  /** Key identifier: RFC 5280 4.2.1.2, method 1. */
  id: Buffer;
}

function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha1').update(spki.subarray(-POINT)).digest();
  return { privateKey, spki, id };
}

function name(of: { commonName: string; organization?: string }): Buffer {
  const part = (type: string, text: string) =>
    der.setOf(der.sequence(der.oid(type), der.utf8(text)));
  return der.sequence(
    part(COMMON_NAME, of.commonName),
    ...(of.organization === undefined ? [] : [part(ORGANIZATION, of.organization)]),
  );
}

const extension = (id: string, value: Buffer): Buffer =>
  der.sequence(der.oid(id), der.octets(value));
const critical = (id: string, value: Buffer): Buffer =>
  der.sequence(der.oid(id), der.yes(), der.octets(value));

/** RFC 5280 4.1, version 3, as PEM. */
function certificate(of: {
  issuer: Buffer;
  signer: KeyObject;
  subject: Buffer;
  publicKey: Buffer;
  from: number;
  until: number;
  extensions: readonly Buffer[];
}): string {
  const algorithm = der.sequence(der.oid(ECDSA_WITH_SHA256));
  const signed = der.sequence(
    der.context(0, der.integer(2)),
    der.integer(...serial()),
    algorithm,
    of.issuer,
    der.sequence(der.time(of.from), der.time(of.until)),
    of.subject,
    of.publicKey,
    der.context(3, der.sequence(...of.extensions)),
  );
  const signature = sign('sha256', signed, of.signer);
  return pem('CERTIFICATE', der.sequence(signed, algorithm, der.bits(signature)));
}

/** Positive and 16 octets long, as RFC 5280 4.1.2.2 wants serial numbers. */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}
