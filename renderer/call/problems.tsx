import { useState } from 'react';
import type { ExtensionView, Notice } from '../../electron/contract/snapshot.ts';
import { send } from '../commands.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { type RegistrationProblem, registrationProblems } from './registration-problems.ts';

const noExtensions: readonly ExtensionView[] = [];
const noProblems: readonly Notice[] = [];

/** What is wrong and stays so: failed registrations, with a way to try again, and the rest, which may be closed. */
export function Problems() {
  const say = useWords();
  const extensions = usePhone(({ snapshot }) => snapshot?.extensions) ?? noExtensions;
  const problems = usePhone(({ snapshot }) => snapshot?.problems) ?? noProblems;
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const open = problems.filter(({ sentence }) => !closed.has(sentence));
  const failed = registrationProblems(extensions);
  if (failed.length + open.length === 0) return null;
  return (
    <section className="problems" aria-label={say('problem.region')}>
      {failed.map((problem) => (
        <FailedRegistration key={problem.extensions.join()} problem={problem} />
      ))}
      {open.map(({ id, sentence }) => (
        <div className="problem" key={id}>
          <Icon name="caution" />
          <p>{sentence}</p>
          <button
            type="button"
            className="problem-close"
            aria-label={say('problem.dismiss')}
            onClick={() => setClosed(new Set([...closed, sentence]))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </section>
  );
}

function FailedRegistration({ problem }: { readonly problem: RegistrationProblem }) {
  const say = useWords();
  const lines = problem.numbers.join(', ');
  const sentence = problem.sentence ?? say('problem.notRegistered');
  const retry = (): void => {
    for (const extension of problem.extensions) void send('retry', { extension });
  };
  return (
    <div className="problem">
      <Icon name="caution" />
      <p>
        <strong>{lines}</strong> {sentence}
      </p>
      <button type="button" className="word-button" onClick={retry}>
        {say('problem.retry')}
      </button>
    </div>
  );
}
