import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { type FieldErrors, type SharedRow, useDraft } from './draft.ts';
import { Field } from './field.tsx';

const setRows = (change: (rows: readonly SharedRow[]) => readonly SharedRow[]): void =>
  useDraft.setState(({ shared }) => ({ shared: change(shared) }));

interface Props {
  readonly errors: FieldErrors;
  readonly onMended: (row: number) => void;
}

/** The colleagues' extensions that ring here too: a row for each. */
export function SharedExtensions({ errors, onMended }: Props) {
  const say = useWords();
  const rows = useDraft((draft) => draft.shared);
  const change = (id: number, number: string): void => {
    setRows((all) => all.map((row) => (row.id === id ? { id, number } : row)));
    onMended(id);
  };
  const add = (): void =>
    setRows((all) => [...all, { id: Math.max(0, ...all.map((row) => row.id)) + 1, number: '' }]);
  return (
    <fieldset className="shared-extensions">
      <legend>{say('setup.shared')}</legend>
      <p className="field-about">{say('setup.sharedAbout')}</p>
      {rows.map(({ id, number }, position) => {
        const error = errors[`shared-${id}`];
        return (
          <div className="shared-row" key={id}>
            <Field
              name={`shared-${id}`}
              label={say('setup.sharedExtension', { number: position + 1 })}
              hint={say('setup.sharedHint')}
              value={number}
              error={error && say(error)}
              onChange={(value) => change(id, value)}
            />
            <button
              type="button"
              className="row-remove"
              aria-label={say('setup.removeShared', { number: position + 1 })}
              onClick={() => {
                setRows((all) => all.filter((row) => row.id !== id));
                onMended(id);
              }}
            >
              <Icon name="minus" />
            </button>
          </div>
        );
      })}
      <button type="button" className="word-button row-add" onClick={add}>
        <Icon name="plus" />
        {say('setup.addShared')}
      </button>
    </fieldset>
  );
}
