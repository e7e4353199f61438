import { headerValues, type SipMessage } from '../message/message.ts';
import { readNameAddr, readSipUri, writeSipUri } from '../message/message-fields.ts';
import type { PbxAddress } from '../pbx/pbx-address.ts';
import { hopOf } from '../pbx/routing.ts';
import type { Peer } from '../transport/transport.ts';

/** Two servers that send each other's phones back and forth must not keep us running. */
const mostHops = 5;

/** Where 3xx answers have sent a REGISTER: Request-URI and address (RFC 3261, 8.1.3.4 and 21.3). */
export class Redirection {
  private hops = 0;
  private current: { readonly uri: string; readonly address: Peer } | null = null;

  constructor(private readonly pbx: PbxAddress) {}

  /** null: the PBX itself is to be asked. */
  get target(): { readonly uri: string; readonly address: Peer } | null {
    return this.current;
  }

  /** Takes the first Contact that the transport of the profile reaches; false when there is none, or when it has gone on for too long. */
  async follow(response: SipMessage): Promise<boolean> {
    this.hops += 1;
    if (this.hops > mostHops) {
      this.hops = 0;
      return false;
    }
    for (const value of headerValues(response, 'Contact')) {
      const uri = readSipUri(readNameAddr(value)?.uri ?? '');
      if (uri?.scheme !== 'sip') continue;
      const { transport } = this.pbx;
      if ((uri.params.get('transport') ?? transport).toLowerCase() !== transport) continue;
      const hop = hopOf(uri, transport);
      const address = await this.pbx.admit(hop).catch(() => null);
      if (!address) continue;
      this.current = { uri: writeSipUri(null, uri.host, uri.port), address };
      return true;
    }
    return false;
  }

  /** Back to the PBX itself; true when we were elsewhere. */
  forget(): boolean {
    const was = this.current !== null;
    this.current = null;
    return was;
  }

  /** Whoever has registered us may send us on again. */
  arrived(): void {
    this.hops = 0;
  }
}
