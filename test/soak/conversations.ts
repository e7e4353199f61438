import type { Party } from './party.ts';

/** How long people do things. */
export interface Manners {
  talk(caller: Party, callee: Party): Promise<void>;
  ponder(): Promise<void>;
}

export type Conversation = (caller: Party, callee: Party, manners: Manners) => Promise<void>;

/** Rings there and is answered; resolves with the call's id at both ends. */
async function connect(
  caller: Party,
  callee: Party,
  manners: Manners,
  { lineKey = 1, number = callee.number } = {},
): Promise<{ here: string; there: string }> {
  const here = await caller.command({ name: 'dial', params: { lineKey, number } });
  const there = await callee.rings();
  await manners.ponder();
  await callee.command({ name: 'answer', params: { call: there } });
  await caller.untilCall(here, 'active');
  return { here, there };
}

async function over(caller: Party, callee: Party): Promise<void> {
  await Promise.all([caller.quiet(), callee.quiet()]);
}

const hangUp = (party: Party, call: string): Promise<string> =>
  party.command({ name: 'hangUp', params: { call } });

/** What happens on an office's telephones; each is over at both ends when it resolves. */
export const conversations = {
  async talked(caller, callee, manners) {
    const { here } = await connect(caller, callee, manners);
    await manners.talk(caller, callee);
    await hangUp(caller, here);
    await over(caller, callee);
  },

  async held(caller, callee, manners) {
    const { here, there } = await connect(caller, callee, manners);
    await manners.talk(caller, callee);
    await caller.command({ name: 'hold', params: { call: here } });
    await manners.ponder();
    await caller.command({ name: 'resume', params: { call: here } });
    await caller.command({ name: 'sendDtmf', params: { call: here, tones: '1' } });
    await manners.ponder();
    await hangUp(callee, there);
    await over(caller, callee);
  },

  async onSharedLine(caller, callee, manners) {
    const { there } = await connect(caller, callee, manners, { lineKey: 2 });
    await manners.talk(caller, callee);
    await hangUp(callee, there);
    await over(caller, callee);
  },

  async toSharedLine(caller, callee, manners) {
    const { here } = await connect(caller, callee, manners, { number: '5041' });
    await manners.talk(caller, callee);
    await hangUp(caller, here);
    await over(caller, callee);
  },

  async seized(caller, callee, manners) {
    await caller.command({ name: 'seize', params: { lineKey: 2 } });
    await manners.ponder();
    await caller.command({ name: 'release', params: { lineKey: 2 } });
    await over(caller, callee);
  },

  async refused(caller, callee, manners) {
    await caller.command({ name: 'dial', params: { lineKey: 1, number: callee.number } });
    const call = await callee.rings();
    await manners.ponder();
    await callee.command({ name: 'reject', params: { call } });
    await over(caller, callee);
  },

  async cancelled(caller, callee, manners) {
    const call = await caller.command({ name: 'dial', params: { lineKey: 1, number: callee.number } });
    await callee.rings();
    await manners.ponder();
    await hangUp(caller, call);
    await over(caller, callee);
  },

  /** The PBX gives up. */
  async unanswered(caller, callee) {
    await caller.command({ name: 'dial', params: { lineKey: 1, number: callee.number } });
    await callee.rings();
    await over(caller, callee);
  },

  async unknownNumber(caller, callee) {
    await caller.command({ name: 'dial', params: { lineKey: 1, number: '999' } });
    await over(caller, callee);
  },
} satisfies Record<string, Conversation>;
