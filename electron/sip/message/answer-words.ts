import { getReasonPhrase } from 'sip.js/lib/core/messages/utils.js';

const longestPhrase = 80;

/**
 * What a final answer says, for people: never its number alone. The phrase may be missing on the wire (RFC 3261, 7.2);
 * an unknown status is understood as the x00 of its class (8.1.3.2).
 */
export const answerInWords = (status: number, phrase: string): { status: number; phrase: string } => ({
  status,
  phrase:
    phrase.trim().slice(0, longestPhrase) ||
    getReasonPhrase(status) ||
    getReasonPhrase(Math.floor(status / 100) * 100),
});
