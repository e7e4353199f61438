import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './child.ts';

/** PEM files of a server. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
}

export interface CertificateOptions {
  /** `IP:127.0.0.1` or `DNS:pbx.example`. */
  readonly subject?: string;
  /** From now; negative: it is no longer valid. */
  readonly days?: number;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority that nobody knows, and the certificates that it signs; all in one folder. */
export class CertificateAuthority {
  private signed = 0;

  private constructor(
    private readonly folder: string,
    /** Its own certificate, a PEM file. */
    readonly certificate: string,
  ) {}

  static async create(folder: string): Promise<CertificateAuthority> {
    const certificate = join(folder, 'authority.pem');
    const key = join(folder, 'authority.key');
    await run('openssl', [
      ...['req', '-x509', ...newKey, '-keyout', key, '-out', certificate],
      ...['-subj', '/CN=Test authority', '-days', '2'],
    ]);
    return new CertificateAuthority(folder, certificate);
  }

  async sign({ subject = 'IP:127.0.0.1', days = 2 }: CertificateOptions = {}): Promise<Certificate> {
    this.signed += 1;
    const file = (end: string): string => join(this.folder, `server-${this.signed}.${end}`);
    const [key, request, extensions, certificate] = [file('key'), file('csr'), file('ext'), file('pem')];
    await writeFile(extensions, `subjectAltName=${subject}\n`);
    await run('openssl', ['req', '-new', ...newKey, '-keyout', key, '-out', request, '-subj', '/CN=PBX']);
    await run('openssl', [
      ...[
        'x509',
        '-req',
        '-in',
        request,
        '-CA',
        this.certificate,
        '-CAkey',
        join(this.folder, 'authority.key'),
      ],
      ...['-CAcreateserial', '-days', String(days), '-extfile', extensions, '-out', certificate],
    ]);
    return { key, certificate };
  }
}
