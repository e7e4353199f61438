import type { ReactElement } from 'react';
import type { GlyphName } from './state-look.ts';

const bell =
  'M4.5 17h15c-1.5-1.3-2.1-3-2.1-6.2a5.4 5.4 0 0 0-10.8 0c0 3.2-.6 4.9-2.1 6.2zM9.8 19.2a2.3 2.3 0 0 0 4.4 0z';

/** Shapes on a 24 px field that differ also without colour. `--glyph-ground` shows through what is cut out. */
const shapes: Readonly<Record<GlyphName, ReactElement>> = {
  ring: <circle className="line" cx="12" cy="12" r="7.5" />,
  'dotted-ring': <circle className="line" cx="12" cy="12" r="7.5" strokeDasharray="2.2 3.69" />,
  'arrow-out': (
    <>
      <circle className="fill" cx="12" cy="12" r="9.5" />
      <path className="cut" d="M8.6 15.4l6.6-6.6M9.8 8.6h5.6v5.6" />
    </>
  ),
  bell: <path className="fill" d={bell} />,
  disc: <circle className="fill" cx="12" cy="12" r="9.5" />,
  pause: (
    <>
      <rect className="fill" x="5.5" y="4" width="4.6" height="16" rx="1.2" />
      <rect className="fill" x="13.9" y="4" width="4.6" height="16" rx="1.2" />
    </>
  ),
  'half-disc': (
    <>
      <circle className="line" cx="12" cy="12" r="8.5" />
      <path className="fill" d="M12 3.5a8.5 8.5 0 0 0 0 17z" />
    </>
  ),
  'bell-outline': <path className="line" d={bell} />,
  'barred-disc': (
    <>
      <circle className="fill" cx="12" cy="12" r="9.5" />
      <path className="cut broad" d="M7.5 12h9" />
    </>
  ),
  'locked-pause': (
    <>
      <rect className="fill" x="3" y="4" width="4.2" height="16" rx="1.2" />
      <path className="fill" d="M9.8 4h3.7v5.2a5.2 5.2 0 0 0-2.4 4.1v6.7H9.8z" />
      <rect className="fill" x="13" y="13" width="9" height="7" rx="1.2" />
      <path className="line" d="M15 13v-1.3a2.5 2.5 0 0 1 5 0V13" />
    </>
  ),
  'ring-segment': <path className="line broad" d="M12 4a8 8 0 1 1-8 8" />,
  triangle: (
    <>
      <path className="fill" d="M12 3 22.2 20.5H1.8z" />
      <path className="cut" d="M12 9.5v5M12 17.5h.01" />
    </>
  ),
  dash: <path className="line" d="M7 12h10" />,
  again: <path className="line" d="M19.5 12a7.5 7.5 0 1 1-2.4-5.5M17.6 2.8v4.2h-4.2" />,
};

export function StateGlyph({ name }: { readonly name: GlyphName }) {
  return (
    <svg className="glyph" viewBox="0 0 24 24" aria-hidden="true">
      {shapes[name]}
    </svg>
  );
}
