import { useId } from 'react';
import { send } from '../commands.ts';
import { useWords } from '../words/words.ts';

/** Where recordings go: the phone's own folder, or one chosen with the desktop's own dialog. */
export function RecordingFolder({ folder }: { readonly folder: string | null }) {
  const say = useWords();
  const id = useId();
  const set = (recordingFolder: string | null) => send('configure', { settings: { recordingFolder } });
  const choose = async (): Promise<void> => {
    const chosen = await window.partyline.chooseFolder().catch(() => null);
    if (chosen !== null) await set(chosen);
  };
  return (
    <div className="setting-folder">
      <div className="field">
        <span id={id}>{say('settings.recordingFolder')}</span>
        <output aria-labelledby={id}>{folder ?? say('settings.recordingFolderOwn')}</output>
      </div>
      {folder !== null && (
        <button type="button" className="popover-action" onClick={() => void set(null)}>
          {say('settings.useOwnFolder')}
        </button>
      )}
      <button type="button" className="popover-action" onClick={() => void choose()}>
        {say('settings.choose')}
      </button>
    </div>
  );
}
