/** A text field with a list of suggestions that may come from a server; what is typed may stand, or must be one of the list. */
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { createPortal } from 'react-dom';
import './combobox.css';

export interface Suggestion {
  value: string;
  /** A second, quieter text. */
  detail?: string | undefined;
}
interface ComboboxProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What fits the text, best first; called when the list opens and with each change of the text. */
  suggest: (text: string, signal: AbortSignal) => Promise<readonly Suggestion[]> | readonly Suggestion[];
  placeholder?: string | undefined;
  className?: string | undefined;
  /** Also told what is typed, not only what is chosen or left behind. */
  eager?: boolean | undefined;
  autoFocus?: boolean | undefined;
  /** The field is empty again once something was chosen. */
  clears?: boolean | undefined;
}

/** Suggestions drawn at most: nobody reads more, and a longer list is slow. */
const shownMax = 200;
const typingMs = 120;

export function Combobox({ label, value, onChange, suggest, placeholder, className = '', eager = false, autoFocus, clears = false }: ComboboxProps) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(false);
  const [found, setFound] = useState<readonly Suggestion[]>([]);
  const [state, setState] = useState<'asking' | 'ready' | 'failed'>('ready');
  const [at, setAt] = useState(-1);
  /** A modal window covers the page: its fields' lists belong inside it. */
  const [home, setHome] = useState<Element>();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const latest = useRef(suggest);
  const id = useId();
  useLayoutEffect(() => {
    latest.current = suggest;
  });
  if (known !== value) {
    setKnown(value);
    setText(value);
  }

  // An untouched field offers everything; once something is typed, what fits it.
  const asked = typed ? text : '';
  useEffect(() => {
    if (!open) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      setState('asking');
      void Promise.resolve(latest.current(asked, controller.signal)).then((answer) => {
        if (controller.signal.aborted) return;
        setFound(answer.slice(0, shownMax));
        setState('ready');
        setAt(-1);
      }, () => {
        if (!controller.signal.aborted) setState('failed');
      });
    }, asked === '' ? 0 : typingMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [open, asked]);

  useLayoutEffect(() => {
    const box = list.current;
    const anchor = input.current;
    if (!open || !box || !anchor) return undefined;
    const place = (): void => {
      const a = anchor.getBoundingClientRect();
      const room = innerHeight - a.bottom - 12;
      const above = room < 160 && a.top > room;
      box.style.left = `${Math.max(8, Math.min(a.left, innerWidth - 8 - Math.max(a.width, 220)))}px`;
      box.style.minWidth = `${a.width}px`;
      box.style.maxHeight = `${Math.min(320, above ? a.top - 12 : room)}px`;
      box.style.top = above ? '' : `${a.bottom + 4}px`;
      box.style.bottom = above ? `${innerHeight - a.top + 4}px` : '';
    };
    place();
    addEventListener('scroll', place, true);
    addEventListener('resize', place);
    return () => {
      removeEventListener('scroll', place, true);
      removeEventListener('resize', place);
    };
  }, [open]);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const settle = (next: string): void => {
    setText(clears ? '' : next);
    setOpen(false);
    setTyped(false);
    if (next !== value) onChange(next);
  };
  const onKeyDown = (e: KeyboardEvent): void => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      if (!open) setOpen(true);
      else if (found.length > 0) setAt((at + (e.key === 'ArrowDown' ? 1 : -1) + found.length + (at < 0 && e.key === 'ArrowUp' ? 1 : 0)) % found.length);
    } else if (e.key === 'Enter') {
      if (e.ctrlKey || e.metaKey) return;
      e.preventDefault();
      settle(open && at >= 0 ? (found[at]?.value ?? text) : text);
    } else if (e.key === 'Escape' && open) {
      e.preventDefault();
      e.stopPropagation();
      setOpen(false);
      setTyped(false);
      setText(value);
    }
  };
  const note = state === 'failed' ? 'The list could not be loaded.' : state === 'asking' && found.length === 0 ? 'Loading…' : found.length === 0 ? 'Nothing fits.' : '';
  return (
    <>
      <input
        ref={input} className={`input combobox ${className}`} role="combobox" aria-label={label} aria-expanded={open} aria-controls={open ? id : undefined} aria-autocomplete="list"
        aria-activedescendant={open && at >= 0 ? `${id}-${at}` : undefined} value={text} placeholder={placeholder} title={text} spellCheck={false} autoComplete="off" autoCapitalize="off" autoFocus={autoFocus}
        onFocus={(e) => {
          e.target.select();
          setHome(e.target.closest('dialog') ?? document.body);
        }} onClick={() => setOpen(true)} onBlur={() => settle(text)} onKeyDown={onKeyDown}
        onChange={(e) => {
          setText(e.target.value);
          setTyped(true);
          setOpen(true);
          if (eager) onChange(e.target.value);
        }}
      />
      {open && home && createPortal(
        <ul ref={list} id={id} role="listbox" aria-label={label} className="popover combobox-list">
          {note !== '' && <li className="combobox-note" role="option" aria-selected="false" aria-disabled="true">{note}</li>}
          {found.map((s, i) => (
            <li
              key={s.value} id={`${id}-${i}`} role="option" aria-selected={i === at} className={s.value === value ? 'chosen' : ''}
              onPointerDown={(e) => {
                e.preventDefault();
                settle(s.value);
              }}
            >
              <span>{s.value}</span>{s.detail !== undefined && s.detail !== '' && <span className="combobox-detail">{s.detail}</span>}
            </li>
          ))}
        </ul>,
        home,
      )}
    </>
  );
}
