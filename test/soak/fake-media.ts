import type { MediaPort } from '../../electron/phone/ports.ts';

/** A media side that opens nothing and forgets nothing by itself. */
export function createFakeMedia(): MediaPort & { readonly open: ReadonlySet<string> } {
  const open = new Set<string>();
  return {
    open,
    codecs: ['PCMU', 'PCMA'],
    async allocate(call) {
      open.add(call);
      return { rtpPort: 16_384 };
    },
    async configure() {},
    attachWeb: () => Promise.reject(new Error('no window')),
    mute() {},
    join() {},
    part() {},
    mutePart() {},
    sendDtmf() {},
    record() {},
    moveRecording() {},
    release: (call) => void open.delete(call),
    on: () => () => {},
    async close() {},
  };
}
