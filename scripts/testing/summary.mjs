/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 *
 * What we read of vitest's JSON report.
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults one for each file
 */

/**
 * Counts what a run of vitest did. A file that could not be loaded has no tests to fail, and an error outside every
 * test fails the run alone: each counts as one failure, so that no failed run counts as none.
 *
 * @param {Report | null} report null when vitest wrote none
 * @param {number} exitCode
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  const files = report?.testResults ?? [];
  const unloaded = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = (report?.numFailedTests ?? 0) + unloaded;
  return {
    passed: report?.numPassedTests ?? 0,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

/**
 * The closing lines of `npm test`.
 *
 * @param {Map<string, Counts>} byKind
 * @returns {string[]} a line by kind, then the sum: `3 passed, 0 failed` or `3 passed, 0 failed, 1 skipped`
 */
export function summaryLines(byKind) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const kinds = [];
  for (const [kind, { passed, failed, skipped }] of byKind) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    const remarks = [failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`].filter(Boolean);
    kinds.push(`${kind} ${passed}${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}`);
  }
  const sum = `${total.passed} passed, ${total.failed} failed`;
  return [`tests: ${kinds.join(', ')}`, total.skipped > 0 ? `${sum}, ${total.skipped} skipped` : sum];
}

/**
 * The kinds of which no test ran although it should have.
 *
 * @param {Map<string, Counts>} byKind
 */
export function kindsWithoutTests(byKind) {
  return [...byKind]
    .filter(([, { passed, failed, skipped }]) => passed + failed + skipped === 0)
    .map(([kind]) => kind);
}
