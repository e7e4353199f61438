import type { ReactNode } from 'react';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { openKeypad, usePanel } from '../panel-store.ts';
import { useCalls } from '../phone-store.ts';
import { toggleReach } from '../reach/reach-actions.ts';
import { Icon, type IconName } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import {
  backToWaiting,
  bringTogether,
  declineTransfer,
  muteCall,
  recordCall,
  silenceCall,
} from './call-actions.ts';
import { callerName, referralSentence } from './call-words.ts';
import {
  type Company,
  consultationOf,
  counterpartOf,
  isAnswered,
  isConference,
  isSettled,
  isUnderWay,
  referredOf,
} from './company.ts';

interface ControlProps {
  readonly icon: IconName;
  readonly label: string;
  /** The whole of it, where the label is short. */
  readonly name?: string;
  /** What it is for, so that the focus can come back to it. */
  readonly control?: string;
  readonly letter?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onPress: () => void;
}

function Control({ icon, label, name, control, letter, pressed, disabled, onPress }: ControlProps) {
  return (
    <button
      type="button"
      className="control"
      data-control={control}
      aria-label={name}
      aria-pressed={pressed}
      aria-keyshortcuts={letter}
      title={name}
      disabled={disabled}
      onClick={onPress}
    >
      <Icon name={icon} />
      <span className="control-label">{label}</span>
    </button>
  );
}

/** The small keys of a call, above the two big ones. Each has its place, whether it can be pressed or not. */
export function CallControls({ call, company }: { readonly call: CallView; readonly company: Company }) {
  const say = useWords();
  if (call.state === 'incoming') {
    return (
      <Controls>
        <Control
          icon="silence"
          label={say(call.silenced ? 'call.action.silenced' : 'call.action.silence')}
          disabled={call.silenced}
          onPress={() => silenceCall(call.id)}
        />
      </Controls>
    );
  }
  const referred = referredOf(company);
  if (referred) return <ReferralControls call={referred} />;
  return (
    <Controls>
      <Control
        icon={call.muted ? 'microphoneOff' : 'microphone'}
        label={say('call.action.mute')}
        letter="M"
        pressed={call.muted}
        disabled={call.state === 'ending' || isUnderWay(call)}
        onPress={() => muteCall(call.id, !call.muted)}
      />
      <KeypadControl call={call} company={company} />
      <SoundControl />
      <TransferControl call={call} company={company} />
      <AddControl call={call} />
      <RecordControl call={call} company={company} />
    </Controls>
  );
}

/** Its far end wants to connect one with somebody: the big key does it, the small one stays. */
function ReferralControls({ call }: { readonly call: CallView }) {
  const say = useWords();
  return (
    <div className="referral">
      <p>{referralSentence(call, say)}</p>
      <Controls>
        <Control
          icon="close"
          label={say('call.action.stay')}
          name={say('call.action.stayWith', { who: callerName(call, say) })}
          onPress={() => declineTransfer(call.id)}
        />
      </Controls>
    </div>
  );
}

const Controls = ({ children }: { readonly children: ReactNode }) => (
  <div className="controls">{children}</div>
);

function KeypadControl({ call, company }: { readonly call: CallView; readonly company: Company }) {
  const say = useWords();
  const open = usePanel((panel) => panel.keypadOpen);
  return (
    <Control
      icon="keypad"
      label={say('call.action.keypad')}
      letter="K"
      pressed={open}
      disabled={isConference(company) || (call.state !== 'active' && call.state !== 'ringing')}
      onPress={() => openKeypad(!open)}
    />
  );
}

/** Opens the choice of devices that the status bar holds. */
function SoundControl() {
  const say = useWords();
  return (
    <button type="button" className="control" popoverTarget="sound-choice">
      <Icon name="sound" />
      <span className="control-label">{say('call.action.sound')}</span>
    </button>
  );
}

/** Begins a transfer; while somebody is being asked, the way back to the one who waits. */
function TransferControl({ call, company }: { readonly call: CallView; readonly company: Company }) {
  const say = useWords();
  const calls = useCalls();
  const consultation = consultationOf(calls, call);
  if (consultation && consultation.asking.id === call.id) {
    const who = callerName(consultation.waiting, say);
    const back = say('call.action.backTo', { who: who.split(' ')[0] ?? who });
    return (
      <Control
        icon="back"
        label={back}
        name={say('call.action.backToAndEnd', { who, other: callerName(call, say) })}
        letter="B"
        disabled={call.state === 'ending'}
        onPress={() => backToWaiting(consultation)}
      />
    );
  }
  return (
    <Control
      icon="transfer"
      label={say('call.action.transfer')}
      control="transfer"
      letter="T"
      disabled={isConference(company) || !isSettled(call)}
      onPress={() => toggleReach(call, 'transfer')}
    />
  );
}

/** With one other call: both together, at one press. Else looks for somebody to add. */
function AddControl({ call }: { readonly call: CallView }) {
  const say = useWords();
  const calls = useCalls();
  const other = counterpartOf(calls, call);
  if (other) {
    return (
      <Control
        icon="together"
        label={say('call.action.bringTogether')}
        name={say('call.action.bringTogetherWith', { who: callerName(other, say) })}
        letter="A"
        disabled={isUnderWay(call) || isUnderWay(other)}
        onPress={() => bringTogether(call.id, other.id)}
      />
    );
  }
  return (
    <Control
      icon="plus"
      label={say('call.action.add')}
      control="add"
      letter="A"
      disabled={!isSettled(call)}
      onPress={() => toggleReach(call, 'add')}
    />
  );
}

function RecordControl({ call, company }: { readonly call: CallView; readonly company: Company }) {
  const say = useWords();
  const recorded = company.find(({ recording }) => recording !== null);
  return (
    <Control
      icon={recorded ? 'stop' : 'record'}
      label={say(recorded ? 'call.action.stopRecording' : 'call.action.record')}
      name={recorded ? say('call.action.stopRecordingOf') : undefined}
      letter="R"
      disabled={!isAnswered(call) || isUnderWay(call)}
      onPress={() => recordCall((recorded ?? call).id, recorded === undefined)}
    />
  );
}
