import type { CallQuality } from '../../electron/contract/snapshot.ts';
import { useWords } from '../words/words.ts';
import { faultSentence } from './quality-words.ts';

/** Whose fault it is that a call does not sound well, and what to do; nothing while it does. */
export function QualityFault({ quality }: { readonly quality: CallQuality }) {
  const sentence = faultSentence(quality, useWords());
  return sentence === null ? null : <p className="quality-fault">{sentence}</p>;
}
