import { app, type Session, type WebContents } from 'electron';
import { appOrigin } from './app-scheme.ts';

/** Whether a URL, or an origin, is our own window's. */
export const isOwnPage = (url: string): boolean => {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}` === appOrigin;
  } catch {
    return false;
  }
};

/**
 * The window may use the microphone, choose a speaker and ask for a headset's buttons (headset-access.ts); it may ask for
 * nothing else, nor may anybody else.
 */
export function restrictPermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, decide, details) => {
    const audioOnly = !('mediaTypes' in details) || !details.mediaTypes?.includes('video');
    const wanted = permission === 'media' ? audioOnly : isSpeakerChoice(permission);
    decide(isOwnPage(contents.getURL()) && wanted);
  });
  session.setPermissionCheckHandler((_contents, permission, origin, details) => {
    const wanted = permission === 'media' ? details.mediaType !== 'video' : isHarmless(permission);
    return isOwnPage(origin) && wanted;
  });
}

/** Named differently over Electron's versions. */
const isSpeakerChoice = (permission: string): boolean =>
  permission === 'speaker-selection' || permission === 'speakerSelection';

const isHarmless = (permission: string): boolean => permission === 'hid' || isSpeakerChoice(permission);

/** No window ever leaves our own page, opens another one, or embeds a foreign one. */
export function confineContents(): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.on('will-navigate', (event, url) => {
      if (!isOwnPage(url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
