import { readFile } from 'node:fs/promises';
import { rootCertificates, type SecureContextOptions } from 'node:tls';
import { type Reason, type ReasonCode, reason } from '../../contract/reasons.ts';

/** Who may sign certificates; node's own list when undefined. */
export type Authorities = SecureContextOptions['ca'];

/**
 * Whom we believe to be the PBX: whose certificate the well-known authorities have signed, or the one of the profile,
 * a PEM text or the path of a file. Rejects when that cannot be read.
 */
export async function trustedAuthorities(own: string | undefined): Promise<Authorities> {
  if (own === undefined) return undefined;
  const text = own.startsWith('-----BEGIN') ? own : await readFile(own, 'utf8');
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate in PEM');
  return [...rootCertificates, text];
}

/** Codes of OpenSSL (X509_V_ERR_...) and of node:tls, as node gives them to errors. */
const codes: Readonly<Record<string, ReasonCode>> = {
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-wrong-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-untrusted',
  CERT_UNTRUSTED: 'certificate-untrusted',
  CERT_REJECTED: 'certificate-untrusted',
  CERT_REVOKED: 'certificate-untrusted',
  CERT_SIGNATURE_FAILURE: 'certificate-untrusted',
  INVALID_CA: 'certificate-untrusted',
  INVALID_PURPOSE: 'certificate-untrusted',
  EPROTO: 'no-tls',
};

/** Why a connection that only a person can mend was not made; null: it may come by itself. */
export function reasonOfTls(error: Error): Reason | null {
  const code = 'code' in error ? String(error.code) : '';
  const known = codes[code] ?? (code.startsWith('ERR_SSL_') ? 'no-tls' : undefined);
  return known === undefined ? null : reason(known, { detail: error.message });
}
