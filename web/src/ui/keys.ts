/** Keyboard shortcuts: single keys and sequences (`g h`), one table that the help dialog lists. */
import { useEffect, useLayoutEffect, useRef } from 'react';

interface Shortcut {
  /** `mod+k`, `g h`, `?`: keys of a sequence separated by spaces; `mod` is Ctrl or Cmd. */
  keys: string;
  label: string;
  group: string;
  run: (event: KeyboardEvent) => void;
}

/** How long a key that could begin a sequence waits for the next one. */
const sequenceMs = 600;
const active = new Set<Shortcut>();
let typed: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

function keyName(e: KeyboardEvent): string {
  const key = e.key.length === 1 ? e.key.toLowerCase() : ({ ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', Escape: 'escape', Enter: 'enter' }[e.key] ?? e.key.toLowerCase());
  return e.ctrlKey || e.metaKey ? `mod+${key}` : key;
}

/** True while a person types into a field, where letters are letters. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
}

function onKeyDown(e: KeyboardEvent): void {
  if (e.defaultPrevented || e.altKey || e.isComposing || ['Control', 'Meta', 'Shift'].includes(e.key)) return;
  const name = keyName(e);
  if (isTyping(e.target) && !name.startsWith('mod+')) return;
  if (document.querySelector('dialog[open]') && name !== 'mod+k') return;
  clearTimeout(timer);
  const attempt = (keys: string[]): boolean => {
    const text = keys.join(' ');
    // The one registered last wins: a page's own key before the shell's.
    const exact = [...active].reverse().find((s) => s.keys === text);
    const longer = [...active].some((s) => s.keys.startsWith(`${text} `));
    if (!exact && !longer) return false;
    typed = longer ? keys : [];
    const fire = (): void => {
      typed = [];
      exact?.run(e);
    };
    if (longer) timer = setTimeout(fire, sequenceMs);
    else {
      e.preventDefault();
      fire();
    }
    return true;
  };
  if (!attempt([...typed, name]) && typed.length > 0) {
    typed = [];
    attempt([name]);
  } else if (typed.length > 0 && !isTyping(e.target) && name.length === 1) e.preventDefault();
}

let listening = false;

/** Registers shortcuts while the component is mounted. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  useLayoutEffect(() => {
    latest.current = shortcuts;
  });
  const signature = shortcuts.map((s) => s.keys).join('|');
  useEffect(() => {
    if (!listening) {
      document.addEventListener('keydown', onKeyDown);
      listening = true;
    }
    const own = latest.current.map((s): Shortcut => ({ ...s, run: (e) => latest.current.find((x) => x.keys === s.keys)?.run(e) }));
    for (const s of own) active.add(s);
    return () => {
      for (const s of own) active.delete(s);
    };
    // oxlint-disable-next-line react/exhaustive-deps -- the keys decide; what they run is read through the ref
  }, [signature]);
}

/** True while a first key waits for the second: the next key belongs to the sequence. */
export const sequencePending = (): boolean => typed.length > 0;

export const listShortcuts = (): Shortcut[] => [...active];
