import type { DialectContext, SharedLineDialect } from './dialect.ts';

/** A PBX without an appearance agent: every line is ours to take, nothing is told. */
export function createNoDialect({ extension, tell }: DialectContext): SharedLineDialect {
  return {
    announce: () => tell({ type: 'agent', extension, present: false }),
    seize: (call) => tell({ type: 'seize-granted', call }),
    publish() {},
    receive: () => null,
    inviteHeaders: () => [],
    appearanceOf: () => null,
    pickUp: () => null,
    bargeIn: () => null,
    close() {},
  };
}
