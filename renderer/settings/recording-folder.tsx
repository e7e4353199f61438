import { isFolder } from '../../electron/contract/settings.ts';
import { send } from '../commands.ts';
import { useWords } from '../words/words.ts';
import { SettingField } from './setting-field.tsx';

/** Where recordings go: written, or chosen with the desktop's own dialog. */
export function RecordingFolder({ folder }: { readonly folder: string | null }) {
  const say = useWords();
  const choose = async (): Promise<void> => {
    const chosen = await window.partyline.chooseFolder().catch(() => null);
    if (chosen !== null) await send('configure', { settings: { recordingFolder: chosen } });
  };
  return (
    <div className="setting-folder">
      <SettingField
        label={say('settings.recordingFolder')}
        hint={say('settings.recordingFolderHint')}
        value={folder ?? ''}
        change={(typed) => ({ recordingFolder: typed === '' ? null : typed })}
        check={(typed) => (typed === '' || isFolder(typed) ? null : say('settings.notAFolder'))}
      />
      <button type="button" className="popover-action" onClick={() => void choose()}>
        {say('settings.choose')}
      </button>
    </div>
  );
}
