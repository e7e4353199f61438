import { type ReactNode, useEffect, useRef } from 'react';
import { dtmfMode, followTransfers, type Settings, toneRegion } from '../../electron/contract/settings.ts';
import { send } from '../commands.ts';
import { openSettings, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { CallerRings } from './caller-rings.tsx';
import { Choice } from './choice.tsx';
import { RecordingFolder } from './recording-folder.tsx';
import { SettingField } from './setting-field.tsx';
import { SoundSettings } from './sound-settings.tsx';
import './settings.css';

/** All that the user may change, on one sheet. Each change holds at once. */
export function SettingsSheet() {
  const open = usePanel((panel) => panel.settingsOpen);
  const settings = usePhone(({ snapshot }) => snapshot?.settings);
  return open && settings ? <Sheet settings={settings} /> : null;
}

function Sheet({ settings }: { readonly settings: Settings }) {
  const say = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => openSettings(false);
  return (
    <dialog ref={dialog} className="sheet settings floating" aria-labelledby="settings-title" onClose={close}>
      <header>
        <h2 id="settings-title">{say('settings.title')}</h2>
        <button type="button" className="sheet-close" aria-label={say('settings.close')} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div className="settings-parts">
        <Part name={say('sound.title')}>
          <SoundSettings />
        </Part>
        <Part name={say('settings.tones')}>
          <Choice
            label={say('settings.toneRegion')}
            value={settings.toneRegion}
            options={toneRegion.options.map((value) => ({ value, words: say(`settings.region.${value}`) }))}
            onChoose={(region) => void send('configure', { settings: { toneRegion: region } })}
          />
          <Choice
            label={say('settings.dtmf')}
            value={settings.dtmf}
            options={dtmfMode.options.map((value) => ({ value, words: say(`settings.dtmfMode.${value}`) }))}
            onChoose={(dtmf) => void send('configure', { settings: { dtmf } })}
          />
        </Part>
        <Part name={say('settings.dialing')}>
          <SettingField
            label={say('settings.dialPlan')}
            about={say('settings.dialPlanAbout')}
            hint={say('settings.dialPlanHint')}
            value={settings.dialPlan ?? ''}
            change={(typed) => ({ dialPlan: typed === '' ? null : typed })}
          />
        </Part>
        <Part name={say('settings.transfers')}>
          <Choice
            label={say('settings.followTransfers')}
            value={settings.followTransfers}
            options={followTransfers.options.map((value) => ({
              value,
              words: say(`settings.follow.${value}`),
            }))}
            onChoose={(policy) => void send('configure', { settings: { followTransfers: policy } })}
          />
        </Part>
        <Part name={say('settings.recording')}>
          <RecordingFolder folder={settings.recordingFolder} />
          <label className="switch">
            <input
              type="checkbox"
              role="switch"
              aria-checked={settings.recordingTone}
              checked={settings.recordingTone}
              onChange={({ target }) =>
                void send('configure', { settings: { recordingTone: target.checked } })
              }
            />
            <span>
              {say('settings.recordingTone')}
              <small>{say('settings.recordingToneAbout')}</small>
            </span>
          </label>
        </Part>
        <Part name={say('settings.callerRings')}>
          <CallerRings rings={settings.callerRings} />
        </Part>
      </div>
    </dialog>
  );
}

function Part({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <fieldset className="settings-part">
      <legend>{name}</legend>
      {children}
    </fieldset>
  );
}
