/** State of the shell: which overlay is open, whether the rail is folded, recently opened dashboards. */
import { create } from 'zustand';
import { boot } from '../../api/boot';
import { railFolded, railKey } from './folded';
import { noteVisit } from './viewed';

export interface RecentDashboard {
  uid: string;
  title: string;
  url: string;
  at: number;
}
const recentKey = 'orrery.recent';
const recentMax = 8;

function read<T>(key: string, fallback: T): T {
  try {
    const saved = localStorage.getItem(key);
    return saved === null ? fallback : (JSON.parse(saved) as T);
  } catch {
    return fallback;
  }
}
function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Only comfort is lost.
  }
}

interface Shell {
  palette: boolean;
  help: boolean;
  password: boolean;
  /** True while the account still has the password it started with. */
  mustChange: boolean;
  kiosk: boolean;
  folded: boolean;
  recent: RecentDashboard[];
  openPalette: () => void;
  openHelp: () => void;
  openPassword: () => void;
  passwordChanged: () => void;
  close: () => void;
  setKiosk: (on: boolean) => void;
  toggleRail: () => void;
  visited: (d: Omit<RecentDashboard, 'at'>) => void;
}

const savedRecent = read<unknown>(recentKey, []);

export const useShell = create<Shell>((set, get) => ({
  palette: false,
  help: false,
  password: false,
  mustChange: boot.user.mustChangePassword,
  kiosk: false,
  folded: railFolded(),
  recent: Array.isArray(savedRecent) ? (savedRecent as RecentDashboard[]) : [],
  openPalette: () => set({ palette: true, help: false, password: false }),
  openHelp: () => set({ help: true, palette: false, password: false }),
  openPassword: () => set({ password: true, palette: false, help: false }),
  passwordChanged: () => set({ password: false, mustChange: false }),
  close: () => set({ palette: false, help: false, password: false }),
  setKiosk: (kiosk) => set({ kiosk }),
  toggleRail: () => {
    write(railKey, !get().folded);
    set({ folded: !get().folded });
  },
  visited: (d) => {
    const recent = [{ ...d, at: Date.now() }, ...get().recent.filter((r) => r.uid !== d.uid)].slice(0, recentMax);
    write(recentKey, recent);
    noteVisit(d.uid, Date.now());
    set({ recent });
  },
}));
