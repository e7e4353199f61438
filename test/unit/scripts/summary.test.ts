import { describe, expect, it } from 'vitest';
import { countTests, kindsWithoutTests, summaryLines } from '../../../scripts/testing/summary.mjs';

const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

describe('counting a run of tests', () => {
  it('takes the numbers of the report', () => {
    const mixed = { ...report, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 };
    expect(countTests(mixed, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const files = [
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{}] },
    ];
    expect(countTests({ ...report, testResults: files }, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it('counts an error outside every test as a failure', () => {
    expect(countTests(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it('counts a run that wrote no report as a failure', () => {
    expect(countTests(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the closing lines', () => {
  it('sum up the kinds', () => {
    const byKind = new Map([
      ['unit', { passed: 120, failed: 0, skipped: 0 }],
      ['e2e', { passed: 12, failed: 0, skipped: 0 }],
    ]);
    expect(summaryLines(byKind)).toEqual(['tests: unit 120, e2e 12', '132 passed, 0 failed']);
  });

  it('name what failed and what was skipped', () => {
    const byKind = new Map([
      ['unit', { passed: 118, failed: 2, skipped: 0 }],
      ['peers', { passed: 0, failed: 0, skipped: 9 }],
    ]);
    expect(summaryLines(byKind)).toEqual([
      'tests: unit 118 (2 failed), peers 0 (9 skipped)',
      '118 passed, 2 failed, 9 skipped',
    ]);
  });

  it('know a kind of which no test ran', () => {
    const byKind = new Map([
      ['unit', { passed: 1, failed: 0, skipped: 0 }],
      ['e2e', { passed: 0, failed: 0, skipped: 0 }],
    ]);
    expect(kindsWithoutTests(byKind)).toEqual(['e2e']);
  });
});
