import { ensureDebianPackages, isDebian } from '../setup/debian.mjs';
import { isInstalled } from '../setup/programs.mjs';

/** The real peers and the sound tools of the tests: Debian's package and a program of it. */
const peers = [
  { package: 'kamailio', program: 'kamailio' },
  { package: 'kamailio-presence-modules', program: 'kamailio' },
  { package: 'kamailio-tls-modules', program: 'kamailio' },
  { package: 'openssl', program: 'openssl' },
  { package: 'sip-tester', program: 'sipp' },
  { package: 'baresip-core', program: 'baresip' },
  { package: 'wireshark-common', program: 'dumpcap' },
  { package: 'tshark', program: 'tshark' },
  { package: 'espeak-ng', program: 'espeak-ng' },
  { package: 'sox', program: 'sox' },
  { package: 'pulseaudio', program: 'pulseaudio' },
  { package: 'pulseaudio-utils', program: 'pactl' },
  { package: 'xvfb', program: 'Xvfb' },
];

/**
 * Sees that the peers are there, installing them from Debian where that is possible.
 *
 * @returns {Promise<string | null>} which programs are missing on a machine that is not a Debian; null when none is
 */
export async function ensurePeers() {
  if (isDebian()) {
    await ensureDebianPackages(peers.map((peer) => peer.package));
    return null;
  }
  const missing = new Set(peers.map((peer) => peer.program).filter((program) => !isInstalled(program)));
  return missing.size === 0 ? null : [...missing].join(', ');
}
