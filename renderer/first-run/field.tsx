import { useId } from 'react';

interface Props {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string;
  readonly hint?: string;
  readonly type?: 'text' | 'password';
  readonly inputMode?: 'text' | 'numeric' | 'tel';
  /** Takes two columns. */
  readonly wide?: boolean;
  readonly autoFocus?: boolean;
}

/** A line to write on, its name above and what is wrong below. */
export function Field({
  name,
  label,
  value,
  onChange,
  error,
  hint,
  type,
  inputMode,
  wide,
  autoFocus,
}: Props) {
  const id = useId();
  return (
    <div className="field" data-wide={wide || undefined}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type ?? 'text'}
        inputMode={inputMode}
        autoComplete="off"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the form was just asked for; its first field is where one goes on
        autoFocus={autoFocus}
        placeholder={hint}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-error`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-error`} className="field-error">
        {error}
      </p>
    </div>
  );
}
