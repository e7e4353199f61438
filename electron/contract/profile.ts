import { z } from 'zod';
import { followTransfers, settingsChange } from './settings.ts';

/**
 * How a PBX speaks shared lines: `spa9000` un-subscribed NOTIFYs (SPA9000 guide, "Client Registration"), `bla`
 * subscriptions to `dialog;sla` (draft-anil-sipping-bla), `sca` `call-info` and `line-seize` (Broadsoft), `none` = no
 * appearance agent. Watching keys (RFC 4235) work with all of them.
 */
export const dialect = z.enum(['spa9000', 'bla', 'sca', 'none']);
export type Dialect = z.infer<typeof dialect>;

const port = z.number().int().min(1).max(65535);
const userId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_.!~*'()&=+$,;?/#%-]+$/, 'may not hold blanks, quotes, @, : or <>');
const hostname = z
  .string()
  .min(1)
  .max(255)
  .regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)$/, 'must be a host name or an IP address');
/** `host` or `host:port`. */
const hostAndPort = z
  .string()
  .max(261)
  .regex(
    /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/,
    'must be a host name or an IP address, with or without a port',
  );
const displayText = z
  .string()
  .max(64)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break the SIP header the name goes into
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'may not hold control characters');

const certificateAuthority = z
  .string()
  .max(65_536)
  .regex(/^(-----BEGIN|\/|[A-Za-z]:[\\/])/, 'must be the full path of a file, or a certificate in PEM');

export const extensionProfile = z.strictObject({
  /** The station's own user: From of every REGISTER, also of a third-party one. */
  userId,
  /** The colleague's extension that this slot shares (To and Contact user of the REGISTER), if any. */
  sharedUserId: userId.optional(),
  /** Digest user; `userId` when absent. */
  authId: z.string().min(1).max(64).optional(),
  password: z.string().max(128).default(''),
  /** A colleague's active call on this shared extension may be joined; off when absent, as on the desk phones. */
  bargeIn: z.boolean().optional(),
  /** UDP port of this extension's own user agent; the next free one is taken when it is in use. */
  localPort: port,
});
export type ExtensionProfile = z.infer<typeof extensionProfile>;

const lineKeyOfExtension = z.strictObject({
  /** 1-based index into `extensions`. */
  extension: z.number().int().min(1),
  label: displayText.min(1),
});
const watchingKey = z.strictObject({
  /** The extension to watch: a user of the PBX. */
  watch: userId,
  /** 1-based index of the extension that subscribes and picks up; the first when absent. */
  extension: z.number().int().min(1).default(1),
  label: displayText.min(1),
});
export const lineKeyProfile = z.union([lineKeyOfExtension, watchingKey]);

const pbxProfile = z
  .strictObject({
    address: hostname,
    /** Port 6060, over TLS 5061 when absent. */
    port: port.optional(),
    dialect: dialect.default('spa9000'),
    /** What SIP travels over; `udp` when absent, and then TCP for what is too large for a datagram. */
    transport: z.enum(['udp', 'tcp', 'tls']).optional(),
    /** Who has signed the PBX's certificate, if none of the well-known: PEM text, or the path of a file. */
    certificateAuthority: certificateAuthority.optional(),
    /** Finds the PBX by the SRV records of its name (RFC 3263); `port` counts where there are none. */
    srv: z.boolean().optional(),
    /** Where everything is sent instead; port 5060, over TLS 5061, when it names none. */
    outboundProxy: hostAndPort.optional(),
    /** An address translator is in between; when absent: perhaps, if the PBX is on none of this machine's networks. */
    nat: z.boolean().optional(),
    /** Requests from addresses that are neither the PBX's nor those of a call's far end are taken too. */
    acceptFromAnyone: z.boolean().optional(),
  })
  .transform((pbx) => ({ ...pbx, port: pbx.port ?? (pbx.transport === 'tls' ? 5061 : 6060) }));

export const codecName = z.enum(['PCMU', 'PCMA', 'G722', 'opus']);
export type CodecName = z.infer<typeof codecName>;

/** How calls of this station sound and are kept (all optional). */
const callsProfile = z
  .strictObject({
    /** Codecs offered, the preferred one first. */
    codecs: z.array(codecName).min(1).default(['opus', 'G722', 'PCMU', 'PCMA']),
    /** Packet time that we ask for, in ms. */
    ptime: z.union([z.literal(10), z.literal(20), z.literal(30)]).default(20),
    /** SRTP with keys in SDP (RFC 4568): `optional` offers and takes it, `required` takes nothing else. */
    srtp: z.enum(['off', 'optional', 'required']).default('off'),
    /** Session timer that we ask for (RFC 4028), in seconds; 0: none of our own, a far end's is kept. */
    sessionTimer: z.union([z.literal(0), z.number().int().min(90).max(86_400)]).default(1_800),
    /** Dialed whatever the dial plan says, and on any line. */
    emergencyNumbers: z.array(z.string().min(2).max(16)).default(['112', '911', '999', '000']),
    /** Where the user's setting of that name begins. */
    followTransfers: followTransfers.default('always'),
  })
  .prefault({});

/** One station: what docs/profile.md describes. */
export const profile = z
  .strictObject({
    pbx: pbxProfile,
    station: z.strictObject({
      /** P-Station-Name; empty is allowed (the MAC address is sent then, as a desk phone does). */
      name: displayText,
      /** Display name of From, To and Contact; the station's name when absent. */
      displayName: displayText.optional(),
      /** Address to bind and to announce; that of the interface that reaches the PBX when absent. */
      localAddress: hostname.optional(),
      /** Network interface to use, whatever address it has at the time; goes before `localAddress`. */
      interface: displayText.min(1).optional(),
      /** Calls that one line key of a shared extension holds; 2 when absent, as on the desk phones. */
      callsPerKey: z.number().int().min(1).max(2).optional(),
      /** Where the second call of a shared extension goes: the next key (`vertical`, when absent) or the same one. */
      lineMapping: z.enum(['vertical', 'horizontal']).optional(),
    }),
    extensions: z.array(extensionProfile).min(1),
    lineKeys: z.array(lineKeyProfile).min(1),
    calls: callsProfile,
    /** Where the user's other settings begin. */
    settings: settingsChange.omit({ followTransfers: true }).prefault({}),
  })
  .superRefine((value, context) => {
    for (const [position, key] of value.lineKeys.entries()) {
      if (key.extension > value.extensions.length) {
        context.addIssue({
          code: 'custom',
          path: ['lineKeys', position, 'extension'],
          message: `there are only ${value.extensions.length} extensions`,
        });
      }
    }
  });
export type Profile = z.infer<typeof profile>;
export type ProfileInput = z.input<typeof profile>;
