/**
 * The master key identifier, which a packet carries between its end and its tag when the key came with one (RFC 3711,
 * 3.1; RFC 4568, 6.1). It is written as in `a=crypto`: `1:4` is 1 in four octets.
 */
const maxLength = 128;

/** Null for what is no identifier, or does not fit into its length. */
export function mkiOctets(text: string): Buffer | null {
  const [, value, octets] = /^(\d{1,310}):(\d{1,3})$/.exec(text) ?? [];
  const length = Number(octets);
  if (value === undefined || length === 0 || length > maxLength) return null;
  const digits = BigInt(value).toString(16);
  return digits.length > 2 * length ? null : Buffer.from(digits.padStart(2 * length, '0'), 'hex');
}

/** Puts it before the tag, which does not cover it. */
export function withMki(wire: Buffer, mki: Buffer | null, tagLength: number): Buffer {
  if (!mki) return wire;
  const tagAt = wire.length - tagLength;
  return Buffer.concat([wire.subarray(0, tagAt), mki, wire.subarray(tagAt)]);
}

/** The packet as it is without; null where it names another key, or none. */
export function withoutMki(wire: Buffer, mki: Buffer | null, tagLength: number): Buffer | null {
  if (!mki) return wire;
  const tagAt = wire.length - tagLength;
  const mkiAt = tagAt - mki.length;
  if (mkiAt < 0 || !wire.subarray(mkiAt, tagAt).equals(mki)) return null;
  return Buffer.concat([wire.subarray(0, mkiAt), wire.subarray(tagAt)]);
}
