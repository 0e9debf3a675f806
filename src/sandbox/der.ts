/** Distinguished Encoding Rules (ITU-T X.690), as far as a certificate needs them. */

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length;
  // One byte up to 127, else the number of bytes and then the length in them.
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(0x30, ...parts);
const setOf = (...parts: readonly Uint8Array[]): Buffer => tagged(0x31, ...parts);
/** Big-endian; the first bit is the sign. */
const integer = (...bytes: readonly number[]): Buffer => tagged(0x02, Buffer.from(bytes));
const yes = (): Buffer => tagged(0x01, Buffer.from([0xff]));
const octets = (content: Uint8Array): Buffer => tagged(0x04, content);
const bits = (content: Uint8Array, unused = 0): Buffer =>
  tagged(0x03, Buffer.from([unused]), content);
const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text, 'utf8'));
/** `[at]` of its type; explicit where `parts` are whole values. */
const context = (at: number, ...parts: readonly Uint8Array[]): Buffer =>
  tagged(0xa0 | at, ...parts);
/** `[at]` in place of the tag of a string. */
const implicit = (at: number, content: Uint8Array): Buffer => tagged(0x80 | at, content);

/** UTCTime, which RFC 5280 4.1.2.5 wants until 2049. */
const time = (ms: number): Buffer => {
  const digits = new Date(ms).toISOString().replaceAll(/\D/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
};

/** Base 128, after the first two arcs in one byte. */
function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number);
  const bytes = arcs.flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let rest = arc >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
    return groups;
  });
  return tagged(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

export const der = {
  sequence,
  setOf,
  integer,
  yes,
  octets,
  bits,
  utf8,
  context,
  implicit,
  time,
  oid,
};

export function pem(label: string, content: Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
