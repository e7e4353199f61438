import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { Choice } from './choice.tsx';
import { setCallerRing } from './set-caller-ring.ts';

/** As many rings as one can tell apart by ear. */
const rings = ['1', '2', '3', '4', '5', '6', '7', '8'] as const;

/** Which ring announces a caller: that of the line, or one of their own. */
export function RingChoice({ label, number }: { readonly label: string; readonly number: string }) {
  const say = useWords();
  const ring = usePhone(({ snapshot }) => snapshot?.settings.callerRings[number]);
  const known = ring === undefined ? '' : String(ring);
  const offered = known === '' || rings.some((each) => each === known) ? rings : [...rings, known];
  return (
    <Choice
      label={label}
      value={known}
      options={[
        { value: '', words: say('settings.ringOfLine') },
        ...offered.map((value) => ({ value, words: say('settings.ring', { number: value }) })),
      ]}
      onChoose={(value) => setCallerRing(number, value === '' ? null : Number(value))}
    />
  );
}
