import { callerName, callSentence } from '../call/call-words.ts';
import type { Company } from '../call/company.ts';
import { listOf } from '../words/list-of.ts';
import type { Say, WordKey } from '../words/words.ts';

/** What a conference does: on hold only when nobody in it is talked with. */
export function conferenceSentence(company: Company): WordKey {
  const active = company.find(({ state, heldByRemote }) => state === 'active' && !heldByRemote);
  return callSentence(active ?? company[0]);
}

/** Who the call is with: one name, or those of a conference as one says them. */
export const companyName = (company: Company, say: Say): string =>
  listOf(company.map((call) => callerName(call, say)));
