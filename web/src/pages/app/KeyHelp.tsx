/** The list of keys that work on this page. */
import { Dialog } from '../../ui/dialog';
import { listShortcuts } from '../../ui/keys';

const names: Record<string, string> = { left: '←', right: '→', up: '↑', down: '↓', escape: 'Esc', enter: 'Enter' };
const mac = navigator.platform.startsWith('Mac');
const show = (key: string): string => key.split('+').map((k) => (k === 'mod' ? (mac ? '⌘' : 'Ctrl') : (names[k] ?? k))).join(' ');

export function KeyHelp({ onClose }: { onClose: () => void }) {
  const byGroup = new Map<string, { keys: string; label: string }[]>();
  for (const s of listShortcuts()) {
    const list = byGroup.get(s.group) ?? [];
    if (!list.some((x) => x.keys === s.keys)) list.push(s);
    byGroup.set(s.group, list);
  }
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="key-groups">
        {[...byGroup].map(([group, list]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {list.map((s) => (
                <div key={s.keys}><dt>{s.label}</dt><dd>{s.keys.split(' ').map((k, i) => <kbd key={`${k}-${String(i)}`}>{show(k)}</kbd>)}</dd></div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
