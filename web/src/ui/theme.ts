/** Light, dark or as the system says: kept in the browser, told to everyone who draws. */
import { create } from 'zustand';

export type ThemeChoice = 'system' | 'light' | 'dark';
type ThemeName = 'light' | 'dark';
const storageKey = 'orrery.theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');

function readChoice(): ThemeChoice {
  try {
    const saved = localStorage.getItem(storageKey);
    return saved === 'light' || saved === 'dark' ? saved : 'system';
  } catch {
    return 'system';
  }
}
const effective = (choice: ThemeChoice): ThemeName => (choice === 'system' ? (systemDark.matches ? 'dark' : 'light') : choice);

interface ThemeState {
  choice: ThemeChoice;
  theme: ThemeName;
  choose: (choice: ThemeChoice) => void;
}

export const useTheme = create<ThemeState>((set) => ({
  choice: readChoice(),
  theme: effective(readChoice()),
  choose: (choice) => {
    try {
      localStorage.setItem(storageKey, choice);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    document.documentElement.dataset['theme'] = effective(choice);
    set({ choice, theme: effective(choice) });
  },
}));

systemDark.addEventListener('change', () => {
  const { choice, choose } = useTheme.getState();
  if (choice === 'system') choose('system');
});
document.documentElement.dataset['theme'] = useTheme.getState().theme;

/** Uses the server's preference where this browser has none of its own. */
export function adoptTheme(choice: ThemeChoice): void {
  let own: string | null = null;
  try {
    own = localStorage.getItem(storageKey);
  } catch {
    own = null;
  }
  if (own === null && choice !== 'system') useTheme.getState().choose(choice);
}
