import { useId, useState } from 'react';
import type { SettingsChange } from '../../electron/contract/settings.ts';
import { attempt } from '../commands.ts';

interface Props {
  readonly label: string;
  readonly about?: string;
  readonly hint?: string;
  /** What holds now. */
  readonly value: string;
  readonly change: (typed: string) => SettingsChange;
}

/** A setting that is written: it holds when one leaves the field or strikes Enter, or says why it cannot. */
export function SettingField({ label, about, hint, value, change }: Props) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const commit = async (): Promise<void> => {
    const wanted = typed?.trim();
    if (wanted === undefined || wanted === value) {
      setTyped(null);
      setError(null);
      return;
    }
    const failure = await attempt('configure', { settings: change(wanted) });
    setError(failure);
    // What cannot hold stays in the field, to be mended.
    if (failure === null) setTyped(null);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        placeholder={hint}
        value={typed ?? value}
        aria-invalid={error !== null}
        aria-describedby={`${id}-about ${id}-error`}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={() => void commit()}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          void commit();
        }}
      />
      {about && (
        <p id={`${id}-about`} className="setting-about">
          {about}
        </p>
      )}
      <p id={`${id}-error`} className="field-error" role="alert">
        {error}
      </p>
    </div>
  );
}
