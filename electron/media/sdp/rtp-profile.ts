/**
 * How RTP goes over the wire, as an m= line names it: plain or encrypted (RFC 3551, 3711), and with or without feedback
 * (RFC 4585, 5124). An offer with feedback is answered with its own profile and none of its messages (`a=rtcp-fb`), so
 * that nothing is different from the profile without (RFC 4585, 3.1).
 */
const profiles = ['RTP/AVP', 'RTP/SAVP', 'RTP/AVPF', 'RTP/SAVPF'] as const;

/** `RTP/SAVP` is encrypted; `RTP/AVP` may be, where both sides have keys, as some phones have it. */
export type RtpProfile = (typeof profiles)[number];

export const rtpProfileOf = (protocol: string | undefined): RtpProfile | null =>
  profiles.find((profile) => profile === protocol) ?? null;

export const mustEncrypt = (profile: RtpProfile): boolean => profile.startsWith('RTP/SAVP');
