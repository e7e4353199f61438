import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { isFound, labelGroupOf, type Row, stateGroupOf, stateGroups } from './arrangement.ts';
import { useArrangement } from './arrangement-store.ts';

/** The head of a group of keys, with how many they are. */
export function GroupHead({ group }: { readonly group: Exclude<Row, number> }) {
  const say = useWords();
  const { search } = useArrangement();
  const name = group.slice(group.indexOf(':') + 1);
  const byState = group.startsWith('state:');
  const count = usePhone(
    ({ snapshot }) =>
      snapshot?.lineKeys.filter(
        (key) =>
          (byState ? stateGroupOf(key.state) : labelGroupOf(key.label)) === name && isFound(key, search),
      ).length ?? 0,
  );
  const stateGroup = byState ? stateGroups.find((each) => each === name) : undefined;
  return (
    <li className="group-head">
      <h2>{stateGroup ? say(`keys.group.${stateGroup}`) : name}</h2>
      <span>{count}</span>
    </li>
  );
}
