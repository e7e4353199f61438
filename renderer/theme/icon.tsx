/** The few signs of the window, on a 20 px field with one stroke. They are decoration: the button carries the name. */
const drawings = {
  handset:
    'M6.2 3.2 8 6.9 6.6 8.6a9 9 0 0 0 4.8 4.8L13.1 12l3.7 1.8v2.1a1.4 1.4 0 0 1-1.5 1.4A12.6 12.6 0 0 1 2.7 4.7 1.4 1.4 0 0 1 4.1 3.2z',
  onHook: 'M2.6 12.9v-1.5C2.6 9 6.2 7.7 10 7.7s7.4 1.3 7.4 3.7v1.5l-3.7.6-.9-2.4a10 10 0 0 0-5.6 0l-.9 2.4z',
  pause: 'M7 4.5v11M13 4.5v11',
  play: 'M6.5 4.3v11.4l9-5.7z',
  microphone:
    'M10 2.8a2.3 2.3 0 0 1 2.3 2.3v4.2a2.3 2.3 0 0 1-4.6 0V5.1A2.3 2.3 0 0 1 10 2.8M4.8 9.3a5.2 5.2 0 0 0 10.4 0M10 14.5v2.9',
  microphoneOff:
    'M7.7 7.7v1.6a2.3 2.3 0 0 0 3.6 1.9M12.3 8.3V5.1a2.3 2.3 0 0 0-4.4-.9M4.8 9.3a5.2 5.2 0 0 0 7.8 4.5M15.2 9.3c0 .9-.2 1.6-.6 2.3M10 14.5v2.9M3 3l14 14',
  keypad:
    'M5 4.5h.01M10 4.5h.01M15 4.5h.01M5 9.5h.01M10 9.5h.01M15 9.5h.01M5 14.5h.01M10 14.5h.01M15 14.5h.01',
  sound: 'M3.5 8v4h2.7L10 15.5v-11L6.2 8zM13 7.5a3.5 3.5 0 0 1 0 5M15.2 5.2a6.8 6.8 0 0 1 0 9.6',
  silence: 'M5 13.5h10c-1.2-1-1.4-2.6-1.4-5a3.6 3.6 0 0 0-7.2 0c0 2.4-.2 4-1.4 5M8.6 16.3h2.8M3 3l14 14',
  erase: 'M7.3 4.5h8.4a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H7.3L2.8 10zM9.5 8l4 4M13.5 8l-4 4',
  plus: 'M10 4.5v11M4.5 10h11',
  minus: 'M4.5 10h11',
  close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  caution: 'M10 3.5 17.3 16H2.7zM10 8.3v3.5M10 13.9h.01',
  shared:
    'M6.5 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M13.5 10.5a2.5 2.5 0 1 0 0-5M2.5 15.5c.4-2 2-3 4-3s3.6 1 4 3M14.5 12.6c1.6.3 2.7 1.3 3 2.9',
  eye: 'M2.2 10S5 4.8 10 4.8 17.8 10 17.8 10 15 15.2 10 15.2 2.2 10 2.2 10M10 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6',
  check: 'M4.5 10.5l3.8 3.8 7.4-8.3',
  search: 'M8.8 14.1a5.3 5.3 0 1 0 0-10.6 5.3 5.3 0 0 0 0 10.6M12.7 12.7l3.8 3.8',
  lock: 'M5 9h10v7.5H5zM7 9V6.6a3 3 0 0 1 6 0V9',
  history: 'M10 5.5V10l3 1.8M3.2 8.2A7 7 0 1 1 3 10M3 4.5v3.8h3.8',
  arrowIn: 'M14.5 5.5l-9 9M5.5 8v6.5H12',
  arrowOut: 'M5.5 14.5l9-9M8 5.5h6.5V12',
  missed: 'M3.5 6.5l6.5 6 6.5-6M3.5 11V6.5H8',
  bell: 'M5 13.5h10c-1.2-1-1.4-2.6-1.4-5a3.6 3.6 0 0 0-7.2 0c0 2.4-.2 4-1.4 5M8.6 16.3h2.8',
  question: 'M7.2 7.5a2.8 2.8 0 1 1 4.5 2.2c-1 .8-1.7 1.3-1.7 2.4M10 15h.01',
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" data-icon={name} viewBox="0 0 20 20" aria-hidden="true">
      <path d={drawings[name]} />
    </svg>
  );
}
