import { create } from 'zustand';
import type { Grouping } from './arrangement.ts';

/** How the user wants to see many keys. */
export const useArrangement = create<{ readonly search: string; readonly grouping: Grouping }>(() => ({
  search: '',
  grouping: 'number',
}));

export const setSearch = (search: string): void => useArrangement.setState({ search });
export const setGrouping = (grouping: Grouping): void => useArrangement.setState({ grouping });
