/** The command palette: type to find a page, a dashboard or an action; Enter runs it. */
import { useEffect, useMemo, useRef, useState } from 'react';

export interface Command {
  id: string;
  label: string;
  group: string;
  hint?: string;
  run: () => void;
}

/** Every word must occur; a label that begins with the text comes first. */
export function rankCommands(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter((w) => w !== '');
  if (words.length === 0) return [...commands];
  const score = (c: Command): number => {
    const label = `${c.label} ${c.group}`.toLowerCase();
    if (!words.every((w) => label.includes(w))) return -1;
    return label.startsWith(words[0] ?? '') ? 2 : 1;
  };
  return commands.map((c) => ({ c, s: score(c) })).filter((x) => x.s > 0).sort((a, b) => b.s - a.s).map((x) => x.c);
}

const shownMax = 50;

export function Palette({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const found = useMemo(() => rankCommands(commands, text).slice(0, shownMax), [commands, text]);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => {
    document.getElementById(`palette-${found[at]?.id ?? ''}`)?.scrollIntoView({ block: 'nearest' });
  }, [found, at]);
  const run = (command: Command | undefined): void => {
    if (!command) return;
    onClose();
    command.run();
  };
  return (
    <dialog
      ref={dialog} className="palette" aria-label="Command palette" onClose={onClose}
      onPointerDown={(e) => {
        if (e.target === dialog.current) onClose();
      }}
    >
      <input
        autoFocus role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={found[at] ? `palette-${found[at].id}` : undefined}
        placeholder="Go to a page or dashboard, or do something" value={text}
        onChange={(e) => {
          setText(e.target.value);
          setAt(0);
        }}
        onKeyDown={(e) => {
          if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
            e.preventDefault();
            setAt((n) => (found.length === 0 ? 0 : (n + (e.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length));
          } else if (e.key === 'Enter') {
            e.preventDefault();
            run(found[at]);
          }
        }}
      />
      <ul id="palette-list" role="listbox" aria-label="Commands">
        {found.map((c, i) => (
          <li key={c.id} id={`palette-${c.id}`} role="option" aria-selected={i === at} onPointerMove={() => setAt(i)} onClick={() => run(c)}>
            <span>{c.label}</span>
            <span className="palette-group">{c.group}</span>
            {c.hint !== undefined && <kbd>{c.hint}</kbd>}
          </li>
        ))}
        {found.length === 0 && <li className="palette-none">Nothing fits “{text}”.</li>}
      </ul>
    </dialog>
  );
}
