/** Names as one says them: "Ann, Bob and Carl". */
export const listOf = (names: readonly string[]): string => list.format(names);
const list = new Intl.ListFormat('en', { style: 'long', type: 'conjunction' });
