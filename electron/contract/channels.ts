/** IPC channel names; only preload.ts and desktop/window-bridge.ts use them. */
export const channels = {
  snapshot: 'partyline:snapshot',
  watch: 'partyline:watch',
  command: 'partyline:command',
  chooseFolder: 'partyline:choose-folder',
  saveTrace: 'partyline:save-trace',
  attachAudio: 'partyline:attach-audio',
  reportAudio: 'partyline:report-audio',
  reportPlayout: 'partyline:report-playout',
} as const;
