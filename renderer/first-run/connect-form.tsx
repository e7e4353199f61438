import { type FormEvent, useRef, useState } from 'react';
import type { Profile } from '../../electron/contract/profile.ts';
import { send } from '../commands.ts';
import { useWords } from '../words/words.ts';
import { DialectChoice } from './dialect-choice.tsx';
import { type Draft, type FieldErrors, profileOf, useDraft } from './draft.ts';
import { Field } from './field.tsx';
import { SharedExtensions } from './shared-extensions.tsx';

type TextField = Exclude<keyof Draft, 'shared' | 'dialect'>;

/** What the phone must know of the PBX, checked by the profile's own schema. */
export function ConnectForm({ onBack }: { readonly onBack: () => void }) {
  const say = useWords();
  const draft = useDraft();
  const [errors, setErrors] = useState<FieldErrors>({});
  const [connecting, setConnecting] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  /** The profile, if all fields fit; else what is wrong is shown. */
  const check = (): Profile | null => {
    const checked = profileOf(useDraft.getState());
    setErrors('errors' in checked ? checked.errors : {});
    if ('profile' in checked) return checked.profile;
    // After the errors are on the screen, so that the field is read out with its error.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    return null;
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const profile = check();
    if (!profile) return;
    setConnecting(true);
    await send('connect', { profile });
    setConnecting(false);
  };
  const field = (name: TextField) => ({
    name,
    label: say(`setup.${name}`),
    error: errors[name] && say(errors[name]),
    value: draft[name],
    onChange: (value: string) => {
      useDraft.setState({ [name]: value });
      setErrors(({ [name]: _mended, ...rest }) => rest);
    },
  });
  return (
    <form className="setup" ref={form} noValidate onSubmit={(event) => void submit(event)}>
      <h1>{say('setup.title')}</h1>
      <fieldset>
        <legend>{say('setup.pbx')}</legend>
        <Field {...field('address')} hint={say('setup.addressHint')} wide autoFocus />
        <Field {...field('port')} inputMode="numeric" />
      </fieldset>
      <fieldset>
        <legend>{say('setup.you')}</legend>
        <Field {...field('extension')} hint={say('setup.extensionHint')} />
        <Field {...field('password')} hint={say('setup.passwordHint')} type="password" />
        <Field {...field('stationName')} hint={say('setup.stationNameHint')} />
      </fieldset>
      <SharedExtensions
        errors={errors}
        onMended={(id) => setErrors(({ [`shared-${id}` as const]: _, ...rest }) => rest)}
      />
      <DialectChoice check={check} />
      <p className="setup-error" role="alert">
        {Object.keys(errors).length > 0 && say(errors.whole ?? 'setup.error.whole')}
      </p>
      <div className="setup-actions">
        <button type="button" className="big-button" onClick={onBack}>
          {say('setup.back')}
        </button>
        <button type="submit" className="big-button" data-tone="go" disabled={connecting}>
          {say(connecting ? 'setup.connecting' : 'setup.connect')}
        </button>
      </div>
    </form>
  );
}
