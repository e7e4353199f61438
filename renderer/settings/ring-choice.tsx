import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { Choice } from './choice.tsx';
import { ListenButton } from './listen-button.tsx';
import { setCallerRing } from './set-caller-ring.ts';

/** As many rings as one can tell apart by ear. */
const rings = ['1', '2', '3', '4', '5', '6', '7', '8'] as const;

interface Props {
  readonly label: string;
  readonly number: string;
  /** The line key whose ring it is when the caller has none of their own. */
  readonly lineKey: number;
}

/** Which ring announces a caller, that of the line or one of their own, and what it sounds like. */
export function RingChoice({ label, number, lineKey }: Props) {
  const say = useWords();
  const ring = usePhone(({ snapshot }) => snapshot?.settings.callerRings[number]);
  const known = ring === undefined ? '' : String(ring);
  const offered = known === '' || rings.some((each) => each === known) ? rings : [...rings, known];
  const options = [
    { value: '', words: say('settings.ringOfLine') },
    ...offered.map((value) => ({ value, words: say('settings.ring', { number: value }) })),
  ];
  return (
    <div className="ring-choice">
      <Choice
        label={label}
        value={known}
        options={options}
        onChoose={(value) => setCallerRing(number, value === '' ? null : Number(value))}
      />
      <ListenButton
        ring={ring ?? lineKey}
        name={options.find(({ value }) => value === known)?.words ?? label}
      />
    </div>
  );
}
