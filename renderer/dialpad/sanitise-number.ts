const longest = 64;

/** What may be typed: a number's characters and those of a plain SIP user name. */
export const typedNumber = (typed: string): string =>
  typed.replace(/[^0-9A-Za-z+*#._-]/g, '').slice(0, longest);

/**
 * The number in something pasted, empty when there is none: "(030) 555-12 34", "tel:+49-30-5551234;ext=2",
 * "<sip:5051@pbx:5060>", "+49 (0)30 555 1234" (the trunk prefix in brackets is not dialed from abroad).
 */
export function pastedNumber(pasted: string): string {
  const line =
    pasted
      .normalize('NFKC')
      .trim()
      .split(/[\r\n]/)[0] ?? '';
  const uri = /(?:sips?|tel|callto):([^\s;?>]+)/i.exec(line)?.[1];
  const text = uri === undefined ? line : (decoded(uri).split('@')[0] ?? '');
  if (/^[A-Za-z0-9._-]*[A-Za-z][A-Za-z0-9._-]*$/.test(text)) return text.slice(0, longest);
  const digits = text.replace(/(\+[\d\s]*)\(0\)/, '$1').replace(/[^0-9*#+]/g, '');
  return (digits.slice(0, 1) + digits.slice(1).replaceAll('+', '')).slice(0, longest);
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
