/** The options of a variable: searched as one types, shown a page at a time, one or several to choose. */
import { Check } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Variable, VariableOption } from '../../model/dashboard/types';
import { allMarker } from '../../model/variables/state';

const pageOptions = 200;

interface Props {
  variable: Variable;
  options: readonly VariableOption[];
  chosen: readonly string[];
  truncated: boolean;
  problem: string | undefined;
  onSet: (values: string[]) => void;
  close: () => void;
}

export function VariableList({ variable, options, chosen, truncated, problem, onSet, close }: Props) {
  const [search, setSearch] = useState('');
  const [picked, setPicked] = useState<readonly string[]>(chosen);
  const [shown, setShown] = useState(pageOptions);
  const latest = useRef({ picked, chosen, onSet });
  useLayoutEffect(() => {
    latest.current = { picked, chosen, onSet };
  });
  // Several choices are applied together, when the list closes.
  useEffect(() => () => {
    const { picked: now, chosen: before, onSet: apply } = latest.current;
    if (now.join('\n') !== before.join('\n') && now.length > 0) apply([...now]);
  }, []);
  const all = useMemo((): VariableOption[] => (variable.includeAll ? [{ text: 'All', value: allMarker }, ...options] : [...options]), [variable.includeAll, options]);
  const found = useMemo(() => {
    const words = search.toLowerCase();
    return words === '' ? all : all.filter((o) => o.text.toLowerCase().includes(words));
  }, [all, search]);
  const pick = (value: string): void => {
    if (!variable.multi) {
      setPicked([value]);
      close();
      return;
    }
    setPicked((before) => {
      if (value === allMarker) return before.includes(allMarker) ? [] : [allMarker];
      const rest = before.filter((v) => v !== allMarker);
      return rest.includes(value) ? rest.filter((v) => v !== value) : [...rest, value];
    });
  };
  return (
    <div className="variable-list">
      <input
        className="input" type="search" data-autofocus placeholder="Search" aria-label={`Search ${variable.label || variable.name}`} value={search}
        onChange={(e) => {
          setSearch(e.target.value);
          setShown(pageOptions);
        }}
        onKeyDown={(e) => {
          const first = found[0];
          if (e.key === 'Enter' && first) pick(first.value);
        }}
      />
      {problem !== undefined && <p className="field-error">The options could not be loaded: {problem}</p>}
      <div
        className="variable-options" role="listbox" aria-multiselectable={variable.multi} aria-label={variable.label || variable.name}
        onScroll={(e) => {
          const el = e.currentTarget;
          if (el.scrollTop + el.clientHeight > el.scrollHeight - 100) setShown((n) => n + pageOptions);
        }}
      >
        {found.slice(0, shown).map((o) => {
          const on = picked.includes(o.value);
          return (
            <button key={o.value} type="button" role="option" aria-selected={on} className="menu-item" onClick={() => pick(o.value)}>
              {variable.multi && <span className={on ? 'tick on' : 'tick'}>{on && <Check size={12} strokeWidth={2.5} aria-hidden />}</span>}
              <span className="menu-label">{o.text}</span>
            </button>
          );
        })}
        {found.length === 0 && problem === undefined && <p className="quiet">{options.length === 0 ? 'There are no values in this range.' : `Nothing fits “${search}”.`}</p>}
      </div>
      {truncated && <p className="quiet">Only the first {options.length} values are listed.</p>}
      {variable.multi && <div className="variable-foot"><span className="quiet num">{picked.includes(allMarker) ? 'All' : `${picked.length} chosen`}</span><button type="button" className="button primary" disabled={picked.length === 0} onClick={close}>Apply</button></div>}
    </div>
  );
}
