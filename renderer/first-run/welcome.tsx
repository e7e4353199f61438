import { useState } from 'react';
import { send } from '../commands.ts';
import { useWords } from '../words/words.ts';
import { Emblem } from './emblem.tsx';

export function Welcome({ onConnect }: { readonly onConnect: () => void }) {
  const say = useWords();
  const [starting, setStarting] = useState(false);
  const practise = async (): Promise<void> => {
    setStarting(true);
    await send('practice', {});
    setStarting(false);
  };
  return (
    <div className="welcome">
      <Emblem />
      <h1>{say('welcome.title')}</h1>
      <p className="welcome-lead">{say('welcome.lead')}</p>
      <div className="welcome-choice">
        <button
          type="button"
          className="big-button"
          data-tone="go"
          aria-describedby="practice-about"
          disabled={starting}
          onClick={() => void practise()}
        >
          {say(starting ? 'welcome.practiceStarting' : 'welcome.practice')}
        </button>
        <p id="practice-about">{say('welcome.practiceAbout')}</p>
      </div>
      <div className="welcome-choice">
        <button
          type="button"
          className="big-button"
          aria-describedby="connect-about"
          disabled={starting}
          onClick={onConnect}
        >
          {say('welcome.connect')}
        </button>
        <p id="connect-about">{say('welcome.connectAbout')}</p>
      </div>
    </div>
  );
}
