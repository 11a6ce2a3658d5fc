/** The options of a variable: searched as one types; only those in sight are in the page, so that fifty thousand are as quick as five. */
import { Check } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Variable, VariableOption } from '../../model/dashboard/types';
import { allMarker } from '../../model/variables/state';

/** Height of an option, as in the style sheet, and how many are kept beyond what is in sight. */
const optionHeight = 32;
const overscan = 6;
const roomMax = 320;

interface Props {
  variable: Variable;
  options: readonly VariableOption[];
  chosen: readonly string[];
  truncated: boolean;
  problem: string | undefined;
  onSet: (values: string[]) => void;
  close: () => void;
}

/** Options whose text has all the words, those that begin with them first. */
function search(all: readonly VariableOption[], lower: readonly string[], typed: string): VariableOption[] {
  const words = typed.toLowerCase().split(/\s+/).filter((w) => w !== '');
  if (words.length === 0) return [...all];
  const first: VariableOption[] = [];
  const others: VariableOption[] = [];
  all.forEach((o, i) => {
    const text = lower[i] ?? '';
    if (words.every((w) => text.includes(w))) (text.startsWith(words[0] ?? '') ? first : others).push(o);
  });
  return [...first, ...others];
}

export function VariableList({ variable, options, chosen, truncated, problem, onSet, close }: Props) {
  const [typed, setTyped] = useState('');
  const [picked, setPicked] = useState<ReadonlySet<string>>(() => new Set(chosen));
  const [scroll, setScroll] = useState(0);
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const latest = useRef({ picked, chosen, onSet });
  useLayoutEffect(() => {
    latest.current = { picked, chosen, onSet };
  });
  // Several choices are applied together, when the list closes.
  useEffect(() => () => {
    const { picked: now, chosen: before, onSet: apply } = latest.current;
    const same = now.size === before.length && before.every((v) => now.has(v));
    if (!same && now.size > 0) apply([...now]);
  }, []);
  const all = useMemo((): VariableOption[] => (variable.includeAll ? [{ text: 'All', value: allMarker }, ...options] : [...options]), [variable.includeAll, options]);
  const lower = useMemo(() => all.map((o) => o.text.toLowerCase()), [all]);
  const found = useMemo(() => search(all, lower, typed), [all, lower, typed]);
  const pick = (value: string): void => {
    if (!variable.multi) {
      setPicked(new Set([value]));
      close();
      return;
    }
    setPicked((before) => {
      if (value === allMarker) return before.has(allMarker) ? new Set() : new Set([allMarker]);
      const next = new Set(before);
      next.delete(allMarker);
      if (!next.delete(value)) next.add(value);
      return next;
    });
  };
  const show = (at: number): void => {
    setActive(at);
    const el = box.current;
    if (!el) return;
    if (at * optionHeight < el.scrollTop) el.scrollTop = at * optionHeight;
    else if ((at + 1) * optionHeight > el.scrollTop + el.clientHeight) el.scrollTop = (at + 1) * optionHeight - el.clientHeight;
  };
  const onKeyDown = (e: KeyboardEvent): void => {
    const last = found.length - 1;
    const moves: Record<string, number> = { ArrowDown: Math.min(last, active + 1), ArrowUp: Math.max(0, active - 1), PageDown: Math.min(last, active + 9), PageUp: Math.max(0, active - 9) };
    const to = moves[e.key];
    if (to !== undefined && last >= 0) {
      e.preventDefault();
      show(to);
    } else if (e.key === 'Enter') {
      e.preventDefault();
      const option = found[active];
      if ((e.ctrlKey || e.metaKey) && variable.multi) close();
      else if (option) pick(option.value);
    }
  };
  const first = Math.max(0, Math.floor(scroll / optionHeight) - overscan);
  const shown = found.slice(first, first + Math.ceil(roomMax / optionHeight) + 2 * overscan);
  // Matches that are all there is can be taken at once.
  const many = variable.multi && typed.trim() !== '' && found.length > 1 && found.length <= 500;
  return (
    <div className="variable-list">
      <input
        className="input" type="search" data-autofocus placeholder="Search" role="combobox" aria-expanded aria-controls={id} aria-activedescendant={found.length > 0 ? `${id}-${active}` : undefined}
        aria-label={`Search ${variable.label || variable.name}`} value={typed} onKeyDown={onKeyDown}
        onChange={(e) => {
          setTyped(e.target.value);
          setActive(0);
          setScroll(0);
          if (box.current) box.current.scrollTop = 0;
        }}
      />
      {problem !== undefined && <p className="field-error">The options could not be loaded: {problem}</p>}
      <div ref={box} id={id} className="variable-options" role="listbox" tabIndex={-1} aria-multiselectable={variable.multi} aria-label={variable.label || variable.name} onScroll={(e) => setScroll(e.currentTarget.scrollTop)}>
        <div style={{ height: first * optionHeight }} />
        {shown.map((o, i) => {
          const at = first + i;
          const on = picked.has(o.value);
          return (
            <div
              key={o.value} id={`${id}-${at}`} role="option" aria-selected={on} aria-setsize={found.length} aria-posinset={at + 1} title={o.text}
              className={at === active ? 'menu-item active' : 'menu-item'} onClick={() => pick(o.value)}
            >
              {variable.multi && <span className={on ? 'tick on' : 'tick'}>{on && <Check size={12} strokeWidth={2.5} aria-hidden />}</span>}
              <span className="menu-label">{o.text}</span>
            </div>
          );
        })}
        <div style={{ height: Math.max(0, found.length - first - shown.length) * optionHeight }} />
        {found.length === 0 && problem === undefined && <p className="quiet">{options.length === 0 ? 'There are no values in this range.' : `Nothing fits “${typed}”.`}</p>}
      </div>
      {many && <button type="button" className="button quiet" onClick={() => setPicked((before) => new Set([...before, ...found.map((o) => o.value)].filter((v) => v !== allMarker)))}>Choose all {found.length} found</button>}
      {truncated && <p className="quiet">Only the first {options.length.toLocaleString('en-US')} values are listed.</p>}
      {variable.multi && <div className="variable-foot"><span className="quiet num">{picked.has(allMarker) ? 'All' : `${picked.size.toLocaleString('en-US')} of ${options.length.toLocaleString('en-US')}`}</span><button type="button" className="button primary" disabled={picked.size === 0} onClick={close}>Apply</button></div>}
    </div>
  );
}
