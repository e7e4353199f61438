import type { CallView } from '../../electron/contract/snapshot.ts';
import { openKeypad, usePanel } from '../panel-store.ts';
import { Icon, type IconName } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { muteCall, silenceCall } from './call-actions.ts';

interface ControlProps {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onPress: () => void;
}

function Control({ icon, label, pressed, disabled, onPress }: ControlProps) {
  return (
    <button type="button" className="control" aria-pressed={pressed} disabled={disabled} onClick={onPress}>
      <Icon name={icon} />
      {label}
    </button>
  );
}

/** The round keys of a call, above the two big ones. */
export function CallControls({ call }: { readonly call: CallView }) {
  const say = useWords();
  const keypadOpen = usePanel((panel) => panel.keypadOpen);
  if (call.state === 'incoming') {
    return (
      <div className="controls">
        <Control
          icon="silence"
          label={say(call.silenced ? 'call.action.silenced' : 'call.action.silence')}
          disabled={call.silenced}
          onPress={() => silenceCall(call.id)}
        />
      </div>
    );
  }
  return (
    <div className="controls">
      <Control
        icon={call.muted ? 'microphoneOff' : 'microphone'}
        label={say('call.action.mute')}
        pressed={call.muted}
        disabled={call.state === 'ending'}
        onPress={() => muteCall(call.id, !call.muted)}
      />
      <Control
        icon="keypad"
        label={say('call.action.keypad')}
        pressed={keypadOpen}
        disabled={call.state !== 'active' && call.state !== 'ringing'}
        onPress={() => openKeypad(!keypadOpen)}
      />
      <SoundControl />
    </div>
  );
}

/** Opens the choice of devices that the status bar holds. */
function SoundControl() {
  const say = useWords();
  return (
    <button type="button" className="control" popoverTarget="sound-choice">
      <Icon name="sound" />
      {say('call.action.sound')}
    </button>
  );
}
