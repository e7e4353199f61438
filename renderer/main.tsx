import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { config } from 'zod';
import { App } from './app.tsx';
import { createCallAudio } from './audio/call-audio.ts';
import { startBlinking } from './clock/blink.ts';
import { startEarlyDialing } from './dialpad/start-early-dialing.ts';
import { startHeadsets } from './headset/start-headsets.ts';
import { startKeyboard } from './keyboard/keyboard.ts';
import { mirrorPhone } from './phone-store.ts';
import { followQuality } from './quality/quality-trail.ts';
import { TryRingContext } from './settings/listen-button.tsx';
import { AudioDevicesContext } from './sound/audio-devices.ts';
import { HeadsetsContext } from './sound/headset-choice.tsx';
import './theme/base.css';

// The window's content security policy forbids compiled validators.
config({ jitless: true });

mirrorPhone(window.partyline);
startBlinking(document.documentElement);
startKeyboard();
startEarlyDialing();
followQuality();
const { devices, tryRing } = createCallAudio(window.partyline);
const headsets = startHeadsets();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <AudioDevicesContext value={devices}>
        <HeadsetsContext value={headsets}>
          <TryRingContext value={tryRing}>
            <App />
          </TryRingContext>
        </HeadsetsContext>
      </AudioDevicesContext>
    </StrictMode>,
  );
}
