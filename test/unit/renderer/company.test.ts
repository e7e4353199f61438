import { describe, expect, it } from 'vitest';
import { companies, companyOf, consultationOf, counterpartOf } from '../../../renderer/call/company.ts';
import { aCall } from './views.ts';

const ann = aCall({ id: 'ann' });
const bob = aCall({ id: 'bob', state: 'held' });
const ringing = aCall({ id: 'ringing', state: 'incoming' });
const inConference = (id: string) => aCall({ id, conference: 'one' });
const three = [inConference('one'), bob, inConference('two')];

describe('calls that are one thing', () => {
  it('are a conference, or a call by itself', () => {
    expect(companyOf(three, inConference('two')).map(({ id }) => id)).toEqual(['one', 'two']);
    expect(companyOf(three, bob)).toEqual([bob]);
  });

  it('are listed once each, who rings first', () => {
    const listed = companies([...three, ringing]).map((company) => company.map(({ id }) => id));
    expect(listed).toEqual([['ringing'], ['one', 'two'], ['bob']]);
  });

  it('are apart from those in the panel', () => {
    expect(companies([ann, bob], [ann])).toEqual([[bob]]);
  });
});

describe('a consultation', () => {
  const waiting = aCall({ id: 'w', state: 'held', transfer: { state: 'consulting', with: 'a', to: '5051' } });
  const asking = aCall({ id: 'a' });
  it('is found from either end', () => {
    const both = { waiting, asking };
    expect(consultationOf([waiting, asking, bob], waiting)).toEqual(both);
    expect(consultationOf([waiting, asking, bob], asking)).toEqual(both);
    expect(consultationOf([waiting, asking, bob], bob)).toBeNull();
  });

  it('may be one for a conference that waits', () => {
    const member = { ...waiting, conference: 'w' };
    expect(consultationOf([member, bob, asking], asking)).toEqual({ waiting: member, asking });
  });

  it('is over when the asked one has gone, or the transfer is on its way', () => {
    expect(consultationOf([waiting], waiting)).toBeNull();
    const gone = { ...waiting, transfer: { state: 'transferring', with: 'a', to: '5051' } } as const;
    expect(consultationOf([gone, asking], asking)).toBeNull();
  });
});

describe('the one to be brought together with', () => {
  it('is the only other answered call', () => {
    expect(counterpartOf([ann, bob, ringing], ann)).toBe(bob);
    expect(counterpartOf([ann, ringing], ann)).toBeNull();
    expect(counterpartOf([ann, ringing], ringing)).toBeNull();
  });

  it('is nobody where there is a choice; a conference is one', () => {
    expect(counterpartOf([ann, bob, aCall({ id: 'cara', state: 'held' })], ann)).toBeNull();
    expect(counterpartOf([ann, ...three.filter((call) => call !== bob)], ann)?.id).toBe('one');
  });
});
