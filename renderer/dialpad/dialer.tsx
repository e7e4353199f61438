import { type ReactNode, useEffect } from 'react';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { chooseLineKey } from '../line-keys/choose-line-key.ts';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { stateLook } from '../line-keys/state-look.ts';
import { setNumber, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { DialPad } from './dial-pad.tsx';
import { dialerLine } from './dialer-line.ts';
import { focusNumberField } from './focus-number-field.ts';
import { NumberField } from './number-field.tsx';
import { typedNumber } from './sanitise-number.ts';

interface Props {
  /** The lifted line, waiting for a number; null while the phone is on hook. */
  readonly call: CallView | null;
  readonly children: ReactNode;
}

/** The panel while there is nobody to talk to: which line, the number, the dial pad. */
export function Dialer({ call, children }: Props) {
  const append = (key: string): void => setNumber(typedNumber(usePanel.getState().number + key));
  const lifted = call?.id;
  useEffect(() => {
    if (lifted) focusNumberField();
  }, [lifted]);
  return (
    <>
      <DialerLine call={call} />
      <NumberField />
      {children}
      <div className="panel-space" />
      <DialPad onKey={append} />
    </>
  );
}

/** Says which line the number would go out on. */
function DialerLine({ call }: { readonly call: CallView | null }) {
  const say = useWords();
  const snapshot = usePhone((phone) => phone.snapshot);
  if (!snapshot) return null;
  const { key, label } = dialerLine(snapshot, call);
  const look = call ? 'local-seized' : (chooseLineKey(snapshot)?.state ?? 'disabled');
  return (
    <p className="call-state" data-look={look} data-tone={stateLook[look].tone}>
      <StateGlyph name={stateLook[look].glyph} />
      <span>{say(key, { label })}</span>
    </p>
  );
}
